"""Numbers of people (脱敏显示): nobody's page shows them; who handles the case may ask to read them.

What was asked for and read is written down: engine/services/personal_data.py.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Invalid
from engine.domain.personal_numbers import (
    holds_hidden,
    put_back,
    texts,
    veiled,
    without_personal_numbers,
)
from engine.domain.views import SubjectView
from engine.domain.words import Words


def only_oversees(actor: Actor) -> bool:
    """Who sees every case in order to oversee it: a name and a step tell enough."""
    return not actor.is_enterprise and actor.may(Permission.SEE_ALL_CASES)


def answers(given: Mapping[str, Any]) -> dict[str, Any]:
    """Answers of a form as they are shown."""
    return {name: veiled(value) for name, value in given.items()}


def answers_to_fill_in(actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the blanks of a form: an enterprise's own words, or an office's hidden draft, which
    `filled_in` makes whole again when it comes back."""
    return {**given} if actor.is_enterprise else answers(given)


def filled_in(sent: Mapping[str, Any], kept: Mapping[str, Any] | None) -> dict[str, Any]:
    """Answers that came back from a form whose blanks showed `kept` with its numbers hidden."""
    if not kept:
        return {**sent}
    all_of_it = "\n".join(texts(kept))
    return {
        name: _whole(_whole(value, "\n".join(texts(kept.get(name)))), all_of_it)
        for name, value in sent.items()
    }


def _whole(value: Any, kept: str) -> Any:
    if isinstance(value, str):
        return put_back(value, kept)
    if isinstance(value, Mapping):
        return {name: _whole(each, kept) for name, each in value.items()}
    return [_whole(each, kept) for each in value] if isinstance(value, list) else value


def corrected(sent: str, kept: str, field: str) -> str:
    """A text of a record as it is to be kept. Invalid where a number in it is still hidden: a record
    never takes asterisks for what it says."""
    text = put_back(sent, kept)
    if holds_hidden(text) and not holds_hidden(kept):
        told = Words(
            "有隐去的号码对不上原文，请写完整的号码，或删去。",
            "a hidden number does not fit the text as it was: write it whole, or leave it out",
        )
        raise Invalid(told.zh, told.en, fields={field: told})
    return text


def subject(view: SubjectView) -> SubjectView:
    return replace(view, phone=without_personal_numbers(view.phone))
