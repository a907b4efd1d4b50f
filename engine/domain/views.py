"""What a reader sees of a case and its tasks: plain frozen values, no table behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from engine.domain.clock import Budget, ClockReading, Light, Whose
from engine.domain.words import Words

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list by keyset; `next_cursor` is None on the last one."""

    items: tuple[Item, ...]
    next_cursor: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class StageView:
    """One statutory stage (收件, 补正, 受理, 审查, 决定, 送达/同步) of a case."""

    key: str
    title: Words
    state: str  # done | now | todo | skipped
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


@dataclass(frozen=True, slots=True)
class ClockEntryView:
    kind: str
    effective_at: datetime
    recorded_at: datetime
    basis: str
    document: str
    actor: str
    reason: str


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
class TaskView:
    """A task as the inbox shows it."""

    id: UUID
    case_number: str
    case_title: str  # name of the subject
    procedure: str
    procedure_title: Words
    element_id: str
    title: Words
    line: Words  # a line of case data: grade, document number
    why: Words  # why it stands here
    group: str
    group_title: Words
    department: str | None
    department_title: Words | None
    assignee: str | None  # username
    assignee_name: str | None
    state: str  # ready | claimed | completed | cancelled
    created_at: datetime
    due_at: datetime | None
    completed_at: datetime | None
    light: Light
    days_left: int | None  # working days until the step's due day; 0 = due today; negative = over
    whose: Whose
    may_claim: bool
    may_complete: bool
    reason_not: Words | None  # why the actor may not take it (four eyes, another's task)
    version: int


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
class DocumentView:
    """A paper of the case, kept with its hash."""

    id: UUID
    kind: str  # key of the paper in procedure.toml, or "other"
    title: Words
    filename: str
    media_type: str
    size: int  # bytes
    sha256: str
    uploaded_by: str
    uploaded_at: datetime
    receipt: str  # 收讫凭证 number
    source: str  # applicant | authority | register | office


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper that the procedure asks for, and whether it is there."""

    key: str
    title: Words
    help: Words | None
    required: bool
    source: str  # applicant | authority | register
    documents: tuple[DocumentView, ...]


@dataclass(frozen=True, slots=True)
class LetterView:
    id: UUID
    key: str
    number: str
    title: Words
    state: str  # pending | issued | served
    issued_at: datetime | None
    served_at: datetime | None
    way: str | None  # electronic | post | public_notice
    sha256: str | None
    is_ready: bool  # the PDF is made


@dataclass(frozen=True, slots=True)
class EligibilityView:
    """Whether and when a record may be repaired, and by which rule."""

    outcome: (
        str  # eligible | not_yet | never | not_shown | objection_first | repair_pending | expired
    )
    sentence: Words
    earliest_on: date | None
    ends_on: date | None
    rule: str  # rule row, e.g. A-01
    article: str
    missing: tuple[PaperView, ...]
    routes: tuple[Words, ...]  # other ways


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record of an administrative penalty about a subject."""

    id: UUID
    subject_code: str
    subject_name: str
    number: str  # 行政处罚决定书文号 as printed
    authority: str
    authority_key: str | None
    decided_on: date
    kinds: tuple[str, ...]
    conduct: str
    content: str
    fine: str | None  # 万元
    grade: str  # general | serious | grave
    grade_title: Words
    publication: str
    publication_title: Words
    reporting: str
    reporting_title: Words
    flags: tuple[str, ...]
    flag_titles: tuple[Words, ...]
    earliest_on: date | None
    ends_on: date
    open_case: str | None  # number of the case that acts on it now
    eligibility: EligibilityView | None = None


@dataclass(frozen=True, slots=True)
class RecordEventView:
    at: datetime
    title: Words
    axis: str
    before: str
    after: str
    case_number: str | None
    element_id: str | None
    actor_name: str
    document: str | None


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
    state: str  # open | closed
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
    state: str
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
    whose_days: tuple[tuple[Whose, int], ...]
    tasks: tuple[TaskView, ...]  # open and done, oldest first
    records: tuple[RecordView, ...]
    papers: tuple[PaperView, ...]
    documents: tuple[DocumentView, ...]
    letters: tuple[LetterView, ...]
    answers: Mapping[str, Any]  # the application
    actions: frozenset[str]  # withdraw, reconsider, supplement, rate, attach, write


@dataclass(frozen=True, slots=True)
class TaskPage:
    """What the task page needs beyond the case."""

    task: TaskView
    case: CaseView
    form: Mapping[str, Any]  # JSON Schema
    answers: Mapping[str, Any]  # draft or, when completed, what was answered
    draft_saved_at: datetime | None
    facts: tuple[tuple[Words, Words], ...] = ()  # what the system checked for this step


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


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A letter as the public may verify it by number or QR."""

    number: str
    title: Words
    issued_at: datetime
    issuer: str
    addressee: str  # partly masked
    state: str  # valid | superseded | revoked
    sha256: str
    case_number: str


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


@dataclass(frozen=True, slots=True)
class ProcedureView:
    key: str
    title: Words
    summary: Words
    edition: str
    version: int
    basis: tuple[str, ...]
    effective_from: date
    effective_to: date | None
    promised_days: int | None
    is_open: bool
    live_cases: int = 0
    deployed_at: datetime | None = None
    definition_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DepartmentView:
    key: str
    title: Words
    kind: str
    groups: tuple[str, ...]
    phone: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class PersonView:
    username: str
    name: str
    department: str | None
    department_title: Words | None
    groups: tuple[str, ...]
    group_titles: tuple[Words, ...]
    subject: str | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class JobView:
    id: UUID
    operation: str
    case_number: str | None
    state: str
    due_at: datetime
    retries_left: int
    last_error: str


@dataclass(frozen=True, slots=True)
class IncidentView:
    id: UUID
    case_number: str | None
    element_id: str | None
    cause: str
    raised_at: datetime
    resolved_at: datetime | None
    job_id: UUID | None


@dataclass(frozen=True, slots=True)
class ImportLine:
    """What became of one line of an import file."""

    line: int
    outcome: str  # taken | known | refused
    number: str
    subject: str
    record_id: UUID | None
    problems: tuple[tuple[str, Words], ...] = ()  # (field, sentence)
    remarks: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    id: UUID
    filename: str
    imported_at: datetime
    imported_by: str
    taken: int
    known: int
    refused: int
    lines: tuple[ImportLine, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """Live numbers of the filter rail."""

    mine: int
    group: int
    upcoming: int
    done: int
    lights: Mapping[str, int]
    procedures: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Completed:
    """After a task: its case, and the actor's next task."""

    case_number: str
    next_task_id: UUID | None
