"""Operations of C0: what happens between filing and acceptance."""

from typing import Any

from engine.domain.errors import Conflict
from engine.domain.identifiers import uscc_problem
from engine.domain.views import EligibilityView
from engine.domain.words import Words
from engine.persistence import models
from engine.services import (
    commitment_keeping,
    correspondence,
    forms,
    ledger,
    record_changes,
    rules,
    told_above,
)
from engine.services.casework import Casework, Operation
from engine.services.operations import promise as promises

SILENCE = "行政许可法第三十二条第一款第四项（参照适用）"
ONCE_ONLY = "行政许可法第三十二条、优化营商环境条例第三十六条（一次性告知）"


def check_filing(work: Casework) -> dict[str, Any]:
    """Identity, code with check digit, duplicates; says what it found, decides nothing."""
    case = work.case
    hold = work.procedure.filing.hold
    held = [record.holds.get(hold) for record in work.records]
    pending = [number for number in held if number not in (None, case.number)]
    return {"code_is_valid": uscc_problem(case.subject_code) is None, "pending": pending}


def check_eligibility(work: Casework) -> dict[str, Any]:
    """The rule table in force on the day of application, for each record of the case."""
    found = [_eligibility(work, each) for each in work.records]
    told = [
        {
            "outcome": each.outcome,
            "sentence": each.sentence.zh,
            "sentence_en": each.sentence.en,
            "earliest_on": each.earliest_on.isoformat() if each.earliest_on else None,
            "rule": each.rule,
            "article": each.article,
        }
        for each in found
    ]
    work.remember(eligibility=told)
    return {"eligible": all(each.outcome == "eligible" for each in found)}


def _eligibility(work: Casework, record: models.Record) -> EligibilityView:
    result = rules.ask_eligibility(
        work.office, work.procedure, record, now=work.now_at, own_case=work.case.number
    )
    work.keep_decision(work.procedure.rules["eligibility"], result, about=record.number)
    return rules.eligibility_told(work.procedure, record, result, today=work.today)


def receive_filing(work: Casework) -> None:
    """收件: the receipt, and the acceptance clock."""
    work.reach("receipt")
    ledger.start(work, "acceptance", reason="收件")
    # The papers of the application are attached in the same transaction, so they are known here.
    correspondence.issue_at_once(work, "filing_receipt")


def accept_case(work: Casework, mode: str) -> str:
    """受理; `deemed` (5 working days of silence, 行政许可法 art. 32) counts back to the filing."""
    case = work.case
    ledger.stop(work, "acceptance", reason="受理")
    effective = case.filed_at if mode == "deemed" else work.now_at
    case.accepted_at = effective
    basis = SILENCE if mode == "deemed" else None
    received = None if mode == "deemed" else ledger.received_at(work, "handling")
    begins, reason = (received, "收件") if received else (effective, "受理")
    ledger.start(work, "handling", reason=reason, effective_at=begins, basis=basis)
    work.reach("acceptance")
    if mode == "deemed":
        case.tags = [*case.tags, "deemed_acceptance"]
        work.note(
            "deemed_accepted",
            Words("逾期未答复，视为受理，追溯至收件日", "silence: deemed accepted from receipt"),
            detail=SILENCE,
        )
    if corrections := str(work.answers.get("corrections") or ""):
        words = Words("当场更正后受理", "accepted after correction on the spot")
        work.note("corrected_on_spot", words, detail=corrections)
    commitment_keeping.made(work)
    limit = correspondence.clock_data(work, "handling")
    if mode == "conditional":
        promise = promises.accept(work)
        correspondence.issue_at_once(work, "conditional_acceptance", limit=limit, promise=promise)
    else:
        correspondence.issue_at_once(work, "acceptance", limit=limit)
    told_above.tell(work, told_above.ACCEPTED)
    return "accepted"


def request_supplement(work: Casework) -> None:
    """一次性补正告知: everything missing, once; the acceptance clock waits."""
    _must_be_allowed(work)
    missing = [_missing_paper(work, each) for each in work.answers.get("missing") or []]
    limit = correspondence.planned_limit(work, "supplement", {})
    work.remember(missing=missing, supplement_limit=limit)
    work.reach("supplement")
    ledger.pause(work, "acceptance", reason="等待申请人补正", ground="supplement", basis=ONCE_ONLY)
    correspondence.issue_at_once(work, "supplement_request", missing=missing, limit=limit)
    told_above.tell(work, told_above.ASKED)


def _must_be_allowed(work: Casework) -> None:
    """Once in a case; a second time only on a supervisor's ground, which is on record."""
    asked = sum(letter.key == "supplement_request" for letter in work.letters)
    if asked > len(work.case.facts.get("second_corrections", [])):
        raise Conflict(
            "已一次性告知补正；再次告知须由督办员写明理由准予。",
            "all that is missing was asked for once; a supervisor must allow it again",
        )


def _missing_paper(work: Casework, asked: dict[str, Any]) -> dict[str, str]:
    titles = {paper.key: paper.title.zh for paper in work.procedure.papers}
    key = str(asked.get("paper", ""))
    return {
        "paper": key,
        "title": titles.get(key, key),
        "reason": str(asked.get("reason", "")),
        "form": str(asked.get("form", "")),
    }


def refuse_case(work: Casework, reason: str) -> str:
    """不予受理, with the reason, the first possible date and the remedies."""
    case = work.case
    case.outcome = "not_accepted"
    ledger.stop(work, "acceptance", reason="不予受理")
    earliest = [r.earliest_on for r in work.records if r.earliest_on]
    note = str(work.answers.get("refusal_note") or "")
    told = forms.choice_title(work.procedure, "review_filing", "refusal_reason", reason)
    if reason == "other" and note:  # 其他 alone gives no reason
        told = ""
    again = max(earliest).isoformat() if earliest and reason.startswith("minimum") else None
    correspondence.queue(
        work,
        "refusal_of_acceptance",
        decision={
            "outcome": "不予受理",
            "reason": "。".join(part.rstrip("。") for part in (told, note) if part) + "。",
            "failed_condition": told,
            "may_apply_again_on": again,
            "competent_body": work.answers.get("competent_body"),
        },
    )
    work.note("refused_at_intake", Words("不予受理", "not accepted"), detail=told or note)
    return "not_accepted"


def deem_withdrawn(work: Casework) -> str:
    """Not supplemented in time: 视为撤回."""
    work.case.outcome = "deemed_withdrawn"
    ledger.stop(work, "acceptance", reason="视为撤回")
    facts = work.case.facts
    correspondence.queue(
        work,
        "deemed_withdrawn",
        missing=facts.get("missing", []),
        limit=facts.get("supplement_limit", {}),
    )
    work.note("deemed_withdrawn", Words("补正期届满，视为撤回", "not supplemented: withdrawn"))
    return "deemed_withdrawn"


def withdraw_case(work: Casework) -> None:
    """撤回: undoes what the case holds, from the tables, not from process data."""
    work.case.outcome = "withdrawn"
    record_changes.release(work)
    ledger.stop_all(work, reason="撤回")
    correspondence.queue(work, "withdrawal_confirmed", decision={"outcome": "撤回"})
    work.note(
        "withdrawn",
        Words("申请人撤回申请", "withdrawn by the applicant"),
        detail=str(work.case.facts.get("withdrawal_reason", "")),
    )


OPERATIONS: dict[str, Operation] = {
    "check_filing": check_filing,
    "check_eligibility": check_eligibility,
    "receive_filing": receive_filing,
    "accept_case": accept_case,
    "request_supplement": request_supplement,
    "refuse_case": refuse_case,
    "deem_withdrawn": deem_withdrawn,
    "withdraw_case": withdraw_case,
}
