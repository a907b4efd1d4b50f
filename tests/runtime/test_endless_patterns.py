"""What a form may ask a text to look like, and what would keep a process busy for hours."""

import re

import pytest

from engine.runtime.gate.endless import is_endless


@pytest.mark.parametrize(
    "pattern",
    [
        "^(a+)+$",
        "^(a|a)*$",
        "(a*)*",
        "(a?){50}a{50}",
        "(x+x+)+y",
        "([a-z]+)*@",
        "^(?=(a+)+)b",
        "^(?:(?:a{1,9}){9}){9}b(c+)*$",
        "^(-[^,]+)+$",  # the mark may be in what it parts
        "^(-a+a+)+$",  # two ways within each round
        "^(-(a|b)+)+$",
        r"^(\w\w*)+$",
    ],
)
def test_what_multiplies_is_found(pattern: str) -> None:
    re.compile(pattern)
    assert is_endless(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^\d{4}(-\d{4})*$",
        r"^[^@]+@[^@]+\.[a-z]{2,}$",
        "^(男|女)$",
        r"^(1[3-9]\d{9})?$",
        r"^([A-Z]{2}\d{6}){1,20}$",
        "^[^、]+(、[^、]+)+$",
        "^(,[a-z]*)*$",
        r"^(?:\d{1,3}\.){3}\d{1,3}$",
    ],
)
def test_what_offices_ask_is_not(pattern: str) -> None:
    assert not is_endless(pattern)
    assert re.search(pattern, "a" * 5_000 + "、" * 5_000 + "!") is None
