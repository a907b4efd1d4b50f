"""What a caseworker's desk shows beside tasks: own lists, colleagues, notes, what was found, what would follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.domain.views.case import CaseRow, SubjectView
from engine.domain.views.incident import PlanLine
from engine.domain.views.record import RecordView
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class SavedFilterView:
    """A list that its owner comes back to; `count` as on the rail."""

    id: UUID
    name: str
    query: Mapping[str, str]  # scope, light, procedure, q, sort
    count: int


@dataclass(frozen=True, slots=True)
class Matter:
    """What of its case a row of the inbox may show beside the task, by choice."""

    subject_code: str
    applicant_name: str
    channel: str  # web | window
    filed_at: datetime
    accepted_at: datetime | None
    due_at: datetime | None  # of the whole case
    stage_title: Words
    answers: Mapping[str, Any]  # of the application


@dataclass(frozen=True, slots=True)
class Company:
    """What a task page is told of others: who has it open, whether it has changed meanwhile."""

    others: tuple[tuple[str, bool], ...]  # (name, whether something was just typed)
    version: int
    state: str
    assignee_name: str | None
    draft_by: str | None  # name of somebody else whose draft is the latest
    draft_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoteView:
    """便笺: a note of a colleague's about a case."""

    sequence: int  # its line in the history
    at: datetime
    actor_name: str
    department: Words | None
    text: str
    mentions: tuple[str, ...]  # names


@dataclass(frozen=True, slots=True)
class InquiryLine:
    """留言: what an enterprise asked about its case, or what the office answered."""

    sequence: int  # its line in the history
    at: datetime
    is_answer: bool
    actor_name: str
    department: Words | None
    text: str


@dataclass(frozen=True, slots=True)
class RelatedCase:
    """Another case, and why it is shown beside this one."""

    case: CaseRow
    why: Words


@dataclass(frozen=True, slots=True)
class Found:
    """What a search of everything found, the newest first."""

    cases: tuple[CaseRow, ...]
    subjects: tuple[SubjectView, ...]
    records: tuple[RecordView, ...]


@dataclass(frozen=True, slots=True)
class ForeseenLetter:
    """A letter that completing a task would issue."""

    key: str
    title: Words


@dataclass(frozen=True, slots=True)
class Foresight:
    """What completing a task would do."""

    lines: tuple[PlanLine, ...]
    letters: tuple[ForeseenLetter, ...]
