"""Credit records and their imports, as readers see them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from engine.domain.views.paper import PaperView
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class EligibilityView:
    """Whether and when a record may be repaired, and by which rule."""

    outcome: (
        str  # eligible | not_yet | never | not_shown | objection_first | repair_pending | expired
        # | objection_pending | other_kind: the procedure does not deal with such records
    )
    sentence: Words
    earliest_on: date | None
    ends_on: date | None
    rule: str  # rule row, e.g. A-01
    article: str
    missing: tuple[PaperView, ...]
    routes: tuple[Words, ...]  # other ways
    table: Words | None = None  # the decision table that says so
    rows: tuple[int, ...] = ()  # its rows that hold, from 1
    grade: str | None = None  # by the law in force on the day
    grade_title: Words | None = None
    edition: str = ""
    law: str = ""  # the law the edition rests on


@dataclass(frozen=True, slots=True)
class PublicEligibility:
    """What anybody is told who knows the code and the decision number of a published penalty."""

    number: str
    authority: str
    decided_on: date
    procedure_title: Words
    told: EligibilityView


@dataclass(frozen=True, slots=True)
class RecordNote:
    """Both statements on what could not be confirmed, as an objection left them on the record."""

    at: datetime
    case_number: str
    applicant: str
    provider: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record about a subject: penalty, court_default or default_event."""

    id: UUID
    kind: str
    kind_title: Words
    subject_code: str
    subject_name: str
    number: str  # as printed: 处罚决定书文号, 执行案号, 信息编号
    authority: str
    authority_key: str | None
    decided_on: date
    kinds: tuple[str, ...]
    conduct: str
    content: str
    fine: str | None  # 万元
    grade: str | None  # general | serious | grave; of penalties only
    grade_title: Words | None
    grade_rule: str  # row of the table that set grade and period
    publication: str
    publication_title: Words
    reporting: str
    reporting_title: Words
    flags: tuple[str, ...]
    flag_titles: tuple[Words, ...]
    earliest_on: date | None
    ends_on: date | None  # None: no fixed term
    open_case: str | None  # number of the case that acts on it now
    eligibility: EligibilityView | None = None
    notes: tuple[RecordNote, ...] = ()
    details: tuple[tuple[Words, str], ...] = ()  # further fields of its kind
    deferred_until: date | None = None  # last day of a hold or deferral of its report


@dataclass(frozen=True, slots=True)
class RecordEventView:
    at: datetime
    title: Words
    axis: str
    before: Words
    after: Words
    case_number: str | None
    element_id: str | None
    actor_name: str
    document: str | None


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
    kind: str
    kind_title: Words
    filename: str
    imported_at: datetime
    imported_by: str
    taken: int
    known: int
    refused: int
    lines: tuple[ImportLine, ...] = field(default_factory=tuple)
