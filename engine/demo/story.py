"""The stories of the practice office: who files what when, and what everybody then does."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.demo.cast import DATA

OFFICE_TIME = ZoneInfo("Asia/Shanghai")
YEAR = 2020
#: The day of payment of stories that do not turn on it.
PAID = date(2019, 11, 22)
#: An application is begun this long before it is filed, a task is claimed before it is done.
WRITING, READING = timedelta(minutes=8), timedelta(minutes=10)
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


def agenda(told: Iterable[Story]) -> list[Event]:
    """What happens, in the order in which it happens."""
    events = [Event(step, story) for story in told for step in _steps(story)]
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


def _steps(story: Story) -> Iterable[Step]:
    """The steps as told, with what goes without saying: begin, file, claim before doing."""
    filer = story.by or APPLICANT
    if not story.unchecked:
        yield Step(story.filed - WRITING, filer, "begin")
    if not story.until:
        yield Step(story.filed, filer, "file")
    before = story.filed
    for step in story.steps:
        claimed = max(step.at - READING, before + timedelta(minutes=1))
        if step.who != APPLICANT and " " not in step.act and claimed < step.at:
            yield Step(claimed, step.who, f"claim {step.act}")
        yield step
        before = step.at
