"""Operations on records by order of a court (昆信用办〔2020〕2号 art. 15): down, away until a day, back."""

from collections.abc import Mapping
from typing import Any

from engine.domain.errors import Invalid
from engine.domain.identifiers import document_number_key
from engine.domain.record import RecordEvent, Reporting
from engine.domain.words import Words
from engine.persistence import models
from engine.services import (
    correspondence,
    court_letters,
    ledger,
    record_changes,
    reporting,
    site_checks,
)
from engine.services.casework import Casework, Operation
from engine.services.operations.decision import record_outcome

SITE = "信用昆山网站"


def begin_court_takedown(work: Casework) -> str:
    """The notice is on record and its working day runs from the receipt of the notice.

    *Answers* deleted, temporary, or temporary_restored (the notice says that the record is shown
    again at the end). Errors: Invalid for a temporary removal without an end.
    """
    told = court_letters.said(work, "court_notice")
    result, until = str(told.get("result") or "deleted"), told.get("until")
    if result == "temporary" and not until:
        raise Invalid("暂时移出没有写明期限。", "a temporary removal needs its last day")
    received = court_letters.received_at(work, "court_notice", told)
    document = str(told.get("document") or "")
    work.remember(
        court={
            "document": document,
            "result": result,
            "until": until,
            "cases": str(told.get("cases") or ""),
            "received_at": received.isoformat(),
        },
        removed_until=until,
    )
    reason = f"收到法院修复通知 {document}".strip()
    ledger.start(work, "court_takedown", reason=reason, effective_at=received, document=document)
    work.reach("service")
    if result != "temporary":
        return "deleted"
    return "temporary_restored" if told.get("after_end") == "restore" else "temporary"


def drop_court_notice(work: Casework) -> str:
    """The court has said that its notice was a mistake: the case waits for the court again.

    *Answers* void.
    """
    ledger.stop(work, "court_takedown", reason="法院复函：通知作废")
    reply = str(court_letters.said(work, "court_reply").get("document") or "")
    work.note("court_notice_void", Words("法院通知作废", "the notice is void"), detail=reply)
    work.remember(court={}, removed_until=None)
    return "void"


def take_down_by_court(work: Casework, letter: str) -> None:
    """撤下 the records that the notice names, for good or until a day; receipt to firm and court."""
    told = work.case.facts["court"]
    named = _named(work, str(told.get("cases") or ""))
    is_temporary = told["result"] == "temporary"
    event = RecordEvent.TEMPORARILY_WITHDRAWN if is_temporary else RecordEvent.REPAIR_GRANTED
    record_changes.change_in_case(work, event, document=told["document"], records=named)
    sites = [{"site": SITE, "at": work.now_at.isoformat()}]
    work.remember(
        taken_down_at=work.now_at.isoformat(), takedown=sites, taken_down_for_now=is_temporary
    )
    site_checks.note_own_site(work)
    if not is_temporary:
        for record in named:
            record_changes.let_go(record, work.case.number)
    ledger.stop(work, "court_takedown", reason="已撤下并核对")
    correspondence.issue_at_once(
        work,
        letter,
        records=[correspondence.record_data(work, each) for each in named],
        takedown=sites,
        court={**told, "name": court_letters.court(work)},
        people=court_letters.hands(work, "take_down", "verify"),
        copies=[court_letters.court(work)],
    )


def prolong_removal(work: Casework, letter: str) -> None:
    """The court prolongs: the record stays away until the new day."""
    told = court_letters.said(work, "court_reply")
    until, before = str(told.get("until") or ""), str(work.case.facts.get("removed_until") or "")
    if until <= before:
        raise Invalid(
            f"新的期限（{until or '没有写'}）不晚于原期限（{before}）。",
            f"the new last day must be after {before}",
        )
    document = str(told.get("document") or "")
    work.remember(removed_until=until, court={**work.case.facts.get("court", {}), "until": until})
    work.note(
        "removal_prolonged",
        Words("法院延长暂时移出期限", "the court prolongs the temporary removal"),
        detail=document,
        changes={"before": before, "until": until},
    )
    correspondence.issue_at_once(
        work,
        letter,
        court={"name": court_letters.court(work), "document": document, "until": until},
    )


def make_removal_final(work: Casework, letter: str) -> None:
    """The court deletes the entry for good: what was removed for the time being stays removed."""
    document = str(court_letters.said(work, "court_reply").get("document") or "")
    away = [each for each in work.records if each.publication == "temporarily_withdrawn"]
    record_changes.change_in_case(
        work, RecordEvent.REPAIR_GRANTED, document=document or "法院复函", records=away
    )
    work.remember(taken_down_for_now=False, removed_until=None)
    for record in away:
        record_changes.let_go(record, work.case.number)
    record_outcome(work, "granted")
    correspondence.queue(
        work, letter, court={"name": court_letters.court(work), "document": document}
    )


def begin_restoration(work: Casework) -> None:
    """The working day to show it again: from the court's letter, else from the end of the term."""
    told = court_letters.said(work, "court_withdrawal")
    received = court_letters.received_at(work, "court_withdrawal", told) if told else work.now_at
    document = str(told.get("document") or "")
    ledger.start(work, "restoration", reason="应恢复公示", effective_at=received, document=document)
    work.reach("service")


def put_back_by_court(work: Casework, letter: str) -> None:
    """Shown again and reported again; the firm and the court are told, with the reason."""
    told = court_letters.said(work, "court_withdrawal") or court_letters.said(work, "court_reply")
    document = str(told.get("document") or work.case.facts.get("court", {}).get("document") or "")
    away = [
        each
        for each in work.records
        if each.publication in ("temporarily_withdrawn", "withdrawn_repaired")
    ]
    record_changes.change_in_case(
        work, RecordEvent.COURT_WITHDREW, document=document or "暂时移出到期", records=away
    )
    work.remember(taken_down_for_now=False, removed_until=None)
    ledger.stop(work, "restoration", reason="已恢复公示并核对")
    again = [each.id for each in away if each.reporting == Reporting.PENDING]
    reporting.promise_reports(work.office, work.session, again)
    record_outcome(work, "restored")
    correspondence.queue(
        work,
        letter,
        records=[correspondence.record_data(work, each) for each in away],
        decision={"reason": _why_restored(work, told)},
        court={"name": court_letters.court(work), "document": document},
        people=court_letters.hands(work, "restore", "verify_restored"),
        copies=[court_letters.court(work)],
    )


def _why_restored(work: Casework, told: Mapping[str, Any]) -> str:
    reason = told.get("reason") or court_letters.answered(work, "judge", "opinion")
    return str(reason or "暂时移出的期限届满")


def _named(work: Casework, cases: str) -> list[models.Record]:
    """The records that the notice names by 执行案号; all of the case when it names none.

    Errors: Invalid when it names only others: that is a notice that does not fit.
    """
    keys = {document_number_key(each) for each in cases.replace("；", "、").split("、") if each}
    if not keys:
        return list(work.records)
    found = [each for each in work.records if each.number_key in keys]
    if not found:
        raise Invalid("通知写明的案号不在本办件中。", "the notice names no record of this case")
    return found


OPERATIONS: dict[str, Operation] = {
    "begin_court_takedown": begin_court_takedown,
    "drop_court_notice": drop_court_notice,
    "take_down_by_court": take_down_by_court,
    "prolong_removal": prolong_removal,
    "make_removal_final": make_removal_final,
    "begin_restoration": begin_restoration,
    "put_back_by_court": put_back_by_court,
}
