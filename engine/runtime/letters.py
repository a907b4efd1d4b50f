"""Renders a letter: a template of the deployed bundle and the case's data in, an archival PDF out."""

import json
import re
import tempfile
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import typst

from engine.domain.errors import Invalid, NotFound
from engine.runtime.seal import quick_response, seal

SHARED = "common"
MAIN = "main.typ"
ALWAYS_NEEDED = ("number", "issued_on", "issued_at", "issuer", "case.number", "sandbox")
LOWER_WORD_OF_TRAINING = "演练"
STAND_IN = "〓"

# Families in the order of GB/T 9704; the last of each list ships with the product.
BODY_FAMILIES = ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "Noto Serif SC")
TITLE_FAMILIES = ("FZXiaoBiaoSong", "方正小标宋", "Noto Serif SC")
HEADING_FAMILIES = ("SimHei", "黑体", "Noto Serif SC")

# Archive (PDF/A-2a) and screen readers (PDF/UA-1).
STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]

_HEADER = re.compile(r"//\s*(title|number|basis|needs):[ \t]*(.*)")
_COMMENT = re.compile(r"(?m)^\s*//.*$")
_IMPORT = re.compile(
    r"\b(?:import|include)\b(?!\s*\"/[^\"\\@]+\.typ\"\s*(?::|$))", re.MULTILINE
)
_REACHES_OUT = re.compile(r"\beval\b|\"@")
_UNDRAWN = re.compile(r"the text `\"(.+?)\"` could not be displayed")
_ABSENT_KEY = re.compile(r"does not contain key \"([^\"]+)\"")
_CODE_POINT = re.compile(r"\\u\{([0-9a-f]+)\}")


@dataclass(frozen=True, slots=True)
class LetterKind:
    """What the first lines of a template say about its letter.

    `mark` is the character in the number before the count (受); decisions have none. `basis` are the rules
    cited where the data name none. `needs` are the data keys without which the letter says nothing.
    """

    key: str
    title_zh: str
    title_en: str
    mark: str
    basis: tuple[str, ...]
    needs: tuple[str, ...] = ()


def letter_keys(sources: Mapping[str, bytes], procedure: str) -> frozenset[str]:
    """Keys of the letters a procedure can issue: its own and the shared ones."""
    return frozenset(
        Path(name).stem
        for folder in (SHARED, procedure)
        for name in sources
        if name.startswith(f"{folder}/letters/")
        and name.endswith(".typ")
        and "title" in _header(sources[name])
    )


def describe(sources: Mapping[str, bytes], procedure: str, key: str) -> LetterKind:
    """The letter's title, mark, basis and needs; NotFound where neither the procedure nor common has it."""
    header = _header(sources[_template(sources, procedure, key)])
    title_zh, _, title_en = header.get("title", key).partition("|")
    return LetterKind(
        key=key,
        title_zh=title_zh.strip(),
        title_en=title_en.strip(),
        mark=header.get("number", ""),
        basis=_split(header.get("basis", ""), "；"),
        needs=_split(header.get("needs", ""), ","),
    )


def render(
    sources: Mapping[str, bytes],
    key: str,
    data: Mapping[str, object],
    *,
    procedure: str,
    fonts: Path,
    city_fonts: Path | None = None,
) -> bytes:
    """The letter as PDF/A-2a bytes; the same sources, data and fonts give the same bytes.

    `sources`: names as in the bundle ("common/letters/letterhead.typ") -> bytes. `fonts`: folder with the
    shipped fonts; `city_fonts`: a further folder of the installation, its statutory typefaces are preferred.
    Invalid names the letter and the key where data or template are wanting.
    """
    kind = describe(sources, procedure, key)
    _refuse_gaps(kind, data)
    files = _files(sources, procedure, key)
    known = _fonts(fonts, city_fonts)
    families = _families(known)
    files["/seal.svg"] = seal(
        str(data["issuer"]),
        family=families["body"][-1],
        lower=LOWER_WORD_OF_TRAINING if data["sandbox"] else "",
    )
    if data.get("verify_url"):
        files["/qr.svg"] = quick_response(str(data["verify_url"]))
    told = {
        "title_zh": kind.title_zh,
        "title_en": kind.title_en,
        "basis": list(kind.basis),
    }
    handed = _json({"data": data, "kind": told, "families": families})
    return _compile(kind, files, handed, known, _issued_at(kind, data))


def _header(source: bytes) -> dict[str, str]:
    """The `// word: value` lines at the very top of a template."""
    found: dict[str, str] = {}
    for line in source.decode("utf-8", "replace").splitlines():
        match = _HEADER.match(line)
        if not match:
            break
        found[match[1]] = match[2].strip()
    return found


def _split(text: str, mark: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(mark) if part.strip())


def _template(sources: Mapping[str, bytes], procedure: str, key: str) -> str:
    for folder in (procedure, SHARED):
        name = f"{folder}/letters/{key}.typ"
        if name in sources and "title" in _header(sources[name]):
            return name
    raise NotFound(
        f"没有“{key}”这种文书的模板",
        english=f"There is no template of the letter {key}",
        fields={key: f"{procedure}/letters, {SHARED}/letters"},
    )


def _files(sources: Mapping[str, bytes], procedure: str, key: str) -> dict[str, bytes]:
    """The template with what it may import, all in memory; the compiler sees no other file."""
    files = {"main.typ": f'#include "/{_template(sources, procedure, key)}"'.encode()}
    for name, source in sources.items():
        if name.endswith(".typ") and name.startswith(
            (f"{SHARED}/letters/", f"{procedure}/letters/")
        ):
            _refuse_reach(key, name, source)
            files["/" + name] = source
    return files


def _refuse_reach(key: str, name: str, source: bytes) -> None:
    """A template imports files of its bundle by plain name; a package of the net it may not."""
    code = _COMMENT.sub("", source.decode("utf-8", "replace"))
    if _IMPORT.search(code) or _REACHES_OUT.search(code):
        raise Invalid(
            f"文书模板 {name} 只能引用本流程包内的文件",
            english=f"The letter template {name} may import files of its bundle only",
            fields={key: name},
        )


def _refuse_gaps(kind: LetterKind, data: Mapping[str, object]) -> None:
    gaps = [
        path
        for path in (*ALWAYS_NEEDED, *kind.needs)
        if _value(data, path) in (None, "", [], ())
    ]
    if gaps:
        raise _lacking(kind, gaps)


def _lacking(kind: LetterKind, gaps: list[str]) -> Invalid:
    return Invalid(
        f"{kind.title_zh}（{kind.key}）缺少：{'、'.join(gaps)}",
        english=f"The letter {kind.key} lacks: {', '.join(gaps)}",
        fields={gap: f"{kind.title_zh}缺少此项" for gap in gaps},
    )


def _value(data: object, path: str) -> object:
    for part in path.split("."):
        if not isinstance(data, Mapping):
            return None
        data = data.get(part)
    return data


def _issued_at(kind: LetterKind, data: Mapping[str, object]) -> datetime:
    """The moment of issue, which is the file's date; aware."""
    given = data["issued_at"]
    try:
        moment = (
            given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
        )
    except ValueError:
        raise _lacking(kind, ["issued_at"]) from None
    if moment.tzinfo is None:
        raise _lacking(kind, ["issued_at"])
    return moment


def _json(told: object) -> str:
    return json.dumps(_clean(told), ensure_ascii=False, sort_keys=True)


def _clean(value: object) -> object:
    """Plain JSON values, without the characters that no page can show."""
    if isinstance(value, Mapping):
        return {str(name): _clean(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(part) for part in value]
    if isinstance(value, str):
        return "".join(
            _shown(char) for char in value.replace("\r\n", "\n").replace("\t", " ")
        )
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _shown(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cs":
        return STAND_IN
    return "" if category == "Cc" and char != "\n" else char


@lru_cache(maxsize=8)
def _fonts(shipped: Path, city: Path | None) -> typst.Fonts:
    folders: list[str | Path | bytes] = [folder for folder in (shipped, city) if folder]
    known = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=folders
    )
    if not known.families():
        raise FileNotFoundError(
            f"no fonts for letters in {shipped}; the front-end build puts them there"
        )
    return known


def _families(known: typst.Fonts) -> dict[str, list[str]]:
    """For body, title and heading the families at hand, best first."""
    return {
        "body": _preferred(known, BODY_FAMILIES),
        "title": _preferred(known, TITLE_FAMILIES),
        "heading": _preferred(known, HEADING_FAMILIES),
    }


def _preferred(known: typst.Fonts, wanted: tuple[str, ...]) -> list[str]:
    at_hand = sorted(known.families())
    chosen = [
        name
        for start in wanted
        for name in at_hand
        if name.casefold().startswith(start.casefold())
    ]
    return list(dict.fromkeys(chosen)) or at_hand


def _compile(
    kind: LetterKind,
    files: dict[str, bytes],
    handed: str,
    known: typst.Fonts,
    moment: datetime,
) -> bytes:
    for _ in range(MOST_STAND_INS):
        try:
            return _typeset(files, handed, known, moment)
        except typst.TypstError as error:
            undrawn = _UNDRAWN.search(error.message)
            if not undrawn:
                raise _broken(kind, error) from error
            handed = handed.replace(*_stand_in(kind, undrawn[1]))
    raise _broken(kind, None)


def _typeset(
    files: dict[str, bytes], handed: str, known: typst.Fonts, moment: datetime
) -> bytes:
    # An empty root, because the compiler looks on the disk for what it is not given.
    with tempfile.TemporaryDirectory() as nothing:
        compiler = typst.Compiler(
            files, root=nothing, font_paths=known, sys_inputs={"letter": handed}
        )
        pdf = compiler.compile(format="pdf", timestamp=moment, pdf_standards=STANDARDS)
    return pdf
