"""Supervision: what is red or yellow, why, and whose time it was."""

from uuid import UUID

from flask import Response, g

from engine.domain.chart_views import Charts
from engine.domain.event_log import Form
from engine.domain.supervision_views import (
    Board,
    HeatMap,
    NoticeView,
    Standing,
    SupervisionNoticeView,
)
from engine.domain.views import Page
from engine.services import charts as figures
from engine.services import event_log as event_logs
from engine.services import supervision
from web.api.calls import Call, Noun
from web.api.reading import Body
from web.api.schemas.supervision import (
    AnswerNotice,
    BoardQuery,
    BoardSchema,
    BreachQuery,
    ChartQuery,
    ChartsSchema,
    ContestNotice,
    DecideNotice,
    EventLogQuery,
    Heat,
    HeatQuery,
    IssueNotice,
    Notice,
    NoticePage,
    NoticeQuery,
    PlacePage,
    PlaceQuery,
    WholeNotice,
)
from web.auth import current_actor
from web.office import current_office

MEDIA = {Form.OCEL: "application/json", Form.XES: "application/xml"}

noun = Noun("supervision", "The supervisor's board, breaches and notices")


@noun.call(Call("GET", "/supervision/board", query=BoardQuery, answer=BoardSchema))
def board(query: Body) -> Board:
    """Today's board: lights by department, procedure, step or person, workload, ageing, silent cases

    `silent` must be empty: open cases without a next event and a date.
    """
    return supervision.board(current_office(), current_actor(), now=g.now, **query)


@noun.call(Call("GET", "/supervision/breaches", query=BreachQuery, answer=PlacePage))
def breaches(query: Body) -> Page[Standing]:
    """Steps and cases over their limit: why, since when, whose time; the longest over first"""
    paging = {"cursor": query.pop("cursor", None), "limit": query.pop("limit")}
    return supervision.breaches(
        current_office(), current_actor(), now=g.now, narrowed=query, **paging
    )


@noun.call(Call("GET", "/supervision/places", query=PlaceQuery, answer=PlacePage))
def places(query: Body) -> Page[Standing]:
    """Where open cases rest: what stands behind every number of the board"""
    paging = {"cursor": query.pop("cursor", None), "limit": query.pop("limit")}
    return supervision.places(
        current_office(), current_actor(), now=g.now, narrowed=query, **paging
    )


@noun.call(
    Call("GET", "/supervision/heatmap/<procedure>", query=HeatQuery, answer=Heat, refuses=(404,))
)
def heatmap(query: Body, procedure: str) -> HeatMap:
    """A procedure's diagrams with count, median and 90th percentile of time and breaches of each step

    In working days of the office's time; a task's own time apart from waiting to be taken.
    """
    return supervision.heatmap(current_office(), current_actor(), procedure, now=g.now, **query)


@noun.call(Call("GET", "/supervision/charts", query=ChartQuery, answer=ChartsSchema))
def charts(query: Body) -> Charts:
    """Cycle time, throughput per week, whose time it was, and ageing of what is open"""
    return figures.charts(current_office(), current_actor(), now=g.now, **query)


@noun.call(
    Call(
        "GET",
        "/supervision/event-log",
        query=EventLogQuery,
        media=("application/json", "application/xml"),
        refuses=(404,),
    )
)
def event_log(query: Body) -> Response:
    """The history of cases filed in a period as an event log for process mining: OCEL 2.0 or XES

    Nobody is named: people and subjects are numbered, anew in each file; texts are left out. At most
    5,000 cases at once; `kunxin export` writes any number.
    """
    wanted = event_logs.Wanted(**query)
    content = event_logs.export(current_office(), current_actor(), wanted, now=g.now)
    return Response(content, mimetype=MEDIA[wanted.form])


@noun.call(Call("GET", "/supervision/notices", query=NoticeQuery, answer=NoticePage))
def notices(query: Body) -> Page[SupervisionNoticeView]:
    """Supervision notices (督办单), the newest first"""
    return supervision.notices(current_office(), current_actor(), now=g.now, **query)


@noun.call(
    Call(
        "POST",
        "/supervision/notices",
        body=IssueNotice,
        answer=Notice,
        status=201,
        keyed=True,
        refuses=(404, 409),
    )
)
def issue_notice(body: Body) -> SupervisionNoticeView:
    """Issue a supervision notice about a task or a wait"""
    return supervision.issue_notice(
        current_office(),
        current_actor(),
        body["task"],
        ground=body["ground"],
        origin=body["origin"],
        now=g.now,
    )


NOTICE = "/supervision/notices/<uuid:notice_id>"


@noun.call(Call("GET", NOTICE, answer=WholeNotice, refuses=(404,)))
def notice(notice_id: UUID) -> NoticeView:
    """A notice with its ledger, answer, contest, conclusion and timeline"""
    return supervision.notice(current_office(), current_actor(), notice_id, now=g.now)


@noun.call(
    Call("POST", f"{NOTICE}/answer", body=AnswerNotice, answer=WholeNotice, refuses=(404, 409))
)
def answer(body: Body, notice_id: UUID) -> NoticeView:
    """Answer a notice, as the responsible unit"""
    return supervision.answer(current_office(), current_actor(), notice_id, now=g.now, **body)


@noun.call(
    Call("POST", f"{NOTICE}/contest", body=ContestNotice, answer=WholeNotice, refuses=(404, 409))
)
def contest(body: Body, notice_id: UUID) -> NoticeView:
    """Contest a notice (申辩), once, instead of an answer; the leader decides"""
    return supervision.contest(
        current_office(), current_actor(), notice_id, ground=body["ground"], now=g.now
    )


@noun.call(
    Call("POST", f"{NOTICE}/decide", body=DecideNotice, answer=WholeNotice, refuses=(404, 409))
)
def decide(body: Body, notice_id: UUID) -> NoticeView:
    """Decide on a contest, on an answer, or on an escalated notice"""
    return supervision.decide(current_office(), current_actor(), notice_id, now=g.now, **body)
