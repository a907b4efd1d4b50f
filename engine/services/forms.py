"""The form of a task as it is asked now: what may be chosen only once is gone the second time."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.persistence import models
from engine.runtime.procedure import Procedure


def schema_of(
    session: Session,
    procedure: Procedure,
    task: models.Task,
    answers: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """JSON Schema of the task's form. A choice marked x-once (一次性补正告知, 行政许可法 art. 32)
    is not offered again in the same case. `answers`: to check these only, so that earlier ones are
    read when such a choice is among them."""
    element = procedure.element(task.process_id, task.element_id)
    schema = procedure.form(element.form or element.id)
    once = {
        name: [c["const"] for c in question.get("oneOf", ()) if c.get("x-once")]
        for name, question in schema.get("properties", {}).items()
    }
    if answers is not None:
        once = {name: values for name, values in once.items() if answers.get(name) in values}
    if not any(once.values()) or task.state not in ("ready", "claimed"):
        return schema
    earlier = _earlier_answers(session, task)
    return without_chosen(schema, once, earlier[_allowed_again(session, task) :])


def choice_title(procedure: Procedure, form: str, field: str, value: str) -> str:
    """The Chinese title of a choice, as the form shows it; the value itself when it has none."""
    question = procedure.forms.get(form, {}).get("properties", {}).get(field, {})
    choices = [*question.get("oneOf", ()), *question.get("items", {}).get("oneOf", ())]
    return next((str(c["title"]) for c in choices if c.get("const") == value), value)


def _allowed_again(session: Session, task: models.Task) -> int:
    """How often a supervisor has allowed what may be done once only to be done again."""
    case = models.Case
    facts = session.scalar(select(case.facts).where(case.id == task.case_id)) or {}
    return len(facts.get("second_corrections", ()))


def _earlier_answers(session: Session, task: models.Task) -> list[Mapping[str, Any]]:
    table = models.Task
    found = select(table.answers).where(
        table.case_id == task.case_id,
        table.element_id == task.element_id,
        table.state == "completed",
    )
    return [answers for answers in session.scalars(found) if answers]


def without_chosen(
    schema: dict[str, Any], once: Mapping[str, list[str]], earlier: list[Mapping[str, Any]]
) -> dict[str, Any]:
    """The schema without the once-only choices that earlier answers made."""
    properties = dict(schema["properties"])
    for name, values in once.items():
        if not values:
            continue
        used = {answers.get(name) for answers in earlier} & set(values)
        if used:
            question = properties[name]
            left = [choice for choice in question["oneOf"] if choice["const"] not in used]
            properties[name] = {**question, "oneOf": left}
    return {**schema, "properties": properties}
