"""Whom the public asks about a case."""

from dataclasses import dataclass

from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class Contact:
    """The unit that answers for the case, as its letters name it, and its telephone."""

    unit: Words
    phone: str
