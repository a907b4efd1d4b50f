"""What a 督办单 rests on: the limit that was passed and the lines of its ledger, as they stood."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.domain.clock import Budget, Unit, read
from engine.domain.clock_narration import narrate
from engine.domain.light import days_left
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.procedure import Procedure
from engine.services import ledger
from engine.services.casework import Casework

Place = models.Task | models.Wait
#: Where a notice comes from.
ORIGINS = {
    "diagram": Words("流程到期自动签发", "issued by the diagram"),
    "breach": Words("超期督办", "on a breach"),
    "complaint": Words("投诉督办", "on a complaint"),
    "order": Words("上级交办", "on a superior's order"),
}
#: Grounds that diagrams name.
GROUNDS = {
    "acceptance_promise": Words("收件审查超过承诺期限", "the promised time of intake has passed"),
    "handling": Words("办理期限已过", "the time for handling the case has passed"),
    "opinion": Words("逾期未出具修复意见", "no opinion was given in time"),
    "takedown": Words("逾期未撤下公示信息", "the record was not taken down in time"),
    "upstream_receipt": Words("上级平台逾期未回执", "no acknowledgement from the upper platform"),
}


def ground_of(procedure: Procedure, key: str) -> Words:
    """A ground in words; one that is the name of a limit says that the limit has passed."""
    limit = procedure.limits.get(key)
    if key in GROUNDS or limit is None:
        return GROUNDS.get(key, Words(key))
    return Words(f"已过{limit.title.zh}", f"over the {limit.title.en}")


def over_days(work: Casework, place: Place) -> int:
    """Working days since the place fell due; 0 on the day itself, or before."""
    return max(0, -(days_left(work.now_at, place.due_at, work.calendar) or 0))


def lines(work: Casework, place: Place) -> list[dict[str, Any]]:
    """The step's own limit, then the clock it runs under: its working and every entry.

    Each line: {at, zh, en, basis}, and `entry` where it is one of the ledger; copied, so that the
    notice says what was true when it was issued.
    """
    element = work.procedure.element(place.process_id, place.element_id)
    found = [_of_step(work, place, element.title)]
    clock = work.clocks.get(element.clock or "")
    if clock is not None:
        found += _of_clock(work, clock)
    return found


def _of_step(work: Casework, place: Place, title: Words) -> dict[str, Any]:
    begun = _moment(work, place.since)
    zh, en = f"“{title.zh}”自 {begun.zh} 起", f"{title.en}: since {begun.en}"
    if place.due_at is None:
        zh, en = f"{zh}，不限时", f"{en}, without a limit"
    else:
        over, ends = over_days(work, place), _moment(work, place.due_at)
        zh = f"{zh}，限到 {ends.zh}" + (f"，已超 {over} 个工作日" if over else "")
        days = "day" if over == 1 else "days"
        en = f"{en}, due {ends.en}" + (f", {over} working {days} over" if over else "")
    element = work.procedure.element(place.process_id, place.element_id)
    limit = work.procedure.limits.get(element.due or "")
    return _line(place.since, zh, en, limit.basis if limit else "")


def _of_clock(work: Casework, clock: models.Clock) -> list[dict[str, Any]]:
    kind = work.procedure.clocks.get(clock.key)
    title = kind.title if kind else Words(clock.key)
    entries = ledger.entries_of(work, clock)
    reading = read(Budget(clock.amount, Unit(clock.unit)), entries, work.calendar, now=work.now_at)
    told = _line(
        work.now_at,
        f"{title.zh}：{narrate(reading)}",
        f"{title.en}: {narrate(reading, language='en')}",
        clock.basis,
    )
    return [told, *(_of_entry(entry) for entry in entries)]


ENTRIES = {
    "start": Words("起算", "started"),
    "pause": Words("暂停", "paused"),
    "resume": Words("恢复", "resumed"),
    "extend": Words("延长", "extended"),
    "restart": Words("重新起算", "began afresh"),
    "stop": Words("停止", "stopped"),
}


def dated(work: Casework, line: Mapping[str, Any]) -> str:
    """A line as the letter has it: one of the ledger with its moment."""
    at = f"{_moment(work, datetime.fromisoformat(line['at'])).zh} " if line.get("entry") else ""
    return f"{at}{line['zh']}"


def _of_entry(entry: Any) -> dict[str, Any]:
    word = ENTRIES.get(entry.kind.value, Words(entry.kind.value, entry.kind.value))
    told = "，".join(part for part in (word.zh, entry.reason, entry.document) if part)
    return {**_line(entry.effective_at, told, word.en, entry.basis), "entry": True}


def _line(at: datetime, zh: str, en: str, basis: str) -> dict[str, Any]:
    return {"at": at.isoformat(), "zh": zh, "en": en, "basis": basis}


def _moment(work: Casework, moment: datetime) -> Words:
    at = work.calendar.local(moment)
    zh = f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
    return Words(zh, f"{at.day} {at:%B %Y}, {at:%H:%M}")
