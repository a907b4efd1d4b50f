"""Commitments as cases make, keep and break them: a line of the register and one of its history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.commitment import Performance, check_performance, commitment_code
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.numbering import next_number
from engine.runtime.procedure import CommitmentRule
from engine.services.casework import Casework

#: Rule under which every procedure registers the promise of missing papers.
CONDITIONAL = "conditional"
ENTERPRISE = "法人及非法人组织"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about the performance of a commitment, by whom and for which unit."""

    performance: Performance
    basis: str
    by: Actor
    at: datetime
    on: date  # the day at the office
    unit: tuple[str, str] = ("", "")  # name and unified social credit code
    unfulfilled: str = ""
    consequence: str = ""
    case_number: str = ""  # "" where it is the commitment's own


def made(work: Casework) -> None:
    """Register the commitments that the application made, now that the case is accepted."""
    for rule in work.procedure.commitments.values():
        if rule.made_by and work.case.answers.get(rule.made_by):
            register(work, rule)


def promised(work: Casework, papers: Iterable[str], until: str) -> models.Commitment:
    """Register the promise of a conditional acceptance."""
    rule = work.procedure.commitments[CONDITIONAL]
    return register(work, rule, papers="、".join(papers), until=until)


def register(
    work: Casework, rule: CommitmentRule, *, papers: str = "", until: str = ""
) -> models.Commitment:
    """One more commitment of the case's subject, with its code."""
    row = _commitment(work, rule, papers, until)
    work.add(row)
    _line(
        work.session, row, "", Finding(Performance.RUNNING, "", work.actor, work.now_at, work.today)
    )
    work.note(
        "commitment_registered",
        Words("登记信用承诺", "commitment registered"),
        detail=row.code,
        changes={"code": row.code, "kind": row.kind},
    )
    return row


def _commitment(work: Casework, rule: CommitmentRule, papers: str, until: str) -> models.Commitment:
    case = work.case
    made_on = work.calendar.local_date(case.filed_at if rule.made_by else work.now_at)
    serial = next_number(work.session, f"commitment:{made_on:%Y%m%d}")
    said = {
        "case": case.number,
        "title": work.procedure.title.zh,
        "line": case.line,
        "papers": papers,
        "until": until,
    }
    return models.Commitment(
        id=uuid4(),
        code=commitment_code(made_on, serial),
        rule=rule.key,
        kind=rule.kind,
        subject_code=case.subject_code,
        subject_name=case.subject_name,
        subject_class=_class_of(work),
        reason=rule.reason.format_map(said),
        content=rule.content.format_map(said),
        sanction=rule.sanction.format_map(said),
        made_on=made_on,
        valid_until=_valid_until(work, rule, until),
        performance=Performance.RUNNING.value,
        unfulfilled="",
        consequence="",
        accepted_by=work.procedure.letterhead.issuer,
        accepted_by_code=_code_of(work),
        openness=rule.openness,
        found_by="",
        found_by_code="",
        note="",
        case_id=case.id,
        case_number=case.number,
        event_count=0,
    )


def _class_of(work: Casework) -> str:
    told = (record.fields.get("CF_XDR_LB") for record in work.records)
    return next((str(each) for each in told if each), ENTERPRISE)


def _valid_until(work: Casework, rule: CommitmentRule, until: str) -> date | None:
    if rule.valid_until == "promise.until" and until:
        return date.fromisoformat(until)
    if rule.valid_until == "record.ends_on" and work.records:
        return max((record.ends_on for record in work.records if record.ends_on), default=None)
    return None


def _code_of(work: Casework) -> str:
    asked = work.procedure.letterhead.department
    unit = "credit_office" if asked == "service_window" else asked
    codes = work.office.directory().codes
    return next((code for code, key in codes.items() if key == unit), "")


def held(work: Casework, rule: str = "") -> list[models.Commitment]:
    """The commitments of the case, of one rule or all, locked."""
    row = models.Commitment
    found = select(row).where(row.case_id == work.case.id).order_by(row.code).with_for_update()
    rows = work.session.scalars(found).all()
    return [each for each in rows if rule in ("", each.rule)]


def kept(work: Casework, rule: str, *, basis: str) -> None:
    """What was promised was done."""
    for row in held(work, rule):
        if row.performance == Performance.RUNNING:
            _find(work, row, Performance.KEPT, basis=basis)


def broken(work: Casework, *, rule: str = "", basis: str, unfulfilled: str = "") -> None:
    """The case's commitments were false or broken: found so, with what follows, in its history."""
    for row in held(work, rule):
        if row.performance != Performance.BROKEN and (rule or row.rule != CONDITIONAL):
            told = unfulfilled or row.content
            _find(work, row, Performance.BROKEN, basis=basis, unfulfilled=told)


def lapse(work: Casework) -> None:
    """At the end of the case: what was promised for something that was not had binds no more."""
    for row in held(work):
        rule = work.procedure.commitments.get(row.rule)
        if rule is None or row.performance != Performance.RUNNING:
            continue
        if work.case.outcome not in rule.outcomes:
            words = work.procedure.outcome(work.case.outcome or "")
            _find(work, row, Performance.LAPSED, basis=f"办件结果：{words.zh}")


def _find(
    work: Casework,
    row: models.Commitment,
    found: Performance,
    *,
    basis: str,
    unfulfilled: str = "",
) -> None:
    finding = Finding(
        found,
        basis,
        work.actor,
        work.now_at,
        work.today,
        unit=(work.procedure.letterhead.issuer, row.accepted_by_code),
        unfulfilled=unfulfilled,
        consequence=row.sanction if found is Performance.BROKEN else "",
        case_number=work.case.number,
    )
    find(work.session, row, finding)
    if found is Performance.BROKEN:
        work.note(
            "commitment_broken",
            Words("登记违背信用承诺", "breach of a commitment recorded"),
            detail=f"{row.code}：{basis}",
            changes={"code": row.code},
        )


def find(session: Session, row: models.Commitment, found: Finding) -> None:
    """Record what was found: in the register, and as a line of the commitment's history.

    Errors: Conflict, Invalid of engine/domain/commitment.py.
    """
    before = Performance(row.performance)
    check_performance(
        before, found.performance, unfulfilled=found.unfulfilled, consequence=found.consequence
    )
    row.performance = found.performance.value
    row.unfulfilled, row.consequence = found.unfulfilled, found.consequence
    row.found_on, (row.found_by, row.found_by_code) = found.on, found.unit
    _line(session, row, before.value, found)


def _line(session: Session, row: models.Commitment, before: str, found: Finding) -> None:
    row.event_count += 1
    told = (found.unfulfilled, found.consequence)
    session.add(
        models.CommitmentEvent(
            id=uuid4(),
            commitment_id=row.id,
            sequence=row.event_count,
            at=found.at,
            before=before,
            after=found.performance.value,
            basis=found.basis,
            detail="；".join(part.rstrip("。") for part in told if part),
            case_number=found.case_number or row.case_number,
            actor=found.by.username,
            actor_name=found.by.name,
            department=found.by.department or "",
        )
    )
