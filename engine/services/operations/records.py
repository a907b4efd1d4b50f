"""Operations on the records of a case: the only way a case changes them."""

from engine.domain.errors import Invalid
from engine.domain.record import Publication, RecordEvent
from engine.domain.words import Words
from engine.services import correspondence, court_letters, grading, record_changes, site_checks
from engine.services.casework import Casework, Operation
from engine.services.operations.decision import OWN_SITE

FLAGGED = {
    "repairing": (RecordEvent.REPAIR_ACCEPTED, RecordEvent.REPAIR_ENDED),
    "objection": (RecordEvent.OBJECTION_ACCEPTED, RecordEvent.OBJECTION_ENDED),
}
TAKEN_DOWN = {
    "repaired": RecordEvent.REPAIR_GRANTED,
    "revoked": RecordEvent.REVOKED,
    "expired": RecordEvent.EXPIRED,
    "temporary": RecordEvent.TEMPORARILY_WITHDRAWN,
}
OUTCOMES = {"revoked": "revoked", "expired": "expired"}


def mark_record(work: Casework, flag: str) -> None:
    """Flag on the record; *repairing* also freezes a copy of the record as it was."""
    raised, _ = _flag(flag)
    frozen = [
        {
            "id": str(r.id),
            "publication": r.publication,
            "reporting": r.reporting,
            "fields": r.fields,
        }
        for r in work.records
    ]
    work.case.frozen_records = frozen
    record_changes.change_in_case(work, raised)


def unmark_record(work: Casework, flag: str) -> None:
    _, lowered = _flag(flag)
    record_changes.change_in_case(work, lowered)


def _flag(flag: str) -> tuple[RecordEvent, RecordEvent]:
    try:
        return FLAGGED[flag]
    except KeyError:
        raise Invalid(f"没有标注 {flag}。", f"there is no flag {flag}") from None


def take_down_record(work: Casework, publication: str, letter: str = "") -> None:
    """Publication ends, for the reason `publication` names; the record's history says by what."""
    event = TAKEN_DOWN.get(publication)
    if event is None:
        raise Invalid(f"撤下方式 {publication} 不明。", f"unknown way {publication}")
    record_changes.change_in_case(work, event, document=_document(work, publication))
    site_checks.note_own_site(work)
    sites = [{"site": OWN_SITE, "at": work.now_at.isoformat()}]
    work.remember(taken_down_at=work.now_at.isoformat(), takedown=sites)
    if publication == "temporary":
        work.remember(taken_down_for_now=True, was_taken_down=True)
        return
    for record in work.records:
        record_changes.let_go(record, work.case.number)
    if publication in OUTCOMES:
        work.case.outcome = OUTCOMES[publication]
        work.case.decided_at = work.now_at
    if letter:
        # an earlier refusal is no ground for it
        number = None if publication in OUTCOMES else work.case.facts.get("decision_number")
        decision = {"number": number} if number else {"reason": event.words.zh}
        people = court_letters.hands(work, "take_down", "verify")
        correspondence.queue(work, letter, takedown=sites, decision=decision, people=people)


def exempt_record(work: Casework) -> None:
    """认定豁免: the record is neither shown nor reported, and that is final; the decision of the
    case is what it rests on."""
    number = str(work.case.facts.get("decision_number", ""))
    record_changes.change_in_case(work, RecordEvent.EXEMPTED, document=number)
    for record in work.records:
        record_changes.let_go(record, work.case.number)


def _document(work: Casework, publication: str) -> str:
    """The document the change rests on: the decision's number, or what was received."""
    granting = ("repair_granted", "reconsideration_overturned")
    numbers = [each.number for each in work.letters if each.key in granting and each.number]
    if numbers:
        return str(numbers[-1])
    if publication == "revoked":
        return str(work.case.facts.get("penalty_revoked", {}).get("document", "处罚撤销决定"))
    return str(work.case.facts.get("decision_number", "公示期届满"))


def show_to_the_end(work: Casework) -> int:
    """The promise was broken: shown again to the end of the longest period, other sites follow; how
    many. A record whose longest period has ended stays away, as does one whose penalty is revoked."""
    number = str(work.case.facts.get("decision_number", ""))
    away = [each for each in work.records if each.publication == Publication.WITHDRAWN_REPAIRED]
    for record in away:
        record.ends_on = grading.longest(work.procedure, record)
    due = [each for each in away if each.ends_on is None or each.ends_on >= work.today]
    record_changes.change_in_case(work, RecordEvent.PROMISE_BROKEN, document=number, records=due)
    if not due:
        over = Words("最长公示期已满，不再恢复公示", "the longest period is over: not shown again")
        work.note("publication_not_restored", over)
    return len(due)


def correct_subject(work: Casework) -> None:
    """New name or successor of the subject, as the register reported it."""
    told = work.case.facts.get("subject_changed", {})
    name = str(told.get("name") or "")
    if name:
        before, work.case.subject_name = work.case.subject_name, name
        for record in work.records:
            record.subject_name = name
        work.note(
            "subject_corrected",
            Words("更正主体名称", "name of the subject corrected"),
            detail=f"{before} → {name}",
            changes={"before": before, "after": name},
        )


OPERATIONS: dict[str, Operation] = {
    "mark_record": mark_record,
    "unmark_record": unmark_record,
    "take_down_record": take_down_record,
    "exempt_record": exempt_record,
    "correct_subject": correct_subject,
}
