"""A change of the calendar on 100,000 open clocks: the preview, and the writing into every case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from time import perf_counter, process_time
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from benchmarks import installation, processor
from benchmarks.figures import Figure
from engine.domain.actor import Actor
from engine.domain.calendar_change import with_day_off, with_years
from engine.domain.calendar_recount import Recount
from engine.persistence import models
from engine.persistence.bulk import insert_rows
from engine.persistence.declarative import table_of
from engine.runtime.packing import pack, unpack
from engine.services import calendar_application, calendar_changes, calendar_drafts, tasks
from engine.services.calendar_application import store_clocks
from engine.services.calendar_drafts import Request
from engine.services.calendar_moves import clock_moves_of
from engine.services.calendar_rows import Scope
from engine.services.office import Office

NOW = installation.NOW
#: Days over which the copies began, so that their limits differ.
SPREAD = 15
ADMINISTRATORS = tuple(
    Actor(uuid4(), name, name, "credit_office", frozenset({"administrator"}))
    for name in ("proposer", "approver")
)
DAY_OFF = Request(
    source="day", on=date(2020, 3, 4), name="防汛", document="一号文", reason="全市停工一天"
)


def measure(office: Office, clocks: int) -> Iterator[Figure]:
    """The figures of an installation with so many open clocks, each of a case of its own."""
    case_id = _template(office)
    _copy(office, case_id, clocks - _open_clocks(office))
    held = _open_clocks(office)
    proposer, approver = ADMINISTRATORS
    begun = perf_counter()
    seen = calendar_drafts.preview(office, proposer, DAY_OFF, now=NOW)
    preview = perf_counter() - begun
    projected, used = _projected_alone(office)
    change_id = calendar_changes.propose(office, proposer, DAY_OFF, now=NOW)
    begun = perf_counter()
    calendar_changes.approve(office, approver, change_id, now=NOW)
    calendar_application.work_off(office, now=NOW)
    applied = perf_counter() - begun
    told = calendar_changes.change(office, approver, change_id)
    assert told.state == "applied", told.state
    assert told.moved == seen.tally.moved > held * 0.9, (told.moved, seen.tally)
    yield Figure(f"preview of a calendar change on {held:,} open clocks", preview, "s")
    yield Figure(
        f"{held:,} open clocks projected anew and stored, set-wise",
        projected,
        "s",
        at_most=10 * held / 100_000,
        note=f"{used:.1f} s of processors, ours and the server's; {processor.load()}",
    )
    yield Figure(
        f"the whole change on {held:,} cases: clocks, ledgers, history, tasks, timers, states",
        applied,
        "s",
        note="in batches of 1,000 cases; steps go on meanwhile",
    )


def _projected_alone(office: Office) -> tuple[float, float]:
    """Seconds, and seconds of processors, to read the ledgers, count them by another calendar and
    store the new ends; the transaction is taken back."""
    calendar = with_years(
        office.calendar(), [with_day_off(office.calendar(), date(2020, 3, 4), "防汛", "一号文")]
    )
    with suppress(_TakenBack), office.uow.begin() as session:
        server = processor.backend(session.connection())
        used = process_time() + processor.seconds(server)
        begun = perf_counter()
        found = clock_moves_of(office, session, Recount(calendar), Scope(date(2020, 3, 4)))
        store_clocks(session, found.clocks, NOW)
        seconds = perf_counter() - begun
        used = process_time() + processor.seconds(server) - used
        raise _TakenBack
    return seconds, used


class _TakenBack(Exception):
    """What was measured is not kept."""


def _template(office: Office) -> UUID:
    """A case that waits for the authority's opinion, its handling clock running."""
    (case_id,) = installation.file_cases(office, 1, "重算")
    (task_id,) = installation.open_tasks(office, [case_id], "review_filing")
    window = Actor(uuid4(), "window", "window", "service_window", frozenset({"window"}))
    tasks.complete(office, window, task_id, installation.answers()["review_filing"], now=NOW)
    return case_id


def _open_clocks(office: Office) -> int:
    clock = models.Clock
    found = select(func.count()).where(clock.state.in_(("running", "paused")))
    with office.uow.read() as session:
        return session.scalar(found) or 0


def _copy(office: Office, case_id: UUID, count: int) -> None:
    """Copies of the case with all that is open of it, begun on different days."""
    with office.uow.read() as session:
        rows = _Rows(session, case_id)
    for start in range(0, count, 5000):
        with office.uow.begin() as session:
            made = [rows.copy(number) for number in range(start, min(start + 5000, count))]
            for position, table in enumerate(rows.tables):
                insert_rows(
                    session, table_of(table), [row for copy in made for row in copy[position]]
                )


class _Rows:
    """The rows of one case, to be written again under other ids."""

    tables: Sequence[Any] = (
        models.Case,
        models.ProcessInstance,
        models.Task,
        models.Timer,
        models.Clock,
        models.ClockEntry,
    )

    def __init__(self, session: Session, case_id: UUID) -> None:
        self.case = session.get_one(models.Case, case_id)

        def of(table: Any, *where: Any) -> list[dict[str, Any]]:
            return [_values(row) for row in session.scalars(select(table).where(*where))]

        instance, timer, clock = models.ProcessInstance, models.Timer, models.Clock
        self.cases = of(models.Case, models.Case.id == case_id)
        self.instances = of(instance, instance.case_id == case_id)
        ids = [row["id"] for row in self.instances]
        task = models.Task
        self.open_tasks = of(task, task.case_id == case_id, task.state == "ready")
        self.timers = of(timer, timer.instance_id.in_(ids), timer.fired_at.is_(None))
        self.clocks = of(clock, clock.case_id == case_id, clock.state == "running")
        running = [row["id"] for row in self.clocks]
        entry = models.ClockEntry
        self.entries = of(entry, entry.clock_id.in_(running))

    def copy(self, number: int) -> list[list[dict[str, Any]]]:
        shift = timedelta(minutes=number % (SPREAD * 60))
        new: dict[UUID, UUID] = {}

        def again(row: dict[str, Any], **changes: Any) -> dict[str, Any]:
            told = {
                key: new.setdefault(value, uuid4())
                if isinstance(value, UUID) and key in OWN
                else value
                for key, value in row.items()
            }
            return {**told, **changes}

        started = NOW - shift
        cases = [
            again(
                row,
                number=f"COPY-{number}",
                idempotency_key=None,
                event_count=0,
                event_hash="",
                event_sm3=b"",
            )
            for row in self.cases
        ]
        tasks_ = [again(row, created_at=started) for row in self.open_tasks]
        timers = [again(row, armed_at=started) for row in self.timers]
        instances = [again(row, state=_renamed(row["state"], new)) for row in self.instances]
        clocks = [again(row) for row in self.clocks]
        entries = [again(row, effective_at=started) for row in self.entries]
        return [cases, instances, tasks_, timers, clocks, entries]


#: Columns whose ids belong to the case and are made anew for a copy.
OWN = {"id", "case_id", "instance_id", "clock_id"}


def _renamed(state: bytes, new: dict[UUID, UUID]) -> bytes:
    """The stored instance under the copies' ids, as its rows name it."""
    raw = unpack(state)
    for old, fresh in new.items():
        raw = raw.replace(old.hex.encode(), fresh.hex.encode())
    return pack(raw)


def _values(row: Any) -> dict[str, Any]:
    return {
        column.key: getattr(row, column.key) for column in inspect(type(row)).mapper.column_attrs
    }
