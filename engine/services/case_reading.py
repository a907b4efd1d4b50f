"""Reads a case's rows once and shapes what its readers see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from engine.domain import clock as rules
from engine.domain.actor import Actor
from engine.domain.calendar import Calendar
from engine.domain.clock import ClockEntry, EntryKind, Holder, LightRule, Whose, read
from engine.domain.clock_narration import narrate
from engine.domain.light import days_left
from engine.domain.record import Grade
from engine.domain.views import ClockEntryView, ClockView, StageView, WaitingCard
from engine.domain.whose_time import WhoseTime, holders_of
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.drawing import Element
from engine.runtime.procedure import Procedure
from engine.services import case_trouble, ledger, whose_time
from engine.services.office import Office
from engine.services.place_order import behind
from engine.services.stepping import BESIDE, BETWEEN_OFFICES
from engine.services.waiting import Reader, Resting, card
from engine.services.whose_time import OUTSIDE

__all__ = ["OUTSIDE", "CaseReading", "Place"]

Place = models.Task | models.Wait

# Built once: to build a statement takes as long as to ask it.
_CASE: BindParameter[UUID] = bindparam("case")
_TASKS = (
    select(models.Task)
    .where(models.Task.case_id == _CASE)
    .order_by(models.Task.created_at, models.Task.id)
)
_WAITS = (
    select(models.Wait)
    .where(models.Wait.case_id == _CASE)
    .order_by(models.Wait.begun_at, models.Wait.id)
)
_CLOCKS = select(models.Clock).where(models.Clock.case_id == _CASE)
_ENTRIES = (
    select(models.ClockEntry)
    .where(models.ClockEntry.case_id == _CASE)
    .order_by(models.ClockEntry.sequence)
)
_EXTENSIONS = (
    select(models.Extension)
    .where(models.Extension.case_id == _CASE)
    .order_by(models.Extension.requested_at)
)
_NAMES = select(models.Person.username, models.Person.name).where(
    models.Person.username.in_(bindparam("usernames", expanding=True))
)


@dataclass
class CaseReading:
    """The rows of one case, read in one transaction, for one actor at one moment."""

    office: Office
    session: Session
    case: models.Case
    actor: Actor | None
    now: datetime

    @cached_property
    def procedure(self) -> Procedure:
        return self.office.procedure(self.session, self.case.definition_id)

    @property
    def sees_supervision(self) -> bool:
        """督办 is between offices: neither the applicant nor the public is told of it."""
        return self.actor is not None and not self.actor.is_enterprise

    @property
    def calendar(self) -> Calendar:
        return self.office.calendar()

    @cached_property
    def tasks(self) -> Sequence[models.Task]:
        rows = self.session.scalars(_TASKS, {"case": self.case.id}).all()
        if self.sees_supervision:
            return rows
        return [row for row in rows if row.process_id not in BETWEEN_OFFICES]

    @cached_property
    def waits(self) -> Sequence[models.Wait]:
        return self.session.scalars(_WAITS, {"case": self.case.id}).all()

    @cached_property
    def clock_rows(self) -> Sequence[models.Clock]:
        rows = self.session.scalars(_CLOCKS, {"case": self.case.id}).all()
        if self.sees_supervision:
            return rows
        return [row for row in rows if row.key not in BETWEEN_OFFICES]

    @cached_property
    def entry_rows(self) -> Sequence[models.ClockEntry]:
        return self.session.scalars(_ENTRIES, {"case": self.case.id}).all()

    @cached_property
    def extension_rows(self) -> Sequence[models.Extension]:
        return self.session.scalars(_EXTENSIONS, {"case": self.case.id}).all()

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of the people who hold or did tasks of this case, by username."""
        wanted = {t.assignee for t in self.tasks} | {t.completed_by for t in self.tasks}
        if not (usernames := sorted(filter(None, wanted))):
            return {}
        return dict(self.session.execute(_NAMES, {"usernames": usernames}).all())

    @property
    def lights(self) -> LightRule:
        parameters = self.office.parameters()
        return parameters.lights(self.procedure.key, self.procedure.edition)

    def element(self, place: Place) -> Element:
        return self.procedure.element(place.process_id, place.element_id)

    def holder_of(self, place: Place) -> Words:
        """Who has it: department and, when known, person; the public is told no names."""
        directory = self.office.directory()
        if isinstance(place, models.Wait) or place.candidate_group == "applicant":
            return whose_time.outside(self.procedure, place.whose) or OUTSIDE["applicant"]
        unit = directory.department(place.department) or directory.group(place.candidate_group)
        person = self.names.get(place.assignee or "", "") if self.actor else ""
        return Words(f"{unit.zh} {person}".strip(), f"{unit.en or unit.zh} {person}".strip())

    @cached_property
    def open_places(self) -> list[Place]:
        """Where the case rests now; the main line first, then a rating asked for, supervisions last."""
        places: list[Place] = [t for t in self.tasks if t.state in ("ready", "claimed")]
        places += [w for w in self.waits if w.ended_at is None]
        return sorted(places, key=behind)

    @cached_property
    def whose_time(self) -> WhoseTime:
        """Every moment of the case by whose it was; the parts sum to the whole."""
        return self._whose_time(None)

    def _whose_time(self, until: datetime | None) -> WhoseTime:
        held: list[Place] = [*self.tasks, *self.waits]
        places = [place for place in held if place.process_id not in BESIDE]
        keys = {row.id: row.key for row in self.clock_rows}
        return whose_time.of_case(
            self.office,
            self.session,
            self.case,
            [whose_time.stay_of(self.office, self.procedure, place) for place in places],
            [e for e in self.entry_rows if keys.get(e.clock_id) in whose_time.LEADING],
            now=self.now,
            until=until,
        )

    @cached_property
    def holders(self) -> tuple[Holder, ...]:
        """Whose time it was from when on; of a case that was taken up again also after its closing."""
        is_later = any(self.case.facts.get(each) for each in ("follow_up", "followed_up"))
        return holders_of(self._whose_time(self.now) if is_later else self.whose_time)

    def clocks(self) -> tuple[ClockView, ...]:
        """Every clock, that of the clock strip first: while the case is open the one that has not
        stopped; handling, the case's own, before others."""
        order = _clock_order if self.case.state == "open" else _clock_place
        return tuple(self._clock(row) for row in sorted(self.clock_rows, key=order))

    def _clock(self, row: models.Clock) -> ClockView:
        rows = [entry for entry in self.entry_rows if entry.clock_id == row.id]
        entries = [ledger.as_entry(entry) for entry in rows]
        if self.actor is None:  # the public is told no names
            entries = [replace(entry, actor="") for entry in entries]
        budget, standing = ledger.budget_of(row), rules.standing(entries)
        reading = read(
            budget,
            entries,
            self.calendar,
            now=self.now,
            holders=self.holders,
            rule=self.lights,
            statutory=ledger.statutory_of(row),
        )
        kind = self.procedure.clocks.get(row.key)
        return ClockView(
            key=row.key,
            title=kind.title if kind else Words(row.key),
            budget=budget,
            basis=row.basis,
            reading=reading,
            narrative=Words(narrate(reading), narrate(reading, language="en")),
            entries=tuple(_entry_view(entry, standing) for entry in entries),
        )

    def stages(self) -> tuple[StageView, ...]:
        """The statutory stages, with when each was reached and left. One at which nobody had to wait
        (a letter served at once) is passed when the next one is reached."""
        points = [(p["stage"], datetime.fromisoformat(p["at"])) for p in self.case.milestones]
        spans: dict[str, tuple[datetime, datetime | None]] = {}
        for number, (stage, at) in enumerate(points):
            left = points[number + 1][1] if number + 1 < len(points) else self.case.closed_at
            ended = self.case.closed_at
            if ended is not None and at <= ended and (left is None or ended < left):
                left = ended  # what follows on the closed case is no part of it
            spans.setdefault(stage, (at, left))  # it may be come to again after a correction
            is_again = self.case.state == "open" and stage == self.case.stage
            if is_again and ended is not None and ended < at:
                spans[stage] = (at, None)  # taken up again: since then
        asked = [kind.key for kind in self.procedure.stages if not kind.is_optional]
        after: datetime | None = None
        if self.case.closed_at is not None and set(asked[:-1]) <= spans.keys():
            after = self.case.closed_at  # what was decided was served at once
        for kind in reversed(self.procedure.stages):
            if kind.key in spans:
                after = spans[kind.key][0]
            elif after is not None and not kind.is_optional:
                spans[kind.key] = (after, after)
        return tuple(
            view
            for kind in self.procedure.stages
            for view in self._stage(kind.key, kind.title, kind.is_optional, spans)
        )

    def _stage(
        self,
        key: str,
        title: Words,
        is_optional: bool,
        spans: dict[str, tuple[datetime, datetime | None]],
    ) -> list[StageView]:
        is_open = self.case.state == "open"
        if key in spans:
            since, left = spans[key]
            is_current = is_open and self.case.stage == key
            return [
                StageView(
                    key=key,
                    title=title,
                    state="now" if is_current else "done",
                    since=since,
                    until=None if is_current else left,
                    note=self._stage_note() if is_current else None,
                )
            ]
        if is_optional or not is_open:
            return []
        until = self.decide_by if key == "decision" else None
        return [StageView(key, title, "todo", None, until)]

    @property
    def decide_by(self) -> datetime | None:
        """The last moment for the decision. While the clock is paused: where it ends if every pause
        ends when the applicant was told; None where nothing was told, for it moves day by day, and
        where a court decides."""
        if not self._decides_itself:
            return None
        clock = next((row for row in self.clock_rows if row.key == "handling"), None)
        if clock is None or clock.state != "paused":
            return clock.due_at if clock else None
        entries = [ledger.as_entry(row) for row in self.entry_rows if row.clock_id == clock.id]
        pauses = rules.open_pauses(entries)
        return self.case.due_at if rules.all_told(pauses) else None

    @property
    def _decides_itself(self) -> bool:
        """Whether the office decides: what is a court's to decide has no limit."""
        drawn = (e for d in self.procedure.drawings.values() for e in d.elements.values())
        return not any(e.stage == "decision" and e.whose == Whose.COURT for e in drawn)

    def _stage_note(self) -> Words | None:
        place = next(iter(self.open_places), None)
        if place is None:
            return None
        title = self.element(place).title
        return Words(title.zh, title.en)

    def waiting(self) -> tuple[WaitingCard, ...]:
        """Why the case waits: one card for every place at which it rests."""
        if self.case.state == "closed":
            return ()
        cards = tuple(self._card(place) for place in self.open_places)
        stuck = case_trouble.open_incidents(self.session, self.case)
        is_staff = self.actor is not None and not self.actor.is_enterprise
        return case_trouble.told_on(cards, stuck, to_staff=is_staff)

    def _card(self, place: Place) -> WaitingCard:
        resting = Resting(
            element=self.element(place),
            who=self.holder_of(place),
            whose=Whose(place.whose),
            since=place.since,
            due_at=place.due_at,
            warn_at=place.warn_at,
            is_paused=_is_paused(place),
            task_id=place.id if isinstance(place, models.Task) else None,
            is_timer=isinstance(place, models.Wait) and place.kind == "timer",
        )
        return card(resting, self._reader, self.calendar, now=self.now)

    @property
    def _reader(self) -> Reader:
        if self.actor is None:
            return Reader.PUBLIC
        own = self.actor.is_enterprise
        return Reader.APPLICANT if own else Reader.OFFICE

    def days_left(self, due_at: datetime | None) -> int | None:
        return days_left(self.now, due_at, self.calendar)

    def grade_title(self) -> Words | None:
        return Grade(self.case.grade).words if self.case.grade else None


def _is_paused(place: Place) -> bool:
    return place.is_paused or place.whose == Whose.EXPERT.value


def _clock_order(row: models.Clock) -> tuple[bool, int]:
    return row.state == "stopped", _clock_place(row)


def _clock_place(row: models.Clock) -> int:
    order = ("handling", "acceptance", "takedown", "synchronisation", "reconsideration")
    return order.index(row.key) if row.key in order else len(order) + (row.key == "rating")


def _entry_view(row: ClockEntry, standing: Sequence[ClockEntry]) -> ClockEntryView:
    return ClockEntryView(
        sequence=row.sequence,
        kind=row.kind.value,
        effective_at=row.effective_at,
        recorded_at=row.recorded_at,
        basis=row.basis,
        document=row.document,
        actor=row.actor,
        reason=row.reason,
        ground=row.ground,
        amount=row.amount,
        expected_at=row.expected_at,
        is_void=row.kind is not EntryKind.VOID and row not in standing,
        due_before=row.due_before,
        due_after=row.due_after,
    )
