"""Operations of 送达: letters go out, notices are sent, outside bodies are told."""

from datetime import date, datetime

from engine.domain.words import Words
from engine.services import correspondence, obligations
from engine.services.casework import Casework, Operation
from engine.services.holders import department_of, has_inbox, outside

WAYS = {
    "electronic": Words("电子送达", "served electronically"),
    "public_notice": Words("公告送达", "served by public notice"),
}


def find_pending_letter(work: Casework) -> str:
    """The key of a letter that waits to be served, or ''."""
    waiting = [letter.key for letter in work.letters if letter.state == "pending"]
    return str(waiting[0]) if waiting else ""


def issue_letter(work: Casework, letter: str = "") -> str:
    """Number and seal what is pending (one letter, or all); answers the channel of service."""
    for each in work.letters:
        if each.state == "pending" and letter in ("", each.key):
            if each.number is None:
                correspondence.issue(work, each)
            each.state = "issued"
    return "electronic" if work.case.electronic_service else "post"


def publish_letter(work: Casework) -> None:
    """A public notice says that the letter is there; it is served when the notice has hung out."""
    waiting = [each for each in work.letters if each.state == "issued"]
    for each in waiting:
        each.way = "public_notice"
    names = "、".join(f"《{each.title}》" for each in waiting)
    work.note(
        "notice_published", Words("发布送达公告", "notice of service published"), detail=names
    )


def serve_letter(work: Casework, way: str) -> None:
    """Served: electronically on the day it reaches the applicant's page, on paper on the day that the
    proof of service names, by public notice when its period is over."""
    served = [each for each in work.letters if each.state == "issued"]
    moment = _moment_of_service(work, way)
    for each in served:
        each.state, each.way = "served", way
        each.served_at = max(moment, each.issued_at or moment)
    names = "、".join(f"《{each.title}》" for each in served)
    work.note("served", WAYS.get(way, Words("送达", "served")), detail=names)


def _moment_of_service(work: Casework, way: str) -> datetime:
    """Now; on paper, at closing time of an earlier day on which it was signed for or left."""
    told = work.answers.get("served_on")
    if way != "post" or not told:
        return work.now_at
    return min(work.calendar.closing(date.fromisoformat(str(told))), work.now_at)


def notify(work: Casework, to: str, notice: str) -> None:
    """A message without legal effect to roles (comma between them)."""
    for role in (part.strip() for part in to.split(",")):
        work.promise("notify", to=role, notice=notice, case_number=work.case.number)


#: Limit within which a department answers a letter.
ASKED_BY = {
    "verification_request": "provider_answer",
    "base_proof_request": "base_proof",
    "complaint_referral": "complaint_check",
}
#: What a packet tells the platforms above.
TOLD_UPWARDS = {
    "record_corrected": Words("向上级平台推送更正", "correction sent upwards"),
    "repair_review": Words("向信用中国报送初审意见", "first review sent to Credit China"),
    "stop_sharing": Words("通知停止共享使用", "users told to stop sharing and using it"),
    "certificate_application": Words("转报贸促机构出证", "forwarded to the certifying body"),
}


def send_notice(work: Casework, to: str, notice: str, pauses: str = "") -> None:
    """To a department with an inbox here a letter; to a body outside a data packet, whose answer
    comes back as a message."""
    if has_inbox(work, to):
        beyond = outside(work, to)
        _write_to(
            work, beyond or department_of(work, to), notice, way="post" if beyond else "electronic"
        )
        return
    payload = {
        "case_number": work.case.number,
        "notice": notice,
        "to": to,
        "sent_at": work.now_at.isoformat(),
        "document": work.case.facts.get("decision_number", ""),
        "subject": {"code": work.case.subject_code, "name": work.case.subject_name},
        "records": [
            {
                "number": record.number,
                "authority_code": record.authority_code,
                "subject_code": record.subject_code,
                "subject_name": record.subject_name,
                "publication": record.publication,
            }
            for record in work.records
        ],
    }
    work.promise("push_to_platform", notice=payload)
    ids = [record.id for record in work.records]
    obligations.note_pushed(work.writing, ids)
    usual = Words("向上级平台推送撤下通知", "take-down notice sent upwards")
    work.note("notice_sent", TOLD_UPWARDS.get(notice, usual))


def _write_to(work: Casework, department: str, letter: str, *, way: str) -> None:
    """A letter to a department, served in its inbox; to a body without one, on paper."""
    unit = work.office.directory().department(department) or Words(department)
    due_at = work.due(ASKED_BY[letter], {})
    row = correspondence.queue(
        work,
        letter,
        addressee={"name": unit.zh, "code": ""},
        inquiry={
            "statement": _statement(work),
            "question": str(work.case.answers.get("hindrance") or ""),
            "applicant": work.case.subject_name,
            "answer_by": work.calendar.local_date(due_at).isoformat(),
            "on_paper": way == "post",
        },
    )
    correspondence.issue(work, row)
    row.state, row.served_at, row.way = "served", work.now_at, way


def _statement(work: Casework) -> str:
    """What is put to the department: the applicant's own words, or another party's complaint."""
    complaint = work.case.facts.get("counterparty_complaint") or {}
    if complaint:
        return f"{complaint.get('by', '')}：{complaint.get('statement', '')}"
    return str(work.case.answers.get("statement") or "")


OPERATIONS: dict[str, Operation] = {
    "find_pending_letter": find_pending_letter,
    "issue_letter": issue_letter,
    "publish_letter": publish_letter,
    "serve_letter": serve_letter,
    "notify": notify,
    "send_notice": send_notice,
}
