"""Patterns of forms that would keep the process busy for hours on some short text.

Whoever fills in the form chooses the text. What repeats within what repeats, or chooses within it, can be
read in so many ways as twos multiply: `(a+)+$` on thirty letters and a point.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

# the standard library's own reading of a pattern: the only one that is sure to agree with it
_parser: Any = import_module("re._parser")

#: So often or oftener is many times.
MANY = 4
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def endless_pattern(form: Any) -> str:
    """The first such pattern anywhere in a form; "" when there is none."""
    return next((each for each in _patterns(form) if is_endless(each)), "")


def _patterns(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("pattern"), str):
            yield part["pattern"]
        if isinstance(part.get("patternProperties"), dict):
            yield from part["patternProperties"]
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _patterns(each)


def is_endless(pattern: str) -> bool:
    try:
        tree = _parser.parse(pattern)
    except (_parser.error, RecursionError, OverflowError):
        return False  # what is no pattern is said of the schema
    return _multiplies(tree, within=False)


def _multiplies(tree: Any, *, within: bool) -> bool:
    """`within`: the tree stands in something that repeats many times."""
    for code, held in tree:
        name, inside = str(code), within
        if name in _REPEATS:
            if within and held[0] != held[1]:
                return True
            inside = within or (int(held[1]) >= MANY and not _is_parted(held[2]))
        elif name == "BRANCH" and within:
            return True
        if any(_multiplies(part, within=inside) for part in _parts(held)):
            return True
    return False


def _is_parted(body: Any) -> bool:
    """Whether a sign begins each round that nothing else in it can be, as in `(、[^、]+)+`: there is one
    way to read that."""
    signs = list(body)
    if len(signs) == 1 and str(signs[0][0]) == "SUBPATTERN":
        return _is_parted(signs[0][1][-1])
    if not signs or str(signs[0][0]) != "LITERAL":
        return False
    mark, varying = signs[0][1], 0
    for code, held in signs[1:]:
        name, sign = str(code), (code, held)
        if name in _REPEATS:
            varying += held[0] != held[1]
            if len(held[2]) != 1:
                return False
            sign = held[2][0]
        if _may_be(str(sign[0]), sign[1], mark):
            return False
    return varying <= 1


def _may_be(name: str, held: Any, mark: int) -> bool:
    """Whether one sign of a pattern may be that character; True where it is hard to say."""
    if name in ("LITERAL", "NOT_LITERAL"):
        return bool((held == mark) == (name == "LITERAL"))
    if name != "IN":
        return True
    told = [(str(code), what) for code, what in held]
    if told[0][0] == "NEGATE":
        return not any(_names(name, what, mark) for name, what in told[1:])
    return any(name == "CATEGORY" or _names(name, what, mark) for name, what in told)


def _names(name: str, held: Any, mark: int) -> bool:
    return bool(
        (name == "LITERAL" and held == mark) or (name == "RANGE" and held[0] <= mark <= held[1])
    )


def _parts(held: Any) -> Iterator[Any]:
    """The patterns of which a part of a pattern is made."""
    if isinstance(held, _parser.SubPattern):
        yield held
    elif isinstance(held, list | tuple):
        for each in held:
            yield from _parts(each)
