"""Cases: filing, following, taking back, and messages from outside bodies."""

from flask import g

from engine.domain.views import CaseRow, CaseView, ClockView, DecisionView, EventView, Filed, Page
from engine.services import cases, decisions, tellings
from web.api import idempotency
from web.api.calls import Call, Noun
from web.api.reading import Body
from web.api.schemas.case import (
    BeginFollowUp,
    Case,
    CaseDiagram,
    CasePage,
    CaseQuery,
    ClockPage,
    EventPage,
    FileCase,
    FiledCase,
    Message,
    WithdrawCase,
)
from web.api.schemas.decision import DecisionPage
from web.auth import current_actor
from web.office import current_office

noun = Noun("cases", "Cases from filing to archive")


@noun.call(
    Call(
        "POST",
        "/cases",
        body=FileCase,
        answer=FiledCase,
        status=201,
        at="/api/v1/cases/{number}",
        keyed=True,
        refuses=(404, 409),
    )
)
def file(body: Body) -> Filed:
    """File a case: it is received at once and gets a number and a query code

    422 with `fields` where answers are missing or the law does not allow it yet.
    """
    return cases.file(
        current_office(),
        current_actor(),
        body["procedure"],
        body["subject"],
        body["records"],
        body["answers"],
        now=g.now,
        idempotency_key=idempotency.key_sent(),
    )


@noun.call(Call("GET", "/cases", query=CaseQuery, answer=CasePage))
def index(query: Body) -> Page[CaseRow]:
    """Cases I may see, newest first"""
    return cases.find(current_office(), current_actor(), now=g.now, **query)


@noun.call(Call("GET", "/cases/<number>", answer=Case, refuses=(404,)))
def show(number: str) -> CaseView:
    """One case: milestones, who has it and until when, clocks, tasks, papers, letters

    An enterprise that asks for another's case gets 404, as for one that does not exist.
    """
    return _case(number)


@noun.call(Call("GET", "/cases/<number>/history", answer=EventPage, refuses=(404,)))
def history(number: str) -> Page[EventView]:
    """The append-only history of a case, newest first"""
    return Page(cases.history(current_office(), current_actor(), number, now=g.now))


@noun.call(Call("GET", "/cases/<number>/decisions", answer=DecisionPage, refuses=(404,)))
def decided(number: str) -> Page[DecisionView]:
    """What decision tables answered in a case and on which rows, newest first

    Kept when the step was taken, with the version of the table, its inputs and the articles.
    """
    return Page(decisions.of_case(current_office(), current_actor(), number, now=g.now))


@noun.call(Call("GET", "/cases/<number>/clocks", answer=ClockPage, refuses=(404,)))
def clocks(number: str) -> Page[ClockView]:
    """The statutory clocks of a case: entries, due, used, left, and the printed working day by day"""
    return Page(_case(number).clocks)


@noun.call(Call("GET", "/cases/<number>/diagram", answer=CaseDiagram, refuses=(404,)))
def diagram(number: str) -> dict[str, object]:
    """The BPMN diagram where the case stands, with the state of its elements

    `others` holds the further processes of the case.
    """
    current, *others = cases.diagrams(current_office(), current_actor(), number, now=g.now)
    return {"current": current, "others": others}


@noun.call(
    Call("POST", "/cases/<number>/withdraw", body=WithdrawCase, refuses=(404, 409)),
)
def withdraw(body: Body, number: str) -> None:
    """Take an application back"""
    cases.withdraw(current_office(), current_actor(), number, reason=body["reason"], now=g.now)


@noun.call(
    Call(
        "POST",
        "/cases/<number>/messages/<name>",
        body=Message,
        keyed=True,
        refuses=(404, 409),
    )
)
def message(body: Body, number: str, name: str) -> None:
    """Hand the case a BPMN message from outside: a court's notice, an acknowledgement

    The body is the message's payload. 409 when no place of the case waits for it.
    """
    cases.message(current_office(), current_actor(), number, name, body, now=g.now)


@noun.call(
    Call(
        "POST",
        "/cases/<number>/follow-ups/<key>",
        body=BeginFollowUp,
        answer=Case,
        keyed=True,
        refuses=(404, 409),
    )
)
def follow_up(body: Body, number: str, key: str) -> CaseView:
    """Begin a follow-up on a closed case, one of its `follow_ups`: it is open until that has ended

    The answers are those of the follow-up's form. 409 when the case is open or ended otherwise.
    """
    tellings.act(current_office(), current_actor(), number, key, body["answers"], now=g.now)
    return _case(number)


def _case(number: str) -> CaseView:
    return cases.get(current_office(), current_actor(), number, now=g.now)
