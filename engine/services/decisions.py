"""What decision tables answered in a case, with the rows that held, as readers see it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.choice import Choice
from engine.domain.errors import NotFound
from engine.domain.history import chain
from engine.domain.record import Grade, Publication
from engine.domain.views import DecisionView, RequiredDecision, RowMatched, TableValue
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.procedure import Procedure
from engine.services import access
from engine.services.office import Office


def of_case(
    office: Office, actor: Actor, number: str, *, now: datetime
) -> tuple[DecisionView, ...]:
    """What the tables answered in a case, the newest first. NotFound when not to be seen."""
    made, held, definition = models.DecisionMade, models.Case, models.ProcessDefinition
    with office.uow.read() as session:
        case_id = session.scalar(
            select(held.id).where(held.number == number, access.visible_cases(actor))
        )
        if case_id is None:
            raise NotFound("没有这件案件。", "there is no such case")
        rows = session.execute(
            select(made, definition.version)
            .join(definition, definition.id == made.definition_id)
            .where(made.case_id == case_id)
            .order_by(made.sequence.desc())
        ).all()
        return tuple(_view(office, session, row, version) for row, version in rows)


def _view(office: Office, session: Session, row: models.DecisionMade, version: int) -> DecisionView:
    procedure = office.procedure(session, row.definition_id)
    return DecisionView(
        sequence=row.sequence,
        at=row.at,
        element=_element(procedure, row.element_id),
        decision_id=row.decision_id,
        title=title_of(procedure, row.decision_id),
        about=row.about,
        edition=procedure.edition,
        version=version,
        definition_id=row.definition_id,
        filename=row.filename,
        sha256=row.sha256,
        hit_policy=row.hit_policy,
        inputs=_values(row.inputs),
        outputs=tuple(map(_values, row.outputs)),
        rows=_rows(row.rows),
        required=tuple(_required(procedure, each) for each in row.required),
    )


def _element(procedure: Procedure, element_id: str | None) -> Words | None:
    drawn = (drawing.elements for drawing in procedure.drawings.values())
    found = (elements[element_id] for elements in drawn if element_id and element_id in elements)
    return next((element.title for element in found), None)


def title_of(procedure: Procedure, decision_id: str) -> Words:
    tables = procedure.decisions.get(decision_id)
    return tables.table(decision_id).title if tables else Words(decision_id)


def _values(kept: list[Mapping[str, Any]]) -> tuple[TableValue, ...]:
    return tuple(
        table_value(Words(each["label"], each["label_en"]), each["name"], each["value"])
        for each in kept
    )


def table_value(label: Words, name: str, value: Any) -> TableValue:
    """A value under its column, in words where it is a key word of the register of records."""
    choice = KEY_WORDS.get(name)
    known = choice is not None and value in {each.value for each in choice}
    return TableValue(label, name, value, choice(value).words if choice and known else None)


#: Variables of tables that hold key words of the register.
KEY_WORDS: Mapping[str, type[Choice]] = {"grade": Grade, "publication": Publication}


def _rows(kept: list[Mapping[str, Any]]) -> tuple[RowMatched, ...]:
    return tuple(
        RowMatched(each["number"], each["row_id"], tuple(each["annotations"])) for each in kept
    )


def _required(procedure: Procedure, kept: Mapping[str, Any]) -> RequiredDecision:
    return RequiredDecision(
        decision_id=kept["decision_id"],
        title=title_of(procedure, kept["decision_id"]),
        inputs=_values(kept["inputs"]),
        outputs=tuple(map(_values, kept["outputs"])),
        rows=_rows(kept["rows"]),
    )


def is_untouched(row: models.DecisionMade, event: models.Event) -> bool:
    """Whether what is kept is what the history's hash covers; of what was erased nothing is."""
    if event.is_erased:
        return True
    kept = {
        "decision_id": row.decision_id,
        "inputs": row.inputs,
        "outputs": row.outputs,
        "rows": row.rows,
        "required": row.required,
    }
    return bool(event.changes.get("sha256") == chain("", kept))
