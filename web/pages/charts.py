"""Cycle time, throughput, whose time and ageing: each as a chart above the table that says the same."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import g, render_template, request
from flask_babel import gettext as _

from engine.domain.chart_views import Charts
from engine.domain.clock import Whose
from engine.services import charts, people, procedures
from web.days import read_day
from web.locale import day, language, words
from web.office import current_office

#: Whose time -> its name and its colour; the same as in the strip of a clock.
WHOSE = {
    Whose.OFFICE: "--who-office",
    Whose.APPLICANT: "--who-applicant",
    Whose.DEPARTMENT: "--who-dept",
    Whose.COURT: "--who-court",
    Whose.SUPERIOR: "--ink",
    Whose.EXPERT: "--paused",
}
LIGHTS = {
    "green": "--ok", "provisional": "--prov", "blue": "--paused", "yellow": "--near", "red": "--over",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: what is drawn, and the table that says the same."""

    key: str
    title: str
    note: str
    drawn: dict[str, Any]
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def show() -> str:
    office, args = current_office(), request.args
    procedure = args.get("procedure", "").strip() or None
    seen = charts.charts(
        office,
        g.actor,
        now=g.now,
        since=read_day(args.get("since")),
        until=read_day(args.get("until")),
        procedure=procedure,
    )
    return render_template(
        "supervision/charts.html",
        seen=seen,
        charts=(_cycle(seen), _trend(seen), _throughput(seen), _whose(seen), _ageing(seen)),
        procedures=procedures.open_procedures(office, g.actor, now=g.now),
        departments=people.departments(office),
    )


def _cycle(seen: Charts) -> Chart:
    def title(first: int, end: int | None) -> str:
        if end is None:
            return str(_("%(n)s 日以上", n=first))
        return str(_("%(n)s 日内", n=end) if first == 0 else _("%(a)s–%(b)s 日", a=first, b=end))

    names = [title(band.first, band.end) for band in seen.cycle]
    counts = [band.count for band in seen.cycle]
    note = ""
    if seen.median_days is not None:
        note = _(
            "办结 %(n)s 件，中位 %(m)s 日，九成在 %(p)s 日内",
            n=seen.closed, m=f"{seen.median_days:.1f}", p=f"{seen.p90_days or 0:.1f}",
        )  # fmt: skip
    return Chart(
        "cycle", _("全程用时分布"), note,
        _bars(names, ((_("办结件数"), "--accent", counts),), unit=_("件"), whole=True),
        (_("全程用时（工作日）"), _("件")), tuple(zip(names, counts, strict=True)),
    )  # fmt: skip


def _weeks(seen: Charts) -> list[str]:
    """The Mondays, short enough to stand side by side."""
    if language() == "en":
        return [f"{one.monday.day} {one.monday:%b}" for one in seen.weeks]
    return [f"{one.monday.month}/{one.monday.day}" for one in seen.weeks]


def _trend(seen: Charts) -> Chart:
    weeks = seen.weeks
    drawn = _bars(
        _weeks(seen),
        (
            (_("中位"), "--accent", [one.median_days for one in weeks]),
            (_("九成"), "--who-applicant", [one.p90_days for one in weeks]),
        ),
        unit=_("工作日"),
    )
    rows = tuple((_week(one.monday), _days(one.median_days), _days(one.p90_days)) for one in weeks)
    return Chart(
        "trend", _("全程用时走势"), _("按办结的那一周"), {**drawn, "kind": "line"},
        (_("周"), _("中位（工作日）"), _("九成（工作日）")), rows,
    )  # fmt: skip


def _throughput(seen: Charts) -> Chart:
    drawn = _bars(
        _weeks(seen),
        (
            (_("收件"), "--who-dept", [one.filed for one in seen.weeks]),
            (_("办结"), "--accent", [one.closed for one in seen.weeks]),
        ),
        unit=_("件"), whole=True,
    )  # fmt: skip
    rows = tuple((_week(one.monday), one.filed, one.closed) for one in seen.weeks)
    return Chart(
        "throughput", _("每周收办"), _("收件和办结"), drawn, (_("周"), _("收件"), _("办结")), rows
    )


def _whose(seen: Charts) -> Chart:
    names = [f"{words(one.title)} ({one.cases})" for one in seen.whose]
    parts = [{part.whose: part.days for part in one.parts} for one in seen.whose]
    used = [whose for whose in WHOSE if any(part.get(whose) for part in parts)]
    said = {
        Whose.OFFICE: _("本办"), Whose.APPLICANT: _("申请人"), Whose.DEPARTMENT: _("其他部门"),
        Whose.COURT: _("法院"), Whose.SUPERIOR: _("上级"), Whose.EXPERT: _("核查、鉴定"),
    }  # fmt: skip
    drawn = _bars(
        names,
        tuple(
            (said[whose], WHOSE[whose], [round(part.get(whose, 0), 1) for part in parts])
            for whose in used
        ),
        unit=_("工作日"),
    )
    rows = tuple(
        (name, *(_days(part.get(whose)) for whose in used), _days(one.total))
        for name, part, one in zip(names, parts, seen.whose, strict=True)
    )
    return Chart(
        "whose", _("谁的时间"), _("期内办结件平均，各方之和等于全程"),
        {**drawn, "stacked": True, "horizontal": True},
        (_("程序（件）"), *(said[whose] for whose in used), _("合计")), rows,
    )  # fmt: skip


def _ageing(seen: Charts) -> Chart:
    names = [words(band.title) for band in seen.ageing]
    said = {
        "green": _("正常"), "provisional": _("暂定"), "blue": _("暂停"), "yellow": _("临近"), "red": _("超期"),
    }  # fmt: skip
    used = [light for light in LIGHTS if any(getattr(b.counts, light) for b in seen.ageing)]
    drawn = _bars(
        names,
        tuple(
            (said[light], LIGHTS[light], [getattr(band.counts, light) for band in seen.ageing])
            for light in used
        ),
        unit=_("件"), whole=True,
    )  # fmt: skip
    rows = tuple(
        (name, *(getattr(band.counts, light) for light in used), band.count)
        for name, band in zip(names, seen.ageing, strict=True)
    )
    return Chart(
        "ageing", _("账龄"), _("现在在办的环节，按案件已计的工作日"), {**drawn, "stacked": True},
        (_("案龄"), *(said[light] for light in used), _("合计")), rows,
    )  # fmt: skip


def _bars(
    names: list[str],
    series: tuple[tuple[str, str, list[Any]], ...],
    *,
    unit: str,
    whole: bool = False,
) -> dict[str, Any]:
    return {
        "kind": "bar",
        "categories": names,
        "unit": unit,
        "whole": whole,
        "series": [
            {"name": name, "colour": colour, "values": values} for name, colour, values in series
        ],
    }


def _week(monday: date) -> str:
    return f"{day(monday)} – {day(monday + timedelta(days=6))}"


def _days(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
