"""Why places are late and whose time their cases took, read for many cases at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.calendar import Calendar
from engine.domain.clock import Whose
from engine.domain.light import days_left
from engine.domain.whose_time import Part, WhoseTime, days_of
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.procedure import Procedure
from engine.services import whose_time
from engine.services.covers import uncovered
from engine.services.office import Office
from engine.services.stepping import BESIDE

Place = models.Task | models.Wait


@dataclass(frozen=True, slots=True)
class Lateness:
    """All places that these cases have been at, with what the office knows of their delays."""

    office: Office
    places: dict[UUID, list[Place]]
    procedures: dict[UUID, Procedure]
    away: frozenset[str]  # on leave, and nobody stands in
    times: Mapping[UUID, WhoseTime]
    now: datetime

    @classmethod
    def read(
        cls, office: Office, session: Session, case_ids: Collection[UUID], *, now: datetime
    ) -> "Lateness":
        task, wait, held = models.Task, models.Wait, models.Case
        places: dict[UUID, list[Place]] = {}
        ids = list(case_ids)
        tables: tuple[Any, ...] = (task, wait)
        for table in tables:
            for row in session.scalars(select(table).where(table.case_id.in_(ids))):
                places.setdefault(row.case_id, []).append(row)
        defined = session.execute(select(held.id, held.definition_id).where(held.id.in_(ids)))
        procedures = {row.id: office.procedure(session, row.definition_id) for row in defined}
        times = whose_time.of_cases(office, session, ids, now=now)
        return cls(office, places, procedures, uncovered(office, now=now), times, now)

    @property
    def calendar(self) -> Calendar:
        return self.office.calendar()

    def whose_days(self, case_id: UUID) -> tuple[Part, ...]:
        """Office time since filing by whose it was, in working days; the parts sum to the whole."""
        return days_of(self.times[case_id], self.calendar)

    def cause(self, row: Any) -> Words:
        """What was late before, then what is late now."""
        before = self._late_before(row)
        return _joined([*before, self._late_now(row)])

    def _late_now(self, row: Any) -> Words:
        if row.due_at is None or row.due_at >= self.now:
            return Words("本步未超期，全案期限已过", "this step is in time, the whole case is over")
        day = self.calendar.local_date(row.due_at)
        on, on_en = f"{day.month}月{day.day}日", f"{day:%d %B}".lstrip("0")
        if not row.is_task:
            return Words(f"{on}到期，对方未回复", f"due {on_en}, no answer from outside")
        if row.whose == Whose.APPLICANT.value:
            return Words(f"{on}到期，申请人未办", f"due {on_en}, the applicant has not acted")
        if row.person is None:
            return Words(f"{on}到期，无人领取", f"due {on_en}, nobody has claimed it")
        if row.person in self.away:
            return Words(
                f"{on}到期，承办人请假未设代办", f"due {on_en}, the officer is away without cover"
            )
        return Words(f"{on}到期，承办人未办结", f"due {on_en}, the officer has not finished")

    def _late_before(self, row: Any) -> list[Words]:
        """Earlier steps of the case that ended after their limit."""
        found = []
        for place in sorted(self.places.get(row.case_id, ()), key=lambda each: each.since):
            until, due = place.until, place.due_at
            if place.process_id in BESIDE or until is None or due is None or until <= due:
                continue
            over = -(days_left(until, due, self.calendar) or 0)
            title = self.procedures[row.case_id].element(place.process_id, place.element_id).title
            if over > 0:
                found.append(
                    Words(
                        f"“{title.zh}”晚 {over} 天",
                        f"{title.en or title.zh} was {over} day{'s' if over > 1 else ''} late",
                    )
                )
        return found


def _joined(told: Sequence[Words]) -> Words:
    return Words("；".join(one.zh for one in told), "; ".join(one.en for one in told))
