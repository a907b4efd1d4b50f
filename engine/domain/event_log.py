"""The history as process mining reads it: what was done, when, in which case; of people only who is who."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.domain.personal_numbers import without_personal_numbers


class Form(StrEnum):
    """XES: IEEE 1849. OCEL: the JSON of OCEL 2.0, with the objects that an event is about."""

    XES = "xes"
    OCEL = "ocel"


class Lifecycle(StrEnum):
    """Of the standard extension of XES: a step that is taken, handed on, done."""

    START = "start"
    REASSIGN = "reassign"
    COMPLETE = "complete"


#: Lines about a task. What else happened took no time: it was complete at once.
STEPS = {
    "task_claimed": Lifecycle.START,
    "task_reassigned": Lifecycle.REASSIGN,
    "task_completed": Lifecycle.COMPLETE,
}
#: A title says what was done, then perhaps why or to whom, which are words of somebody.
_AFTER = re.compile(r"[：:]\s*")
_DAY = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日|\d{1,2} [A-Z][a-z]+ \d{4}")


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One line. `who`: a stand-in, the same person having the same one throughout one file."""

    id: str
    at: datetime
    activity: str
    kind: str
    element: str
    lifecycle: Lifecycle
    who: str
    department: str
    task: str  # id of the task that was taken or done; empty for what is no task, or not known


@dataclass(frozen=True, slots=True)
class LogCase:
    """A case with its lines in their order. `subject`: a stand-in; `records`: ids of what it is about."""

    number: str
    procedure: str
    version: int
    channel: str
    grade: str
    outcome: str
    subject: str
    authority: str
    filed_at: datetime
    closed_at: datetime | None
    records: tuple[str, ...]
    events: tuple[LogEvent, ...]


@dataclass(slots=True)
class StandIns:
    """Numbers instead of names, given in the order of appearance: no list leads back, nor does a
    second file."""

    word: str
    _given: dict[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str:
        if not name:
            return ""
        return self._given.setdefault(name, f"{self.word}-{len(self._given) + 1}")


def activity(kind: str, title: str) -> str:
    """What was done, without whom it concerned, why, or until which day: the same act, the same name."""
    parts = _AFTER.split(title, maxsplit=1)
    named = parts[-1] if kind in STEPS and kind != "task_completed" else parts[0]
    return without_personal_numbers(_DAY.sub("…", named).strip()) or kind
