"""Texts that fit a pattern, so that a form with one can be filled in without anybody."""

import re
from collections.abc import Iterator
from importlib import import_module
from random import Random
from typing import Any

# the standard library's own reading of a pattern: the only one that is sure to agree with it
_parser: Any = import_module("re._parser")

LONGEST_REPEAT = 3
LETTERS = "张三甲乙abcXYZ0123456789-_ 、，,."
CATEGORIES = {
    "CATEGORY_DIGIT": "0123456789",
    "CATEGORY_WORD": "abcXYZ019_张",
    "CATEGORY_SPACE": " ",
}


def matching(pattern: str, chance: Random, tries: int = 20) -> str | None:
    """A text in which the pattern is found; None where none was found by chance."""
    try:
        tree, compiled = _parser.parse(pattern), re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return None
    for _ in range(tries):
        text = "".join(_text(tree, chance))
        if compiled.search(text):
            return text
    return None


def _text(tree: Any, chance: Random) -> Iterator[str]:
    for code, held in tree:
        yield from _part(str(code), held, chance)


def _part(code: str, held: Any, chance: Random) -> Iterator[str]:
    if code in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, inside = held
        for _ in range(chance.randint(least, max(least, min(most, least + LONGEST_REPEAT)))):
            yield from _text(inside, chance)
    elif code in ("BRANCH", "SUBPATTERN"):
        yield from _text(chance.choice(held[1]) if code == "BRANCH" else held[-1], chance)
    else:
        yield _sign(code, held, chance)


def _sign(code: str, held: Any, chance: Random) -> str:
    if code == "LITERAL":
        return chr(held)
    if code == "IN":
        return _one_of(held, chance)
    if code in ("ANY", "NOT_LITERAL"):
        barred = chr(held) if code == "NOT_LITERAL" else ""
        return chance.choice([sign for sign in LETTERS if sign != barred])
    return ""  # an anchor


def _one_of(held: Any, chance: Random) -> str:
    """A sign of a class in brackets."""
    names = [str(code) for code, _ in held]
    if names and names[0] == "NEGATE":
        barred = set("".join(_signs(held[1:])))
        return chance.choice([sign for sign in LETTERS if sign not in barred] or ["?"])
    return chance.choice("".join(_signs(held)) or "?")


def _signs(held: Any) -> Iterator[str]:
    for code, told in held:
        if str(code) == "LITERAL":
            yield chr(told)
        elif str(code) == "RANGE":
            low, high = told
            yield "".join(chr(each) for each in range(low, min(high, low + 40) + 1))
        elif str(code) == "CATEGORY":
            yield CATEGORIES.get(str(told), "?")
