"""What the tables must never say: asked after whole cases, races and faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.history import sm3
from engine.persistence import copies, models
from engine.runtime import stepper
from engine.services import audit, decisions
from engine.services.access import OPEN
from engine.services.office import Office


def contradictions(office: Office) -> list[str]:
    """What the tables say that cannot be true together; nothing, whatever has happened."""
    with office.uow.read() as session:
        found = [
            f"{case.number}: {wrong}"
            for case in session.scalars(select(models.Case))
            for wrong in _of_case(_Rows.read(office, session, case))
        ]
        issued = session.scalars(select(models.Letter.number).where(models.Letter.number != ""))
        found += [f"{number} was given twice" for number, n in Counter(issued).items() if n > 1]
        differing = copies.differences(session.connection())
        found += [f"{table} differs from a recount by {rows}" for table, rows in differing.items()]
    return found


def unsound(office: Office) -> list[str]:
    """What the oracle above, `kunxin audit verify` and `kunxin doctor` find: nothing, after any fault."""
    examined = [*audit.verify_history(office), *audit.examine(office)]
    return contradictions(office) + [f"{flaw.where} {flaw.en}" for flaw in examined]


@dataclass(frozen=True, slots=True)
class _Rows:
    """All that is stored of one case."""

    office: Office
    session: Session
    case: models.Case
    events: Sequence[models.Event]
    tasks: Sequence[models.Task]
    waits: Sequence[models.Wait]
    letters: Sequence[models.Letter]
    jobs: Sequence[models.Job]
    instances: Sequence[models.ProcessInstance]
    decisions: Sequence[models.DecisionMade]

    @classmethod
    def read(cls, office: Office, session: Session, case: models.Case) -> _Rows:
        def of(table: Any) -> list[Any]:
            return list(session.scalars(select(table).where(table.case_id == case.id)))

        return cls(
            office,
            session,
            case,
            sorted(of(models.Event), key=lambda event: event.sequence),
            of(models.Task),
            of(models.Wait),
            of(models.Letter),
            of(models.Job),
            of(models.ProcessInstance),
            of(models.DecisionMade),
        )


def _of_case(rows: _Rows) -> Iterator[str]:
    yield from _of_history(rows)
    yield from _of_letters(rows)
    yield from _of_decisions(rows)
    for instance in rows.instances:
        yield from _of_instance(rows, instance)
    is_held = any(task.state in OPEN for task in rows.tasks)
    if rows.case.state == "open" and not is_held and all(wait.ended_at for wait in rows.waits):
        yield "the case is open and nobody has it"


def _of_history(rows: _Rows) -> Iterator[str]:
    events, case = rows.events, rows.case
    if broken_link(events, case.number) is not None:
        yield "the history is broken"
    *_, (place, ends, _) = _linked(events, case.number)
    if (case.event_count, (case.event_hash, case.event_sm3)) != (place, ends):
        yield "the history has another end than the case"
    told = Counter(event.element_id for event in events if event.kind == "task_completed")
    if told != Counter(task.element_id for task in rows.tasks if task.state == "completed"):
        yield "other tasks were completed than the history tells of"


def _of_letters(rows: _Rows) -> Iterator[str]:
    prints = Counter(
        job.arguments["letter_id"] for job in rows.jobs if job.operation == "print_letter"
    )
    issued = {str(letter.id): letter for letter in rows.letters if letter.issued_at is not None}
    unprinted = {key for key, letter in issued.items() if letter.sha256 is None}
    if (
        unprinted - prints.keys()
        or prints.keys() - issued.keys()
        or max(prints.values(), default=1) > 1
    ):
        yield "a letter was issued that nobody prints, or is printed twice"


def _of_decisions(rows: _Rows) -> Iterator[str]:
    kept = {row.sequence: row for row in rows.decisions}
    told = {event.sequence: event for event in rows.events if event.kind == "decision_made"}
    if kept.keys() != told.keys():
        yield "other decisions are kept than the history tells of"
    elif not all(decisions.is_untouched(kept[key], told[key]) for key in kept):
        yield "a decision is kept otherwise than it was made"


def _of_instance(rows: _Rows, instance: models.ProcessInstance) -> Iterator[str]:
    drawn = rows.office.procedure(rows.session, instance.definition_id)
    live = stepper.load(drawn, instance.process_id, instance.state)
    resting = {key for key, wait in live.waits.items() if wait.kind == "user"}
    tasks = {t.id for t in rows.tasks if t.instance_id == instance.id and t.state in OPEN}
    waits = {w.id for w in rows.waits if w.instance_id == instance.id and w.ended_at is None}
    armed = select(models.Timer.id).where(
        models.Timer.instance_id == instance.id, models.Timer.fired_at.is_(None)
    )
    name = instance.process_id
    if resting != tasks:
        yield f"{name} rests elsewhere than its tasks say"
    if live.waits.keys() - resting != waits:
        yield f"{name} waits for something else than its rows say"
    if live.timers.keys() != set(rows.session.scalars(armed)):
        yield f"{name} has other timers armed than its rows say"
    if instance.is_finished and (live.waits or live.timers):
        yield f"{name} is finished and still waits"


def broken_link(events: Sequence[models.Event], number: str) -> int | None:
    """The sequence number of the first line that is missing or was changed; None when all is well."""
    return next((place for place, _, is_right in _linked(events, number) if not is_right), None)


def _linked(
    events: Sequence[models.Event], number: str
) -> Iterator[tuple[int, tuple[str, bytes], bool]]:
    """Each place, where both chains stand there, and whether its line is as it was written."""
    previous, third = "", b""
    for place, event in enumerate(events, 1):
        payload: dict[str, Any] = {
            "actor_name": event.actor_name,
            "detail": event.detail,
            "changes": event.changes,
        }
        told = (event.salt or b"") + rfc8785.dumps(payload)
        commitment = sha256(told).digest() + sm3(told)
        if event.is_erased:  # what it commits to is gone
            commitment = event.commitment
        line: dict[str, Any] = {
            "format": 2,
            "case": number,
            "sequence": event.sequence,
            "at": event.at.isoformat(),
            "actor": event.actor,
            "department": event.department,
            "kind": event.kind,
            "element": event.element_id,
            "title": event.title,
            "title_en": event.title_en,
            "payload": commitment.hex(),
        }
        written = rfc8785.dumps(line)
        kept = event.commitment or commitment  # it is kept when what it commits to goes
        previous = sha256(previous.encode() + written).hexdigest()
        third = sm3(third.hex().encode() + written)
        is_right = (event.sequence, kept, event.hash) == (place, commitment, previous)
        # only lines of earlier releases hold where the second chain stands
        yield place, (previous, third), is_right and event.sm3 in (b"", third)
