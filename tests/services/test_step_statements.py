"""How often a completed task asks the database: once to lock, once to write, and what its letters need."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from engine.services import tasks
from tests.offices import Practice, usual_answers

#: What the step asks between locking its rows and writing them: the ledger of its clocks, the records
#: and their reports, papers and letters, and each series that a number is taken from.
MOST = {"give_opinion": 2, "first_review": 2, "review_filing": 8, "second_review": 7}


@pytest.mark.parametrize(("element", "most"), MOST.items())
def test_a_completed_task_asks_no_more_than_it_needs(
    practice: Practice, element: str, most: int
) -> None:
    if practice.is_sqlite:
        pytest.skip("SQLite is sent each row by itself")
    real = practice.office.real_now()
    practice.office.real_now = lambda: real  # what is kept in memory does not age
    practice.complete(practice.at(element)[0], element)
    _, task = practice.at(element)
    actor, answers = practice.somebody_for(task), usual_answers(element)
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        sent.append(statement)

    for engine in practice.office.uow.engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        tasks.complete(practice.office, actor, task.id, answers, now=practice.now)
    finally:
        for engine in practice.office.uow.engines:
            event.remove(engine, "before_cursor_execute", note)
    assert len(sent) <= most, "\n\n".join(sent)
