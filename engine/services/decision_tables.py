"""The decision tables of a deployed version: shown as drawn, looked over, and tried."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from engine.domain.actor import Actor, Permission
from engine.domain.errors import EngineError, NotFound
from engine.domain.views import (
    ColumnView,
    RequiredDecision,
    RequiredTable,
    RowMatched,
    RowView,
    TableFinding,
    TableTrial,
    TableValue,
    TableView,
    VariableView,
)
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.decisions import DecisionResult, Decisions, Finding, Row, Table
from engine.runtime.decisions.form_answers import form_answers
from engine.runtime.decisions.trying import Variable, asked_variables, context_of
from engine.runtime.procedure import Procedure
from engine.services.decisions import table_value
from engine.services.office import Office


def tables(office: Office, actor: Actor, definition_id: UUID) -> tuple[TableView, ...]:
    """Every decision table of a version, those that play a part in it first."""
    actor.must(Permission.INSPECT)
    procedure = _procedure(office, definition_id)
    answers = form_answers(procedure.forms)
    views = [
        _view(procedure, tables, table, answers)
        for decision_id, tables in procedure.decisions.items()
        for table in (tables.table(decision_id),)
    ]
    return tuple(sorted(views, key=lambda view: (not view.parts, view.filename)))


def try_table(
    office: Office,
    actor: Actor,
    definition_id: UUID,
    decision_id: str,
    inputs: Mapping[str, Any],
) -> TableTrial:
    """What a table answers to these inputs, by name. Nothing is kept.

    An input may be text as it is typed or a value of JSON. NotFound for an unknown table.
    """
    actor.must(Permission.INSPECT)
    tables = _procedure(office, definition_id).decisions.get(decision_id)
    if tables is None:
        raise NotFound(f"没有决策 {decision_id}", f"there is no decision {decision_id}")
    try:
        result = tables.decide(decision_id, context_of(tables, decision_id, inputs))
    except EngineError as refusal:
        numbers = getattr(refusal, "rows", ())
        rows = tuple(RowMatched(number, "", ()) for number in numbers)
        return TableTrial((), (), rows, (), Words(str(refusal), refusal.english))
    return TableTrial(
        inputs=_inputs(result),
        outputs=_outputs(result),
        rows=_rows(result),
        required=tuple(_required(tables, result)),
        failure=None,
    )


def _procedure(office: Office, definition_id: UUID) -> Procedure:
    with office.uow.read() as session:
        if session.get(models.ProcessDefinition, definition_id) is None:
            raise NotFound("没有这个版本。", "there is no such version")
        return office.procedure(session, definition_id)


def _view(
    procedure: Procedure, tables: Decisions, table: Table, answers: Mapping[str, str]
) -> TableView:
    return TableView(
        decision_id=table.id,
        title=table.title,
        description=table.description,
        is_literal=table.is_literal,
        hit_policy=table.hit_policy,
        aggregation=table.aggregation,
        inputs=tuple(
            ColumnView(each.title, each.expression, each.kind or "", each.allowed_text, "")
            for each in table.inputs
        ),
        outputs=tuple(
            ColumnView(each.title, each.name, each.kind or "", each.allowed_text, each.default_text)
            for each in table.outputs
        ),
        notes=table.notes,
        rows=tuple(_row(row, len(table.inputs)) for row in table.rows),
        requires=tuple(RequiredTable(each, tables.table(each).title) for each in table.requires),
        filename=tables.filename,
        sha256=tables.sha256,
        parts=tuple(part for part, named in procedure.rules.items() if named == table.id),
        variables=tuple(map(_variable, asked_variables(tables, table.id, answers))),
        findings=tuple(_finding(each) for each in tables.findings(answers, table.id)),
    )


def _row(row: Row, inputs: int) -> RowView:
    texts = row.texts
    return RowView(row.number, row.id, texts[:inputs], texts[inputs:], row.annotations)


def _variable(asked: Variable) -> VariableView:
    return VariableView(asked.name, asked.label, asked.kind or "", asked.choices)


def _finding(found: Finding) -> TableFinding:
    sentence = Words(found.sentence_zh, found.sentence_en)
    return TableFinding(found.kind, found.rows, sentence, dict(found.example))


def _inputs(result: DecisionResult) -> tuple[TableValue, ...]:
    return tuple(table_value(each.label, each.expression, each.value) for each in result.inputs)


def _outputs(result: DecisionResult) -> tuple[tuple[TableValue, ...], ...]:
    return tuple(
        tuple(table_value(each.label, each.name, each.value) for each in answer)
        for answer in result.outputs
    )


def _rows(result: DecisionResult) -> tuple[RowMatched, ...]:
    return tuple(RowMatched(row.number, row.row_id, row.annotations) for row in result.rows)


def _required(tables: Decisions, result: DecisionResult) -> Iterator[RequiredDecision]:
    asked: Iterable[tuple[str, DecisionResult]] = result.required
    for decision_id, its in asked:
        yield from _required(tables, its)
        title = tables.table(decision_id).title
        yield RequiredDecision(decision_id, title, _inputs(its), _outputs(its), _rows(its))
