"""Records: credit records and the files they come in."""

from typing import Any
from uuid import UUID

from flask import g

from engine.domain.views import ImportReport, Page, RecordView
from engine.services import records
from web.api.calls import Call, Noun, Who
from web.api.reading import Body
from web.api.schemas.record import (
    DefaultEvent,
    Entered,
    ImportFile,
    PublishedQuery,
    RecordDetail,
    RecordPage,
    RecordQuery,
    Report,
    ReportPage,
)
from web.auth import current_actor
from web.office import current_office

noun = Noun("records", "Credit records and their import")


@noun.call(Call("GET", "/records", query=RecordQuery, answer=RecordPage))
def index(query: Body) -> Page[RecordView]:
    """Records I may see; an enterprise sees its own"""
    return records.find(current_office(), current_actor(), now=g.now, **query)


@noun.call(
    Call("GET", "/records/published", query=PublishedQuery, answer=RecordPage, who=Who.ANYBODY)
)
def published(query: Body) -> Page[RecordView]:
    """Records that are shown to the public now"""
    return records.published(current_office(), now=g.now, **query)


@noun.call(Call("GET", "/records/<uuid:record_id>", answer=RecordDetail, refuses=(404,)))
def show(record_id: UUID) -> dict[str, Any]:
    """One record and what happened to it: by which case, element, person and document"""
    record, history = records.get(current_office(), current_actor(), record_id, now=g.now)
    return {"record": record, "history": history}


@noun.call(
    Call(
        "POST",
        "/records/import",
        form=ImportFile,
        answer=Report,
        status=201,
        at="/api/v1/records/imports/{id}",
        keyed=True,
    )
)
def import_file(form: Body) -> ImportReport:
    """Import a file of records (CSV or XLSX) and get a report line by line

    `kind` says what they are: 双公示 penalties, the court's list, a department's pending list.

    A line that was taken before is `known`: the same file twice adds nothing.
    """
    file = form["file"]
    return records.import_file(
        current_office(),
        current_actor(),
        file.filename or "",
        file.read(),
        kind=form["kind"],
        now=g.now,
    )


@noun.call(Call("GET", "/records/imports", answer=ReportPage))
def imports() -> Page[ImportReport]:
    """Imports so far, without their lines"""
    return Page(records.imports(current_office(), current_actor()))


@noun.call(Call("GET", "/records/imports/<uuid:import_id>", answer=Report, refuses=(404,)))
def import_report(import_id: UUID) -> ImportReport:
    """The report of one import, line by line"""
    return records.import_report(current_office(), current_actor(), import_id)


@noun.call(
    Call(
        "POST",
        "/records/default-events",
        body=DefaultEvent,
        answer=Entered,
        status=201,
        at="/api/v1/records/{id}",
        refuses=(409,),
        keyed=True,
    )
)
def enter_default(body: Body) -> dict[str, UUID]:
    """Put a default on my department's pending list; it is neither shown nor reported yet"""
    return {"id": records.enter(current_office(), current_actor(), body, now=g.now)}


@noun.call(
    Call("POST", "/records/<uuid:record_id>/report", answer=RecordDetail, refuses=(404, 409))
)
def report_default(record_id: UUID) -> dict[str, Any]:
    """Report a default of my department: it is shown and goes up the platforms"""
    office, actor = current_office(), current_actor()
    records.report(office, actor, record_id, now=g.now)
    record, history = records.get(office, actor, record_id, now=g.now)
    return {"record": record, "history": history}
