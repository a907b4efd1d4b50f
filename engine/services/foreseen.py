"""What the firings of one transaction ask of their cases: read for all of them when the first asks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.persistence import models
from engine.persistence.bulk import among
from engine.services.access import is_open

LedgerRow = tuple[models.Clock, models.ClockEntry | None]


class Foreseen:
    """Of locked cases, each of which is driven by one timer in this transaction."""

    def __init__(self, session: Session, cases: Iterable[models.Case]) -> None:
        self._session = session
        self._record_ids = {case.id: [UUID(each) for each in case.record_ids] for case in cases}
        self.case_ids = frozenset(self._record_ids)

    @cached_property
    def ledgers(self) -> Mapping[UUID, list[LedgerRow]]:
        """Of each case: every clock with its entries in the order in which they were made."""
        clock, entry = models.Clock, models.ClockEntry
        asked = select(clock, entry).outerjoin(entry, entry.clock_id == clock.id)
        found: dict[UUID, list[LedgerRow]] = defaultdict(list)
        for row in self._session.execute(self._of(clock, asked).order_by(entry.sequence)):
            found[row[0].case_id].append((row[0], row[1]))
        return found

    @cached_property
    def places(self) -> Mapping[UUID, list[models.Task | models.Wait]]:
        """Of each instance: its open tasks and then its waits, those that end first before others."""
        task, wait = models.Task, models.Wait
        tasks = self._of(task, select(task).where(is_open())).order_by(task.due_at)
        waits = self._of(wait, select(wait).where(wait.ended_at.is_(None))).order_by(wait.due_at)
        found: dict[UUID, list[models.Task | models.Wait]] = defaultdict(list)
        for row in (*self._session.scalars(tasks), *self._session.scalars(waits)):
            found[row.instance_id].append(row)
        return found

    def records(self, case_id: UUID) -> list[models.Record]:
        """The records that the case is about, locked."""
        ids = sorted(self._record_ids[case_id])
        return [self._records[each] for each in ids if each in self._records]

    @cached_property
    def _records(self) -> Mapping[UUID, models.Record]:
        record = models.Record
        ids = {each for ids in self._record_ids.values() for each in ids}
        asked = select(record).where(among(self._session, record.id, ids)).order_by(record.id)
        return {row.id: row for row in self._session.scalars(asked.with_for_update())}

    @cached_property
    def supervised(self) -> frozenset[tuple[UUID, str]]:
        """The places about which there is a 督办单, and its ground."""
        notice = models.Supervision
        asked = self._of(notice, select(notice.wait_id, notice.ground))
        return frozenset((row[0], row[1]) for row in self._session.execute(asked))

    def _of(self, table: Any, asked: Any) -> Any:
        return asked.where(among(self._session, table.case_id, self.case_ids))
