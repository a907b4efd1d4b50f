"""The narrow copies of what is open equal a recount, whatever is done to the rows they are copied from."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, func, select, update

from engine.domain.errors import EngineError
from engine.persistence import copies, models
from engine.services import audit, cases, supervision, tasks
from tests.offices import MONDAY, Practice

Task, Wait, Case = models.Task, models.Wait, models.Case


@pytest.fixture
def practice(practice: Practice) -> Practice:
    practice.is_tampered = True  # rows are written here that no case has
    return practice


def differences(practice: Practice) -> dict[str, int]:
    with practice.office.uow.read() as session:
        return copies.differences(session.connection())


def copied(practice: Practice) -> tuple[int, int]:
    """How many cases and places stand in the copies."""
    with practice.office.uow.read() as session:
        return tuple(  # type: ignore[return-value]
            session.scalar(select(func.count()).select_from(table))
            for table in (models.OpenCase, models.OpenPlace)
        )


def changes(chance: random.Random) -> list[tuple[Any, dict[str, Any]]]:
    """What may be set in a row of each table: what a copy shows, what decides whether there is one,
    and what it does not care about."""
    moment = MONDAY + timedelta(hours=chance.randrange(-200, 200))
    return [
        (Task, {"state": chance.choice(["ready", "claimed", "completed", "cancelled"])}),
        (Task, {"completed_at": chance.choice([None, moment])}),
        (Task, {"assignee": chance.choice([None, "wu", "qian"])}),
        (Task, {"candidate_group": chance.choice(["applicant", "authority"])}),
        (Task, {"department": chance.choice([None, "water"])}),
        (Task, {"due_at": chance.choice([None, moment]), "warn_at": moment, "is_paused": True}),
        (Task, {"draft": {"opinion": "半"}, "light": "yellow"}),
        (Wait, {"ended_at": chance.choice([None, moment])}),
        (Wait, {"whose": chance.choice(["applicant", "expert"]), "warn_at": None}),
        (Case, {"state": chance.choice(["open", "closed"])}),
        (Case, {"stage": chance.choice(["filed", "handled"]), "due_at": moment}),
        (Case, {"warn_at": None, "facts": {"x": 1}}),
        (Case, {"closed_at": chance.choice([None, moment]), "received_at": MONDAY}),
    ]


def ids(practice: Practice, table: Any) -> list[UUID]:
    with practice.office.uow.read() as session:
        return sorted(session.scalars(select(table.id)))


@pytest.mark.parametrize("seed", range(6))
def test_after_any_statements_the_copies_equal_a_recount(practice: Practice, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same every time
    practice.at("give_opinion")
    practice.at("first_review")
    practice.file_case()
    with practice.office.uow.begin() as session:
        session.add(_wait(session.scalars(select(Task)).all()[0]))
    filed = copied(practice)
    assert filed == (3, 4)
    seen = {filed}
    for _ in range(60):
        table, values = chance.choice(changes(chance))
        held = ids(practice, table)
        some = chance.sample(held, k=min(len(held), chance.choice([0, 1, 1, 2])))
        with practice.office.uow.begin() as session:
            session.execute(update(table).where(table.id.in_(some)).values(**values))
            if chance.random() < 0.1:
                session.execute(delete(Wait).where(Wait.id.in_(some)))
            if chance.random() < 0.2:
                _another(session, chance)
        assert differences(practice) == {}
        seen.add(copied(practice))
    assert len(seen) > 2, "the statements changed what is open"


def _wait(task: models.Task) -> models.Wait:
    shared = ("case_id", "instance_id", "process_id", "element_id", "due_at", "warn_at")
    told = {name: getattr(task, name) for name in shared}
    return Wait(id=uuid4(), kind="message", whose="superior", begun_at=MONDAY, **told)


def _another(session: Any, chance: random.Random) -> None:
    """A new row like one that is there, by the session as the services write."""
    kind = chance.choice([Task, Wait])
    like = session.scalars(select(kind).limit(1)).first()
    if like is not None:
        names = [column.key for column in kind.__mapper__.column_attrs if column.key != "id"]
        session.add(kind(id=uuid4(), **{name: getattr(like, name) for name in names}))


def test_what_a_failed_transaction_did_is_not_copied(practice: Practice) -> None:
    number, task = practice.at("give_opinion")
    before = copied(practice)
    with pytest.raises(RuntimeError), practice.office.uow.begin() as session:  # noqa: PT012
        session.execute(update(Task).where(Task.id == task.id).values(state="cancelled"))
        session.execute(update(Case).where(Case.number == number).values(state="closed"))
        raise RuntimeError
    assert copied(practice) == before
    assert differences(practice) == {}


def test_a_task_that_is_done_is_gone_from_the_board_at_the_next_look(practice: Practice) -> None:
    def at(step: str) -> int:
        board = supervision.board(practice.office, practice["fang"], now=practice.now, by="step")
        return sum(cell.counts.total for cell in board.matrix if cell.row.endswith(f":{step}"))

    number, _ = practice.at("first_review")
    assert (at("first_review"), at("second_review")) == (1, 0)
    practice.complete(number, "first_review")
    assert (at("first_review"), at("second_review")) == (0, 1)


def test_many_hands_at_once_leave_the_copies_equal_to_a_recount(practice: Practice) -> None:
    numbers = [practice.at("give_opinion")[0] for _ in range(4)]
    work: list[Callable[[], object]] = []
    for number in numbers:
        task = practice.open_task(number, "give_opinion")
        work += [
            lambda task=task: tasks.claim(  # type: ignore[misc]
                practice.office, practice["wu"], task.id, now=practice.now
            ),
            lambda task=task: tasks.unclaim(  # type: ignore[misc]
                practice.office, practice["wu"], task.id, now=practice.now
            ),
            lambda number=number: cases.withdraw(  # type: ignore[misc]
                practice.office, practice.firm, number, reason="", now=practice.now
            ),
        ]

    def attempt(act: Callable[[], object]) -> None:
        with suppress(EngineError):  # somebody was faster
            act()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(attempt, work * 2))
    assert differences(practice) == {}


def test_the_doctor_finds_a_copy_that_was_tampered_with(practice: Practice) -> None:
    practice.at("first_review")
    assert list(audit.examine(practice.office)) == []
    with practice.office.uow.begin() as session:
        session.execute(update(models.OpenPlace).values(holder="nobody"))
    assert "open_place" in {flaw.where for flaw in audit.examine(practice.office)}
    with practice.office.uow.begin() as session:
        copies.mend(session.connection())
    assert list(audit.examine(practice.office)) == []


def test_without_its_triggers_a_copy_would_differ(practice: Practice) -> None:
    _, task = practice.at("first_review")
    with practice.office.uow.begin() as session:
        copies.let_go(session.connection())
        session.execute(update(Task).where(Task.id == task.id).values(assignee="wang"))
    assert differences(practice) == {"open_place": 2}  # one too many, one missing
    with practice.office.uow.begin() as session:
        copies.keep(session.connection())
    assert differences(practice) == {}
