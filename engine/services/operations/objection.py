"""Operations of 异议处理: whose information it is, what the check found, what is put right."""

from datetime import date
from typing import Any

from sqlalchemy import select

from engine.domain.record import Cause, Publication, RecordEvent, Reporting
from engine.domain.words import Words
from engine.persistence import models
from engine.services import obligations, record_amendment, record_changes, told_above
from engine.services.casework import Casework, Operation
from engine.services.operations.decision import record_outcome
from engine.services.operations.records import show_to_the_end
from engine.services.operations.service import send_notice

#: Whose information the applicant says it is -> who deals with it.
JURISDICTION = {"platform": "own", "pboc": "pboc", "court": "court"}
#: Answers of the task `correct` -> column of the record.
AMENDED = {
    "amended_conduct": "conduct",
    "amended_content": "content",
    "amended_decided_on": "decided_on",
}


def route_objection(work: Casework) -> str:
    """own, pboc or court. Bank credit files: 征信业管理条例 art. 25; the court's list:
    最高人民法院关于公布失信被执行人名单信息的若干规定 art. 11, 12."""
    return JURISDICTION.get(str(work.case.answers.get("belongs_to")), "own")


def conclude_objection(work: Casework, outcome: str, letter: str) -> None:
    """The result and its letter; the mark is lifted at the same moment."""
    for record in work.records:
        record_changes.let_go(record, work.case.number)
    if any(_is_marked(record, work.case.number) for record in work.records):
        record_changes.change_in_case(work, RecordEvent.OBJECTION_ENDED)
    record_outcome(work, outcome, letter)
    lifted = [each.data["lifted_on"] for each in work.letters if "lifted_on" in each.data]
    queued = work.letters[-1]
    queued.data = {
        **queued.data,
        "reconsidered": work.case.facts.get("decision_number") if lifted else None,
        "verification": _verification(work),
        "measure": work.case.facts.get("correction", {}),
        "finding": _finding(work),
        # A record whose period ended while it was down is not shown again.
        "was_down": bool(work.case.facts.get("was_taken_down"))
        and any(record.publication == Publication.SHOWN for record in work.records),
        # A result that reconsideration changed: the mark went with the first one.
        "lifted_on": lifted[0] if lifted else work.calendar.local_date(work.now_at).isoformat(),
    }


def _finding(work: Casework) -> str:
    """What the last step that concluded found: a choice of the form `conclude`."""
    concluded = [each["finding"] for each in work.case.found if each.get("finding")]
    return str(concluded[-1]) if concluded else ""


def _is_marked(record: models.Record, number: str) -> bool:
    return bool(record.flags.get("objection", {}).get("case") == number)


def annotate_record(work: Casework) -> None:
    """What cannot be confirmed: both statements stand on the record, side by side
    (征信业管理条例 art. 25, by analogy)."""
    verification = _verification(work)
    note = {
        "case": work.case.number,
        "at": work.now_at.isoformat(),
        "applicant": str(work.case.answers.get("statement") or ""),
        "provider": verification.get("reply", ""),
    }
    for record in work.records:
        record.notes = [*record.notes, note]
    work.note("record_annotated", Words("并列注记双方说明", "both statements noted"), changes=note)


def push_record(work: Casework) -> None:
    """Apply what the task `correct` entered; tell the users and the platforms above."""
    measure = str(work.answers.get("measure") or "amend")
    document = str(work.answers.get("source_document") or "")
    was_reported = any(r.reporting == Reporting.REPORTED for r in work.records)
    is_over = all(r.publication == Publication.WITHDRAWN_EXPIRED for r in work.records)
    if measure == "delete":
        record_changes.change_in_case(work, RecordEvent.CORRECTED, document=document)
        changes: dict[str, str] = {}
        lines: list[dict[str, str]] = []
    else:
        changes = _amendments(work)
        lines = [line for record in work.records for line in _lines(record, changes)]
        for record in work.records:
            record_amendment.amend(work, record, changes, document=document)
            _owe_correction(work, record, changes, document)
        record_changes.put_back(work, document=document)
    told = {"measure": measure, "document": document, "changes": changes, "lines": lines}
    work.remember(correction={**told, "is_over": is_over})
    if was_reported:
        send_notice(work, to="credit_jiangsu", notice="record_corrected")


def _lines(record: models.Record, changes: dict[str, str]) -> list[dict[str, str]]:
    """What the letter says of a correction, line by line: before and after."""
    return [
        {
            "title": record_amendment.AMENDABLE[column].zh,
            "before": str(getattr(record, column) or ""),
            "after": text,
        }
        for column, text in changes.items()
    ]


def _owe_correction(
    work: Casework, record: models.Record, changes: dict[str, str], document: str
) -> None:
    """Every site that shows the record shows it as it was before."""
    if not changes or record.publication != Publication.SHOWN:
        return
    element = work.element.id if work.element else ""
    cause = Cause(RecordEvent.CORRECTED, work.case.number, element, work.actor.username, document)
    obligations.correct(work.writing, record, cause)


def _amendments(work: Casework) -> dict[str, str]:
    given = {column: work.answers.get(name) for name, column in AMENDED.items()}
    return {column: str(value) for column, value in given.items() if value}


def restore_record(work: Casework, until: str) -> str:
    """Back to 公示中; *unchanged*: only when the finding is not that the record is wrong;
    *maximum*: what was repaired on a false promise, to the end of the longest period.

    Answers shown, or over where the longest period of every record had ended.
    """
    if until == "maximum":
        told_above.tell(work, told_above.REVOKED)
        return "shown" if show_to_the_end(work) else "over"
    if until != "unchanged" or work.answers.get("finding") != "wrong":
        record_changes.put_back(work)
    return "shown"


def _verification(work: Casework) -> dict[str, Any]:
    """Who was asked, what it answered and when; only the unit where it never answered, {} when
    nobody was asked."""
    task = models.Task
    done = work.session.scalars(
        select(task)
        .where(task.case_id == work.case.id, task.element_id == "answer_inquiry")
        .where(task.state == "completed")
        .order_by(task.completed_at.desc())
    )
    found = next((each for each in done if (each.answers or {}).get("reply") == "answered"), None)
    if found is None:
        asked = [each for each in work.letters if each.key == "verification_request"]
        return {"unit": asked[-1].data["addressee"]["name"]} if asked else {}
    unit = work.office.directory().department(found.department)
    answers = found.answers or {}
    return {
        "unit": unit.zh if unit else "",
        "reply": str(answers.get("reply_text") or ""),
        "document": str(answers.get("reply_document") or ""),
        "answered_on": _day(work, found).isoformat(),
    }


def _day(work: Casework, task: models.Task) -> date:
    return work.calendar.local_date(task.completed_at or work.now_at)


OPERATIONS: dict[str, Operation] = {
    "route_objection": route_objection,
    "conclude_objection": conclude_objection,
    "annotate_record": annotate_record,
    "push_record": push_record,
    "restore_record": restore_record,
}
