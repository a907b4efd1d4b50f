"""Personal numbers within a case: who handles it reads them, who only oversees it does not."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.domain.actor import Actor, Permission
from engine.domain.identifiers import without_personal_numbers
from engine.domain.views import SubjectView


def is_veiled(actor: Actor | None) -> bool:
    """For who sees every case in order to oversee it: a name and a step tell enough."""
    return actor is None or (not actor.is_enterprise and actor.may(Permission.SEE_ALL_CASES))


def answers(actor: Actor | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Answers of a form as the actor may read them."""
    return (
        {name: _veiled(value) for name, value in given.items()} if is_veiled(actor) else {**given}
    )


def subject(actor: Actor | None, view: SubjectView) -> SubjectView:
    return replace(view, phone=without_personal_numbers(view.phone)) if is_veiled(actor) else view


def _veiled(value: Any) -> Any:
    if isinstance(value, str):
        return without_personal_numbers(value)
    if isinstance(value, Mapping):
        return {name: _veiled(each) for name, each in value.items()}
    return [_veiled(each) for each in value] if isinstance(value, list) else value
