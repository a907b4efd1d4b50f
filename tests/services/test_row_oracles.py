"""`kunxin doctor` names each row that cannot be, and nothing of cases that came to their ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine.domain.sign_in import Place
from engine.persistence import models
from engine.services import audit, people, row_oracles, sessions
from tests.offices import MONDAY, Practice

Tamper = Callable[[Session], object]
Case, Task, Decision, Words = models.Case, models.Task, models.DecisionMade, models.OpenWords


def first(table: type[models.Case] | type[models.DecisionMade]) -> object:
    return select(table.id).order_by(table.id).limit(1).scalar_subquery()


def close_by_half(session: Session) -> None:
    session.execute(update(Case).where(Case.state == "open").values(state="closed"))


def claim_for_nobody(session: Session) -> None:
    session.execute(update(Task).where(Task.state == "ready").values(state="claimed"))


def complete_by_nobody(session: Session) -> None:
    session.execute(update(Task).where(Task.state == "completed").values(completed_by=None))


def lose_a_number(session: Session) -> None:
    session.execute(
        update(models.Counter).where(models.Counter.key.startswith("letter:")).values(value=99)
    )


def alter_a_decision(session: Session) -> None:
    session.execute(update(Decision).where(Decision.id == first(Decision)).values(outputs=[[]]))


def lose_a_decision(session: Session) -> None:
    session.execute(delete(Decision).where(Decision.id == first(Decision)))


def invent_a_decision(session: Session) -> None:
    session.execute(update(Decision).where(Decision.id == first(Decision)).values(sequence=999))


def disable_by_hand(session: Session) -> None:
    session.execute(
        update(models.Person).where(models.Person.username == "ma").values(is_active=False)
    )


def write_in_times_to_come(session: Session) -> None:
    session.execute(update(models.Event).values(at=MONDAY + timedelta(days=400)))


def forget_a_filing(session: Session) -> None:
    session.execute(delete(Words).where(Words.id == Words.case_id))


def forget_forms(session: Session) -> None:
    session.execute(delete(Words).where(Words.id != Words.case_id))


#: What somebody does to the tables -> what the doctor says.
TAMPERED: Sequence[tuple[Tamper, str]] = (
    (close_by_half, "closed by half"),
    (claim_for_nobody, "a task is in another hand than its state says"),
    (complete_by_nobody, "a task is in another hand than its state says"),
    (lose_a_number, "a number is missing"),
    (alter_a_decision, "a decision is kept otherwise than it was made"),
    (lose_a_decision, "a decision is told of or kept, not both"),
    (invent_a_decision, "a decision is told of or kept, not both"),
    (disable_by_hand, "a door is open for a disabled account"),
    (write_in_times_to_come, "a line of history is of a time to come"),
    (forget_a_filing, "a form of an open case is not found in the inbox"),
    (forget_forms, "a form of an open case is not found in the inbox"),
)


def found(practice: Practice, session: Session) -> list[str]:
    return [en for _, _, en in row_oracles.flaws(session, now=practice.now)]


def test_the_doctor_names_each_row_that_cannot_be(practice: Practice) -> None:
    practice.at("rate")  # closed
    practice.at("give_opinion")
    people.add_person(practice.office, "ma", "a long enough password", "马", now=MONDAY)
    ma = people.actor_of_username(practice.office, "ma")
    sessions.begin(practice.office, ma, place=Place("203.0.113.7"))
    practice.run_jobs()
    assert list(audit.examine(practice.office)) == []
    for tamper, told in TAMPERED:
        with practice.office.uow.scan() as session:  # nothing done in it is kept
            tamper(session)
            session.flush()
            named = found(practice, session)
            assert any(told in each for each in named), (tamper.__name__, named)
            session.rollback()
    assert list(audit.examine(practice.office)) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_wait_that_its_rows_do_not_tell_of_is_named(practice: Practice) -> None:
    practice.at("verify")
    practice.is_tampered = True
    with practice.office.uow.begin() as session:
        instance = session.scalars(
            select(models.ProcessInstance).where(models.ProcessInstance.is_finished.is_(False))
        ).first()
        assert instance is not None
        session.add(
            models.Wait(
                id=uuid4(), case_id=instance.case_id, instance_id=instance.id,
                process_id=instance.process_id, element_id="nowhere", kind="message",
                whose="office", begun_at=practice.now,
            )
        )  # fmt: skip
    told = {flaw.en for flaw in audit.examine(practice.office)}
    assert "it waits for something else than its rows say" in told
