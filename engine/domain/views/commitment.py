"""Commitments as their readers see them."""

from dataclasses import dataclass
from datetime import date, datetime

from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class CommitmentView:
    """One 信用承诺 in the fields of the national standard; texts are Chinese, as they were made.

    `is_over`: its validity has passed and nobody has found yet how it was performed.
    """

    code: str
    kind: str
    kind_title: Words
    subject_code: str
    subject_name: str
    subject_class: str
    reason: str
    content: str
    sanction: str
    made_on: date
    valid_until: date | None
    performance: str
    performance_title: Words
    unfulfilled: str
    consequence: str
    found_on: date | None
    found_by: str
    found_by_code: str
    accepted_by: str
    accepted_by_code: str
    openness: str
    openness_title: Words
    note: str
    case_number: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class CommitmentEventView:
    """One line of a commitment's history. `before` is None when it was registered."""

    at: datetime
    before: Words | None
    after: Words
    basis: str
    detail: str
    case_number: str
    actor_name: str
    department: Words | None
