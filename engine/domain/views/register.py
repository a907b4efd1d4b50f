"""Reports of records to the upper platform, and what other sites owe, as readers see them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from engine.domain.states import CaseState, ContestState
from engine.domain.views.case import ClockView
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One record's report. late_by: working days after the end, 0 when in time.

    whose: whose delay it is, department when it came too late to be reported in time, else office.
    hold: why it waits although it could be sent.
    """

    record_id: UUID
    number: str
    subject_name: str
    unit: str
    unit_name: str
    decided_on: date
    collected_at: datetime
    state: str  # waiting | deferred | sent | accepted | refused | ended
    state_title: Words
    sent_at: datetime | None
    answered_at: datetime | None
    cause: str
    tries: int
    due_at: datetime
    light: str
    days_left: int | None
    late_by: int
    whose: str
    hold: Words | None


@dataclass(frozen=True, slots=True)
class LateUnit:
    """A department's reports: how many, how many late, and through whom."""

    unit: str
    title: Words
    total: int
    in_time: int
    late: int  # reported after the end
    over: int  # not reported yet, and over
    by_unit: int  # of late and over: came from the department after the end
    running: int  # not reported yet, still in time

    @property
    def rate(self) -> float | None:
        """Share in time of what is reported or over."""
        counted = self.in_time + self.late + self.over
        return self.in_time / counted if counted else None


@dataclass(frozen=True, slots=True)
class ReportCounts:
    """How many reports are in each state."""

    waiting: int
    sent: int
    refused: int
    accepted: int
    over: int


@dataclass(frozen=True, slots=True)
class ActView:
    """One act about an obligation."""

    sequence: int
    at: datetime
    act: str
    title: Words
    after: Words
    actor_name: str
    channel: str
    channel_title: Words
    note: str
    link: str
    proof_name: str  # "" when there is none


@dataclass(frozen=True, slots=True)
class ContestView:
    """An enterprise's word that a site has not done it, and the answer."""

    id: UUID
    said_at: datetime
    said_by: str
    link: str
    note: str
    proof_name: str
    state: ContestState
    due_at: datetime
    clock: ClockView | None
    finding: str
    finding_title: Words
    answer: str
    answered_by: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ObligationRow:
    """What a site owes for a record, in lists."""

    id: UUID
    record_id: UUID
    number: str  # of the penalty decision
    subject_name: str
    site: str
    site_title: Words
    way: str
    way_title: Words
    duty: str
    duty_title: Words
    event: str
    event_title: Words
    state: str
    state_title: Words
    case_number: str | None
    opened_at: datetime
    due_at: datetime
    stopped: bool
    light: str
    days_left: int | None
    claimed_by: str | None
    claimed_name: str | None
    seen_at: datetime | None
    recheck_at: datetime | None
    contests: int  # open ones


@dataclass(frozen=True, slots=True)
class ObligationView:
    """The same with its clock, its acts and what the enterprise said. actions: what the reader may do."""

    row: ObligationRow
    basis: str
    document: str
    needs_second: bool
    address: str
    clock: ClockView
    acts: tuple[ActView, ...]
    contests: tuple[ContestView, ...]
    actions: frozenset[str]
    version: int


@dataclass(frozen=True, slots=True)
class ObligationCounts:
    """How many obligations wait for what."""

    to_do: int
    to_confirm: int
    contested: int
    to_recheck: int
    over: int
    done: int


@dataclass(frozen=True, slots=True)
class CaseOfRecord:
    """A case that acts or acted on a record."""

    number: str
    procedure_title: Words
    state: CaseState
    outcome_title: Words | None
    filed_at: datetime
    may_open: bool


@dataclass(frozen=True, slots=True)
class RecordFile:
    """Everything beside the record and its history: cases, obligations, the reporting clock."""

    cases: tuple[CaseOfRecord, ...]
    obligations: tuple[ObligationRow, ...]
    report: ReportRow | None
    reporting_clock: ClockView | None
