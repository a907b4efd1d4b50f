"""A clock's working told in Chinese."""

from collections.abc import Sequence
from datetime import date, datetime

from engine.domain.clock_ledger import Unit
from engine.domain.clock_wording import RANGE, Wording, day_unit, runs
from engine.domain.clock_working import DayReason

WEEKDAYS = "一二三四五六日"
UNITS = {
    Unit.WORKING_DAYS: "个工作日",
    Unit.CALENDAR_DAYS: "个自然日",
    Unit.MONTHS: "个月",
    Unit.WORKING_HOURS: "个工作小时",
    Unit.HALF_DAYS: "个半日",
}


def _zh_amount(amount: int, unit: Unit) -> str:
    if unit is Unit.HALF_DAYS:
        whole, half = divmod(amount, 2)
        return (
            f"{whole or ''}{' 个半' if whole and half else '半个' if half else ' 个'}工作日".strip()
        )
    return f"{amount} {UNITS[unit]}"


def _zh_minutes(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} 小时"] if hours else []
    return " ".join(parts + ([f"{rest} 分"] if rest or not hours else []))


def _zh_at(at: datetime) -> str:
    return f"{_zh(at)} {at:%H:%M}"


def _zh(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _zh_list(days: Sequence[date]) -> str:
    parts: list[str] = []
    month = 0
    for run in runs(days):
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


def _zh_start_by_hour(reason: str, at: datetime, basis: str) -> str:
    law = f"（依据：{basis}）" if basis else ""
    return f"自{reason} {_zh_at(at)} 起按办公时间逐分钟计算，当日计入{law}。"


def _zh_pause_by_hour(since: datetime, until: datetime | None, reason: str, document: str) -> str:
    by = f"，依{document}不计入" if document else "，不计入"
    end = f"至 {_zh_at(until)} " if until else "起"
    return f"{_zh_at(since)} {end}{reason or '暂停'}{by}。"


def _zh_pause(days: Sequence[date], reason: str, document: str, resumed: date | None) -> str:
    by = f"，依{document}不计入" if document else "，不计入"
    after = f"；{_zh(resumed)}恢复" if resumed else ""
    return f"{_zh_list(days)}{reason or '暂停'}{by}{after}。"


def _zh_holiday(reason: DayReason, name: str, days: Sequence[date]) -> str:
    if reason is DayReason.MAKEUP:
        return f"{_zh_list(days)}调休上班，计入。"
    return f"{_zh_list(days)}{name}放假，不计入。"


def _zh_extended(amount: int, unit: Unit) -> str:
    return f"已延长 {_zh_amount(amount, unit)}。"


def _zh_last_day(amount: int, unit: Unit, due: datetime, first_year: int) -> str:
    year = f"{due.year}年" if due.year != first_year else ""
    end = f"{year}{_zh(due)} 周{WEEKDAYS[due.weekday()]} {due:%H:%M}"
    if unit is Unit.MONTHS:
        return f"{amount} 个月期满的最后一天是 {end}。"
    if unit.is_office_time:
        return f"{_zh_amount(amount, unit)}的最后时刻是 {end}。"
    counted = "个计入日" if unit is Unit.WORKING_DAYS else "个自然日"
    return f"{amount} {counted}的最后一天是 {end}。"


def _zh_by_law(amount: int, unit: Unit, due: datetime) -> str:
    return f"法定时限 {_zh_amount(amount, unit)}，到 {due.year}年{_zh_at(due)}。"


def _zh_stopped(at: datetime, used: int, unit: Unit) -> str:
    told = _zh_minutes(used) if unit.is_office_time else f"{used} 日"
    return f"{_zh_at(at)} 停止计时，共用 {told}。"


def _zh_over(days: int, unit: Unit) -> str:
    if unit.is_office_time:
        return f"已超过 {_zh_minutes(days)}。"
    return f"已超过 {days} {UNITS[day_unit(unit)]}。"


CHINESE = Wording(
    space="",
    not_started="期限尚未起算。",
    rolled="期满之日是休息日，顺延到下一个工作日。",
    provisional="期间涉及尚未公布放假安排的年份，末日为暂定。",
    still_paused="目前仍在暂停，末日按此刻恢复推算。",
    unlawful="已超过法定时限。",
    out_of_hours=_zh_out_of_hours,
    start=_zh_start,
    start_by_hour=_zh_start_by_hour,
    pause=_zh_pause,
    pause_by_hour=_zh_pause_by_hour,
    holiday=_zh_holiday,
    extended=_zh_extended,
    last_day=_zh_last_day,
    by_law=_zh_by_law,
    stopped=_zh_stopped,
    over=_zh_over,
)
