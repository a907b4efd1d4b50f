"""What the letters of a deferral print of the case: the default, its cause, the term, the opinions."""

from typing import Any

from engine.services import forms
from engine.services.casework import Casework
from engine.services.deferral_terms import REQUESTS, amount_of, answers_of, request_of, term_of

OPINIONS = (
    ("bank_opinion", "central_bank", "人民银行昆山市支行"),
    ("court_opinion", "court", "市人民法院"),
)


#: Limits that the decision prints, as they stand when it is made: an administrator may have set them.
PRINTED = {
    "report_months": "progress_report",
    "report_days": "progress_report_answer",
    "renewal_days": "renewal_notice",
    "emergency_months": "after_emergency",
}


def term_data(work: Casework) -> dict[str, Any]:
    """The request, the obligation and the term, as every letter of the procedure prints them."""
    asked, found = work.case.answers, answers_of(work, "recognise")
    unit = work.office.directory().department(work.case.authority_key)
    return {
        "request": REQUESTS[request_of(work)].zh,
        "obligation": str(asked.get("obligation") or ""),
        "counterparty": str(asked.get("counterparty") or ""),
        "original_due_on": asked.get("original_due_on"),
        "plan": str(asked.get("plan") or ""),
        "cause": str(found.get("opinion") or ""),
        "department": unit.zh if unit else "",
        "opinions": _opinions(work),
        **{key: amount_of(work, limit) for key, limit in PRINTED.items()},
        **{key: value for key, value in term_of(work).items() if key != "numbers"},
    }


def _opinions(work: Casework) -> list[dict[str, str]]:
    """Who was asked in the joint review and what was said; silence is said to be silence."""
    silent = work.case.facts.get("silent", [])
    told = []
    for element, key, name in OPINIONS:
        given = answers_of(work, element)
        if given:
            said = forms.choice_title(
                work.procedure, element, "joint_opinion", str(given.get("joint_opinion"))
            )
            told.append({"who": name, "said": f"{said}：{given.get('joint_reason') or '—'}"})
        elif key in silent:
            days = amount_of(work, "joint_review")
            told.append({"who": name, "said": f"{days} 个工作日内未答复，视为无异议"})
    return told


def decision_data(work: Casework, outcome: str) -> dict[str, Any]:
    """The outcome with its reasons; where a rule was in the way, the rule's own sentences."""
    guard = work.case.facts.get("guard") or []
    stated = str(work.answers.get("opinion") or work.answers.get("reason") or "")
    return {
        "outcome": work.procedure.outcome(outcome).zh,
        "reason": stated or "\n".join(each["sentence"] for each in guard),
        "articles": list(dict.fromkeys(each["article"] for each in guard)),
        "findings": str(answers_of(work, "review").get("opinion") or ""),
    }
