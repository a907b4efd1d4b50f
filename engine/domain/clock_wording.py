"""The sentences in which a clock's working is told: one set for each language."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.domain.clock_ledger import Unit
from engine.domain.clock_working import DayReason

#: From so many days in a row on, a list of days is told as a range.
RANGE = 3


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language; each is a constant or a function of what it tells."""

    space: str
    not_started: str
    rolled: str
    provisional: str
    still_paused: str
    out_of_hours: Callable[[datetime, date], str]
    start: Callable[[str, date, str], str]
    pause: Callable[[Sequence[date], str, str, date | None], str]
    holiday: Callable[[DayReason, str, Sequence[date]], str]
    extended: Callable[[int, Unit], str]
    last_day: Callable[[int, Unit, datetime, int], str]
    stopped: Callable[[datetime, int], str]
    over: Callable[[int, Unit], str]


def _runs(days: Sequence[date]) -> Iterator[list[date]]:
    """Days in a row, in the order given."""
    run: list[date] = []
    for day in days:
        if run and day - run[-1] != timedelta(1):
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def _day_unit(unit: Unit) -> Unit:
    """In what a limit of that unit is overrun."""
    return Unit.WORKING_DAYS if unit is Unit.WORKING_DAYS else Unit.CALENDAR_DAYS


# Chinese

WEEKDAYS = "一二三四五六日"
UNITS = {Unit.WORKING_DAYS: "个工作日", Unit.CALENDAR_DAYS: "个自然日", Unit.MONTHS: "个月"}


def _zh(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _zh_list(days: Sequence[date]) -> str:
    parts: list[str] = []
    month = 0
    for run in _runs(days):
        if len(run) >= RANGE:
            parts.append(f"{_zh(run[0])}至{_zh(run[-1])}")
            month = run[-1].month
            continue
        for day in run:
            parts.append(f"{day.day}日" if day.month == month else _zh(day))
            month = day.month
    return "、".join(parts)


def _zh_out_of_hours(arrived: datetime, counted: date) -> str:
    return f"{_zh(arrived)} {arrived:%H:%M} 在办公时间以外，按下一个工作日 {_zh(counted)}计。"


def _zh_start(reason: str, day: date, basis: str) -> str:
    label = f"{reason.removesuffix('日')}日" if reason else "起算日"
    law = f"（依据：{basis}）" if basis else ""
    return f"{label} {_zh(day)}不计入，从次日起算{law}。"


def _zh_pause(days: Sequence[date], reason: str, document: str, resumed: date | None) -> str:
    by = f"，依{document}不计入" if document else "，不计入"
    after = f"；{_zh(resumed)}恢复" if resumed else ""
    return f"{_zh_list(days)}{reason or '暂停'}{by}{after}。"


def _zh_holiday(reason: DayReason, name: str, days: Sequence[date]) -> str:
    if reason is DayReason.MAKEUP:
        return f"{_zh_list(days)}调休上班，计入。"
    return f"{_zh_list(days)}{name}放假，不计入。"


def _zh_extended(amount: int, unit: Unit) -> str:
    return f"已延长 {amount} {UNITS[unit]}。"


def _zh_last_day(amount: int, unit: Unit, due: datetime, first_year: int) -> str:
    year = f"{due.year}年" if due.year != first_year else ""
    end = f"{year}{_zh(due)} 周{WEEKDAYS[due.weekday()]} {due:%H:%M}"
    if unit is Unit.MONTHS:
        return f"{amount} 个月期满的最后一天是 {end}。"
    counted = "个计入日" if unit is Unit.WORKING_DAYS else "个自然日"
    return f"{amount} {counted}的最后一天是 {end}。"


def _zh_stopped(at: datetime, used: int) -> str:
    return f"{_zh(at)} {at:%H:%M} 停止计时，共用 {used} 日。"


def _zh_over(days: int, unit: Unit) -> str:
    return f"已超过 {days} {UNITS[_day_unit(unit)]}。"


CHINESE = Wording(
    space="",
    not_started="期限尚未起算。",
    rolled="期满之日是休息日，顺延到下一个工作日。",
    provisional="期间涉及尚未公布放假安排的年份，末日为暂定。",
    still_paused="目前仍在暂停，末日按此刻恢复推算。",
    out_of_hours=_zh_out_of_hours,
    start=_zh_start,
    pause=_zh_pause,
    holiday=_zh_holiday,
    extended=_zh_extended,
    last_day=_zh_last_day,
    stopped=_zh_stopped,
    over=_zh_over,
)

# English

FESTIVALS = {
    "元旦": "New Year",
    "春节": "Spring Festival",
    "清明节": "Qingming",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
}
#: What a ledger's lines are for and who holds a case, as the services write them.
REASONS = {
    "收件": "receipt",
    "受理": "acceptance",
    "不予受理": "not accepted",
    "告知": "notification",
    "等待申请人补正": "awaiting the applicant's papers",
    "补正材料收齐": "papers complete",
    "实地核查": "site check",
    "恢复计时": "clock resumed",
    "作出决定": "decision",
    "撤回": "withdrawal",
    "视为撤回": "deemed withdrawn",
    "办结": "closing",
    "本环节开始": "step begun",
    "本环节结束": "step ended",
    "系统": "the system",
    "本办": "the office",
    "申请人": "the applicant",
    "信用江苏、信用中国": "Credit Jiangsu and Credit China",
}
UNITS_EN = {
    Unit.WORKING_DAYS: "working day",
    Unit.CALENDAR_DAYS: "calendar day",
    Unit.MONTHS: "month",
}


def in_english(text: str) -> str:
    """A word that calendars and ledgers keep in Chinese; what people wrote stays as it is."""
    if text in REASONS:
        return REASONS[text]
    parts = text.split("、")
    known = [FESTIVALS[part] for part in parts if part in FESTIVALS]
    return " and ".join(known) if len(known) == len(parts) else text


def _en(day: date) -> str:
    return f"{day.day} {day:%B}"


def _en_list(days: Sequence[date]) -> str:
    parts: list[str] = []
    for run in _runs(days):
        if len(run) >= RANGE:
            parts.append(f"{_en(run[0])} to {_en(run[-1])}")
        else:
            parts.extend(_en(day) for day in run)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _several(amount: int, unit: Unit) -> str:
    return f"{amount} {UNITS_EN[unit]}{'' if amount == 1 else 's'}"


def _en_out_of_hours(arrived: datetime, counted: date) -> str:
    return (
        f"{_en(arrived)}, {arrived:%H:%M}, was outside office hours; it counts as {_en(counted)}."
    )


def _en_start(reason: str, day: date, basis: str) -> str:
    label = f" ({in_english(reason)})" if reason else ""
    law = f" ({basis})" if basis else ""
    return f"The first day, {_en(day)}{label}, is not counted; counting begins the day after{law}."


def _en_pause(days: Sequence[date], reason: str, document: str, resumed: date | None) -> str:
    why = "; ".join(part for part in (in_english(reason), document) if part)
    after = f"; resumed on {_en(resumed)}" if resumed else ""
    return f"Paused and not counted{f' ({why})' if why else ''}: {_en_list(days)}{after}."


def _en_holiday(reason: DayReason, name: str, days: Sequence[date]) -> str:
    if reason is DayReason.MAKEUP:
        return f"Counted, being a make-up workday: {_en_list(days)}."
    return f"Not counted, being a holiday ({in_english(name)}): {_en_list(days)}."


def _en_extended(amount: int, unit: Unit) -> str:
    return f"Extended by {_several(amount, unit)}."


def _en_last_day(amount: int, unit: Unit, due: datetime, first_year: int) -> str:
    year = f" {due.year}" if due.year != first_year else ""
    return f"The last day of {_several(amount, unit)} is {due:%A} {_en(due)}{year}, {due:%H:%M}."


def _en_stopped(at: datetime, used: int) -> str:
    return f"Stopped on {_en(at)}, {at:%H:%M}, after {used} counted day{'' if used == 1 else 's'}."


def _en_over(days: int, unit: Unit) -> str:
    return f"Over by {_several(days, _day_unit(unit))}."


ENGLISH = Wording(
    space=" ",
    not_started="The clock has not started.",
    rolled="The last day being a day off, the limit runs to the next working day.",
    provisional="The holidays of a year in this span are not announced: the date is provisional.",
    still_paused="Still paused; the last day is as it would be if resumed now.",
    out_of_hours=_en_out_of_hours,
    start=_en_start,
    pause=_en_pause,
    holiday=_en_holiday,
    extended=_en_extended,
    last_day=_en_last_day,
    stopped=_en_stopped,
    over=_en_over,
)
