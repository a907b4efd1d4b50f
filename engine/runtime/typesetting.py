"""Typesets a source held in memory into an archival PDF, with the fonts given and no others."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import typst

from engine.runtime.typesetter import SourceBroken, set_source

STAND_IN = "〓"
MOST_STAND_INS = 30

# Families in the order of GB/T 9704; the last of each list ships with the product.
BODY_FAMILIES = ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "Noto Serif SC")
TITLE_FAMILIES = ("FZXiaoBiaoSong", "方正小标宋", "Noto Serif SC")
HEADING_FAMILIES = ("SimHei", "黑体", "Noto Serif SC")

_UNDRAWN = re.compile(r"the text `\"(.+?)\"` could not be displayed")
_CODE_POINT = re.compile(r"\\u\{([0-9a-f]+)\}")


class UndrawnLetter(ValueError):
    """No font at hand draws a letter of a script; `args[0]` is that letter."""


@dataclass(frozen=True, slots=True)
class Fonts:
    """Fonts read once, and the families to use for body, title and heading, best first."""

    known: typst.Fonts
    folders: tuple[Path, ...]
    families: Mapping[str, list[str]]


@lru_cache(maxsize=8)
def fonts_in(shipped: Path, city: Path | None) -> Fonts:
    """The fonts of the product and those of the installation; FileNotFoundError where none are."""
    folders: list[Path] = [folder for folder in (shipped, city) if folder]
    known = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=folders
    )
    at_hand = sorted(known.families())
    if not at_hand:
        raise FileNotFoundError(f"no fonts in {shipped}; the front-end build puts them there")
    families = {
        "body": preferred(at_hand, BODY_FAMILIES),
        "title": preferred(at_hand, TITLE_FAMILIES),
        "heading": preferred(at_hand, HEADING_FAMILIES),
    }
    return Fonts(known, tuple(folders), families)


def as_json(value: object) -> str:
    """The one string that goes to the page: plain JSON, without the characters no page can show."""
    return json.dumps(_clean(value), ensure_ascii=False, sort_keys=True)


def typeset(files: Mapping[str, bytes], handed: str, fonts: Fonts, moment: datetime) -> bytes:
    """PDF of `files["main.typ"]`, which reads `handed` as `sys.inputs.letter`; dated `moment`.

    `moment` is aware. A symbol that no font draws becomes 〓; a letter of a script raises
    UndrawnLetter, because a name must not be changed. Other faults raise SourceBroken; one that goes on and
    on, Overran.
    """
    for _ in range(MOST_STAND_INS):
        try:
            return set_source(files, handed, fonts.folders, moment)
        except SourceBroken as error:
            undrawn = _UNDRAWN.search(str(error))
            if not undrawn:
                raise
            handed = _with_stand_in(handed, undrawn[1])
    return set_source(files, handed, fonts.folders, moment)


def _with_stand_in(handed: str, shown: str) -> str:
    undrawn = _CODE_POINT.sub(lambda match: chr(int(match[1], 16)), shown)
    if any(unicodedata.category(char).startswith("L") for char in undrawn):
        raise UndrawnLetter(undrawn)
    if undrawn not in handed:
        raise UndrawnLetter(undrawn)
    return handed.replace(undrawn, STAND_IN)


def preferred(at_hand: list[str], wanted: tuple[str, ...]) -> list[str]:
    """The families at hand whose names begin as wanted, in that order; all where none does."""
    chosen = [
        name for start in wanted for name in at_hand if name.casefold().startswith(start.casefold())
    ]
    return list(dict.fromkeys(chosen)) or at_hand


def _clean(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _clean(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(part) for part in value]
    if isinstance(value, str):
        return "".join(map(_shown, value.replace("\r\n", "\n").replace("\t", " ")))
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _shown(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cs":
        return STAND_IN
    return "" if category == "Cc" and char != "\n" else char
