"""Numbers by which a person is known, found in any text: hidden where it is shown, put back where it is kept.

An 居民身份证号码 (GB 11643-1999, its day of birth and check character right), a mobile number, a bank card
(62…, 4…, 5…, its Luhn digit right). They may be written with spaces or hyphens in the usual groups and in
full width. Hidden, a number keeps its first three and last two signs; everything else of the text stays.
A 统一社会信用代码, a 文号 or a case number is none. Cost: linear in the length of the text.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from stdnum import luhn

from engine.domain.identifiers import identity_number_problem

#: Every alternative is of bounded length and begins at a border, so that no text makes it go back far.
_D = "[0-9０-９]"
_WRITTEN = re.compile(
    r"(?<![0-9A-Za-z０-９])(?:"
    rf"(?:[+＋]?[8８][6６][ -]?)?(?P<mobile>[1１][3-9３-９]{_D}[ -]?{_D}{{4}}[ -]?{_D}{{4}})"
    rf"|(?P<card>[1-9１-９]{_D}{{5}}[ -]?{_D}{{8}}[ -]?{_D}{{3}}[0-9０-９XxＸｘ])"
    rf"|(?P<bank>[4-6４-６]{_D}{{3}}(?:[ -]?{_D}{{4}}){{3}}(?:[ -]?{_D}{{1,3}})?)"
    r")(?![0-9A-Za-z０-９])"
)
#: The shortest of them; a shorter text holds none.
SHORTEST = 11
_HIDDEN = re.compile(r"(?<![\dA-Za-z*])\d{3}[ -]?\*[* -]{4,17}[*\d][\dXxＸｘ](?![\dA-Za-z*])")
_KEPT_BEFORE, _KEPT_AFTER = 3, 2


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the numbers stand, the first first, none within another."""
    begin = 0
    while found := _WRITTEN.search(text, begin):
        kind = found.lastgroup or ""
        begin = found.start() + 1
        if kind == "mobile" or _is_card(signs := _signs(found[kind])) or _is_bank(signs):
            begin = found.end()
            yield found.span(kind)


def _signs(written: str) -> str:
    """The number alone: half width, capitals, no spaces."""
    return re.sub(r"[ -]", "", unicodedata.normalize("NFKC", written)).upper()


def _is_card(signs: str) -> bool:
    return identity_number_problem(signs) is None


def _is_bank(signs: str) -> bool:
    """UnionPay cards have 16 to 19 digits and begin with 62, the others here have 16."""
    usual = signs.startswith("62") or (len(signs) == 16 and signs[0] in "45")
    return usual and luhn.is_valid(signs)


def personal_numbers(text: str) -> list[str]:
    """The numbers of people in a text, as they are written there."""
    if len(text) < SHORTEST:
        return []
    return [text[begin:end] for begin, end in _spans(text)]


def holds_numbers(text: str) -> bool:
    return len(text) >= SHORTEST and next(_spans(text), None) is not None


def without_personal_numbers(text: str) -> str:
    """The text with the middle of each such number as asterisks; of the same length."""
    if len(text) < SHORTEST:
        return text
    parts, done = [], 0
    for begin, end in _spans(text):
        parts += [text[done:begin], hidden(text[begin:end])]
        done = end
    return "".join([*parts, text[done:]]) if parts else text


def hidden(number: str) -> str:
    """One number as it is shown; the spaces in it stay."""
    signs = [place for place, sign in enumerate(number) if sign not in " -"]
    gone = set(signs[_KEPT_BEFORE:-_KEPT_AFTER])
    return "".join("*" if place in gone else sign for place, sign in enumerate(number))


def holds_hidden(text: str) -> bool:
    """Whether a number stands in the text as it is shown, not as it is."""
    return _HIDDEN.search(text) is not None


def put_back(sent: str, kept: str) -> str:
    """What came back from a form that showed `kept` with its numbers hidden: each hidden number of `kept`
    is whole again. Those that look alike go by their order, and stay hidden where one of them is missing
    or too many, as nobody can tell which: see `holds_hidden`."""
    alike: dict[str, list[str]] = {}
    for number in personal_numbers(kept):
        alike.setdefault(hidden(number), []).append(number)
    if not alike:
        return sent
    for shown, numbers in alike.items():
        parts = sent.split(shown)
        if len({*numbers}) == 1:
            sent = numbers[0].join(parts)
        elif len(parts) == len(numbers) + 1:
            sent = parts[0] + "".join(n + part for n, part in zip(numbers, parts[1:], strict=True))
    return sent


def veiled(value: Any) -> Any:
    """Texts within lists and mappings with their numbers hidden; everything else as it is."""
    if isinstance(value, str):
        return without_personal_numbers(value)
    if isinstance(value, Mapping):
        return {name: veiled(each) for name, each in value.items()}
    return [veiled(each) for each in value] if isinstance(value, list | tuple) else value


def texts(value: Any) -> Iterator[str]:
    """Every text within lists and mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)
