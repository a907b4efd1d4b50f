"""Forms lying beside the diagrams: JSON Schemas that can be asked and checked."""

from collections.abc import Iterator
from typing import Any

from engine.domain.form_checker import unsound
from engine.domain.form_days import DAY, DAYS, KNOWN, NOT_BEFORE
from engine.domain.gate_report import Finding
from engine.runtime.gate.endless import endless_pattern
from engine.runtime.gate.reading import Folder
from engine.runtime.gate.rules import Place, found


def check_forms(folder: Folder) -> Iterator[Finding]:
    for key, form in folder.forms.items():
        why = _refers(form) or unsound(form) or endless_pattern(form) or _unsound_questions(form)
        if why:
            yield found("form-unsound", Place(_file(folder, key), "", "", key), form=key, why=why)


def _file(folder: Folder, key: str) -> str:
    return next(name for name in folder.files if name.endswith(f"/forms/{key}.json"))


def _refers(part: Any) -> str:
    """A reference to another schema could be fetched from somewhere, or lead round in a circle."""
    if isinstance(part, dict):
        told = next((key for key in ("$ref", "$dynamicRef") if key in part), "")
        return told or next((t for t in map(_refers, part.values()) if t), "")
    return next((t for t in map(_refers, part) if t), "") if isinstance(part, list) else ""


def _unsound_questions(form: dict[str, Any]) -> str:
    """What JSON Schema would let pass and forms (workflows/README.md) do not."""
    for name, question in form.get("properties", {}).items():
        if not isinstance(question, dict):
            return f"{name}: {question}"
        condition = question.get("x-show-if")
        if condition is not None and not _is_condition(form, condition):
            return f"{name}: x-show-if"
        if question.get(DAY) not in (None, *DAYS) or (DAY in question and not _is_date(question)):
            return f"{name}: {DAY}"
        if question.get(NOT_BEFORE) not in (None, *KNOWN, *form["properties"]):
            return f"{name}: {NOT_BEFORE}"
    return _in_a_circle(form)


def _is_date(question: dict[str, Any]) -> bool:
    return bool(question.get("format") == "date")


def _is_condition(form: dict[str, Any], condition: Any) -> bool:
    return (
        isinstance(condition, dict)
        and isinstance(condition.get("in"), list)
        and condition.get("field") in form.get("properties", {})
    )


def _in_a_circle(form: dict[str, Any]) -> str:
    """A question that is asked only if it is asked."""
    questions = form.get("properties", {})
    for name in questions:
        here, seen = name, set[str]()
        while here not in seen:
            seen.add(here)
            condition = questions[here].get("x-show-if")
            if condition is None:
                break
            here = condition["field"]
        else:
            return f"{name}: x-show-if"
    return ""
