"""What the national platform is told of a case that it handed over: that it was accepted, how it ended."""

from engine.domain.words import Words
from engine.services.casework import Casework

ACCEPTED, CLOSED = "case_accepted", "case_closed"
TITLES = {
    ACCEPTED: Words("向信用中国告知受理", "Credit China told of the acceptance"),
    CLOSED: Words("向信用中国告知办理结果", "Credit China told of the result"),
}


def tell(work: Casework, what: str) -> None:
    """Promise the message. Nothing where the case has no number at the platform."""
    case = work.case
    number = str(case.answers.get("national_number") or "")
    if not number:
        return
    told = {
        "notice": what,
        "to": "credit_china",
        "sent_at": work.now_at.isoformat(),
        "case_number": case.number,
        "national_number": number,
        "procedure": case.procedure,
        "subject": {"code": case.subject_code, "name": case.subject_name},
        "outcome": case.outcome or "",
        "document": case.facts.get("decision_number", ""),
        "decide_by": case.due_at.isoformat() if case.due_at and what == ACCEPTED else None,
    }
    work.promise("push_to_platform", notice=told)
    work.note("notice_sent", TITLES[what], detail=number, changes={"notice": what})
