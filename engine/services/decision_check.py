"""Holds what decision tables answered against the history, whose lines cover it by hash."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.flaw import Flaw
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.bulk import among
from engine.services.decisions import is_untouched
from engine.services.office import Office

#: Cases whose answers are in memory together.
AT_ONCE = 200


def flaws(office: Office) -> Iterator[Flaw]:
    """Answers that are gone, were added or changed, by case and line. So many cases at a time are
    seen as of one moment, as in `history_check.histories`."""
    case, last = models.Case, ""
    while True:
        asked = select(case.id, case.number).where(case.number > last)
        with office.uow.scan() as session:
            found = session.execute(asked.order_by(case.number).limit(AT_ONCE)).all()
            numbers = {row.id: row.number for row in found}
            wrong = list(_of_cases(session, numbers))
        yield from wrong
        if not found:
            return
        last = found[-1].number


def _of_cases(session: Session, numbers: Mapping[UUID, str]) -> Iterator[Flaw]:
    event, made = models.Event, models.DecisionMade
    lines = select(event).where(
        among(session, event.case_id, list(numbers)), event.kind == "decision_made"
    )
    answers = select(made).where(among(session, made.case_id, list(numbers)))
    told = {(line.case_id, line.sequence): line for line in session.scalars(lines)}
    kept = {(row.case_id, row.sequence): row for row in session.scalars(answers)}
    for place in sorted(told.keys() | kept.keys(), key=lambda at: (numbers[at[0]], at[1])):
        words = _problem(kept.get(place), told.get(place))
        if words is not None:
            yield Flaw(f"{numbers[place[0]]}#{place[1]}", words.zh, words.en)


def _problem(row: models.DecisionMade | None, line: models.Event | None) -> Words | None:
    if row is None:
        return Words("这一行所说的决策依据不在了", "the decision that this line tells of is gone")
    if line is None:
        return Words("历史没有记载这条决策依据", "the history does not tell of this decision")
    if not is_untouched(row, line):
        return Words(
            "决策依据与这一行的哈希不符", "the decision does not fit the hash in this line"
        )
    return None
