"""Reports of records to the upper platform, and what other sites owe when a record changes."""

from typing import Any
from uuid import UUID

from flask import Response, g

from engine.domain.views import (
    DeferralRow,
    LateUnit,
    ObligationRow,
    ObligationView,
    Page,
    RecordFile,
    ReportRow,
)
from engine.services import (
    deferral_register,
    record_file,
    report_lists,
    reporting,
    site_lists,
    site_work,
    still_shown,
)
from engine.services.site_work import Proof
from web.api.calls import Call, Noun
from web.api.files import file_response
from web.api.reading import Body
from web.api.schemas.register import (
    ActOnSite,
    AnswerWord,
    DeferralPage,
    DeferralQuery,
    File,
    LatePage,
    LateQuery,
    NoticeAnswered,
    ObligationPage,
    ObligationQuery,
    PutRight,
    ReportQuery,
    ReportToPlatformPage,
    Said,
    SayStillShown,
    Taken,
    WholeObligation,
)
from web.auth import current_actor
from web.office import current_office

noun = Noun("registers", "Reports upwards, and what other sites owe")


@noun.call(Call("GET", "/records/reports", query=ReportQuery, answer=ReportToPlatformPage))
def reports(query: Body) -> Page[ReportRow]:
    """Reports of records to the upper platform, the first to end first"""
    return report_lists.listed(current_office(), current_actor(), now=g.now, **query)


@noun.call(Call("GET", "/records/reports/late", query=LateQuery, answer=LatePage))
def late(query: Body) -> Page[LateUnit]:
    """By department: how many reports in time, late, over, and through whom"""
    found = report_lists.late_by_unit(current_office(), current_actor(), now=g.now, **query)
    return Page(found)


@noun.call(Call("POST", "/records/reports/answers", body=NoticeAnswered, answer=Taken))
def answers(body: Body) -> dict[str, int]:
    """The upper platform accepts or refuses lines of a notice; the same answer twice counts once"""
    office, actor = current_office(), current_actor()
    return {"taken": reporting.hear(office, actor, body["lines"], now=g.now)}


@noun.call(
    Call(
        "POST",
        "/records/<uuid:record_id>/put-right",
        body=PutRight,
        answer=File,
        refuses=(404, 409),
    )
)
def put_right(body: Body, record_id: UUID) -> RecordFile:
    """Put right what the upper platform refused, and report it again"""
    office, actor = current_office(), current_actor()
    reporting.put_right(office, actor, record_id, body["changes"], reason=body["reason"], now=g.now)
    return record_file.get(office, actor, record_id, now=g.now)


@noun.call(Call("GET", "/records/<uuid:record_id>/file", answer=File, refuses=(404,)))
def record(record_id: UUID) -> RecordFile:
    """Cases of a record, what other sites owe for it, its reporting clock with the printed working"""
    return record_file.get(current_office(), current_actor(), record_id, now=g.now)


@noun.call(Call("GET", "/obligations", query=ObligationQuery, answer=ObligationPage))
def obligations(query: Body) -> Page[ObligationRow]:
    """What other sites owe, the first to end first"""
    return site_lists.listed(current_office(), current_actor(), now=g.now, **query)


@noun.call(Call("GET", "/cases/<number>/obligations", answer=ObligationPage, refuses=(404,)))
def of_case(number: str) -> Page[ObligationRow]:
    """What a case brought about on other sites"""
    return Page(site_lists.of_case(current_office(), current_actor(), number, now=g.now))


@noun.call(Call("GET", "/obligations/<uuid:obligation_id>", answer=WholeObligation, refuses=(404,)))
def show(obligation_id: UUID) -> ObligationView:
    """One obligation: its clock with the printed working, every act, what the enterprise said"""
    return site_work.get(current_office(), current_actor(), obligation_id, now=g.now)


@noun.call(
    Call(
        "POST",
        "/obligations/<uuid:obligation_id>/claim",
        answer=WholeObligation,
        refuses=(404, 409),
    )
)
def claim(obligation_id: UUID) -> ObligationView:
    """Take it on"""
    site_work.claim(current_office(), current_actor(), obligation_id, now=g.now)
    return site_work.get(current_office(), current_actor(), obligation_id, now=g.now)


@noun.call(
    Call(
        "POST",
        "/obligations/<uuid:obligation_id>/release",
        answer=WholeObligation,
        refuses=(404, 409),
    )
)
def release(obligation_id: UUID) -> ObligationView:
    """Put it back"""
    site_work.release(current_office(), current_actor(), obligation_id, now=g.now)
    return site_work.get(current_office(), current_actor(), obligation_id, now=g.now)


@noun.call(
    Call(
        "POST",
        "/obligations/<uuid:obligation_id>/acts",
        form=ActOnSite,
        answer=WholeObligation,
        keyed=True,
        refuses=(404, 409),
    )
)
def act(form: Body, obligation_id: UUID) -> ObligationView:
    """Write down an act: told, seen done (with a proof), confirmed by somebody else, looked at again"""
    given: dict[str, Any] = dict(form)
    site_work.log(
        current_office(),
        current_actor(),
        obligation_id,
        given.pop("act"),
        now=g.now,
        proof=_proof(given.pop("proof", None)),
        **given,
    )
    return site_work.get(current_office(), current_actor(), obligation_id, now=g.now)


@noun.call(
    Call(
        "GET",
        "/obligations/<uuid:obligation_id>/acts/<int:sequence>/proof",
        media=("*/*",),
        refuses=(404,),
    )
)
def proof(obligation_id: UUID, sequence: int) -> Response:
    """What somebody saw, as it was attached"""
    kept = site_work.proof(current_office(), current_actor(), obligation_id, sequence)
    return file_response(kept.content, kept.filename, kept.media_type, kept.sha256)


@noun.call(
    Call(
        "POST",
        "/obligations/<uuid:obligation_id>/words/<uuid:word_id>",
        body=AnswerWord,
        answer=WholeObligation,
        refuses=(404, 409),
    )
)
def answer(body: Body, obligation_id: UUID, word_id: UUID) -> ObligationView:
    """Answer an enterprise that says its record is still shown"""
    still_shown.answer(
        current_office(), current_actor(), word_id, body["finding"], body["answer"], now=g.now
    )
    return site_work.get(current_office(), current_actor(), obligation_id, now=g.now)


@noun.call(
    Call(
        "POST",
        "/records/<uuid:record_id>/still-shown",
        form=SayStillShown,
        answer=Said,
        status=201,
        at="/api/v1/records/{record}/file",
        keyed=True,
        refuses=(404, 409),
    )
)
def say(form: Body, record_id: UUID) -> dict[str, Any]:
    """The enterprise finds its record on a site that should no longer show it"""
    word = still_shown.say(
        current_office(),
        current_actor(),
        record_id,
        form["site"],
        link=form["link"],
        note=form["note"],
        proof=_proof(form.get("proof")),
        now=g.now,
    )
    return {"id": word, "record": record_id}


def _proof(sent: Any) -> Proof | None:
    return Proof(sent.filename or "", sent.read()) if sent is not None else None


@noun.call(Call("GET", "/deferrals", query=DeferralQuery, answer=DeferralPage))
def deferrals(query: Body) -> Page[DeferralRow]:
    """Deferrals of reports and longer times to put right, the first to end first"""
    return deferral_register.listed(current_office(), current_actor(), now=g.now, **query)
