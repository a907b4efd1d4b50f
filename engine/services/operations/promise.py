"""Operations of 容缺受理: papers promised by a day are asked for, brought, or not brought."""

from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import exists, select

from engine.domain.actor import SYSTEM
from engine.domain.commitment import Performance
from engine.domain.errors import PromiseRefused
from engine.domain.words import Words
from engine.persistence import models
from engine.services import commitment_keeping, correspondence
from engine.services.casework import Casework, Operation

PROMISE, CONCLUDED = "promise", "case_concluded"
#: What the promise of a case is: open until kept or broken; void when the case ended before.
OPEN, KEPT, BROKEN, VOID = "open", "kept", "broken", "void"


def accept(work: Casework) -> dict[str, Any]:
    """The promise as the letter prints it; registered, and watched by an instance beside the case.

    Source: 国办发〔2019〕35号 (一): who is in good credit may promise minor papers by a day.
    Errors: PromiseRefused for a subject that broke a commitment, or a day that cannot be promised.
    """
    keys = [str(key) for key in work.answers.get("promised_papers") or []]
    until = str(work.answers.get("promised_on") or "")
    _must_be_in_good_credit(work)
    _must_be_a_fit_day(work, until)
    titles = {paper.key: paper.title.zh for paper in work.procedure.papers}
    named = [titles.get(key, key) for key in keys]
    row = commitment_keeping.promised(work, named, until)
    day = date.fromisoformat(until)
    # A last day that is a day off moves to the next working day (民法总则 art. 203).
    ends_on = day if work.calendar.is_open(day) else work.calendar.next_open(day)
    told = {"papers": named, "keys": keys, "until": until, "ends_on": ends_on.isoformat()}
    told |= {"code": row.code, "state": OPEN}
    work.remember(promise=told)
    if PROMISE in work.procedure.runnables:
        work.to_begin.append(PROMISE)
    return told


def _must_be_in_good_credit(work: Casework) -> None:
    row = models.Commitment
    broken = exists().where(
        row.subject_code == work.case.subject_code, row.performance == Performance.BROKEN.value
    )
    if work.session.scalar(select(broken)):
        told = Words(
            "该企业有未履行的信用承诺，不适用容缺受理。",
            "The enterprise broke a commitment: it cannot be accepted conditionally.",
        )
        raise PromiseRefused(told.zh, told.en, fields={"acceptance": told})


def _must_be_a_fit_day(work: Casework, until: str) -> None:
    today = work.calendar.local_date(work.now_at)
    budget = work.limit("promise_longest", {}).budget
    last = work.calendar.after(today, budget.amount) if budget else None
    day = _day(until)
    if day is not None and today < day and (last is None or day <= last):
        return
    told = Words("承诺日期须在今天以后。", "The promised day must be after today.")
    if day is not None and last is not None and day > last:
        told = Words(
            f"承诺日期最迟 {last.isoformat()}。", f"The last day that may be promised is {last}."
        )
    raise PromiseRefused(told.zh, told.en, fields={"promised_on": told})


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def must_be_settled(work: Casework) -> None:
    """What is granted rests on all papers: not while required ones that were promised are missing.

    Errors: PromiseRefused.
    """
    promise = work.case.facts.get("promise") or {}
    required = {paper.key for paper in work.procedure.papers if paper.required}
    if promise.get("state") in (OPEN, BROKEN) and required & set(promise.get("keys", ())):
        named = "、".join(promise["papers"])
        raise PromiseRefused(
            f"容缺承诺的材料还没有补齐：{named}。补齐并核对后才能准予。",
            f"promised papers are still missing: {named}",
        )


def keep_promise(work: Casework) -> None:
    """补齐: the commitment is kept."""
    promise = _settle(work, KEPT)
    named = "、".join(promise["papers"])
    commitment_keeping.kept(work, commitment_keeping.CONDITIONAL, basis=f"已补齐：{named}")
    work.note("promise_kept", Words("承诺的材料已补齐", "promised papers brought"), detail=named)


def return_promised_papers(work: Casework) -> None:
    """不齐: told what is still missing; the promised day stays."""
    reason = str(work.answers.get("papers_reason") or "")
    work.remember(promise={**work.case.facts.get("promise", {}), "returned": reason})
    words = Words("补交的材料不齐，退回补交", "papers not complete: back to the applicant")
    work.note("promise_returned", words, detail=reason)


def break_promise(work: Casework) -> None:
    """到期未补齐: the breach is recorded, the applicant told; the case goes on with what there is."""
    promise = _settle(work, BROKEN)
    named = "、".join(promise["papers"])
    commitment_keeping.broken(
        work,
        rule=commitment_keeping.CONDITIONAL,
        basis=f"承诺 {promise['until']} 前补齐，到期没有补齐（办件编号 {work.case.number}）",
        unfulfilled=named,
    )
    words = Words("到期未补齐，登记未履行承诺", "not brought in time: breach recorded")
    work.note("promise_broken", words, detail=named)
    correspondence.issue_at_once(work, "promise_broken", promise=promise)


def _settle(work: Casework, state: str) -> dict[str, Any]:
    promise = {**work.case.facts.get("promise", {}), "state": state}
    work.remember(promise=promise)
    return promise


def conclude(work: Casework) -> None:
    """The case has ended: what was promised for it is wanted no more. The instance is told."""
    if (work.case.facts.get("promise") or {}).get("state") != OPEN:
        return
    _settle(work, VOID)
    if PROMISE not in work.procedure.runnables:
        return
    work.add(
        models.InboundMessage(
            id=uuid4(),
            case_id=work.case.id,
            name=CONCLUDED,
            payload={},
            key=None,
            sender=SYSTEM.username,
            received_at=work.now_at,
        )
    )
    work.case.waiting_messages += 1


OPERATIONS: dict[str, Operation] = {
    "keep_promise": keep_promise,
    "return_promised_papers": return_promised_papers,
    "break_promise": break_promise,
}
