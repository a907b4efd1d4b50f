"""Operations of 督办: a supervision is an instance of its own beside the case's."""

from typing import Any
from uuid import uuid4

from engine.domain.errors import Conflict
from engine.domain.states import SupervisionEnd
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.numbering import next_number
from engine.runtime.entries import CREDIT_OFFICE
from engine.runtime.procedure import Procedure
from engine.services import correspondence
from engine.services.casework import Casework, Operation
from engine.services.foreseen import Foreseen
from engine.services.holders import department_of, unit_at
from engine.services.supervision_grounds import dated, ground_of, lines, over_days

Place = models.Task | models.Wait
#: What the unit gives as the cause of the delay; the same as in forms/answer.json.
CAUSES = {
    "workload": Words("人手不足", "workload"),
    "complex": Words("情况复杂", "a complex matter"),
    "waiting": Words("等待外部材料", "waiting for outside papers"),
    "oversight": Words("疏忽", "oversight"),
    "system": Words("系统故障", "system failure"),
    "other": Words("其他", "other"),
}


def open_supervision(work: Casework, unit: str, ground: str) -> None:
    """Open a supervision of who holds the late step, once for each wait and ground; it starts after
    the step. `unit` answers where nobody of the office holds it: for what comes from outside."""
    foreseen = work.foreseen or Foreseen(work.session, [work.case])
    late = _late_place(work, foreseen, ground)
    if (late.id, ground) not in foreseen.supervised:
        text = ground_of(work.procedure, ground).zh
        open_for(work, unit_at(work.office, late) or department_of(work, unit), late, ground, text)


def open_for(
    work: Casework,
    department: str,
    late: Place,
    ground: str,
    text: str,
    *,
    origin: str = "diagram",
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
        origin=origin,
        officer=late.assignee if isinstance(late, models.Task) else None,
        over_days=over_days(work, late),
        ledger=lines(work, late),
    )
    work.add(row)
    work.to_supervise.append(row)
    return row


def _late_place(work: Casework, foreseen: Foreseen, ground: str) -> Place:
    """Where this instance rests: at the step whose limit it is; else at what is over its limit the
    longest; where only the limit of the whole case ran out, at a desk of the office rather than
    with the applicant or outside."""
    assert work.instance_id is not None  # noqa: S101 - a diagram asks
    places = foreseen.places.get(work.instance_id, [])
    if not places:
        raise Conflict("没有可督办的环节。", "there is nothing to supervise")
    late = [each for each in places if each.due_at is not None and each.due_at <= work.now_at]
    element = work.procedure.element
    of_limit = [p for p in late if element(p.process_id, p.element_id).due == ground]
    at_desks = [each for each in late or places if unit_at(work.office, each) is not None]
    return next(iter(of_limit or at_desks or late or places))


def issue_supervision_notice(work: Casework) -> None:
    """签发督办单: what is late, what is demanded, until when it is to be answered."""
    supervision = work.supervision
    if supervision is None:
        return
    supervision.answer_by = work.end_of(work.procedure.limit("supervision_answer", {}))
    unit = work.office.directory().department(supervision.unit)
    name = unit.zh if unit else supervision.unit
    answer_on = work.calendar.local_date(supervision.answer_by)
    told = {
        "unit": name,
        "subject": work.case.subject_name,
        "matter": work.procedure.title.zh,
        "step": step_title(work.procedure, supervision.element_id).zh,
        "over_days": supervision.over_days,
        "lines": _printed(work, supervision.ledger),
        "demand": f"{supervision.ground_text}，请立即办理，并书面答复原因和整改情况。",
        "answer_by": answer_on.isoformat(),
    }
    _serve_at_once(work, supervision, told, name)
    _note(
        work,
        "supervision_opened",
        Words(f"签发督办单：{name}", f"supervision notice issued to {unit.en if unit else name}"),
        detail=f"{supervision.number} {supervision.ground_text}",
        ground=supervision.ground,
        over_days=supervision.over_days,
        **_whom(supervision),
    )


def _serve_at_once(
    work: Casework, supervision: models.Supervision, told: dict[str, Any], unit: str
) -> None:
    """The notice bears the number of its supervision, and no wait for its service: the unit has it
    in its inbox."""
    addressee = {"name": unit, "code": ""}
    letter = correspondence.queue(work, "supervision_notice", supervision=told, addressee=addressee)
    letter.data["issuer"] = CREDIT_OFFICE  # 督办 is its own, whoever deals with the case
    letter.number, letter.state = supervision.number, "served"
    letter.issued_at = letter.served_at = work.now_at
    letter.data = correspondence.compose(work, letter)
    work.promise("print_letter", letter_id=str(letter.id))


def _printed(work: Casework, ledger: list[dict[str, Any]]) -> list[str]:
    """The ledger's lines; a basis is said once, where it first carries a line."""
    told: set[str] = set()
    printed = []
    for line in ledger:
        zh, basis = dated(work, line), line["basis"]
        says_more = basis and basis not in zh and basis not in told
        printed.append(f"{zh}（{basis}）" if says_more else zh)
        told |= {basis}
    return printed


def step_title(procedure: Procedure, element_id: str) -> Words:
    """The title of a supervised step. A call may bear the id of a step inside it: waits first."""
    drawn = [
        d.elements[element_id] for d in procedure.drawings.values() if element_id in d.elements
    ]
    found = sorted(drawn, key=lambda element: element.due is None)
    return found[0].title if found else Words(element_id)


def record_supervision_answer(work: Casework) -> None:
    """The unit has answered: cause, explanation, measures."""
    supervision, given = work.supervision, work.answers
    if supervision is None:
        return
    cause = CAUSES.get(str(given.get("delay_cause", "")), Words(""))
    told = [cause.zh, given.get("reply", ""), given.get("measures", "")]
    supervision.state = "answered"
    supervision.answer = "；".join(str(part).rstrip("。；") for part in told if part)
    supervision.answered_by, supervision.answered_at = work.actor.username, work.now_at
    _note(
        work,
        "supervision_answered",
        Words("答复督办单", "supervision notice answered"),
        detail=supervision.answer,
    )


def record_supervision_contest(work: Casework) -> None:
    """申辩: the unit or its officer holds the notice to be wrong."""
    supervision = work.supervision
    if supervision is None:
        return
    supervision.state = "contested"
    supervision.contest = str(work.answers.get("contest_ground", ""))
    supervision.contested_by, supervision.contested_at = work.actor.username, work.now_at
    _note(
        work,
        "supervision_contested",
        Words("对督办单申辩", "supervision notice contested"),
        detail=supervision.contest,
    )


def reject_supervision_contest(work: Casework) -> None:
    """The notice stands; the time to answer begins afresh."""
    supervision = work.supervision
    if supervision is None:
        return
    supervision.state = "open"
    supervision.decision = str(work.answers.get("opinion", ""))
    supervision.answer_by = work.end_of(work.procedure.limit("supervision_answer", {}))
    _note(
        work,
        "supervision_upheld",
        Words("申辩不成立", "the contest was rejected"),
        detail=supervision.decision,
        **_whom(supervision),
    )


def escalate_supervision(work: Casework) -> None:
    """Not answered in time, or not put right: before the leader."""
    supervision = work.supervision
    if supervision is None:
        return
    was_answered = supervision.state == "answered"
    supervision.state, supervision.escalated_at = "escalated", work.now_at
    why = str(work.answers.get("opinion", "")) if was_answered else "逾期未答复"
    _note(
        work,
        "supervision_escalated",
        Words("督办报分管领导", "supervision escalated to the deputy director"),
        detail=why,
    )


def close_supervision(work: Casework, finding: SupervisionEnd) -> None:
    """The notice ends with the supervisor's finding: *lifted*, or concluded by the answer."""
    supervision = work.supervision
    if supervision is None:
        return
    supervision.state = finding
    supervision.closed_by, supervision.closed_at = work.actor.username, work.now_at
    supervision.decision = str(work.answers.get("opinion", "")) or supervision.decision
    title = Words("督办解除", "supervision lifted")
    if finding != "lifted":
        title = Words("督办办结", "supervision concluded")
    told = {"finding": finding, **_whom(supervision)}
    _note(work, "supervision_closed", title, detail=supervision.decision, **told)


def _whom(supervision: models.Supervision) -> dict[str, str | None]:
    """Who is told: the officer who held the step, and the unit that answers."""
    return {"to": supervision.officer, "unit": supervision.unit}


def _note(work: Casework, kind: str, title: Words, *, detail: str = "", **changes: Any) -> None:
    """A line of the case's history that the notice's own timeline finds again by its number."""
    assert work.supervision is not None  # noqa: S101 - asked by every caller
    number = work.supervision.number
    work.note(kind, title, detail=detail, changes={"supervision": number, **changes})


OPERATIONS: dict[str, Operation] = {
    "open_supervision": open_supervision,
    "issue_supervision_notice": issue_supervision_notice,
    "record_supervision_answer": record_supervision_answer,
    "record_supervision_contest": record_supervision_contest,
    "reject_supervision_contest": reject_supervision_contest,
    "escalate_supervision": escalate_supervision,
    "close_supervision": close_supervision,
}
