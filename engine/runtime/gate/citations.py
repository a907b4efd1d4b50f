"""Whether a folder cites only law that there was in the time of its edition (common/laws.toml).

What is composed on a day (the basis of a letter, of a limit, a row's article) leaves out what is not
in force then, part by part; what stands in a fixed text is there from the edition's first day.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from lxml import etree

from engine.domain.gate_report import Finding
from engine.domain.law import PART, Citation, Force, Laws, read_laws
from engine.runtime.catalog import LAWS, SHARED
from engine.runtime.gate.reading import BPMN, Folder, read_told
from engine.runtime.gate.rules import Place, found

_BASIS = re.compile(r"(?m)^//\s*basis:[ \t]*(.*)$")
_COMMENT = re.compile(r"(?m)^\s*//.*$")
#: Tables of procedure.toml and shared.toml whose entries name a basis.
_WITH_BASIS = ("limits", "clocks", "grounds")


def check_citations(folder: Folder) -> Iterator[Finding]:
    """Nothing where the folder has no table of laws, or no edition to judge it by."""
    if LAWS not in folder.files or not isinstance(folder.told.get("effective_from"), date):
        return
    laws = read_laws(read_told(folder.files, LAWS))
    edition = Force(folder.told["effective_from"], _day(folder.told.get("effective_to")))
    for place, text, time in _composed(folder, edition):
        yield from _of_composed(laws, place, text, time)
    for place, text in _fixed(folder):
        yield from _of_fixed(laws, place, text, edition)


def _day(told: object) -> date | None:
    return told if isinstance(told, date) else None


def _of_composed(laws: Laws, place: Place, text: str, time: Force) -> Iterator[Finding]:
    """Of each day one part must be left, as far as parts that cite a law can tell."""
    cited = laws.citations(text)
    yield from _unknown(place, cited)
    parts = [laws.citations(part) for part in text.split(PART)]
    if not all(parts):
        return  # a part that cites nothing stays on every day
    if not any(all(each.force.meets(time) for each in part) for part in parts):
        yield _never(place, cited)
        return
    ends = [_end(part) for part in parts]
    yield from _outlived(place, cited, None if None in ends else max(filter(None, ends)), time)


def _of_fixed(laws: Laws, place: Place, text: str, edition: Force) -> Iterator[Finding]:
    cited = laws.citations(text)
    yield from _unknown(place, cited)
    past = [each for each in cited if not each.force.meets(edition)]
    if past:
        yield _never(place, past)
    for each in cited:
        since = each.force.since
        if each not in past and since and edition.since and since > edition.since:
            yield found("law-not-yet", place, law=each.text, since=since)
    yield from _outlived(place, cited, _end(cited), edition)


def _unknown(place: Place, cited: Iterable[Citation]) -> Iterator[Finding]:
    return (found("law-unknown", place, law=each.text) for each in cited if each.law is None)


def _never(place: Place, cited: Iterable[Citation]) -> Finding:
    told = "、".join(f"{each.text}（{_days(each.force)}）" for each in cited)
    return found("law-not-of-its-time", place, law=told)


def _outlived(
    place: Place, cited: Iterable[Citation], end: date | None, time: Force
) -> Iterator[Finding]:
    if end is not None and (time.until is None or time.until > end):
        named = "、".join(each.text for each in cited if each.force.until)
        yield found("law-outlived", place, law=named, until=end)


def _end(cited: Iterable[Citation]) -> date | None:
    """The last day on which all of these laws are in force; None where none of them ends."""
    return min((each.force.until for each in cited if each.force.until), default=None)


def _days(force: Force) -> str:
    return f"{force.since or ''}–{force.until or ''}"


def _composed(folder: Folder, edition: Force) -> Iterator[tuple[Place, str, Force]]:
    for name, raw in folder.files.items():
        if name.endswith(".typ"):
            for basis in _BASIS.findall(raw.decode("utf-8", "replace")):
                yield Place(name), basis, edition
    listed = folder.told.get("basis")
    for each in listed if isinstance(listed, list) else ():
        yield Place(f"{folder.key}/procedure.toml"), str(each), edition
    yield from _limits(folder, edition)
    for name, root in folder.dmn.items():
        for rule in _rows(folder, name, root):
            for noted in rule.iter("{*}annotationEntry"):
                text = "".join(str(part) for part in noted.itertext())
                yield Place(name, "", rule.get("id") or ""), text, edition


def _limits(folder: Folder, edition: Force) -> Iterator[tuple[Place, str, Force]]:
    for table in _WITH_BASIS:
        for key, entry in folder.table(table).items():
            time = _time(folder, key, entry, edition)
            if time.meets(edition):
                place = Place(f"{folder.key}/procedure.toml", "", f"{table}.{key}")
                yield from ((place, basis, time) for basis in _bases(entry))


def _rows(folder: Folder, name: str, root: etree._Element) -> Iterator[etree._Element]:
    """Rows that may decide here: of the folder's own tables, and of the shared ones it gives a
    part to play, there without the rows of another regime."""
    played, regime = folder.table("rules").values(), folder.table("rules").get("regime")
    is_own = not name.startswith(f"{SHARED}/")
    for decision in root.iter("{*}decision"):
        if is_own or decision.get("id") in played:
            asked = [
                "".join(map(str, e.itertext())).strip() for e in decision.iter("{*}inputExpression")
            ]
            column = asked.index("regime") if "regime" in asked else None
            for rule in decision.iter("{*}rule"):
                cells = ["".join(map(str, e.itertext())) for e in rule.iter("{*}inputEntry")]
                if column is None or f'"{regime}"' in cells[column] or '"' not in cells[column]:
                    yield rule


def _bases(entry: Any) -> Iterator[str]:
    if isinstance(entry, dict):
        yield str(entry.get("basis", ""))
        yield from _bases(entry.get("extension"))


def _time(folder: Folder, key: str, entry: Any, edition: Force) -> Force:
    """A limit has its place until another takes it on a day (`since`), and from its own day on."""
    others = [
        each["since"]
        for each in folder.table("limits").values()
        if isinstance(each, dict) and each.get("replaces") == key and "since" in each
    ]
    time = edition
    if others:
        last = min(others) - timedelta(days=1)
        time = replace(time, until=min(time.until or last, last))
    since = entry.get("since") if isinstance(entry, dict) else None
    return replace(time, since=since) if isinstance(since, date) else time


def _fixed(folder: Folder) -> Iterator[tuple[Place, str]]:
    for name, raw in folder.files.items():
        if name.endswith(".typ"):
            yield Place(name), _COMMENT.sub("", raw.decode("utf-8", "replace"))
    for key, form in folder.forms.items():
        place = Place(f"{folder.key}/forms/{key}.json", "", "", key)
        yield from ((place, text) for text in _strings(form))
    for name, root in folder.bpmn.items():
        for element in root.iter(f"{BPMN}documentation"):
            yield Place(name), "".join(str(part) for part in element.itertext())
    told = {key: held for key, held in folder.told.items() if key not in (*_WITH_BASIS, "basis")}
    for key, held in told.items():
        place = Place(f"{folder.key}/procedure.toml", "", key)
        yield from ((place, text) for text in _strings(held))


def _strings(held: Any) -> Iterator[str]:
    if isinstance(held, str):
        yield held
    elif isinstance(held, Mapping):
        for each in held.values():
            yield from _strings(each)
    elif isinstance(held, list):
        for each in held:
            yield from _strings(each)
