"""What an act would change in a case: made for real, looked at, and undone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.views import PlanLine, RepairPlan
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.procedure import Procedure
from engine.services import timers
from engine.services.access import OPEN
from engine.services.office import Office
from engine.services.stepping import Driven


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where a case stands: open tasks and waits, armed timers, clocks, letters, outcome."""

    places: Mapping[Any, tuple[Words, Words]]
    timers: Mapping[Any, tuple[Words, datetime]]
    clocks: Mapping[str, tuple[Words, str, datetime | None]]
    letters: Mapping[Any, Words]
    outcome: tuple[str, str | None]


class _Shown(Exception):
    def __init__(self, lines: tuple[PlanLine, ...]) -> None:
        self.lines = lines


def carry_out(
    office: Office,
    case_id: UUID | None,
    act: Callable[[Session, Driven], None],
    *,
    is_preview: bool,
    now: datetime,
) -> RepairPlan:
    """Act, and say what it changed. Of a preview nothing remains; it refuses as the act would."""

    def told(session: Session, driven: Driven) -> tuple[PlanLine, ...]:
        lines = lines_of(office, session, case_id, lambda inner: act(inner, driven))
        if is_preview:
            raise _Shown(lines)
        return lines

    try:
        lines = timers.after_due(office, told, now=now)
    except _Shown as shown:
        return RepairPlan(is_applied=False, lines=shown.lines)
    return RepairPlan(is_applied=True, lines=lines)


def lines_of(
    office: Office, session: Session, case_id: UUID | None, act: Callable[[Session], None]
) -> tuple[PlanLine, ...]:
    """Act within this transaction, and say what it changed."""
    before = _look(office, session, case_id)
    act(session)
    session.flush()
    after = _look(office, session, case_id)
    return tuple(_changes(office, before, after)) if before and after else ()


def _look(office: Office, session: Session, case_id: UUID | None) -> Snapshot | None:
    case = session.get(models.Case, case_id) if case_id else None
    if case is None:
        return None
    procedure = office.procedure(session, case.definition_id)
    return Snapshot(
        _places(office, session, procedure, case.id),
        _timers(session, procedure, case.id),
        _clocks(session, procedure, case.id),
        _letters(session, case.id),
        (case.state, case.outcome),
    )


def _places(
    office: Office, session: Session, procedure: Procedure, case_id: UUID
) -> dict[Any, tuple[Words, Words]]:
    task, wait = models.Task, models.Wait
    directory = office.directory()
    places: dict[Any, tuple[Words, Words]] = {}
    for row in session.scalars(select(task).where(task.case_id == case_id, task.state.in_(OPEN))):
        element = procedure.element(row.process_id, row.element_id)
        places[row.id] = element.title, directory.group(row.candidate_group)
    for held in session.scalars(
        select(wait).where(wait.case_id == case_id, wait.ended_at.is_(None))
    ):
        element = procedure.element(held.process_id, held.element_id)
        places[held.id] = element.title, Words("等待", "a wait")
    return places


def _timers(
    session: Session, procedure: Procedure, case_id: UUID
) -> dict[Any, tuple[Words, datetime]]:
    timer, row = models.Timer, models.ProcessInstance
    asked = select(timer).join(row, row.id == timer.instance_id)
    found = session.scalars(asked.where(row.case_id == case_id, timer.fired_at.is_(None)))
    return {
        each.id: (procedure.element(each.process_id, each.element_id).title, each.due_at)
        for each in found
    }


def _clocks(
    session: Session, procedure: Procedure, case_id: UUID
) -> dict[str, tuple[Words, str, datetime | None]]:
    clock = models.Clock
    return {
        row.key: (_clock_title(procedure, row.key), row.state, row.due_at)
        for row in session.scalars(select(clock).where(clock.case_id == case_id))
    }


def _clock_title(procedure: Procedure, key: str) -> Words:
    kind = procedure.clocks.get(key)
    return kind.title if kind else Words(key)


def _letters(session: Session, case_id: UUID) -> dict[Any, Words]:
    letter = models.Letter
    found = session.scalars(select(letter).where(letter.case_id == case_id))
    return {row.id: Words(row.title, row.title_en) for row in found}


def _changes(office: Office, before: Snapshot, after: Snapshot) -> Iterator[PlanLine]:
    for key in before.places.keys() - after.places.keys():
        yield PlanLine("close", *before.places[key])
    for key in after.places.keys() - before.places.keys():
        yield PlanLine("open", *after.places[key])
    for key in before.timers.keys() - after.timers.keys():
        title, due_at = before.timers[key]
        yield PlanLine("disarm", title, _moment(office, due_at))
    for key in after.timers.keys() - before.timers.keys():
        title, due_at = after.timers[key]
        yield PlanLine("arm", title, _moment(office, due_at))
    yield from _clock_changes(office, before, after)
    for key in after.letters.keys() - before.letters.keys():
        yield PlanLine("letter", after.letters[key], Words("出一份文书", "a letter is made"))
    if before.outcome != after.outcome:
        told = Words(f"{after.outcome[0]} {after.outcome[1] or ''}".strip())
        yield PlanLine("case", Words("办件状态", "the case"), told)


_STATES = {
    "running": Words("在走", "runs"),
    "paused": Words("暂停", "is paused"),
    "stopped": Words("停止", "is stopped"),
}


def _clock_changes(office: Office, before: Snapshot, after: Snapshot) -> Iterator[PlanLine]:
    for key, (title, state, due_at) in after.clocks.items():
        if before.clocks.get(key) == (title, state, due_at):
            continue
        word, until = _STATES.get(state, Words(state)), _moment(office, due_at)
        is_over = due_at is None or state == "stopped"
        told = (
            word if is_over else Words(f"{word.zh}，到 {until.zh}", f"{word.en} until {until.en}")
        )
        yield PlanLine("clock", title, told)


def _moment(office: Office, at: datetime | None) -> Words:
    if at is None:
        return Words("–", "–")
    local = office.calendar().local(at)
    return Words(
        f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}", f"{local:%d %B %Y, %H:%M}"
    )
