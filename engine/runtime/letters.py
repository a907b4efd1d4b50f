"""Renders a letter: a template of the bundle and the data of the case in, an archival PDF out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from engine.domain.errors import Invalid
from engine.runtime.catalog import laws_of
from engine.runtime.seal import quick_response, seal
from engine.runtime.typesetter import BUDGET, Overran, SourceBroken
from engine.runtime.typesetting import UndrawnLetter, as_json, fonts_in, typeset

SHARED = "common"
ALWAYS_NEEDED = ("number", "issued_on", "issued_at", "issuer", "case.number", "sandbox")
LOWER_WORD_OF_TRAINING = "演练"

_HEADER = re.compile(r"//\s*(title|number|basis|needs):[ \t]*(.*)")
_IMPORT = re.compile(r"\b(?:import|include)\b(?!\s*\"/[^\"\\@]+\.typ\"\s*(?::|$))", re.MULTILINE)
#: `std` holds `eval` under a name that can be put together.
_REACHES_OUT = re.compile(r"\beval\b|\bstd\b|\"@")
#: Where a template may go on and on: loops, what repeats, functions (they may call themselves).
_REPEATS = re.compile(
    rb"\b(?:while|for)\b|\brange\(|\blorem\(|\brepeat\b|\*\s*\d{4}|\blet\s+[\w-]+\("
)
_ABSENT_KEY = re.compile(r"does not contain key \"([^\"]+)\"")


@dataclass(frozen=True, slots=True)
class LetterKind:
    """What the first lines of a template say about its letter.

    `mark` stands in the number before the count (受); decisions have none. `basis` are the rules
    cited where the data name none. `needs` are the data keys without which it says nothing.
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
    """The letter's titles, mark, basis and needs; Invalid where there is no such template."""
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

    `sources`: names as in the bundle ("common/letters/letterhead.typ") -> bytes. `fonts`: folder
    with the shipped fonts; `city_fonts`: a further folder of the installation, whose statutory
    typefaces are preferred. Invalid names letter and key where data or template are wanting.
    """
    kind = describe(sources, procedure, key)
    _refuse_gaps(kind, data)
    files = _files(sources, procedure, key)
    at_hand = fonts_in(fonts, city_fonts)
    files["/seal.svg"] = seal(
        str(data["issuer"]),
        family=at_hand.families["body"][-1],
        lower=LOWER_WORD_OF_TRAINING if data["sandbox"] else "",
    )
    if data.get("verify_url"):
        files["/qr.svg"] = quick_response(str(data["verify_url"]))
    told = {
        "title_zh": kind.title_zh,
        "title_en": kind.title_en,
        "basis": _citable(sources, kind, data),
    }
    handed = as_json({"data": data, "kind": told, "families": at_hand.families})
    try:
        return typeset(files, handed, at_hand, _issued_at(kind, data))
    except (UndrawnLetter, SourceBroken) as error:
        raise _broken(kind, error) from error
    except Overran as error:
        raise _endless(kind, _template(sources, procedure, key), sources) from error


def _citable(
    sources: Mapping[str, bytes], kind: LetterKind, data: Mapping[str, object]
) -> tuple[str, ...]:
    """The rules it rests on that were in force on the day of issue."""
    laws, day = laws_of(sources), date.fromisoformat(str(data["issued_on"])[:10])
    return tuple(each for each in kind.basis if laws.is_current(each, day))


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
    raise Invalid(
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
    """A template imports files of its bundle by plain name; a package of the net it may not.

    Comments are looked at too: what begins like one may stand in a text of several lines, and go on.
    """
    code = source.decode("utf-8", "replace")
    if _IMPORT.search(code) or _REACHES_OUT.search(code):
        raise Invalid(
            f"文书模板 {name} 只能引用本流程包内的文件",
            english=f"The letter template {name} may import files of its bundle only",
            fields={key: name},
        )


def _refuse_gaps(kind: LetterKind, data: Mapping[str, object]) -> None:
    gaps = [
        path for path in (*ALWAYS_NEEDED, *kind.needs) if _value(data, path) in (None, "", [], ())
    ]
    if gaps:
        raise _lacking(kind, gaps)


def _lacking(kind: LetterKind, gaps: list[str]) -> Invalid:
    return Invalid(
        f"{kind.title_zh}（{kind.key}）缺少：{'、'.join(gaps)}",
        english=f"The letter {kind.key} lacks: {', '.join(gaps)}",
        fields=dict.fromkeys(gaps, f"{kind.title_zh}缺少此项"),
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
        moment = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
    except ValueError:
        raise _lacking(kind, ["issued_at"]) from None
    if moment.tzinfo is None:
        raise _lacking(kind, ["issued_at"])
    return moment


def _endless(kind: LetterKind, template: str, sources: Mapping[str, bytes]) -> Invalid:
    """One that was ended because it took more time or memory than a letter needs."""
    lines = sources[template].splitlines()
    found = [str(number) for number, line in enumerate(lines, 1) if _REPEATS.search(line)][:12]
    at_zh = f"第 {'、'.join(found)} 行" if found else "它引用的文件"
    at_en = f"line{'s' * (len(found) > 1)} {', '.join(found)}" if found else "the files it imports"
    return Invalid(
        f"{kind.title_zh}的模板 {template} 排版用了超过 {BUDGET} 秒或太多内存，已停下。"
        f"请看会反复的地方：{at_zh}",
        english=f"The template {template} took over {BUDGET} seconds or too much memory and was stopped."
        f" Look at what repeats: {at_en}",
        fields={kind.key: f"{template}: {', '.join(found)}"},
    )


def _broken(kind: LetterKind, error: Exception) -> Invalid:
    """A template that cannot be set, or that reads a key it does not list among its needs."""
    if isinstance(error, UndrawnLetter):
        char = str(error)
        return Invalid(
            f"{kind.title_zh}（{kind.key}）中的“{char}”没有可用的字形，请补充字库",
            english=f"No font at hand draws “{char}” in the letter {kind.key}; add one that does",
            fields={kind.key: char},
        )
    absent = _ABSENT_KEY.search(str(error))
    if absent:
        return _lacking(kind, [absent[1]])
    return Invalid(
        f"{kind.title_zh}（{kind.key}）的模板有误：{error}",
        english=f"The template of the letter {kind.key} is wrong: {error}",
        fields={kind.key: str(error)},
    )
