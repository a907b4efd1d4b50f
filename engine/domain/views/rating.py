"""Ratings as supervisors see them."""

from dataclasses import dataclass
from datetime import datetime

#: Grades that count as content, of the five.
CONTENT = 3


@dataclass(frozen=True, slots=True)
class RatingRow:
    """Ratings of one procedure; `grades` from the best to the worst, each with its count."""

    procedure: str
    closed: int
    grades: tuple[tuple[str, int], ...]

    @property
    def rated(self) -> int:
        return sum(count for _, count in self.grades)

    @property
    def content(self) -> int:
        return sum(count for _, count in self.grades[:CONTENT])


@dataclass(frozen=True, slots=True)
class BadRating:
    """One bad rating and the call-back: contact, measures, what the rater said to them."""

    case_number: str
    grade: str
    comment: str
    rated_at: datetime
    contact_due_at: datetime | None
    contacted_at: datetime | None
    answer_due_at: datetime | None
    answered_at: datetime | None
    finding: str
    measures: str
    revisit: str


@dataclass(frozen=True, slots=True)
class RatingBoard:
    rows: tuple[RatingRow, ...]
    bad: tuple[BadRating, ...]
