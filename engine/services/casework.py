"""One transaction's work on one case: what a step may ask for, and what it leaves behind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from os import urandom
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.calendar import Calendar
from engine.domain.clock import Budget, LightRule, step_due
from engine.domain.errors import Invalid
from engine.domain.history import SALT, Head, chain, seal
from engine.domain.parameters import LIMIT, LOCAL
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.unit_of_work import JOBS
from engine.runtime.decision_task import answer_of
from engine.runtime.decisions import DecisionResult
from engine.runtime.drawing import Element
from engine.runtime.limit import Limit
from engine.runtime.procedure import Procedure
from engine.services import webhook_telling
from engine.services.decision_keeping import as_kept
from engine.services.foreseen import Foreseen
from engine.services.matter_dates import last_day, moment_of
from engine.services.office import Office
from engine.services.writing import Writing

#: How often a job is tried before a person must look.
RETRIES = 5

Operation = Callable[..., Any]

# What steps ask for, built once: building a statement costs as much as asking it.
_RECORDS = (
    select(models.Record)
    .where(models.Record.id.in_(bindparam("ids", expanding=True)))
    .order_by(models.Record.id)
    .with_for_update()
)
_LETTERS = (
    select(models.Letter)
    .where(models.Letter.case_id == bindparam("case_id"))
    .order_by(models.Letter.created_at)
)
_LEDGER = (
    select(models.Clock, models.ClockEntry)
    .outerjoin(models.ClockEntry, models.ClockEntry.clock_id == models.Clock.id)
    .where(models.Clock.case_id == bindparam("case_id"))
    .order_by(models.ClockEntry.sequence)
)


@dataclass
class Casework:
    """The surroundings of a step: the locked case, the actor, the moment, the vocabulary."""

    office: Office
    session: Session
    case: models.Case
    procedure: Procedure
    actor: Actor
    now_at: datetime
    operations: Mapping[str, Operation]
    instance_id: UUID | None = None
    supervision: models.Supervision | None = None
    element: Element | None = None
    #: The timer that is fired in this transaction: its row stays, with the moment.
    fired: UUID | None = None
    #: Answers of the task that is being completed; operations read them for letters.
    answers: Mapping[str, Any] = field(default_factory=dict)
    #: Supervisions that operations opened; their instances are started after the step.
    to_supervise: list[models.Supervision] = field(default_factory=list)
    #: Processes that operations began beside the case; started after the step.
    to_begin: list[str] = field(default_factory=list)
    #: Clocks whose projection changed; their timers follow at the end of the step.
    moved: set[str] = field(default_factory=set)
    #: Clocks that were paused, resumed or extended: the steps under way on them follow.
    held: set[str] = field(default_factory=set)
    #: What was read for this case and others of the transaction together.
    foreseen: Foreseen | None = None
    _queued: list[models.Letter] = field(default_factory=list)

    def now(self) -> datetime:
        return self.now_at

    @property
    def writing(self) -> Writing:
        """What follows outside the case is written by the same actor at the same moment."""
        return Writing(self.office, self.session, self.actor, self.now_at)

    @cached_property
    def calendar(self) -> Calendar:
        """One edition for the whole transaction."""
        return self.office.calendar()

    @property
    def today(self) -> date:
        return self.calendar.local_date(self.now_at)

    def citable(self, basis: str) -> str:
        """A basis without the parts whose law is not in force today."""
        return self.procedure.laws.on(basis, self.today)

    def due(self, limit: str, data: Mapping[str, Any]) -> datetime:
        """When a limit that begins now ends: closing time of its last day, or a date of the matter."""
        return self.end_of(self.limit(limit, data))

    def limit(self, key: str, data: Mapping[str, Any]) -> Limit:
        """The limit of that name as the procedure has it, or as an administrator set it."""
        drawn = self.procedure.limit(key, data, self.today)
        if drawn.budget is None or LOCAL not in drawn.basis:
            return drawn
        amount = self._set(LIMIT + drawn.key, drawn.budget.amount)
        if amount == drawn.budget.amount:
            return drawn
        return replace(drawn, budget=Budget(amount, drawn.budget.unit))

    def _set(self, key: str, usual: int) -> int:
        edition = self.procedure.edition
        return self.office.parameters().amount(key, self.procedure.key, edition, usual)

    @property
    def lights(self) -> LightRule:
        """When lights of this case turn yellow."""
        return self.office.parameters().lights(self.procedure.key, self.procedure.edition)

    def end_of(self, limit: Limit) -> datetime:
        if limit.begins_with_step is not None:
            return step_due(self.now_at, limit.begins_with_step, self.calendar)
        last = last_day(limit, self.procedure, self.records, self.case.facts, self.today)
        return max(moment_of(limit, last, self.calendar), self.now_at)

    def perform(self, element: Element, operation: str, arguments: dict[str, Any]) -> Any:
        try:
            act = self.operations[operation]
        except KeyError:
            raise Invalid(f"没有操作 {operation}。", f"there is no operation {operation}") from None
        self.element = element
        return act(self, **arguments)

    def decide(self, element: Element, decision_id: str, data: Mapping[str, Any]) -> Any:
        """A decision that the diagram asks, with what the case knows; the answer is kept first."""
        self.element, tables = element, self.procedure.decisions[decision_id]
        result = tables.decide(decision_id, data)
        answer = answer_of(tables, decision_id, result)
        self.keep_decision(decision_id, result)
        return answer

    def keep_decision(self, decision_id: str, result: DecisionResult, *, about: str = "") -> None:
        """The answer with its reasons, in the transaction of the step that asked.

        A line of the history names the rows, and its hash covers what is kept.
        """
        tables = self.procedure.decisions[decision_id]
        kept, table = as_kept(tables, decision_id, result, self.citable), tables.table(decision_id)
        notes = (note for row in kept["rows"] for note in row["annotations"])
        title = table.title
        event = self.note(
            "decision_made",
            Words(f"依规则表判定：{title.zh}", f"decided by a table: {title.en or decision_id}"),
            detail="；".join(dict.fromkeys(notes)),
            changes={
                "decision": decision_id,
                "rows": [row["number"] for row in kept["rows"]],
                "about": about,
                "sha256": chain("", kept),
            },
        )
        self.add(
            models.DecisionMade(
                id=uuid4(),
                case_id=self.case.id,
                sequence=event.sequence,
                at=self.now_at,
                definition_id=self.case.definition_id,
                element_id=self.element.id if self.element else None,
                filename=tables.filename,
                sha256=tables.sha256,
                hit_policy=table.hit_policy,
                about=about,
                **kept,
            )
        )

    @cached_property
    def records(self) -> list[models.Record]:
        """The records the case is about, locked."""
        if not self.case.record_ids:
            return []
        if self.foreseen is not None:
            return self.foreseen.records(self.case.id)
        ids = [UUID(each) for each in self.case.record_ids]
        return list(self.session.scalars(_RECORDS, {"ids": ids}))

    @property
    def letters(self) -> list[models.Letter]:
        """The letters of the case, the oldest first."""
        stored = self._stored_letters
        return [*stored, *(letter for letter in self._queued if letter not in stored)]

    def queue(self, letter: models.Letter) -> None:
        """One more letter; the ones before it are not read for that."""
        self._queued.append(letter)
        self.add(letter)

    @cached_property
    def _stored_letters(self) -> list[models.Letter]:
        return [] if self.is_new else list(self.session.scalars(_LETTERS, self._of_case))

    @cached_property
    def clocks(self) -> dict[str, models.Clock]:
        return {clock.key: clock for clock, _ in self._ledger}

    @cached_property
    def clock_entries(self) -> list[models.ClockEntry]:
        return [entry for _, entry in self._ledger if entry is not None]

    @cached_property
    def _ledger(self) -> list[tuple[models.Clock, models.ClockEntry | None]]:
        """Every entry with its clock, in the order in which they were made."""
        if self.is_new:
            return []
        if self.foreseen is not None:
            return self.foreseen.ledgers.get(self.case.id, [])
        found = self.session.execute(_LEDGER, self._of_case)
        return [(clock, entry) for clock, entry in found]

    @property
    def _of_case(self) -> dict[str, UUID]:
        return {"case_id": self.case.id}

    #: A case that is being filed has nothing in the tables yet.
    is_new: bool = False

    def add(self, row: object) -> None:
        self.session.add(row)

    def note(
        self,
        kind: str,
        title: Words,
        *,
        detail: str = "",
        changes: Mapping[str, Any] | None = None,
        element: Element | None = None,
        actor: Actor | None = None,
    ) -> models.Event:
        """One more line of the case's history."""
        who, where, case = actor or self.actor, element or self.element, self.case
        case.event_count += 1
        event = models.Event(
            case_id=case.id,
            sequence=case.event_count,
            at=self.now_at,
            actor=who.username,
            actor_name=who.name,
            department=who.department,
            kind=kind,
            element_id=where.id if where else None,
            title=title.zh,
            title_en=title.en,
            detail=detail,
            changes=dict(changes or {}),
        )
        _seal(case, event)
        self.session.add(event)
        for told in self.office.notices.told_by(kind, event.changes):
            self.promise("tell", notice=told.key, **self._told_of(event, once=told.once))
        for delivery in webhook_telling.of_history(self.office, self.session, case, event):
            self.promise("deliver_webhook", delivery=str(delivery))
        return event

    def _told_of(self, event: models.Event, *, once: bool) -> dict[str, Any]:
        """What a notice of a line of the history needs; `once` makes it one for the case."""
        told = {
            "event": "once" if once else str(event.id),
            "detail": event.detail,
            "document": str(event.changes.get("number", "")),
            "to": event.changes.get("to"),
            "unit": event.changes.get("unit"),
            "element": event.element_id,
        }
        return {name: value for name, value in told.items() if value}

    def tell_of_task(self, task: models.Task) -> None:
        """Whoever elsewhere wants to know is told that a task was reached."""
        told = webhook_telling.of_task(self.office, self.session, self.case, task, self.now_at)
        for delivery in told:
            self.promise("deliver_webhook", delivery=str(delivery))

    def promise(self, operation: str, **arguments: Any) -> UUID:
        """Work to be kept after the commit; nothing of it happens when the step fails."""
        return promise(self.session, operation, arguments, case_id=self.case.id, office=self.office)

    def reach(self, stage: str) -> None:
        """The case has come to a statutory stage."""
        if self.case.stage != stage:
            self.case.stage = stage
            point = {"stage": stage, "at": self.now_at.isoformat()}
            self.case.milestones = [*self.case.milestones, point]

    def remember(self, **facts: Any) -> None:
        """Facts of the case that letters, pages and later operations need."""
        self.case.facts = {**self.case.facts, **facts}


def _seal(case: models.Case, event: models.Event) -> None:
    """The line becomes the end of its case's history."""
    before = Head(event.sequence - 1, case.event_hash, case.event_sm3)
    sealed = seal(case.number, event, before, urandom(SALT))
    case.event_hash, case.event_sm3 = sealed.sha256, sealed.sm3


def promise(
    session: Session,
    operation: str,
    arguments: Mapping[str, Any],
    *,
    case_id: UUID | None,
    office: Office,
    due_at: datetime | None = None,
) -> UUID:
    """A job row in this transaction; it is announced when the transaction has been stored."""
    real = office.real_now()
    job = models.Job(
        id=uuid4(),
        operation=operation,
        arguments=dict(arguments),
        case_id=case_id,
        state="waiting",
        due_at=due_at or real,
        retries_left=RETRIES,
        last_error="",
        created_at=real,
    )
    session.add(job)
    if due_at is None:  # what is due later, the sweep finds
        session.info.setdefault(JOBS, []).append(job.id)
    return job.id
