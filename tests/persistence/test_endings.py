"""Tasks and waits that a step ends are over for whoever asks next, and are written whole."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import event, func, select

from engine.persistence import endings, models
from tests.offices import Practice, day

Task, Wait = models.Task, models.Wait


@pytest.fixture
def practice(practice: Practice) -> Practice:
    practice.is_tampered = True  # rows are written here that no case has
    return practice


def test_who_asks_within_the_transaction_sees_them_over(practice: Practice) -> None:
    _, task = practice.at("give_opinion")
    open_now = select(func.count()).where(Task.id == task.id, Task.completed_at.is_(None))
    with practice.office.uow.begin() as session:
        endings.end(session, endings.CANCELLED, [task.id], practice.now)
        assert session.scalar(open_now) == 0
    (stored,) = practice.all(select(Task).where(Task.id == task.id))
    assert (stored.state, stored.completed_at, stored.mark_at) == ("cancelled", practice.now, None)


def test_they_travel_with_what_else_is_written(practice: Practice) -> None:
    if practice.is_sqlite:
        pytest.skip("SQLite sends each row by itself")
    _, task = practice.at("give_opinion")
    sent: list[str] = []
    with practice.office.uow.begin() as session:
        session.add(models.Setting(key="beside", value={}))
        endings.end(session, endings.CANCELLED, [task.id], practice.now)

        def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
            sent.append(statement)

        event.listen(practice.office.uow.engine, "before_cursor_execute", note)
    event.remove(practice.office.uow.engine, "before_cursor_execute", note)
    assert len(sent) == 1
    (stored,) = practice.all(select(Task).where(Task.id == task.id))
    assert stored.state == "cancelled"


def test_a_row_that_is_ended_and_written_in_one_transaction_has_both(practice: Practice) -> None:
    _, task = practice.at("give_opinion")
    with practice.office.uow.begin() as session:
        held = session.get_one(Task, task.id)
        held.whose = "expert"
        new = Wait(
            **{name: getattr(task, name) for name in ("case_id", "instance_id", "process_id")},
            id=uuid4(), element_id="x", kind="message", whose="court", begun_at=day(3, 2),
            due_at=day(3, 2), mark_at=day(3, 2),
        )  # fmt: skip
        session.add(new)
        endings.end(session, endings.CANCELLED, [task.id], practice.now)
        endings.end(session, endings.OVER, [new.id], day(3, 3))
    (stored,) = practice.all(select(Task).where(Task.id == task.id))
    assert (stored.whose, stored.state) == ("expert", "cancelled")
    (wait,) = practice.all(select(Wait).where(Wait.id == new.id))
    assert (wait.ended_at, wait.mark_at) == (day(3, 3), day(3, 2))  # late: its mark is to come


def test_a_part_that_fails_ends_nothing(practice: Practice) -> None:
    _, task = practice.at("give_opinion")
    uow = practice.office.uow
    with uow.together(), pytest.raises(RuntimeError), uow.begin() as session:  # noqa: PT012
        endings.end(session, endings.CANCELLED, [task.id], practice.now)
        raise RuntimeError
    (stored,) = practice.all(select(Task).where(Task.id == task.id))
    assert stored.state == "ready"
