"""Operations of 督办: a supervision is an instance of its own beside the case's."""

from uuid import UUID, uuid4

from sqlalchemy import select

from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.numbering import next_number
from engine.services import correspondence
from engine.services.casework import Casework, Operation

GROUNDS = {
    "acceptance_promise": "收件审查超过承诺期限",
    "opinion": "逾期未出具修复意见",
    "takedown": "逾期未撤下公示信息",
    "upstream_receipt": "上级平台逾期未回执",
}


def open_supervision(work: Casework, unit: str, ground: str) -> None:
    """Open a supervision of the unit, once for each wait and ground; it starts after the step."""
    wait_id = _supervised_wait(work)
    supervision = models.Supervision
    already = select(supervision.id).where(
        supervision.case_id == work.case.id,
        supervision.wait_id == wait_id,
        supervision.ground == ground,
    )
    if work.session.scalar(already) is None:
        open_for(work, _department(work, unit), wait_id, ground, GROUNDS.get(ground, ground))


def open_for(
    work: Casework, department: str, wait_id: UUID, ground: str, text: str
) -> models.Supervision:
    year = work.calendar.local(work.now_at).year
    serial = next_number(work.session, f"supervision:{year}")
    row = models.Supervision(
        id=uuid4(),
        number=f"昆信用督〔{year}〕{serial}号",
        case_id=work.case.id,
        wait_id=wait_id,
        element_id=work.element.attached_to or work.element.id if work.element else "",
        unit=department,
        ground=ground,
        ground_text=text,
        issued_by=work.actor.username,
        issued_at=work.now_at,
        state="open",
    )
    work.add(row)
    work.to_supervise.append(row)
    return row


def _supervised_wait(work: Casework) -> UUID:
    """The open task or wait whose limit ran out: that of this case with the earliest due moment."""
    for table, is_open in (
        (models.Task, models.Task.state.in_(("ready", "claimed"))),
        (models.Wait, models.Wait.ended_at.is_(None)),
    ):
        found = (
            select(table.id)
            .where(table.case_id == work.case.id, table.instance_id == work.instance_id, is_open)
            .order_by(table.due_at)
            .limit(1)
        )
        wait_id = work.session.scalar(found)
        if wait_id is not None:
            return wait_id
    return work.case.id


def _department(work: Casework, unit: str) -> str:
    """The department a role stands for in this case."""
    if unit == "authority":
        return work.case.authority_key or "credit_office"
    entry = work.office.directory().groups.get(unit)
    return (entry.department if entry else None) or unit


def issue_supervision_notice(work: Casework) -> None:
    """签发督办单: what is late, what is demanded, until when it is to be answered."""
    supervision = work.supervision
    if supervision is None:
        return
    limit = work.procedure.limit("supervision_answer", {})
    supervision.answer_by = work.end_of(limit)
    unit = work.office.directory().department(supervision.unit)
    answer_on = work.calendar.local_date(supervision.answer_by)
    letter = correspondence.queue(
        work,
        "supervision_notice",
        supervision={
            "unit": unit.zh if unit else supervision.unit,
            "step": _step_title(work, supervision.element_id),
            "over_days": 1,
            "demand": f"{supervision.ground_text}，请立即办理，并书面答复原因和整改情况。",
            "answer_by": answer_on.isoformat(),
        },
        addressee={"name": unit.zh if unit else supervision.unit, "code": ""},
    )
    letter.number, letter.state = supervision.number, "served"
    letter.issued_at = letter.served_at = work.now_at
    letter.data = correspondence.compose(work, letter)
    work.promise("print_letter", letter_id=str(letter.id))
    work.note(
        "supervision_opened",
        Words(f"签发督办单：{unit.zh if unit else supervision.unit}", "supervision notice issued"),
        detail=f"{supervision.number} {supervision.ground_text}",
        changes={"number": supervision.number, "ground": supervision.ground},
    )


def _step_title(work: Casework, element_id: str) -> str:
    for drawing in work.procedure.drawings.values():
        if element_id in drawing.elements:
            return drawing.elements[element_id].title.zh
    return element_id


def escalate_supervision(work: Casework) -> None:
    if work.supervision is not None:
        work.supervision.state = "escalated"
        work.note("supervision_escalated", Words("督办报分管领导", "supervision escalated"))


def close_supervision(work: Casework, finding: str) -> None:
    if work.supervision is not None:
        work.supervision.state = finding
        title = "督办解除" if finding == "lifted" else "督办办结"
        work.note("supervision_closed", Words(title, f"supervision {finding}"))


OPERATIONS: dict[str, Operation] = {
    "open_supervision": open_supervision,
    "issue_supervision_notice": issue_supervision_notice,
    "escalate_supervision": escalate_supervision,
    "close_supervision": close_supervision,
}
