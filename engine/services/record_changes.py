"""The only way a record changes: an event, guarded by its rules, kept with its cause."""

from collections.abc import Iterable
from uuid import uuid4

from engine.domain.record import Cause, Flag, Publication, RecordEvent, Reporting, after
from engine.domain.record import RecordState as State
from engine.persistence import models
from engine.services import obligations, report_clocks
from engine.services.casework import Casework
from engine.services.writing import Writing


def state_of(record: models.Record) -> State:
    return State(
        Publication(record.publication),
        Reporting(record.reporting),
        frozenset(Flag(flag) for flag in record.flags),
    )


def change(
    by: Writing, record: models.Record, cause: Cause, *, is_known_elsewhere: bool = True
) -> bool:
    """Apply what happened to the record; False when it changes nothing.

    What follows from it is written with it: its reporting clock, and what other sites owe. They owe
    nothing for a record that was never shown to anybody (`is_known_elsewhere`).

    Errors: Conflict or Invalid of engine/domain/record.py; then nothing is changed.
    """
    before = state_of(record)
    reached = after(before, cause)
    record.publication, record.reporting = reached.publication.value, reached.reporting.value
    record.flags = {
        flag.value: record.flags.get(flag.value)
        or {"case": cause.case_number, "since": by.now.isoformat()}
        for flag in reached.flags
    }
    if before == reached:
        return False
    for axis, (old, new) in _axes(before, reached).items():
        if old != new:
            line(by, record, axis, (old, new), cause.document, cause.case_number, cause.element_id)
    report_clocks.follow(by, record, (before, reached), cause)
    if is_known_elsewhere:
        obligations.follow(by, record, (before, reached), cause)
    return True


def _axes(before: State, reached: State) -> dict[str, tuple[str, str]]:
    return {
        "publication": (before.publication.value, reached.publication.value),
        "reporting": (before.reporting.value, reached.reporting.value),
        "flags": (_joined(before.flags), _joined(reached.flags)),
    }


def line(
    by: Writing,
    record: models.Record,
    axis: str,
    told: tuple[str, str],
    document: str,
    case_number: str = "",
    element_id: str = "",
) -> None:
    """A line of the record's history: what the axis said before and says now. Each is a version of
    the record; none is ever rewritten."""
    record.version += 1
    by.session.add(
        models.RecordEvent(
            id=uuid4(),
            record_id=record.id,
            sequence=record.version,
            at=by.now,
            axis=axis,
            before=told[0],
            after=told[1],
            case_number=case_number or None,
            element_id=element_id or None,
            actor=by.actor.username,
            actor_name=by.actor.name,
            document=document or None,
        )
    )


def _joined(flags: frozenset[Flag]) -> str:
    return "、".join(sorted(flag.value for flag in flags))


def change_in_case(
    work: Casework,
    event: RecordEvent,
    *,
    document: str = "",
    records: Iterable[models.Record] | None = None,
) -> int:
    """Apply an event to every record of the case, or to those of them; how many changed."""
    changed = 0
    for record in work.records if records is None else records:
        if event is RecordEvent.EXPIRED and record.publication == Publication.WITHDRAWN_EXPIRED:
            continue  # the clock of the record was first
        cause = Cause(
            event=event,
            case_number=work.case.number,
            element_id=work.element.id if work.element else "",
            actor=work.actor.username,
            document=document,
        )
        if change(work.writing, record, cause):
            changed += 1
            work.note(
                "record_changed",
                event.words,
                detail=record.number,
                changes={"publication": record.publication, "reporting": record.reporting},
            )
    return changed


def let_go(record: models.Record, number: str) -> None:
    """The case holds the record no more; another of its kind may be filed."""
    record.holds = {hold: held for hold, held in record.holds.items() if held != number}


#: What the law of a record says when the case that raised a flag lets go.
LOWERED = {
    Flag.REPAIRING: RecordEvent.REPAIR_ENDED,
    Flag.OBJECTION: RecordEvent.OBJECTION_ENDED,
}


def end_revoked(work: Casework) -> None:
    """A penalty was revoked and no step of the case has heard of it: its record goes all the same."""
    told = work.case.facts.get("penalty_revoked")
    left = [r for r in work.records if r.publication != Publication.WITHDRAWN_CORRECTED]
    if told and left:
        document = str(told.get("document") or "处罚撤销决定")
        change_in_case(work, RecordEvent.REVOKED, document=document, records=left)


def release(work: Casework) -> None:
    """The case lets go of its records: its own flags off, what it took down for the time being
    shown again, free for another case."""
    for record in work.records:
        let_go(record, work.case.number)
    if work.case.facts.get("taken_down_for_now"):
        put_back(work)
    lift_hold(work)
    for flag, event in LOWERED.items():
        raised = [each for each in work.records if _raised_by(each, flag) == work.case.number]
        change_in_case(work, event, records=raised)


def lift_hold(work: Casework) -> bool:
    """What the case held back from being reported may be reported again; False when it held none."""
    held = [r for r in work.records if r.reporting == Reporting.HELD]
    if not work.case.facts.get("reporting_held") or not held:
        return False
    work.remember(reporting_held=False)
    change_in_case(work, RecordEvent.HOLD_LIFTED)
    for record in held:
        record.deferred_until = None
    return True


def put_back(work: Casework, *, document: str = "") -> None:
    """What the case took down for the time being is shown again."""
    work.remember(taken_down_for_now=False)
    if any(r.publication == Publication.TEMPORARILY_WITHDRAWN for r in work.records):
        change_in_case(work, RecordEvent.PUT_BACK, document=document)


def _raised_by(record: models.Record, flag: Flag) -> str | None:
    held = record.flags.get(flag.value)
    return held.get("case") if held else None
