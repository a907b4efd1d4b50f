"""S-FEEL: the language of the cells of decision tables, read once and compiled to closures.

DMN 1.5 chapter 9, and of full FEEL what tables use: arithmetic and comparisons over names, `if`,
lists, date and duration literals. Null follows FEEL's three-valued logic; values of the wrong type
do not become null, they are a FeelFailed.
"""

from engine.runtime.feel.closures import Scope, compile_expression, compile_tests
from engine.runtime.feel.parser import parse_expression, parse_tests
from engine.runtime.feel.syntax import Node, TestNode, constants, ends, names
from engine.runtime.feel.tokens import FeelRefused
from engine.runtime.feel.values import FeelFailed, Kind, Months, Value, equal, to_feel, to_plain

__all__ = [
    "FeelFailed",
    "FeelRefused",
    "Kind",
    "Months",
    "Node",
    "Scope",
    "TestNode",
    "Value",
    "compile_expression",
    "compile_tests",
    "constants",
    "ends",
    "equal",
    "names",
    "parse_expression",
    "parse_tests",
    "to_feel",
    "to_plain",
]
