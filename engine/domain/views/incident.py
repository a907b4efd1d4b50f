"""Incidents and what can be done about them, as administrators see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.domain.views.case import DiagramView
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One thing that was done about an incident."""

    at: datetime
    by: str
    told: Words
    reason: str


@dataclass(frozen=True, slots=True)
class IncidentView:
    id: UUID
    number: str
    kind: str  # step | timer | message | job | stray
    case_number: str | None
    process_id: str | None
    element_id: str | None
    title: Words  # what the element is called
    cause: Words
    tried: Words  # who tried what
    act: Mapping[str, Any]  # the answers or the message that were tried
    attempts: int
    raised_at: datetime
    last_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None  # retried | answered | moved | passed
    story: tuple[StoryLine, ...]
    job_id: UUID | None
    task_id: UUID | None


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere in a diagram: where a token is, or could be put."""

    process_id: str
    element_id: str
    title: Words
    process_title: Words
    kind: str
    wait_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One thing that an act would change. `kind`: close | open | disarm | arm | clock | case."""

    kind: str
    title: Words
    detail: Words


@dataclass(frozen=True, slots=True)
class RepairPlan:
    """What a repair does; `is_applied` False: what it would do."""

    is_applied: bool
    lines: tuple[PlanLine, ...]
    awaits_second: bool = False  # proposed, and waits for another administrator


@dataclass(frozen=True, slots=True)
class Proposal:
    """A move that waits for a second administrator."""

    by: str
    at: datetime
    wait_id: UUID
    origin: Words
    process_id: str
    element_id: str
    target: Words
    alone: bool
    reason: str


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """One incident with all that is needed to do something about it."""

    incident: IncidentView
    diagrams: tuple[DiagramView, ...]
    form: Mapping[str, Any]  # the form whose answers broke the step; empty when there is none
    answers: Mapping[str, Any]
    variables: Mapping[str, Any]  # process variables where the case stands
    waits: tuple[Place, ...]  # where the case stands
    targets: Mapping[str, tuple[Place, ...]]  # wait id -> where its token could be put
    proposal: Proposal | None
    needs_second: bool
    actions: frozenset[str]  # retry | answer | move
