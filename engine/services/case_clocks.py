"""What readers of a case see of its clocks beside the clocks: whose time, extensions, breaches."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from engine.domain.actor import Actor, Permission
from engine.domain.clock import Whose, open_pauses
from engine.domain.errors import NotFound
from engine.domain.parameters import EXTENSION
from engine.domain.views import (
    BreachView,
    ClockChoices,
    ClockEntryView,
    ExtensionView,
    PauseGroundView,
    WhoseShare,
    WhoseStretch,
    WhoseTimeView,
)
from engine.domain.whose_time import WhoseTime, in_units
from engine.domain.words import Words
from engine.persistence import models
from engine.services import access, ledger
from engine.services import extensions as deciding
from engine.services.access import OPEN
from engine.services.case_reading import CaseReading
from engine.services.office import Office

SECOND = timedelta(seconds=1)
_BREACHES = (
    select(models.Breach)
    .where(models.Breach.case_id == bindparam("case"))
    .order_by(models.Breach.due_at, models.Breach.marked_at)
)


def whose_time_view(found: WhoseTime) -> WhoseTimeView:
    """In whole seconds, rounded so that the shares still sum to the whole."""
    elapsed = in_units((share.elapsed for share in found.shares), SECOND)
    worked = in_units((share.office_time for share in found.shares), SECOND)
    return WhoseTimeView(
        since=found.since,
        until=found.until,
        elapsed_seconds=sum(elapsed),
        office_seconds=sum(worked),
        shares=tuple(
            WhoseShare(share.whose, all_of_it, office)
            for share, all_of_it, office in zip(found.shares, elapsed, worked, strict=True)
        ),
        stretches=tuple(
            WhoseStretch(each.since, each.until, each.whose, each.name) for each in found.stretches
        ),
    )


def extensions(reading: CaseReading) -> tuple[ExtensionView, ...]:
    """Requests for more time; the applicant and its agents see what was approved."""
    inside = reading.sees_supervision
    rows = [row for row in reading.extension_rows if inside or row.state == "approved"]
    open_tasks: dict[UUID | None, UUID] = (
        {t.instance_id: t.id for t in reading.tasks if t.state in OPEN} if rows else {}
    )
    return tuple(_extension(reading, row, open_tasks.get(row.instance_id)) for row in rows)


def _extension(reading: CaseReading, row: models.Extension, task_id: Any) -> ExtensionView:
    inside = reading.sees_supervision
    return ExtensionView(
        id=row.id,
        clock=row.clock_key,
        amount=row.amount,
        reason=row.reason,
        basis=row.basis,
        requested_by=row.requested_by_name if inside else "",
        requested_at=row.requested_at,
        due_before=row.due_before,
        due_after=row.due_after,
        state=row.state,
        decided_by=row.decided_by_name if inside else None,
        decided_at=row.decided_at,
        opinion=row.opinion if inside else "",
        letter_number=row.letter_number,
        task_id=task_id if inside else None,
    )


def breaches(reading: CaseReading) -> tuple[BreachView, ...]:
    """Limits of the case that passed, on record; for the offices."""
    if not reading.sees_supervision:
        return ()
    return tuple(
        BreachView(
            kind=each.kind,
            title=_title(reading, each),
            due_at=each.due_at,
            marked_at=each.marked_at,
            ended_at=each.ended_at,
            lifted_at=each.lifted_at,
        )
        for each in reading.session.scalars(_BREACHES, {"case": reading.case.id})
    )


def _title(reading: CaseReading, row: models.Breach) -> Words:
    procedure = reading.procedure
    if row.clock_key:
        kind = procedure.clocks.get(row.clock_key)
        return kind.title if kind else Words(row.clock_key)
    drawing = procedure.drawings.get(row.process_id or "")
    element = drawing.elements.get(row.element_id or "") if drawing else None
    return element.title if element else Words(row.element_id or "")


def grounds(reading: CaseReading) -> tuple[PauseGroundView, ...]:
    """What a clock may be paused for by hand, on what may be cited today."""
    laws, today = reading.procedure.laws, reading.calendar.local_date(reading.now)
    return tuple(
        PauseGroundView(each.key, each.title, laws.on(each.basis, today), Whose(each.whose))
        for each in reading.procedure.grounds.values()
        if each.by_hand
    )


def actions(reading: CaseReading) -> frozenset[str]:
    """What the actor may do now with the case's clocks."""
    actor, case = reading.actor, reading.case
    kind = reading.procedure.clocks.get(deciding.HANDLING)
    if actor is None or case.state != "open" or not access.handles_clock(actor, kind):
        return frozenset()
    found: set[str] = set()
    clocks = {row.key: row for row in reading.clock_rows}
    handling = clocks.get(deciding.HANDLING)
    if handling is not None and handling.state != "stopped":
        in_time = handling.due_at is not None and reading.now <= handling.due_at
        found |= {"pause"} if in_time or handling.state == "paused" else set()
        found |= {"resume"} if handling.state == "paused" else set()
        found |= {"extend"} if in_time and _may_extend(reading) else set()
    if (
        any(each.state == "requested" for each in reading.extension_rows)
        and "leader" in actor.groups
    ):
        found.add("decide_extension")
    asked = any(each["stage"] == "supplement" for each in case.milestones)
    if actor.may(Permission.SUPERVISE) and case.stage == "receipt" and asked:
        found.add("allow_correction")
    return frozenset(found)


def _may_extend(reading: CaseReading) -> bool:
    kind = reading.procedure.clocks.get(deciding.HANDLING)
    done = {each.state for each in reading.extension_rows}
    return kind is not None and kind.extension is not None and not done & {"requested", "approved"}


def choices(office: Office, actor: Actor, number: str, *, now: datetime) -> ClockChoices:
    """What somebody who pauses, resumes or extends may choose from.

    NotPermitted for who handles no clock of it, NotFound as for the case.
    """
    held = models.Case
    with office.uow.read() as session:
        case = session.scalar(
            select(held).where(held.number == number, access.visible_cases(actor))
        )
        reading = CaseReading(office, session, case, actor, now) if case else None
        kind = reading.procedure.clocks.get(deciding.HANDLING) if reading else None
        if not access.handles_clock(actor, kind):
            actor.must(Permission.HANDLE_CLOCKS)
        if case is None or reading is None:
            raise NotFound("没有这个办件。", "there is no such case")
        rule = kind.extension if kind else None
        procedure = reading.procedure
        cap = rule and office.parameters().amount(
            EXTENSION + deciding.HANDLING, procedure.key, procedure.edition, rule.amount
        )
        return ClockChoices(
            number=case.number,
            title=case.line,
            grounds=grounds(reading),
            paused=_paused(reading),
            cap=cap or 0,
            cap_basis=procedure.laws.on(rule.basis, office.calendar().local_date(now))
            if rule
            else "",
            due_at=next((r.due_at for r in reading.clock_rows if r.key == deciding.HANDLING), None),
        )


def _paused(reading: CaseReading) -> tuple[ClockEntryView, ...]:
    ids = {row.id for row in reading.clock_rows if row.key == deciding.HANDLING}
    rows = [row for row in reading.entry_rows if row.clock_id in ids]
    waiting = open_pauses([ledger.as_entry(row) for row in rows])
    return tuple(
        ClockEntryView(
            kind=each.kind.value,
            effective_at=each.effective_at,
            recorded_at=each.recorded_at,
            basis=each.basis,
            document=each.document,
            actor=each.actor,
            reason=each.reason,
            ground=each.ground,
            expected_at=each.expected_at,
            sequence=each.sequence,
        )
        for each in waiting
    )
