"""A clock is paused on a lawful ground and runs again, each with the letter that belongs to it."""

import re
from datetime import datetime, time, timedelta
from typing import Any

from engine.domain.clock import ClockEntry, EntryKind, read
from engine.domain.clock_narration import narrate
from engine.domain.errors import Conflict, Invalid
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.procedure import PauseGround
from engine.services import clock_moves, correspondence, ledger
from engine.services.casework import Casework

NOT_COUNTED = "行政许可法第四十五条（参照适用）"
_LAW = re.compile(r"^(行政许可法|民法典|优化营商环境条例)")


def ground_of(work: Casework, key: str) -> PauseGround:
    try:
        return work.procedure.grounds[key]
    except KeyError:
        raise Invalid(
            f"没有暂停事由 {key}。",
            f"there is no ground {key} for a pause",
            fields={"ground": Words("请选一项法定事由。", "choose one of the lawful grounds")},
        ) from None


def begin(
    work: Casework,
    key: str,
    ground: PauseGround,
    *,
    note: str = "",
    expected_at: datetime | None = None,
) -> models.Letter:
    """中止计时 (行政许可法 art. 45): the applicant is told in writing why, from when, how long.

    Errors: Conflict where the clock does not run, or is paused on this ground already.
    """
    clock = _pausable(work, key, ground)
    told = _foreseen(work, clock, ground, expected_at)
    letter = correspondence.queue(work, "pause_notice", **told)
    letter.data["clock"] = {**told["clock"], "note": note}
    number = correspondence.issue(work, letter)
    _serve(work, letter)
    ledger.pause(
        work,
        key,
        reason=ground.title.zh,
        ground=ground.key,
        document=f"《{letter.title}》{number}",
        basis=work.citable(ground.basis),
        expected_at=expected_at,
    )
    work.held.add(key)
    work.note(
        "clock_paused",
        Words(f"暂停计时：{ground.title.zh}", f"clock paused: {ground.title.en}"),
        detail="；".join(part for part in (number, note) if part),
        changes={"clock": key, "ground": ground.key, "basis": work.citable(ground.basis)},
    )
    return letter


def _pausable(work: Casework, key: str, ground: PauseGround) -> models.Clock:
    clock = work.clocks.get(key)
    if clock is None or clock.state == ledger.STOPPED:
        raise Conflict("这个期限没有在计时。", "this clock does not run")
    if any(each.ground == ground.key for each in ledger.open_pauses(work, key)):
        raise Conflict("已因同一事由暂停。", "it is paused on this ground already")
    return clock


def _foreseen(
    work: Casework, clock: models.Clock, ground: PauseGround, expected_at: datetime | None
) -> dict[str, Any]:
    """What the letter of a pause tells: why, from when, and where the limit will end if it ends
    when it is expected to."""
    entries = [*ledger.entries_of(work, clock)]
    now = work.now_at
    facts: dict[str, Any] = {
        "title": _title(work, clock.key),
        "reason": ground.title.zh,
        "from": now.isoformat(),
    }
    told: dict[str, Any] = {"clock": facts, "basis": _books(work.citable(ground.basis))}
    if expected_at is None:
        return told
    entries += [
        ClockEntry(EntryKind.PAUSE, now, now, reason=ground.title.zh, ground=ground.key),
        ClockEntry(EntryKind.RESUME, expected_at, now, ground=ground.key),
    ]
    reading = read(ledger.budget_of(clock), entries, work.calendar, now=expected_at)
    facts["until"] = expected_at.isoformat()
    facts["days_not_counted"] = _not_counted(work, clock.key, now, expected_at)
    facts["new_last_day"] = reading.due_on.isoformat() if reading.due_on else None
    told["limit"] = {
        "days": clock.amount,
        "last_day": facts["new_last_day"],
        "narrative": narrate(reading),
        "provisional": reading.provisional,
    }
    return told


def _title(work: Casework, key: str) -> str:
    kind = work.procedure.clocks.get(key)
    return kind.title.zh if kind else ""


def _books(basis: str) -> list[str]:
    """The laws of a basis as letters name them: 《行政许可法》第四十五条."""
    parts = (part.removesuffix("（参照适用）") for part in basis.split("；"))
    return [_LAW.sub(r"《\1》", part) for part in parts if _LAW.match(part)]


def _not_counted(work: Casework, key: str, since: datetime, until: datetime) -> int:
    """Working days that a pause keeps from counting: those it touches within office hours, but for
    the day on which the clock began, which never counts (民法总则 art. 201)."""
    calendar = work.calendar
    entries = ledger.entries_of(work, work.clocks[key])
    begun = next(entry for entry in entries if entry.kind is EntryKind.START)
    begun_on = calendar.local_date(begun.effective_at)
    from_, to = calendar.local(since), calendar.local(until)
    first = from_.date() + timedelta(from_.replace(tzinfo=None).time() >= calendar.closes)
    last = to.date() - timedelta(to.replace(tzinfo=None).time() <= calendar.opens)
    return calendar.working_days(max(first - timedelta(1), begun_on), last)


def end(work: Casework, key: str, ground_key: str = "", *, note: str = "") -> models.Letter:
    """恢复计时: the applicant is told the days not counted and the new last day.

    Without a ground the pause that began last ends. Errors: Conflict where none is open.
    """
    waiting = ledger.open_pauses(work, key)
    fitting = [each for each in waiting if ground_key in ("", each.ground)]
    if not fitting:
        raise Conflict("这个期限没有暂停。", "this clock is not paused")
    paused = fitting[-1]
    ledger.resume(
        work,
        key,
        reason=paused.reason if len(waiting) > 1 else "恢复计时",
        ground=paused.ground,
        basis=paused.basis or NOT_COUNTED,
    )
    work.held.add(key)
    others = [each.reason for each in waiting if each is not paused]
    letter = correspondence.queue(work, "resume_notice", **_ended(work, key, paused, others))
    number = correspondence.issue(work, letter)
    _serve(work, letter)
    entry = next(e for e in reversed(work.clock_entries) if e.kind == EntryKind.RESUME.value)
    entry.document = f"《{letter.title}》{number}"
    work.note(
        "clock_resumed",
        Words(f"恢复计时：{paused.reason}已结束", "clock resumed"),
        detail="；".join(part for part in (number, note) if part),
        changes={"clock": key, "ground": paused.ground},
    )
    return letter


def _ended(work: Casework, key: str, paused: ClockEntry, still_paused: list[str]) -> dict[str, Any]:
    """What the letter of a resumption tells: the days not counted, and the new last day."""
    limit = correspondence.clock_data(work, key)
    facts = {
        "title": _title(work, key),
        "reason": paused.reason,
        "from": paused.effective_at.isoformat(),
        "until": work.now_at.isoformat(),
        "days_not_counted": _not_counted(work, key, paused.effective_at, work.now_at),
        "new_last_day": limit.get("last_day"),
        "still_paused": still_paused,
    }
    return {"clock": facts, "limit": limit}


def _serve(work: Casework, letter: models.Letter) -> None:
    letter.state, letter.served_at = "served", work.now_at
    letter.way = "electronic" if work.case.electronic_service else "post"


def end_of_day(work: Casework, on: Any) -> datetime:
    """When a pause that is expected to end on a day ends: before the office opens the day after."""
    return datetime.combine(on, time(), work.calendar.zone) + timedelta(days=1)


def settle(work: Casework) -> None:
    """After pauses made outside any step: steps under way and timers follow."""
    clock_moves.hold_all(work)
    clock_moves.settle(work)
