"""A case, its clocks, stages, history and diagrams, as readers see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from engine.domain.clock import Budget, ClockReading, Light, Whose
from engine.domain.states import CaseState, ExtensionState, StageState
from engine.domain.views.contact import Contact
from engine.domain.views.follow_up import FollowedUp, FollowUpView
from engine.domain.views.paper import DocumentView, LetterView, PaperView
from engine.domain.views.record import RecordView
from engine.domain.views.task import TaskView
from engine.domain.whose_time import Part
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class StageView:
    """One statutory stage (收件, 补正, 受理, 审查, 决定, 送达/同步) of a case."""

    key: str
    title: Words
    state: StageState
    since: datetime | None
    until: datetime | None
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class WaitingCard:
    """Who has the case, since when, for what, until when, whose time is running."""

    headline: Words  # the bold clause: who, what
    sentence: Words  # then until when, what follows
    who: Words
    step: Words
    since: datetime
    until: datetime | None
    whose: Whose
    is_applicants_turn: bool
    light: Light
    element_id: str
    task_id: UUID | None
    time: Words  # whose time it is counted as, in words
    can_do: Words  # what the reader can do now
    whole: Words  # all of it in one sentence


@dataclass(frozen=True, slots=True)
class ClockEntryView:
    """One line of a clock's ledger. `is_void`: a later line corrects it, it no longer counts."""

    kind: str
    effective_at: datetime
    recorded_at: datetime
    basis: str
    document: str
    actor: str
    reason: str
    due_before: datetime | None = None  # of a recount: the last moment before, and after it
    due_after: datetime | None = None
    sequence: int = 0
    ground: str = ""
    amount: int = 0
    expected_at: datetime | None = None
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class PauseGroundView:
    """A lawful ground on which a clock may be paused by hand."""

    key: str
    title: Words
    basis: str
    whose: Whose


@dataclass(frozen=True, slots=True)
class ClockChoices:
    """What somebody who pauses, resumes or extends the handling clock may choose from."""

    number: str
    title: str
    grounds: tuple[PauseGroundView, ...]
    paused: tuple[ClockEntryView, ...]
    cap: int  # days by which the procedure lets it be extended; 0 for none
    cap_basis: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class WhoseShare:
    """What one party had of the case: all time, and the office time in it, in whole seconds."""

    whose: Whose
    elapsed_seconds: int
    office_seconds: int


@dataclass(frozen=True, slots=True)
class WhoseStretch:
    since: datetime
    until: datetime
    whose: Whose
    name: str


@dataclass(frozen=True, slots=True)
class WhoseTimeView:
    """The life of a case without a gap; the shares sum to the whole."""

    since: datetime
    until: datetime
    elapsed_seconds: int
    office_seconds: int
    shares: tuple[WhoseShare, ...]
    stretches: tuple[WhoseStretch, ...]


@dataclass(frozen=True, slots=True)
class ExtensionView:
    """延长办理时限: a request and what became of it."""

    id: UUID
    clock: str
    amount: int
    reason: str
    basis: str
    requested_by: str
    requested_at: datetime
    due_before: datetime
    due_after: datetime | None
    state: ExtensionState
    decided_by: str | None
    decided_at: datetime | None
    opinion: str
    letter_number: str | None
    task_id: UUID | None  # where it is decided


@dataclass(frozen=True, slots=True)
class BreachView:
    """A limit that passed, on record."""

    kind: str  # step | promised | statutory
    title: Words
    due_at: datetime
    marked_at: datetime
    ended_at: datetime | None
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClockView:
    """A clock of the case with its printed working."""

    key: str
    title: Words
    budget: Budget
    basis: str
    reading: ClockReading
    narrative: Words
    entries: tuple[ClockEntryView, ...]


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of the case's append-only history."""

    sequence: int
    at: datetime
    actor: str
    actor_name: str
    department: Words | None
    kind: str  # filed, task_completed, timer_fired, letter_issued, record_changed, ...
    element_id: str | None
    title: Words
    detail: Words | None
    changes: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class SubjectView:
    code: str
    name: str
    legal_representative: str
    address: str
    phone: str


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list."""

    number: str
    procedure: str
    procedure_title: Words
    title: str
    subject_name: str
    subject_code: str
    state: CaseState
    outcome: str | None
    outcome_title: Words | None
    stage: str
    stage_title: Words
    step: Words | None
    holder: Words | None
    filed_at: datetime
    due_at: datetime | None
    light: Light
    days_left: int | None
    provisional: bool = False  # 暂定: due in a year whose holidays are not announced


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything one actor may see of a case."""

    number: str
    query_code: str
    procedure: str
    procedure_title: Words
    edition: str
    version: int
    title: str
    subject: SubjectView
    applicant_name: str
    channel: str  # web | window
    state: CaseState
    outcome: str | None
    outcome_title: Words | None
    grade: str | None
    grade_title: Words | None
    tags: tuple[Words, ...]
    filed_at: datetime
    closed_at: datetime | None
    decide_by: datetime | None  # decision at the latest
    stages: tuple[StageView, ...]
    waiting: tuple[WaitingCard, ...]  # the first is the main one; empty when closed
    clocks: tuple[ClockView, ...]  # the first is the one of the clock strip
    whose_days: tuple[Part, ...]  # office time since filing; the parts sum to the whole
    tasks: tuple[TaskView, ...]  # open and done, oldest first
    records: tuple[RecordView, ...]
    papers: tuple[PaperView, ...]
    documents: tuple[DocumentView, ...]
    letters: tuple[LetterView, ...]
    answers: Mapping[str, Any]  # the application
    # withdraw, reconsider, supplement, rate, attach, pause, resume, extend, decide_extension,
    # allow_correction
    actions: frozenset[str]
    whose_time: WhoseTimeView | None = None
    extensions: tuple[ExtensionView, ...] = ()
    breaches: tuple[BreachView, ...] = ()
    follow_ups: tuple[FollowUpView, ...] = ()
    #: The follow-up for which the closed case was taken up again; none of a case that never closed.
    follow_up: Words | None = None
    #: The one that ended last: the case was closed by it again.
    followed_up: FollowedUp | None = None
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class ElementTime:
    element_id: str
    title: Words
    who: Words
    since: datetime
    until: datetime | None
    days: int | None  # working days used
    limit: int | None
    state: str  # done | active | late | cancelled


@dataclass(frozen=True, slots=True)
class DiagramView:
    """One BPMN process of a case: XML and the state of its elements."""

    process_id: str
    title: Words
    xml: str
    elements: Mapping[str, str]  # element id -> done | active | late | cancelled
    times: tuple["ElementTime", ...]
    is_current: bool


@dataclass(frozen=True, slots=True)
class SiteState:
    """What the public sees of a removal: which site, what it owes, how far it is."""

    site_title: Words
    duty_title: Words
    state: str
    state_title: Words
    due_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class TrackView:
    """What the public sees by number and query code: no names, no papers."""

    number: str
    procedure_title: Words
    state: str
    outcome_title: Words | None
    filed_at: datetime
    closed_at: datetime | None
    decide_by: datetime | None
    stages: tuple[StageView, ...]
    waiting: tuple[WaitingCard, ...]
    clocks: tuple[ClockView, ...]
    sites: tuple[SiteState, ...] = ()  # what other sites owe, and how far they are
    followed_up: FollowedUp | None = None  # what followed on the closed case last


@dataclass(frozen=True, slots=True)
class Filed:
    """The answer to a filing."""

    number: str
    query_code: str
    filed_at: datetime
    counted_from: date  # the day on which it counts as received
    accept_by: datetime | None
    decide_by: datetime | None


@dataclass(frozen=True, slots=True)
class DraftView:
    """An application that is being written."""

    id: UUID
    procedure: str
    procedure_title: Words
    subject: SubjectView
    records: tuple[RecordView, ...]
    answers: Mapping[str, Any]
    papers: tuple[PaperView, ...]
    form: Mapping[str, Any]
    updated_at: datetime
