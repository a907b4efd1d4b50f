"""A million armed timers: what an idle sweep costs, how fast due ones fire, how fast lights are marked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from time import perf_counter, process_time
from uuid import UUID

from sqlalchemy import func, select, text

from benchmarks import installation, processor
from benchmarks.figures import Figure
from benchmarks.installation import NOW
from engine.domain.actor import Actor
from engine.persistence import models
from engine.services import cases, lights, timers
from engine.services.office import Office

#: After the promise of intake, before the law's limit: one timer of each case is due.
PROMISE_OVER = NOW + timedelta(days=3)
IDLE_ROUNDS = 20


def measure(office: Office, armed: int, due: int, marked: int) -> Iterator[Figure]:
    """The office is empty; rows that only have to be there are copied set-wise in the database."""
    over = _withdrawn(office, due)
    _arm(office, _one(office)[1], armed)
    yield from _idle(office, armed)
    yield _fire(
        office, over, due, "the token goes to an end: the time to rate a closed case is over"
    )
    installation.file_cases(office, due, "timers")
    yield _fire(office, PROMISE_OVER, due, "each opens a supervision with its notice")
    case_id, instance_id = _one(office)
    _grow(office, case_id, instance_id, marked)
    yield _mark(office, marked)


def _withdrawn(office: Office, count: int) -> datetime:
    """So many withdrawn cases that wait to be rated; when the time for that is over."""
    firm = Actor(
        None,
        "firm",
        installation.FIRM_NAME,
        groups=frozenset({"applicant"}),
        subject=installation.FIRM,
    )
    case_ids = installation.file_cases(office, count, "withdrawn")
    asked = select(models.Case.number).where(models.Case.id.in_(case_ids))
    with office.uow.read() as session:
        numbers = list(session.scalars(asked))
    for number in numbers:
        cases.withdraw(office, firm, number, reason="", now=NOW)
    with office.uow.read() as session:
        over: datetime = session.scalars(select(func.max(models.Timer.due_at))).one()
    return over


def _one(office: Office) -> tuple[UUID, UUID]:
    """A case with an instance that is not finished."""
    with office.uow.glance() as connection:
        asked = text("SELECT case_id, id FROM process_instance WHERE NOT is_finished LIMIT 1")
        row = connection.execute(asked).one()
    return row[0], row[1]


def _arm(office: Office, instance_id: UUID, count: int) -> None:
    """Timers of other cases, due years from now: the sweep has to pass them by."""
    with office.uow.begin() as session:
        session.execute(
            text(
                "INSERT INTO timer (id, instance_id, process_id, element_id, due_at)"
                " SELECT gen_random_uuid(), :instance, 'credit_repair', 'x',"
                " timestamptz '2030-01-01' + make_interval(secs => n)"
                " FROM generate_series(1, :count) AS n"
            ),
            {"instance": instance_id, "count": count},
        )
    _analyse(office)


def _analyse(office: Office) -> None:
    with office.uow.engine.connect() as connection:
        settled = connection.execution_options(isolation_level="AUTOCOMMIT")
        settled.execute(text("VACUUM ANALYZE"))


def _idle(office: Office, armed: int) -> Iterator[Figure]:
    timers.sweep(office, now=NOW)
    taken = [_seconds(lambda: timers.sweep(office, now=NOW)) for _ in range(IDLE_ROUNDS)]
    note = f"{armed:,} timers armed, none due; the best of {IDLE_ROUNDS}"
    yield Figure("idle sweep", 1000 * min(taken), "ms", at_most=50, note=note)
    taken = [_seconds(lambda: lights.mark(office, now=NOW)) for _ in range(IDLE_ROUNDS)]
    yield Figure("idle marking of lights", 1000 * min(taken), "ms", at_most=50)


def _fire(office: Office, moment: datetime, due: int, what: str) -> Figure:
    fired = 0
    (first, _), *_ = timers.due_timers(office, now=moment, limit=1)
    assert timers.fire(office, first, now=moment)  # from here on the worker knows the procedure

    def sweep() -> None:
        nonlocal fired
        fired = timers.sweep(office, now=moment)

    used = process_time()
    seconds = _seconds(sweep)
    own = 1000 * (process_time() - used) / fired
    assert fired == due - 1, (fired, due)
    note = f"{fired} by one worker, {own:.2f} ms of its processor each; {what}; {processor.load()}"
    return Figure("due timers fired as BPMN steps", fired / seconds, "/s", at_least=1000, note=note)


def _grow(office: Office, case_id: UUID, instance_id: UUID, count: int) -> None:
    """Open tasks whose limit has passed and that nobody has marked."""
    with office.uow.begin() as session:
        session.execute(
            text(
                "INSERT INTO task (id, case_id, instance_id, process_id, element_id,"
                " candidate_group, state, whose, created_at, due_at, warn_at, mark_at,"
                " is_paused, light, version)"
                " SELECT gen_random_uuid(), :case, :instance, 'credit_repair', 'first_review',"
                " 'credit_clerk', 'ready', 'office', :now, :due, :due, :due, false, 'green', 1"
                " FROM generate_series(1, :count) AS n"
            ),
            {
                "case": case_id,
                "instance": instance_id,
                "now": NOW,
                "due": NOW + timedelta(hours=1),
                "count": count,
            },
        )
    _analyse(office)


def _mark(office: Office, count: int) -> Figure:
    turned = 0

    def mark() -> None:
        nonlocal turned
        turned = lights.mark(office, now=PROMISE_OVER + timedelta(hours=1)).red

    with office.uow.engine.connect() as connection:  # the pool gives it to the next who asks
        server = processor.backend(connection)
    used = processor.seconds(server)
    seconds = _seconds(mark)
    own = turned / max(processor.seconds(server) - used, processor.TICK)
    assert turned >= count, (turned, count)
    note = (
        f"{turned:,} red, each with its row among the breaches; {own:,.0f} per second of the"
        f" server's processor; {processor.load()}"
    )
    return Figure("lights marked", turned / seconds, "/s", at_least=20_000, note=note)


def _seconds(act: Callable[[], object]) -> float:
    begun = perf_counter()
    act()
    return perf_counter() - begun
