"""A closed case taken up again for a follow-up, and closed again when that has ended.

`closed_at` keeps the first closing: what comes after it is no time of the application, and counts
in no figure. When the last follow-up ended is told beside it (`followed_up`).
"""

from collections.abc import Mapping
from typing import Any

from engine.domain.errors import Conflict
from engine.domain.words import Words
from engine.persistence import words
from engine.runtime.procedure import FollowUp
from engine.services import ledger
from engine.services.casework import Casework


def key_of(facts: Mapping[str, Any]) -> str | None:
    """The follow-up for which a case is taken up, by its facts."""
    held = facts.get("follow_up") or {}
    key: str | None = held.get("key")
    return key


def take_up(work: Casework, kind: FollowUp, answers: Mapping[str, Any]) -> None:
    """The case is open again; letters of the follow-up find what began it in its facts.

    Errors: Conflict for a case that is not closed, or ended otherwise than the follow-up asks.
    """
    case = work.case
    if case.state != "closed":
        raise Conflict("办件尚未办结。", "the case is not closed")
    if case.erased_at is not None:
        raise Conflict("案卷保存期已满，内容已清除。", "the case's time in the archive is over")
    if kind.outcomes and case.outcome not in kind.outcomes:
        raise Conflict(
            f"这一件的结果不能{kind.title.zh}。",
            f"{kind.title.en}: not possible after this outcome",
        )
    case.state = "open"
    words.write_again(work.session, case)
    told = {"key": kind.key, "answers": dict(answers), "by": work.actor.name}
    work.remember(follow_up={**told, "begun_at": work.now_at.isoformat()})
    begun = Words(f"启动后续办理：{kind.title.zh}", f"taken up again: {kind.title.en}")
    work.note("follow_up_begun", begun, changes={"follow_up": kind.key, **answers})


def lay_down(work: Casework, process_id: str) -> None:
    """The follow-up has ended: the case is closed as before, with the outcome it has now."""
    kind, case = work.procedure.follow_up_of(process_id), work.case
    if kind is None:
        return
    case.state, case.step = "closed", None
    words.forget(work.session, case.id)
    told = {"key": kind.key, "at": work.now_at.isoformat()}
    work.remember(follow_up=None, followed_up=told)
    ledger.stop_all(work, reason="后续办理结束", but=frozenset({"rating"}))
    ended = Words(f"后续办理结束：{kind.title.zh}", f"ended: {kind.title.en}")
    work.note("follow_up_ended", ended, changes={"follow_up": kind.key, "outcome": case.outcome})


def is_another(work: Casework, process_id: str) -> bool:
    """Whether a follow-up holds the case and this instance is not its: it only rests beside."""
    key = key_of(work.case.facts)
    return key is not None and work.procedure.follow_ups[key].process != process_id
