"""What a change of the calendar would do to the open cases: counted, grouped, the nearest listed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.calendar import Calendar
from engine.domain.calendar_recount import Recount
from engine.domain.calendar_views import MovedGroup, MovedLimit, Tally
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.bulk import among
from engine.services.access import is_open
from engine.services.calendar_moves import Move, Moves, moves
from engine.services.calendar_rows import Scope, parts_of, printed
from engine.services.office import Office
from engine.services.stepping import BESIDE

#: Limits that a page lists; the file of all differences has every one.
LISTED = 60


@dataclass(frozen=True, slots=True)
class Effects:
    """What moves: counted, by procedure and department, and one by one."""

    tally: Tally
    groups: tuple[MovedGroup, ...]
    limits: tuple[MovedLimit, ...]


def effects(
    office: Office, calendar: Calendar, since: date | None, *, now: datetime, most: int | None
) -> Effects:
    """What `calendar` would move now. `since`: the first day that differs; None: nothing moves.

    most: how many limits are listed; all when None. Nothing is written or locked.
    """
    if since is None:
        return Effects(Tally(), (), ())
    with office.uow.read() as session:
        scope = Scope(since)
        found = moves(office, session, Recount(calendar), scope)
        desk = _Desk(office, session, found, calendar, now)
        return Effects(desk.tally(_open_clocks(session)), desk.groups(), desk.limits(most))


def _open_clocks(session: Session) -> int:
    clock = models.Clock
    found = select(func.count()).where(clock.state.in_(("running", "paused")))
    return session.scalar(found) or 0


class _Desk:
    """The moves with what readers want to know about each."""

    def __init__(
        self, office: Office, session: Session, found: Moves, calendar: Calendar, now: datetime
    ) -> None:
        self.office, self.session, self.found = office, session, found
        self.calendar, self.now = calendar, now
        self._cases = _cases(session, found.case_ids)
        self._departments = _departments(office, session, found.case_ids)
        self._waiting = _waiting(session, found.case_ids - self._departments.keys())
        self._printed = printed(session, found.last_days(), calendar)

    def tally(self, open_clocks: int) -> Tally:
        clocks, found = self.found.clocks, self.found
        turns = Counter(self._turns(move) for move in clocks)
        later = sum(move.to > move.before for move in clocks)
        return Tally(
            looked_at=open_clocks,
            later=later,
            earlier=len(clocks) - later,
            staying=open_clocks - len(clocks),
            newly_red=turns["red"],
            newly_green=turns["green"],
            in_letters=len(self._printed),
            tasks=len(found.tasks),
            waits=len(found.waits),
            timers=len(found.timers),
            cases=len(found.case_ids),
        )

    def groups(self) -> tuple[MovedGroup, ...]:
        by_place: dict[tuple[str, str], list[Move]] = defaultdict(list)
        words: dict[tuple[str, str], tuple[Words, Words]] = {}
        for move in self.found.clocks:
            procedure, department = self._procedure(move), self._department(move)
            key = procedure.zh, department.zh
            by_place[key].append(move)
            words[key] = procedure, department
        return tuple(self._group(words[key], by_place[key]) for key in sorted(by_place))

    def _group(self, words: tuple[Words, Words], moved: Sequence[Move]) -> MovedGroup:
        turns = Counter(self._turns(move) for move in moved)
        later = sum(move.to > move.before for move in moved)
        return MovedGroup(*words, later, len(moved) - later, turns["red"], turns["green"])

    def limits(self, most: int | None) -> tuple[MovedLimit, ...]:
        """What turns red or ends earlier first; clocks before what stands on them; by end."""
        order = ("clock", "task", "wait", "timer")

        def place(move: Move) -> tuple[bool, bool, int, datetime]:
            is_earlier = move.to < move.before
            is_red = self._turns(move) == "red"
            return not is_red, not is_earlier, order.index(move.kind), move.before

        chosen = sorted(self.found, key=place)
        return tuple(self._limit(move) for move in chosen[:most])

    def _limit(self, move: Move) -> MovedLimit:
        number, subject_name, _ = self._cases[move.case_id]
        local = self.calendar.local_date
        return MovedLimit(
            case_number=number,
            subject_name=subject_name,
            procedure=self._procedure(move),
            department=self._department(move),
            kind=move.kind,
            title=self._title(move),
            before=move.before,
            after=move.to,
            days=(local(move.to) - local(move.before)).days,
            turns=self._turns(move),
            in_letter=move.id in self._printed,
        )

    def _turns(self, move: Move) -> str:
        was, is_now = move.before < self.now, move.to < self.now
        return "" if was == is_now else "red" if is_now else "green"

    def _procedure(self, move: Move) -> Words:
        definition_id = self._cases[move.case_id][2]
        return self.office.procedure(self.session, definition_id).title

    def _department(self, move: Move) -> Words:
        """Who has the case; where nobody has a task, the lane in which it waits."""
        held = self._departments.get(move.case_id)
        if held is not None:
            return held
        waiting = self._waiting.get(move.case_id, ("", ""))
        procedure = self.office.procedure(self.session, self._cases[move.case_id][2])
        drawing = procedure.drawings.get(waiting[0])
        element = drawing.elements.get(waiting[1]) if drawing else None
        if element is None or element.group is None:
            return Words("–", "–")
        return self.office.directory().group(element.group)

    def _title(self, move: Move) -> Words:
        procedure = self.office.procedure(self.session, self._cases[move.case_id][2])
        if move.kind == "clock":
            kind = procedure.clocks.get(move.key)
            title = kind.title if kind else Words(move.key)
            return Words(f"{title.zh}（法定）", f"{title.en} (by law)") if move.is_by_law else title
        drawing = procedure.drawings.get(move.element[0])
        element = drawing.elements.get(move.element[1]) if drawing else None
        return element.title if element else Words(move.element[1])


def _cases(session: Session, ids: Iterable[UUID]) -> Mapping[UUID, tuple[str, str, UUID]]:
    case = models.Case
    found: dict[UUID, tuple[str, str, UUID]] = {}
    for part in parts_of(ids):
        rows = session.execute(
            select(case.id, case.number, case.subject_name, case.definition_id).where(
                among(session, case.id, part)
            )
        )
        found.update((key, (number, name, version)) for key, number, name, version in rows)
    return found


def _departments(office: Office, session: Session, ids: Iterable[UUID]) -> Mapping[UUID, Words]:
    """Who has each case now."""
    task, directory = models.Task, office.directory()
    found: dict[UUID, Words] = {}
    for part in parts_of(ids):
        rows = session.execute(
            select(task.case_id, task.department, task.candidate_group).where(
                among(session, task.case_id, part),
                is_open(),
                task.process_id.not_in(BESIDE),
            )
        )
        for case_id, department, group in rows:
            found[case_id] = directory.department(department) or directory.group(group)
    return found


def _waiting(session: Session, ids: Iterable[UUID]) -> Mapping[UUID, tuple[str, str]]:
    """Where a case waits that nobody has as a task: process and element."""
    wait = models.Wait
    found: dict[UUID, tuple[str, str]] = {}
    for part in parts_of(ids):
        rows = session.execute(
            select(wait.case_id, wait.process_id, wait.element_id).where(
                among(session, wait.case_id, part), wait.ended_at.is_(None)
            )
        )
        found.update((case_id, (process, element)) for case_id, process, element in rows)
    return found
