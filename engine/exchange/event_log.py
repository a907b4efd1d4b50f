"""Event logs as files of other programs: XES (IEEE 1849-2016) and OCEL 2.0 (JSON), written piece by piece."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from xml.sax.saxutils import quoteattr

import orjson

from engine.domain.event_log import LogCase, LogEvent

Attribute = tuple[str, str, Any]  # type, key, value

_XES_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<global scope="trace"><string key="concept:name" value=""/></global>
<global scope="event"><string key="concept:name" value=""/><string key="lifecycle:transition" value="complete"/>\
<date key="time:timestamp" value="1970-01-01T00:00:00+00:00"/></global>
<classifier name="Activity" keys="concept:name"/>
<classifier name="Activity and lifecycle" keys="concept:name lifecycle:transition"/>
<string key="concept:name" value="Kunxin"/>
"""


def write_xes(cases: Iterable[LogCase]) -> Iterator[bytes]:
    """A trace for each case, an event for each line of its history."""
    yield _XES_HEAD.encode()
    for case in cases:
        yield "".join(_trace(case)).encode()
    yield b"</log>\n"


def _trace(case: LogCase) -> Iterator[str]:
    yield "<trace>\n"
    yield _xml(("string", "concept:name", case.number))
    for attribute in _of_case(case):
        yield _xml(attribute)
    for event in case.events:
        yield "<event>"
        yield _xml(("string", "concept:name", event.activity))
        yield _xml(("date", "time:timestamp", event.at))
        yield _xml(("string", "lifecycle:transition", event.lifecycle.value))
        yield _xml(("string", "org:resource", event.who))
        yield _xml(("string", "org:group", event.department))
        for attribute in _of_event(event):
            yield _xml(attribute)
        yield "</event>\n"
    yield "</trace>\n"


def _xml(attribute: Attribute) -> str:
    kind, key, value = attribute
    if value in (None, ""):
        return ""
    told = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"<{kind} key={quoteattr(key)} value={quoteattr(told)}/>"


def _of_case(case: LogCase) -> Iterator[Attribute]:
    yield "string", "procedure", case.procedure
    yield "int", "version", case.version
    yield "string", "channel", case.channel
    yield "string", "grade", case.grade
    yield "string", "outcome", case.outcome
    yield "string", "authority", case.authority
    yield "string", "subject", case.subject
    yield "date", "filed_at", case.filed_at
    yield "date", "closed_at", case.closed_at


def _of_event(event: LogEvent) -> Iterator[Attribute]:
    yield "string", "kind", event.kind
    yield "string", "element", event.element


# ---------------------------------------------------------------- OCEL 2.0

_CASE_TYPES = {
    "procedure": "string", "version": "integer", "channel": "string", "grade": "string",
    "outcome": "string", "authority": "string", "filed_at": "time", "closed_at": "time",
}  # fmt: skip
_OBJECT_TYPES = {
    "case": _CASE_TYPES,
    "task": {"element": "string"},
    "record": {},
    "subject": {},
    "person": {},
}
_EVENT_TYPES = {
    "kind": "string", "element": "string", "lifecycle": "string", "department": "string",
}  # fmt: skip


def write_ocel(cases: Iterable[LogCase]) -> Iterator[bytes]:
    """One object of each: cases, tasks, records, subjects, people. The events go first, as they tell
    which types there are; a reader takes the members of a JSON object in any order."""
    objects: dict[str, dict[str, Any]] = {}
    activities: dict[str, None] = {}
    yield b'{"events":['
    comma = b""
    for case in cases:
        _meet(objects, case)
        for event in case.events:
            activities.setdefault(event.activity)
            yield comma + orjson.dumps(_ocel_event(case, event))
            comma = b","
    yield b'],\n"objects":['
    yield b",".join(map(orjson.dumps, objects.values()))
    yield b'],\n"objectTypes":' + orjson.dumps(_types(_OBJECT_TYPES))
    yield b',\n"eventTypes":' + orjson.dumps(_types(dict.fromkeys(activities, _EVENT_TYPES)))
    yield b"}\n"


def _types(told: dict[str, dict[str, str]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "attributes": [{"name": key, "type": kind} for key, kind in held.items()]}
        for name, held in told.items()
    ]


def _meet(objects: dict[str, dict[str, Any]], case: LogCase) -> None:
    """The case and whatever it and its events are about: each stands in the file once."""
    told = {name: value for _, name, value in _of_case(case) if value not in (None, "")}
    about = [("subject", case.subject, "subject of")] if case.subject else []
    about += [("record", record, "about") for record in case.records]
    for kind, name, _ in about:
        _object(objects, kind, name)
    objects[case.number] = {
        "id": case.number,
        "type": "case",
        "attributes": [
            {"name": name, "time": case.filed_at, "value": told[name]}
            for name in _CASE_TYPES
            if name in told
        ],
        "relationships": [
            {"objectId": name, "qualifier": qualifier} for _, name, qualifier in about
        ],
    }
    for event in case.events:
        if event.who:
            _object(objects, "person", event.who)
        if event.task and event.task not in objects:
            made = _object(objects, "task", event.task)
            made["attributes"].append({"name": "element", "time": event.at, "value": event.element})
            made["relationships"].append({"objectId": case.number, "qualifier": "part of"})


def _object(objects: dict[str, dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    return objects.setdefault(
        name, {"id": name, "type": kind, "attributes": [], "relationships": []}
    )


def _ocel_event(case: LogCase, event: LogEvent) -> dict[str, Any]:
    told = {
        "kind": event.kind, "element": event.element, "lifecycle": event.lifecycle.value,
        "department": event.department,
    }  # fmt: skip
    about = [(case.number, "case"), (event.task, "task"), (event.who, "by")]
    about += [(record, "record") for record in case.records]
    return {
        "id": event.id,
        "type": event.activity,
        "time": event.at,
        "attributes": [{"name": name, "value": value} for name, value in told.items() if value],
        "relationships": [
            {"objectId": name, "qualifier": qualifier} for name, qualifier in about if name
        ],
    }
