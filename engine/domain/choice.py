"""An enum whose members know their names in the product's two languages."""

from enum import StrEnum
from typing import Self

from engine.domain.words import Words


class Choice(StrEnum):
    """Members are written as value, Chinese, English; stored and compared by value."""

    _value_: str
    words: Words

    def __new__(cls, value: str, zh: str = "", en: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.words = Words(zh, en)
        return member
