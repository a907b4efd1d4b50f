"""What the forms of a procedure let be answered: the ends of columns that ask for an answer."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

Schema = Mapping[str, Any]


def form_answers(forms: Mapping[str, Schema]) -> dict[str, str]:
    """The unary tests that the answer of a name passes, for names whose answers are closed.

    A name that several forms ask for may be answered as any of them allows; where one of them
    leaves it open it is open.
    """
    asked: dict[str, list[Schema]] = {}
    for schema in forms.values():
        for name, question in schema.get("properties", {}).items():
            asked.setdefault(name, []).append(question)
    told = {name: [_tests(question) for question in its] for name, its in asked.items()}
    return {
        name: ", ".join(dict.fromkeys(test for tests in its for test in tests))
        for name, its in told.items()
        if all(its)
    }


def _tests(question: Schema) -> tuple[str, ...]:
    """Empty for an open question."""
    choices = question.get("enum") or [each.get("const") for each in question.get("oneOf", ())]
    if choices:
        return tuple(_literals(choices))
    low, high = question.get("minimum"), question.get("maximum")
    if question.get("type") in ("integer", "number") and low is not None and high is not None:
        return (f"[{Decimal(str(low)):f}..{Decimal(str(high)):f}]",) if low <= high else ()
    return ()


def _literals(choices: Iterable[Any]) -> Iterable[str]:
    for choice in choices:
        if isinstance(choice, str):
            written = choice.replace("\\", "\\\\").replace('"', '\\"')
            yield f'"{written}"'
        elif isinstance(choice, bool):
            yield "true" if choice else "false"
        elif isinstance(choice, int | float):
            yield f"{Decimal(str(choice)):f}"
