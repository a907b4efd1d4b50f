"""What the national platform is told of a case that it handed over: what the applicant is asked for,
acceptance, decision, end, and that a repair was revoked later."""

from engine.domain.words import Words
from engine.services.casework import Casework

ASKED, ACCEPTED = "case_supplement_asked", "case_accepted"
DECIDED, CLOSED, REVOKED = "case_decided", "case_closed", "case_repair_revoked"
TITLES = {
    ASKED: Words("向信用中国告知补正", "Credit China told what is to be supplemented"),
    ACCEPTED: Words("向信用中国告知受理", "Credit China told of the acceptance"),
    DECIDED: Words("向信用中国告知决定", "Credit China told of the decision"),
    CLOSED: Words("向信用中国告知办理结果", "Credit China told of the result"),
    REVOKED: Words("向信用中国告知修复已撤销", "Credit China told that the repair is revoked"),
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
        "missing": [each["title"] for each in case.facts.get("missing", ())]
        if what == ASKED
        else [],
        "decide_by": case.due_at.isoformat() if case.due_at and what == ACCEPTED else None,
    }
    work.promise("push_to_platform", notice=told)
    work.note("notice_sent", TITLES[what], detail=number, changes={"notice": what})
