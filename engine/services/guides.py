"""办事指南: what a service is, read from the folder of the edition in force, so that it cannot drift."""

from collections.abc import Iterator
from datetime import date, datetime

from engine.domain.errors import NotFound
from engine.domain.record import Grade
from engine.domain.views import Guide, GuideLimit, GuidePaper, ProcedureView
from engine.domain.words import Words
from engine.runtime.procedure import Procedure
from engine.services import procedures, rules
from engine.services.office import Office

#: The limits an applicant asks about, in the order in which they begin; variants follow their own.
TOLD = (
    *("acceptance_promise", "acceptance", "supplement", "handling", "handling_statutory"),
    *("service", "reconsideration_request", "reconsideration"),
)


def guide(office: Office, key: str, *, now: datetime) -> Guide:
    """The guide of the edition that is in force today. NotFound for a service that is not offered."""
    offered = procedures.open_procedures(office, None, now=now)
    found = next((each for each in offered if each.key == key), None)
    if found is None:
        raise NotFound("没有这项服务。", "there is no such service")
    today = office.calendar().local_date(now)
    with office.uow.read() as session:
        _, procedure = office.in_force(session, key, today)
    return _guide(procedure, found, today)


def _guide(procedure: Procedure, offered: ProcedureView, today: date) -> Guide:
    return Guide(
        procedure=offered,
        applicants=tuple(sorted(procedure.applicants)),
        papers=tuple(
            GuidePaper(
                rules.paper_view(paper),
                tuple(each.words for each in Grade if each.value in paper.grades)
                if len(paper.grades) == 1
                else (),
                paper.when is not None,
            )
            for paper in procedure.papers
        ),
        limits=tuple(_limits(procedure, today)),
        questions=tuple(_questions(procedure)),
        outcomes=tuple(procedure.outcomes.values()),
        reconsidered=procedure.reconsidering is not None,
    )


def _limits(procedure: Procedure, today: date) -> Iterator[GuideLimit]:
    for key in TOLD:
        for limit in procedure.limits.values():
            if limit.budget is not None and key in (limit.key, limit.replaces):
                basis = procedure.laws.on(limit.basis, today)
                amount, unit = limit.budget.amount, limit.budget.unit.value
                yield GuideLimit(limit.key, limit.title, amount, unit, basis)


def _questions(procedure: Procedure) -> Iterator[tuple[Words, tuple[Words, ...]]]:
    """Each page of the application with the questions it asks."""
    form = procedure.form("application")
    asked = form.get("properties", {})
    for page in form.get("x-pages", ()):
        titles = (asked[name] for name in page["fields"] if name in asked)
        told = tuple(Words(each["title"], each.get("x-title-en", "")) for each in titles)
        yield Words(page["zh"], page["en"]), told
