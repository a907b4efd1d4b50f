"""Operations of 督办: a supervision is an instance of its own beside the case's."""

from uuid import uuid4

from sqlalchemy import select

from engine.domain.errors import Conflict
from engine.domain.light import days_left
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.numbering import next_number
from engine.runtime.procedure import Procedure
from engine.services import correspondence
from engine.services.casework import Casework, Operation
from engine.services.holders import department_of

Place = models.Task | models.Wait
OPEN = ("ready", "claimed")
GROUNDS = {
    "acceptance_promise": Words("收件审查超过承诺期限", "the promised time of intake has passed"),
    "opinion": Words("逾期未出具修复意见", "no opinion was given in time"),
    "takedown": Words("逾期未撤下公示信息", "the record was not taken down in time"),
    "upstream_receipt": Words("上级平台逾期未回执", "no acknowledgement from the upper platform"),
}


def open_supervision(work: Casework, unit: str, ground: str) -> None:
    """Open a supervision of the unit, once for each wait and ground; it starts after the step."""
    late = _late_place(work)
    supervision = models.Supervision
    already = select(supervision.id).where(
        supervision.case_id == work.case.id,
        supervision.wait_id == late.id,
        supervision.ground == ground,
    )
    if work.session.scalar(already) is None:
        text = _ground(work.procedure, ground).zh
        open_for(work, department_of(work, unit), late, ground, text)


def _ground(procedure: Procedure, ground: str) -> Words:
    """A ground in words; one that is the name of a limit says that the limit has passed."""
    limit = procedure.limits.get(ground)
    if ground in GROUNDS or limit is None:
        return GROUNDS.get(ground, Words(ground))
    return Words(f"已过{limit.title.zh}", f"over the {limit.title.en}")


def open_for(
    work: Casework, department: str, late: Place, ground: str, text: str
) -> models.Supervision:
    """A supervision of a department about an open task or wait."""
    year = work.calendar.local(work.now_at).year
    serial = next_number(work.session, f"supervision:{year}")
    row = models.Supervision(
        id=uuid4(),
        number=f"昆信用督〔{year}〕{serial}号",
        case_id=work.case.id,
        wait_id=late.id,
        element_id=late.element_id,
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


def _late_place(work: Casework) -> Place:
    """The open task or wait whose limit ran out: that of this instance with the earliest end."""
    task, wait = models.Task, models.Wait
    here = work.instance_id
    tasks = select(task).where(task.instance_id == here, task.state.in_(OPEN))
    waits = select(wait).where(wait.instance_id == here, wait.ended_at.is_(None))
    place = work.session.scalar(tasks.order_by(task.due_at).limit(1)) or work.session.scalar(
        waits.order_by(wait.due_at).limit(1)
    )
    if place is None:
        raise Conflict("没有可督办的环节。", "there is nothing to supervise")
    return place


def _over_days(work: Casework, supervision: models.Supervision) -> int:
    """Working days since the supervised place fell due; 0 on the day itself."""
    place: Place | None = work.session.get(models.Task, supervision.wait_id)
    place = place or work.session.get(models.Wait, supervision.wait_id)
    left = days_left(work.now_at, place.due_at, work.calendar) if place else None
    return max(0, -(left or 0))


def issue_supervision_notice(work: Casework) -> None:
    """签发督办单: what is late, what is demanded, until when it is to be answered."""
    supervision = work.supervision
    if supervision is None:
        return
    limit = work.limit("supervision_answer", {})
    supervision.answer_by = work.end_of(limit)
    unit = work.office.directory().department(supervision.unit)
    answer_on = work.calendar.local_date(supervision.answer_by)
    letter = correspondence.queue(
        work,
        "supervision_notice",
        supervision={
            "unit": unit.zh if unit else supervision.unit,
            "step": step_title(work.procedure, supervision.element_id).zh,
            "over_days": _over_days(work, supervision),
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


def step_title(procedure: Procedure, element_id: str) -> Words:
    """The title of a supervised step. A call may bear the id of a step inside it: waits first."""
    drawn = [
        d.elements[element_id] for d in procedure.drawings.values() if element_id in d.elements
    ]
    found = sorted(drawn, key=lambda element: element.due is None)
    return found[0].title if found else Words(element_id)


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
