"""What a check of an installation finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that must not be: where, and what."""

    where: str
    zh: str
    en: str
