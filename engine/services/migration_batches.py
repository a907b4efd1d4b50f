"""Carries migrations out in batches: each case in its own turn, nothing twice, nothing by halves."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import EngineError, Invalid, NotFound
from engine.persistence import models
from engine.runtime.migration import Course, Verdict
from engine.services import people
from engine.services.case_migration import Order, apply, carry_locked
from engine.services.casework import promise
from engine.services.migration_survey import as_row
from engine.services.office import Office

#: Cases of one transaction: others wait for no more than a second.
BATCH = 20


def promise_batch(office: Office, session: Session, migration_id: UUID) -> None:
    told = {"migration_id": str(migration_id)}
    promise(session, "migrate_cases", told, case_id=None, office=office)


def run_batch(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """The next cases of a migration. Killed, it is run again: a case's row says what is done."""
    held = session.get(models.Migration, UUID(arguments["migration_id"]), with_for_update=True)
    if held is None or held.state != "running":
        return
    actor = people.actor_of_username(office, held.started_by)
    order = order_of(office, session, held, actor, held.reason, now)
    for row in _waiting(session, held.id):
        _migrate(session, order, row, accepts_losses=held.accepts_losses)
    session.flush()
    if _waiting(session, held.id):
        promise_batch(office, session, held.id)
    else:
        held.state, held.finished_at = "done", now


def _waiting(session: Session, migration_id: UUID) -> Sequence[models.MigratedCase]:
    row = models.MigratedCase
    found = select(row).where(row.migration_id == migration_id, row.state == "waiting")
    return session.scalars(found.order_by(row.case_id).limit(BATCH)).all()


def order_of(
    office: Office,
    session: Session,
    held: models.Migration,
    actor: Actor,
    reason: str,
    now: datetime,
) -> Order:
    """What a stored migration asks of each case, in the name of who lets it go on."""
    course = course_of(office, session, held.from_id, held.to_id, held.mapping)
    return Order(office, actor, course, held.from_id, held.to_id, reason, now)


def _migrate(
    session: Session, order: Order, row: models.MigratedCase, *, accepts_losses: bool
) -> None:
    """One case as it stands now: it may have moved on since the dry run."""
    case = session.get_one(models.Case, row.case_id, with_for_update=True, populate_existing=True)
    row.done_at = order.now
    if case.state != "open" or case.definition_id != order.from_id:
        row.state = "left"
        return
    try:
        with session.begin_nested():
            carried = carry_locked(session, order, case)
            row.verdict = carried.verdict.value
            row.findings = [dict(as_row(finding)) for finding in carried.findings]
            if carried.verdict in _wanted(accepts_losses=accepts_losses):
                apply(session, order, case, row, carried)
                row.state = "migrated"
            else:
                row.state = "left"
    except EngineError as problem:
        told = {
            "verdict": "breaks",
            "process_id": "",
            "element_id": "",
            "title": "",
            "title_en": "",
        }
        row.state, row.verdict = "left", Verdict.BREAKS.value
        row.findings = [{**told, "zh": str(problem), "en": problem.english}]


def _wanted(*, accepts_losses: bool) -> frozenset[Verdict]:
    return frozenset({Verdict.FITS, *([Verdict.LOSES] if accepts_losses else [])})


def course_of(
    office: Office, session: Session, from_id: UUID, to_id: UUID, mapping: Mapping[str, str]
) -> Course:
    """From one version onto another. NotFound; Invalid for versions of two procedures, or a mapping to
    what the newer one does not draw (`mapping`: element id there -> here).
    """
    rows = [session.get(models.ProcessDefinition, each) for each in (from_id, to_id)]
    if rows[0] is None or rows[1] is None:
        raise NotFound("没有这个版本。", "there is no such version")
    if rows[0].procedure != rows[1].procedure or from_id == to_id:
        raise Invalid(
            "只能迁到同一程序的另一版本。", "only onto another version of the same procedure"
        )
    new = office.procedure(session, to_id)
    drawn = {each for drawing in new.drawings.values() for each in drawing.elements}
    unknown = {old: f"新版本没有元素 {to}。" for old, to in mapping.items() if to not in drawn}
    if unknown:
        raise Invalid(
            "对应表里有新版本没有的元素。", "the mapping names unknown elements", fields=unknown
        )
    return Course(office.procedure(session, from_id), new, dict(mapping))
