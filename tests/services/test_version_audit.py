"""What the doctor finds of versions, migrations and incidents when tables were tampered with."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.errors import StepFailed
from engine.persistence import models
from engine.services import audit, migrations
from engine.services.operations import OPERATIONS
from tests.offices import Practice


def found(practice: Practice) -> set[str]:
    return {flaw.en.partition(":")[0] for flaw in audit.examine(practice.office)}


def spoil(session: Session) -> None:
    session.scalars(select(models.ProcessInstance)).first().state = b"nothing"  # type: ignore[union-attr]


def halve(session: Session) -> None:
    definitions = session.scalars(select(models.ProcessDefinition.id)).all()
    row = session.scalars(select(models.ProcessInstance)).first()
    assert row is not None
    case = session.get_one(models.Case, row.case_id)
    case.definition_id = next(each for each in definitions if each != row.definition_id)


def miscount(session: Session) -> None:
    session.scalars(select(models.Case)).first().open_incidents = 7  # type: ignore[union-attr]


def lose_task(session: Session) -> None:
    session.scalars(select(models.Task)).first().state = "cancelled"  # type: ignore[union-attr]


def lose_timer(session: Session) -> None:
    session.delete(session.scalars(select(models.Timer)).first())


TAMPERED: dict[Callable[[Session], None], str] = {
    spoil: "its version cannot read the state",
    halve: "a migration half done",
    miscount: "the count of its incidents is wrong",
    lose_task: "it rests elsewhere than its tasks say",
    lose_timer: "it has other timers armed than its rows say",
}


@pytest.mark.parametrize("tamper", TAMPERED, ids=lambda each: each.__name__)
def test_the_doctor_names_what_cannot_be(
    practice: Practice, tamper: Callable[[Session], None]
) -> None:
    practice.file_case()
    assert found(practice) == set()
    practice.is_tampered = True
    with practice.office.uow.begin() as session:
        tamper(session)
    assert TAMPERED[tamper] in found(practice)


def test_an_open_incident_is_no_flaw_and_one_on_a_closed_case_is(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, task = practice.at("review_filing")
    with monkeypatch.context() as broken:
        broken.setitem(OPERATIONS, "accept_case", None)
        with pytest.raises(StepFailed):
            practice.complete(number, "review_filing")
    assert found(practice) == set()
    practice.is_tampered = True
    with practice.office.uow.begin() as session:
        session.get_one(models.Case, practice.case(number).id).state = "closed"
        session.get_one(models.Task, task.id).state = "cancelled"
    assert "an incident open on a closed case" in found(practice)


def test_a_migration_that_nobody_carries_on_is_named(practice: Practice) -> None:
    practice.file_case()
    case = practice.all(select(models.Case))[0]
    other = next(
        each
        for each in practice.all(select(models.ProcessDefinition.id))
        if each != case.definition_id
    )
    assert migrations.history(practice.office, practice["feng"]) == ()
    with practice.office.uow.begin() as session:
        session.add(
            models.Migration(
                id=case.id, procedure="credit_repair", from_id=case.definition_id, to_id=other,
                mapping={}, accepts_losses=False, reason="", state="running",
                started_by="feng", started_at=practice.now,
            )
        )  # fmt: skip
    assert "a migration that nobody carries on" in found(practice)
