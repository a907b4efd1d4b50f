"""The page of one task, as its readers see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.domain.views.case import CaseView
from engine.domain.views.task import TaskView
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class MissingPaper:
    """One line of a correction request (一次性补正告知)."""

    paper: str  # key of the paper in procedure.toml; "" for one that is not listed there
    title: Words
    reason: str
    form: str


@dataclass(frozen=True, slots=True)
class NoticeInHand:
    """The 督办单 that a task is about: what it says, and what was said to it so far."""

    id: UUID
    number: str
    ground: Words
    contest: str
    answer: str


@dataclass(frozen=True, slots=True)
class Said:
    """What one step or message of a case said. form: the JSON Schema that names the answers."""

    title: Words
    who: Words
    at: datetime
    form: Mapping[str, Any]
    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case as the desk opens it: with what was said on its way, newest first."""

    case: CaseView
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class TaskPage:
    """What the task page needs beyond the case."""

    task: TaskView
    case: CaseView
    form: Mapping[str, Any]  # JSON Schema
    answers: Mapping[str, Any]  # draft or, when completed, what was answered
    draft_saved_at: datetime | None
    facts: tuple[tuple[Words, Words], ...] = ()  # what the system checked for this step
    missing: tuple[MissingPaper, ...] = ()  # what the correction request asked for
    trouble: Words | None = None  # an incident at this step: an administrator is on it
    notice: NoticeInHand | None = None  # in a supervision
    said: tuple[Said, ...] = ()  # by the steps before, for the offices
