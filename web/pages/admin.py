"""The administrator's pages: procedures and their versions, calendars, people, jobs, incidents."""

from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from babel.dates import format_date
from flask import Blueprint, abort, flash, g, render_template, request

from engine.domain.actor import Permission
from engine.domain.calendar import SHANGHAI, CalendarDay, DayKind
from engine.domain.errors import Invalid
from engine.domain.views import PersonView, ProcedureView
from engine.services import (
    calendars,
    incidents,
    job_operations,
    jobs,
    parameters,
    people,
    procedures,
)
from web import auth
from web.days import read_day
from web.locale import language
from web.office import current_office
from web.problems import sentence

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

JOB_STATES = ("failed", "waiting", "done")
blueprint.before_request(auth.staff_with(Permission.ADMINISTER))


@blueprint.get("")
def index() -> str:
    office = current_office()
    promised = jobs.jobs(office, g.actor)
    held = parameters.listed(office, g.actor)
    return render_template(
        "admin/index.html",
        procedures=_by_procedure(),
        years=calendars.years(office),
        persons=people.people(office, g.actor),
        departments=people.departments(office),
        failed=sum(job.state == "failed" for job in promised),
        waiting=sum(job.state == "waiting" for job in promised),
        parameters=len(held),
        changed=sum(each.value is not None for each in held),
        open_incidents=sum(one.resolved_at is None for one in incidents.incidents(office, g.actor)),
    )


@blueprint.get("/procedures")
def definitions() -> str:
    return render_template("admin/procedures.html", procedures=_by_procedure())


def _by_procedure() -> dict[str, list[ProcedureView]]:
    """Versions of each procedure, the newest first."""
    found: dict[str, list[ProcedureView]] = defaultdict(list)
    for one in procedures.definitions(current_office(), g.actor, now=g.now):
        found[one.key].append(one)
    for versions in found.values():
        versions.sort(key=lambda one: (one.effective_from, one.version), reverse=True)
    return dict(found)


@blueprint.get("/procedures/<uuid:definition_id>")
def definition(definition_id: UUID) -> str:
    known = (one for versions in _by_procedure().values() for one in versions)
    found = next((one for one in known if one.definition_id == definition_id), None)
    if found is None:
        abort(404)
    diagrams = procedures.definition_diagrams(current_office(), g.actor, definition_id)
    return render_template("admin/procedure.html", procedure=found, diagrams=diagrams)


@dataclass(frozen=True, slots=True)
class Month:
    """A month as a grid: `blank` cells before the first, then its days."""

    number: int
    title: str
    blank: int
    days: tuple[CalendarDay, ...]
    open_days: int


@blueprint.get("/calendars")
@blueprint.get("/calendars/<int:year>")
def calendar(year: int | None = None) -> str:
    """A year as months; the year after the last announced one is shown as assumed so far."""
    office = current_office()
    announced = calendars.years(office)
    known = (*announced, announced[-1] + 1) if announced else ()
    chosen = year if year is not None else min(g.now.year, known[-1] if known else g.now.year)
    if chosen not in known:
        abort(404)
    days = calendars.year(office, chosen)
    return render_template(
        "admin/calendar.html",
        year=chosen,
        today=g.now.astimezone(SHANGHAI).date(),
        years=known,
        months=_months(chosen, days),
        notices=tuple(dict.fromkeys(day.notice for day in days if day.notice)),
        is_provisional=any(day.provisional for day in days),
        open_days=sum(day.is_open for day in days),
        special=_special(days),
        **_reckoned(),
    )


def _special(days: tuple[CalendarDay, ...]) -> dict[str, list[CalendarDay]]:
    """Holidays and worked weekends by name, in the order of the year."""
    named: dict[str, list[CalendarDay]] = defaultdict(list)
    for day in days:
        if day.kind in (DayKind.HOLIDAY, DayKind.MAKEUP):
            named[day.name].append(day)
    return dict(named)


def _reckoned() -> dict[str, object]:
    """The last day of a limit, for whoever asks `?start=2020-01-17&days=7`."""
    start = read_day(request.args.get("start"))
    days = request.args.get("days", type=int)
    if start is None or days is None:
        return {"start": g.now.astimezone(SHANGHAI).date(), "days": 10, "due": None}
    try:
        due: date | None = calendars.due(current_office(), start, days)
    except Invalid as refusal:
        flash(sentence(refusal), "err")
        due = None
    return {"start": start, "days": days, "due": due}


def _months(year: int, days: tuple[CalendarDay, ...]) -> tuple[Month, ...]:
    months = []
    pattern = "M月" if language() == "zh" else "LLLL"
    for number in range(1, 13):
        first, length = monthrange(year, number)
        start = (date(year, number, 1) - date(year, 1, 1)).days
        its = days[start : start + length]
        title = format_date(its[0].on, pattern, locale=language())
        months.append(Month(number, title, first, its, sum(day.is_open for day in its)))
    return tuple(months)


@blueprint.get("/people")
def persons() -> str:
    office = current_office()
    by_department: dict[str | None, list[PersonView]] = defaultdict(list)
    for person in people.people(office, g.actor):
        by_department["enterprise" if person.subject else person.department].append(person)
    return render_template(
        "admin/people.html",
        departments=people.departments(office),
        by_department=by_department,
        enterprises=by_department.get("enterprise", []),
    )


@blueprint.get("/jobs")
def work() -> str:
    order = {state: place for place, state in enumerate(JOB_STATES)}
    promised = sorted(
        jobs.jobs(current_office(), g.actor),
        key=lambda job: (order.get(job.state, len(order)), job.due_at),
    )
    return render_template("admin/jobs.html", jobs=promised, titles=job_operations.title_of)


@blueprint.get("/incidents")
def stuck() -> str:
    office = current_office()
    return render_template(
        "admin/incidents.html",
        incidents=incidents.incidents(office, g.actor),
        second=incidents.second_is_required(office),
    )
