"""Parts of what cases are called, found by an index: by each two neighbouring characters.

PostgreSQL keeps them (migration 0033); SQLite, which serves small offices, reads through.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, bindparam, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from engine.persistence import models


class _Has(FunctionElement[bool]):
    """Number, subject and line of the case have all these pairs among theirs."""

    name = "has_pairs"
    inherit_cache = True


@compiles(_Has)
def _anything(element: _Has, compiler: SQLCompiler, **given: Any) -> str:
    return "1 = 1"


@compiles(_Has, "postgresql")
def _on_postgresql(element: _Has, compiler: SQLCompiler, **given: Any) -> str:
    number, name, line, wanted = (compiler.process(each, **given) for each in element.clauses)
    return f"pairs_of({number} || ' ' || {name} || ' ' || {line}) @> {wanted}"


def may_be_called(texts: Iterable[str]) -> ColumnElement[bool]:
    """Cases that one of these texts may be a part of: at least those that it is one of.

    Nothing is left out when one of them is too short to have a pair.
    """
    case = models.Case
    wanted = [_pairs(text) for text in dict.fromkeys(texts)]
    if not all(wanted):
        return true()
    called = (case.number, case.subject_name, case.line)
    return or_(*(_Has(*called, bindparam(None, each, ARRAY(Text))) for each in wanted))


def _pairs(text: str) -> list[str]:
    return sorted({text[place : place + 2] for place in range(len(text) - 1)})
