"""The stories of the practice office: who files what when, and what everybody then does."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from engine.demo.cast import DATA
from engine.domain.calendar import Calendar
from engine.domain.office_time import office_time, office_time_before

OFFICE_TIME = ZoneInfo("Asia/Shanghai")
YEAR = 2020
#: The day of payment of stories that do not turn on it.
PAID = date(2019, 11, 22)
#: An application is begun this long before it is filed; nobody reads a file in less.
WRITING, READING = timedelta(minutes=8), timedelta(minutes=10)
#: How much of the office's time since the step before is spent on a task, in hundredths: the rest
#: it lay in the inbox. At most so many working hours.
SPENT, LONGEST = (6, 12, 20, 30, 45, 65), timedelta(hours=10)
#: Who takes a task early enough for the work in it, where it is there by then.
TAKE = "take"
APPLICANT = "applicant"
#: Papers handed in where a story names none.
PAPERS = {
    "credit_repair": ("performance_proof", "rectification"),
    "objection": ("evidence",),
    "force_majeure": ("contract",),
    "court_repair": ("qualification", "capacity_proof"),
    "deferral": ("obligation", "epidemic_evidence"),
    "minor_default_exemption": ("epidemic_evidence", "obligation"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """At a moment somebody does something: `act` is a task, or a verb and what it is done to.

    `how`: the phrase answered (engine/demo/phrases.toml), or a reason; `more` joins the answers.
    """

    at: datetime
    who: str
    act: str
    how: str = ""
    more: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """One case. `by`: the official who files for the enterprise at the window, else ''.

    `record`: number of the decision it is about, '' where it is about none. `said`: answers of
    the application that only its procedure asks for.

    `until`: last page written of an application that stays a draft, else ''.
    """

    key: str
    firm: str
    record: str
    filed: datetime
    account: str
    papers: tuple[str, ...]
    steps: tuple[Step, ...]
    paid: date = PAID
    procedure: str = "credit_repair"
    said: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
    by_post: bool = False
    unchecked: bool = False
    epidemic: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A step of a story in its turn."""

    step: Step
    story: Story


def moment(text: str) -> datetime:
    """`02-17 14:06`: of the year of the stories, in office time; or with a year of its own."""
    whole = text if text[:4].isdigit() else f"{YEAR}-{text}"
    return datetime.fromisoformat(whole.replace(" ", "T")).replace(tzinfo=OFFICE_TIME)


def stories(name: str = "stories.toml") -> tuple[Story, ...]:
    told = tomllib.loads((DATA / name).read_text("utf-8"))
    return tuple(_story(each) for each in told["stories"])


def phrases() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Task -> name of the phrase -> answers, with {places} that a case fills."""
    return tomllib.loads((DATA / "phrases.toml").read_text("utf-8"))


def agenda(told: Iterable[Story], calendar: Calendar) -> list[Event]:
    """What happens, in the order in which it happens."""
    events = [Event(step, story) for story in told for step in _steps(story, calendar)]
    return sorted(events, key=lambda event: event.step.at)


def _story(told: Mapping[str, Any]) -> Story:
    steps = (Step(moment(at), *rest) for at, *rest in told.get("steps", ()))
    return Story(
        **{
            **told,
            "filed": moment(told["filed"]),
            "papers": tuple(told.get("papers", PAPERS[told.get("procedure", "credit_repair")])),
            "steps": tuple(sorted(steps, key=lambda step: step.at)),
        }
    )


def _steps(story: Story, calendar: Calendar) -> Iterable[Step]:
    """The steps as told, with what goes without saying: begin, file, claim before doing."""
    filer = story.by or APPLICANT
    if not story.unchecked:
        yield Step(story.filed - WRITING, filer, "begin")
    if not story.until:
        yield Step(story.filed, filer, "file")
    before = story.filed
    for step in story.steps:
        if step.who != APPLICANT and " " not in step.act:
            yield from _claims(story, step, before, calendar)
        yield step
        before = step.at


def _claims(story: Story, step: Step, before: datetime, calendar: Calendar) -> Iterable[Step]:
    """When a task is taken: in office time, and again for one that came by a timer meanwhile."""
    share = SPENT[crc32(f"{story.key} {step.act} {step.at:%m%d}".encode()) % len(SPENT)]
    spent = min(office_time(calendar, before, step.at) * share / 100, LONGEST)
    taken = office_time_before(calendar, step.at, spent).astimezone(OFFICE_TIME)
    latest = max(step.at - READING, before + timedelta(minutes=1))
    for at in (taken.replace(second=0, microsecond=0), latest):
        if before < at < step.at:
            yield Step(at, step.who, f"{TAKE} {step.act}")
