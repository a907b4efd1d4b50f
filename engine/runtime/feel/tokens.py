"""Words and signs of a cell."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from engine.domain.errors import Invalid
from engine.runtime.written import hidden_character, strange_character

LONGEST_CELL = 2_000


class FeelRefused(Invalid):
    """The text is not S-FEEL; `position` counts characters from 1."""

    slug = "feel-refused"

    def __init__(self, position: int, zh: str, english: str) -> None:
        super().__init__(f"第 {position} 个字符处：{zh}", f"character {position}: {english}")
        self.position = position


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: string, number, name, sign, or end; `text` of a string is without its quotes."""

    kind: str
    text: str
    position: int


_SIGNS = r"\.\.|<=|>=|!=|\*\*|[<>=+\-*/(),\[\].@]"
_WORDS = (
    r'"(?P<string>(?:[^"\\]|\\.)*)"',
    rf"(?P<number>\d+(?:\.\d+)?|\.\d+)(?!\w)|(?P<sign>{_SIGNS})",
    r"(?P<name>[^\W\d]\w*)",
)
_FULL_WIDTH = "“”‘’（），；：［］＂＜＞＝－。、"
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "r": "\r", "/": "/"}
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")


def is_plain_name(name: str) -> bool:
    return _PLAIN_NAME.fullmatch(name) is not None


def tokenize(text: str, special_names: frozenset[str] = frozenset()) -> list[Token]:
    """Tokens, the last one of kind end. `special_names`: known names with blanks or signs in them.

    Raises FeelRefused.
    """
    if len(text) > LONGEST_CELL:
        raise FeelRefused(LONGEST_CELL, "内容过长", "the cell is too long")
    if place := hidden_character(text):
        raise FeelRefused(place, "有看不见的字符", "an invisible character")
    pattern = _pattern(special_names)
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        match = pattern.match(text, place)
        if match is None:
            _refuse_character(text, place)
        tokens.append(_token(match, place))
        place = match.end()
    tokens.append(Token("end", "", len(text) + 1))
    return tokens


@lru_cache(maxsize=256)
def _pattern(special_names: frozenset[str]) -> re.Pattern[str]:
    special = "|".join(re.escape(name) for name in sorted(special_names, key=len, reverse=True))
    words = [*_WORDS]
    if special:  # longest first, before any of their parts
        words.insert(0, rf"(?P<special>{special})(?!\w)")
    return re.compile("|".join(words), re.DOTALL)


def _token(match: re.Match[str], place: int) -> Token:
    kind = match.lastgroup or ""
    text = match[kind]
    if kind in ("name", "special") and (strange := strange_character(text)):
        zh, english = "名称只能用英文字母、数字和汉字", "names have plain letters and Chinese only"
        raise FeelRefused(place + strange, zh, english)
    if kind == "string":
        text = re.sub(r"\\(u[0-9a-fA-F]{4}|.)", lambda m: _unescape(m[1], place), text)
    return Token("name" if kind == "special" else kind, text, place + 1)


def _unescape(written: str, place: int) -> str:
    if len(written) > 1:
        return chr(int(written[1:], 16))
    if written not in _ESCAPES:
        raise FeelRefused(place + 1, f"未知的转义 \\{written}", f"unknown escape \\{written}")
    return _ESCAPES[written]


def _refuse_character(text: str, place: int) -> NoReturn:
    character = text[place]
    if character in _FULL_WIDTH:
        zh, english = f"请把全角的 {character} 改为半角", f"write {character} as a plain sign"
    elif character == '"':
        zh, english = "引号没有结束", "the quotation mark is not closed"
    elif character.isdigit():
        zh, english = "数字后不能直接跟文字", "a number must not run into a word"
    elif character == "'":
        zh, english = "文字要用双引号", "text goes in double quotes"
    else:
        zh, english = f"不认识的字符 {character}", f"unknown character {character}"
    raise FeelRefused(place + 1, zh, english)
