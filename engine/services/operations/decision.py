"""Operations of the decision, its reconsideration, and the end of a case."""

from typing import Any

from engine.domain.errors import Invalid
from engine.domain.words import Words
from engine.persistence import words
from engine.services import (
    commitment_keeping,
    correspondence,
    extensions,
    forms,
    ledger,
    record_changes,
    reopening,
    told_above,
)
from engine.services.casework import Casework, Operation
from engine.services.operations import promise as promises

OWN_SITE = "信用昆山网站"
MISCONDUCT = {
    "false_papers": Words("登记虚假材料", "false papers recorded"),
    "broken_promise": Words("登记违反承诺", "broken promise recorded"),
    "false_evidence": Words("登记虚假证据", "false evidence recorded"),
    "deferral_abused": Words("登记滥用暂缓", "abuse of a deferral recorded"),
}


def record_outcome(work: Casework, outcome: str, letter: str = "", to: str = "") -> None:
    """The decision: outcome of the case; its letter waits to be served; the clock stops."""
    case = work.case
    if outcome == "granted":
        promises.must_be_settled(work)
    case.outcome, case.decided_at = outcome, work.now_at
    work.reach("decision")
    ledger.stop(work, "handling", reason="作出决定")
    words = work.procedure.outcome(outcome)
    title = Words(f"决定{words.zh}", f"decided: {words.en}")
    work.note("decided", title, detail=_opinion(work), changes={"outcome": outcome})
    if letter:
        told = {"decision": _decision(work, outcome, to), **_removal(work, outcome)}
        queued = correspondence.queue(work, letter, **told)
        if outcome == "granted":
            # The decision is numbered when it is made: the take-down rests on it.
            work.remember(decision_number=correspondence.issue(work, queued))
            queued.state = "pending"
    if case.closed_at is None:  # what follows on a closed case is told when it takes effect
        told_above.tell(work, told_above.DECIDED)


def _decision(work: Casework, outcome: str, to: str) -> dict[str, Any]:
    facts = work.case.facts
    return {
        "outcome": work.procedure.outcome(outcome).zh if outcome else "",
        "to": to,
        "findings": _told(work, "opinion", first=True),
        "reason": _opinion(work),
        "failed_condition": _failed_conditions(work),
        "may_apply_again_on": facts.get("may_apply_again_on"),
        "original_number": facts.get("decision_number"),
    }


def _removal(work: Casework, outcome: str) -> dict[str, Any]:
    """What a decision says of the removal that follows from it: from where, and by what day."""
    if outcome != "granted" or "takedown" not in work.procedure.limits:
        return {}
    last = work.calendar.local_date(work.due("takedown", {}))
    return {"removal": {"site": OWN_SITE, "last_day": last.isoformat()}}


def _failed_conditions(work: Casework) -> str:
    """What the review found lacking, in the words of its form."""
    found = [each for each in _found(work) if each.get("failed_conditions")]
    return "、".join(
        forms.choice_title(work.procedure, each["element"], "failed_conditions", value)
        for each in found[-1:]
        for value in each["failed_conditions"]
    )


def _opinion(work: Casework) -> str:
    for key in ("reason", "opinion", "note"):
        if work.answers.get(key):
            return str(work.answers[key])
    return _told(work, "opinion")


def _told(work: Casework, name: str, *, first: bool = False) -> str:
    """What the office's first or last step that said it wrote under a name."""
    told = [str(each[name]) for each in _found(work) if each.get(name)]
    return told[0 if first else -1] if told else ""


def _found(work: Casework) -> list[dict[str, Any]]:
    """What the office's steps found; in a follow-up those of the follow-up."""
    kind = work.procedure.follow_ups.get(reopening.key_of(work.case.facts) or "")
    if kind is None:
        return list(work.case.found)
    drawn = work.procedure.drawings[kind.process].elements
    return [each for each in work.case.found if each["element"] in drawn]


def prepare_letter(work: Casework, letter: str) -> None:
    """A letter that decides nothing yet: it waits to be served with what was found so far."""
    correspondence.queue(work, letter, decision=_decision(work, "", ""))


def record_reconsideration(work: Casework, result_is: str) -> str:
    """not_requested: the decision becomes final; upheld or overturned: outcome and letter."""
    case, rule = work.case, work.procedure.reconsidering
    if result_is == "not_requested":
        work.note("final", Words("期满未申请复核，决定生效", "not asked for: the decision stands"))
        return result_is
    if rule is None:
        raise Invalid("procedure.toml 没有写复核结果。", "procedure.toml has no [reconsideration]")
    is_overturned = result_is == "overturned"
    outcome = rule.overturned if is_overturned else rule.upheld
    told = work.procedure.outcome(outcome)
    case.outcome, case.decided_at = outcome, work.now_at
    queued = correspondence.queue(
        work,
        f"reconsideration_{result_is}",
        decision={
            "outcome": told.zh,
            "findings": _told(work, "facts"),
            "reason": _opinion(work),
            "original_number": _number_of(work, rule.of),
        },
        **_removal(work, outcome),
    )
    if is_overturned:
        work.remember(decision_number=correspondence.issue(work, queued))
        queued.state = "pending"
    title = f"复核变更为{told.zh}" if is_overturned else "复核维持原决定"
    work.note("reconsidered", Words(title, f"reconsideration: {result_is}"), detail=_opinion(work))
    told_above.tell(work, told_above.DECIDED)
    return result_is


def _number_of(work: Casework, key: str) -> str | None:
    return next((letter.number for letter in work.letters if letter.key == key), None)


def draw_up_letter(work: Casework, letter: str) -> None:
    """A letter that decides nothing by itself is pending, with the reason just given."""
    told = {"reason": _opinion(work)}
    certificate = dict(work.case.facts.get("certificate", {}))
    correspondence.queue(work, letter, decision=told, certificate=certificate)


def record_misconduct(work: Casework, kind: str, letter: str = "") -> None:
    work.case.tags = [*work.case.tags, kind]
    title = MISCONDUCT.get(kind, Words(f"登记：{kind}", f"recorded: {kind}"))
    work.note("misconduct", title, detail=_opinion(work), changes={"kind": kind})
    commitment_keeping.broken(work, basis=f"{title.zh}（办件编号 {work.case.number}）")
    if letter:
        correspondence.queue(work, letter)


def close_case(work: Casework) -> None:
    """办结: every clock but the rating's stops."""
    work.case.state, work.case.closed_at = "closed", work.now_at
    words.forget(work.session, work.case.id)
    record_changes.release(work)
    record_changes.end_revoked(work)
    promises.conclude(work)
    if work.case.beside:
        extensions.conclude(work)
    commitment_keeping.lapse(work)
    ledger.stop_all(work, reason="办结", but=frozenset({"rating"}))
    work.note("closed", Words("办结", "closed"), changes={"outcome": work.case.outcome})
    told_above.tell(work, told_above.CLOSED)


def archive_case(work: Casework) -> None:
    """The electronic file is complete: its papers and letters by hash (国务院令716号 art. 12)."""
    kept = {letter.number or letter.key: letter.state for letter in work.letters}
    work.note("archived", Words("电子归档", "archived"), changes={"letters": kept})


def invite_rating(work: Casework) -> None:
    work.note("rating_invited", Words("邀请服务评价", "invited to rate the service"))
    work.promise("notify", to="applicant", notice="rating", case_number=work.case.number)


OPERATIONS: dict[str, Operation] = {
    "record_outcome": record_outcome,
    "prepare_letter": prepare_letter,
    "record_reconsideration": record_reconsideration,
    "draw_up_letter": draw_up_letter,
    "record_misconduct": record_misconduct,
    "close_case": close_case,
    "archive_case": archive_case,
    "invite_rating": invite_rating,
}
