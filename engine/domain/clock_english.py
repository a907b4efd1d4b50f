"""A clock's working told in English."""

from collections.abc import Sequence
from datetime import date, datetime

from engine.domain.clock_ledger import Unit
from engine.domain.clock_wording import RANGE, Wording, day_unit, runs
from engine.domain.clock_working import DayReason
from engine.domain.downstream import Act
from engine.domain.record import RecordEvent

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
    "专家评审": "expert review",
    "检验、检测、鉴定": "inspection, testing or appraisal",
    "听证": "hearing",
    "本市以外机关协查": "enquiry with a body outside the city",
    "等待司法程序结果": "court proceedings",
    "申请人请求暂缓办理": "at the applicant's request",
    "不可抗力": "force majeure",
    "恢复计时": "clock resumed",
    "作出决定": "decision",
    "撤回": "withdrawal",
    "视为撤回": "deemed withdrawn",
    "办结": "closing",
    "出具证明": "certificate issued",
    "本环节开始": "step begun",
    "本环节结束": "step ended",
    "系统": "the system",
    "本办": "the office",
    "申请人": "the applicant",
    "信用江苏、信用中国": "Credit Jiangsu and Credit China",
    "贸促机构": "Trade promotion body",
}
UNITS_EN = {
    Unit.WORKING_DAYS: "working day",
    Unit.CALENDAR_DAYS: "calendar day",
    Unit.MONTHS: "month",
    Unit.WORKING_HOURS: "office hour",
    Unit.HALF_DAYS: "half working day",
}


#: Why clocks of records run, rest and stop.
OF_RECORDS = {
    "作出处罚决定": "decision made",
    "列入公示": "put on show",
    "暂缓终止": "deferral over",
    "上报上级平台": "reported to the upper platform",
    "豁免，不上报": "exempt, not reported",
    "已撤下，不再上报": "taken down, no longer reported",
    "答复": "answered",
    "工作日历变更": "working calendar changed",
    **{each.words.zh: each.words.en for each in (*RecordEvent, *Act)},
}


#: Followed by the number of the court's document, which stays as it is.
COURT_NOTICE = "收到法院修复通知"


def in_english(text: str) -> str:
    """A word that calendars and ledgers keep in Chinese; what people wrote stays as it is."""
    if text in REASONS or text in OF_RECORDS:
        return REASONS.get(text) or OF_RECORDS[text]
    if text.startswith(COURT_NOTICE):
        return f"the court’s repair notice{text.removeprefix(COURT_NOTICE)}"
    parts = text.split("、")
    known = [FESTIVALS[part] for part in parts if part in FESTIVALS]
    return " and ".join(known) if len(known) == len(parts) else text


def _en(day: date) -> str:
    return f"{day.day} {day:%B}"


def _en_list(days: Sequence[date]) -> str:
    parts: list[str] = []
    for run in runs(days):
        if len(run) >= RANGE:
            parts.append(f"{_en(run[0])} to {_en(run[-1])}")
        else:
            parts.extend(_en(day) for day in run)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _en_minutes(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h"] if hours else []
    return " ".join(parts + ([f"{rest} min"] if rest or not hours else []))


def _en_start_by_hour(reason: str, at: datetime, basis: str) -> str:
    law = f" ({basis})" if basis else ""
    told = in_english(reason)
    begun = f" ({told})" if told else ""
    return f"Counted by the minute of office time from {_en(at)}, {at:%H:%M}{begun}{law}."


def _en_pause_by_hour(since: datetime, until: datetime | None, reason: str, document: str) -> str:
    why = "; ".join(part for part in (in_english(reason), document) if part)
    end = f" to {_en(until)}, {until:%H:%M}" if until else " on"
    return f"Not counted{f' ({why})' if why else ''}: from {_en(since)}, {since:%H:%M}{end}."


def _several(amount: int, unit: Unit) -> str:
    if unit is Unit.HALF_DAYS and amount % 2 == 0:
        return _several(amount // 2, Unit.WORKING_DAYS)
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
    if unit.is_office_time:
        return (
            f"{_several(amount, unit).capitalize()} end on {due:%A} {_en(due)}{year}, {due:%H:%M}."
        )
    return f"The last day of {_several(amount, unit)} is {due:%A} {_en(due)}{year}, {due:%H:%M}."


def _en_by_law(amount: int, unit: Unit, due: datetime) -> str:
    return f"The law's own limit, {_several(amount, unit)}, ends on {_en(due)} {due.year}, {due:%H:%M}."


def _en_stopped(at: datetime, used: int, unit: Unit) -> str:
    if unit.is_office_time:
        return f"Stopped on {_en(at)}, {at:%H:%M}, after {_en_minutes(used)}."
    return f"Stopped on {_en(at)}, {at:%H:%M}, after {used} counted day{'' if used == 1 else 's'}."


def _en_over(days: int, unit: Unit) -> str:
    if unit.is_office_time:
        return f"Over by {_en_minutes(days)}."
    return f"Over by {_several(days, day_unit(unit))}."


ENGLISH = Wording(
    space=" ",
    not_started="The clock has not started.",
    rolled="The last day being a day off, the limit runs to the next working day.",
    provisional="The holidays of a year in this span are not announced: the date is provisional.",
    still_paused="Still paused; the last day is as it would be if resumed now.",
    unlawful="The law's own limit has passed too.",
    out_of_hours=_en_out_of_hours,
    start=_en_start,
    start_by_hour=_en_start_by_hour,
    pause=_en_pause,
    pause_by_hour=_en_pause_by_hour,
    holiday=_en_holiday,
    extended=_en_extended,
    last_day=_en_last_day,
    by_law=_en_by_law,
    stopped=_en_stopped,
    over=_en_over,
)
