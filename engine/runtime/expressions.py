"""The one evaluator of conditions, timers and parameters in diagrams: a whitelist, compiled once.

An expression looks like Python and is none: every name in it is looked up in the case's data, every
call is one of the documented functions, and whatever could grow without bound goes through a guard.
"""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from engine.domain.words import Words
from engine.runtime.expression_guards import (
    BY_NAME,
    ExpressionFailed,
    MissingVariable,
    check_size,
)
from engine.runtime.expression_whitelist import (
    Call,
    ExpressionRefused,
    Translation,
    Variable,
    position,
)
from engine.runtime.written import hidden_character, strange_character

__all__ = [
    "FUNCTIONS",
    "Call",
    "Expression",
    "ExpressionFailed",
    "ExpressionRefused",
    "MissingVariable",
    "Variable",
    "compile_expression",
]

#: `due(name)` starts the limit of that name and returns the moment it ends; the others arm a timer
#: from the clock of that name (engine/runtime/clock_timers.py).
FUNCTIONS = frozenset({"due", "clock_warning", "clock_due", "clock_statutory"})

LONGEST_SOURCE = 2_000
MOST_NODES = 300
_SMALL = frozenset({bool, int, float, type(None)})
FULL_WIDTH = frozenset("“”‘’＂＇")


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression. `names`: the variables it reads, functions excluded."""

    source: str
    names: frozenset[str]
    calls: tuple[Call, ...]
    _run: Callable[[Mapping[str, object], Mapping[str, Callable[..., object]]], object]

    def evaluate(
        self,
        data: Mapping[str, object],
        functions: Mapping[str, Callable[..., object]] = MappingProxyType({}),
    ) -> object:
        """The value for this data.

        Raises MissingVariable, or ExpressionFailed where the values do not fit the operators or
        are too large; what a function raises passes unchanged.
        """
        try:
            value = self._run(data, functions)
            if type(value) not in _SMALL:
                check_size(value)
            return value
        except ExpressionFailed as failure:
            failure.named.setdefault("expression", Words(self.source))
            raise


@lru_cache(maxsize=4096)
def compile_expression(source: str, functions: frozenset[str] = FUNCTIONS) -> Expression:
    """Check an expression against the whitelist and compile it. Raises ExpressionRefused."""
    translation = Translation(source, functions)
    body = translation.translate(_parse(source))
    code = compile(ast.fix_missing_locations(_as_function(body)), "<expression>", "eval")
    return Expression(
        source=source,
        names=frozenset(translation.names),
        calls=tuple(translation.calls),
        _run=eval(code, {"__builtins__": {}, **BY_NAME}),  # noqa: S307 - only translated nodes
    )


def _parse(source: str) -> ast.expr:
    _check_text(source)
    try:  # in brackets, so that a line break in the diagram does not end the expression
        tree = ast.parse(f"({source}\n)", mode="eval").body
    except SyntaxError as wrong:
        place = position(source, wrong.lineno or 1, (wrong.offset or 1) - 1)
        zh, english = f"语法错误（{wrong.msg}）", f"syntax error ({wrong.msg})"
        if FULL_WIDTH.intersection(source):
            zh, english = f"{zh}，请用半角引号", f"{english}; write plain quotation marks"
        raise ExpressionRefused(source, place, zh, english) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionRefused(source, 1, "无法读取", "cannot be read") from None
    if (tree.lineno, tree.col_offset) == (1, 0):  # the source closed our own bracket
        raise ExpressionRefused(source, 1, "括号不配对", "brackets do not match")
    if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
        raise ExpressionRefused(source, 1, "过于复杂", "too complex")
    return tree


def _check_text(source: str) -> None:
    if len(source) > LONGEST_SOURCE:
        zh, english = f"超过 {LONGEST_SOURCE} 个字符", f"longer than {LONGEST_SOURCE} characters"
        raise ExpressionRefused(source, LONGEST_SOURCE, zh, english)
    if not source.strip():
        raise ExpressionRefused(source, 1, "没有内容", "nothing is written")
    if "\\" in source:  # an escape could hide what the reader of a diagram does not see
        place = source.index("\\") + 1
        raise ExpressionRefused(source, place, "不允许反斜杠", "no backslashes")
    if place := hidden_character(source):
        raise ExpressionRefused(source, place, "有看不见的字符", "an invisible character")
    if place := _strange_outside_text(source):
        zh, english = "名称只能用英文字母、数字和汉字", "names have plain letters and Chinese only"
        raise ExpressionRefused(source, place, zh, english)


def _strange_outside_text(source: str) -> int:
    """Python would take full-width letters for plain ones; a reader takes Cyrillic ones for them."""
    bare = _TEXTS.sub(lambda text: " " * len(text[0]), source)
    return strange_character(bare) if not FULL_WIDTH.intersection(bare) else 0


_TEXTS = re.compile(r"\"[^\"]*\"|'[^']*'")


def _as_function(body: ast.expr) -> ast.Expression:
    parameters = [ast.arg("data"), ast.arg("functions")]
    arguments = ast.arguments(
        posonlyargs=[], args=parameters, kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    return ast.Expression(ast.Lambda(arguments, body))
