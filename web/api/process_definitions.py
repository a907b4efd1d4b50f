"""Process definitions: every deployed version of every procedure."""

from uuid import UUID

from flask import g

from engine.domain.views import (
    DiagramView,
    FileView,
    Page,
    ProcedureView,
    TableTrial,
    TableView,
    VersionDiff,
)
from engine.services import decision_tables, procedures
from web.api.calls import Call, Noun
from web.api.reading import Body
from web.api.schemas.case import DiagramPage
from web.api.schemas.decision import DecisionTablePage, Trial, TryTable
from web.api.schemas.office import Procedure, ProcedurePage
from web.api.schemas.repair import Diff, DiffQuery, FilePage
from web.auth import current_actor
from web.office import current_office

noun = Noun("process-definitions", "Deployed versions of the procedures")
ONE = "/process-definitions/<uuid:definition_id>"


@noun.call(Call("GET", "/process-definitions", answer=ProcedurePage))
def index() -> Page[ProcedureView]:
    """All versions of all procedures, with the cases that live in each"""
    return Page(procedures.definitions(current_office(), current_actor(), now=g.now))


@noun.call(Call("GET", ONE, answer=Procedure, refuses=(404,)))
def show(definition_id: UUID) -> ProcedureView:
    """One version, with the cases that live in it"""
    return procedures.definition(current_office(), current_actor(), definition_id, now=g.now)


@noun.call(Call("GET", f"{ONE}/diagrams", answer=DiagramPage, refuses=(404,)))
def diagrams(definition_id: UUID) -> Page[DiagramView]:
    """The BPMN diagrams of one version"""
    found = procedures.definition_diagrams(current_office(), current_actor(), definition_id)
    return Page(found)


@noun.call(Call("GET", f"{ONE}/files", answer=FilePage, refuses=(404,)))
def files(definition_id: UUID) -> Page[FileView]:
    """The files of one version, with their hashes"""
    return Page(procedures.files(current_office(), current_actor(), definition_id))


@noun.call(Call("GET", f"{ONE}/diff", query=DiffQuery, answer=Diff, refuses=(404,)))
def diff(query: Body, definition_id: UUID) -> VersionDiff:
    """What differs between this version and another: elements, limits, forms, decision rows"""
    return procedures.diff(current_office(), current_actor(), definition_id, query["to"])


@noun.call(
    Call(
        "GET",
        "/process-definitions/<uuid:definition_id>/decisions",
        answer=DecisionTablePage,
        refuses=(404,),
    )
)
def decisions(definition_id: UUID) -> Page[TableView]:
    """The decision tables of one version: columns, rows with their articles, findings"""
    return Page(decision_tables.tables(current_office(), current_actor(), definition_id))


@noun.call(
    Call(
        "POST",
        "/process-definitions/<uuid:definition_id>/decisions/<decision_id>/evaluation",
        body=TryTable,
        answer=Trial,
        refuses=(404,),
    )
)
def try_decision(body: Body, definition_id: UUID, decision_id: str) -> TableTrial:
    """Ask a decision table with inputs of your own; nothing is kept

    Where the inputs do not fit or rows contradict each other, `failure` says why.
    """
    return decision_tables.try_table(
        current_office(), current_actor(), definition_id, decision_id, body["inputs"]
    )
