"""`kunxin doctor` names each contradiction of the issue's list, and nothing in a sound office."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine.domain.errors import Unavailable
from engine.persistence import models, object_store
from engine.services import audit, job_operations, jobs, kept_files, oracles, timers
from tests import servers
from tests.offices import Practice, day

Case, Event, Job, Letter = models.Case, models.Event, models.Job, models.Letter
Task, Timer, Wait = models.Task, models.Timer, models.Wait
Tamper = Callable[[Session, Practice], object]


def close_case(session: Session, practice: Practice) -> None:
    now = practice.now + timedelta(days=30)
    session.execute(update(Case).values(state="closed", closed_at=now))


def finish_instances(session: Session, practice: Practice) -> None:
    session.execute(update(models.ProcessInstance).values(is_finished=True))


def fire_again(session: Session, practice: Practice) -> None:
    session.execute(update(Timer).values(fired_at=None))


def forget_a_task(session: Session, practice: Practice) -> None:
    session.execute(update(Task).values(state="cancelled"))


def forget_a_line(session: Session, practice: Practice) -> None:
    session.execute(update(Event).where(Event.kind == "task_completed").values(kind="noted"))


def forget_to_print(session: Session, practice: Practice) -> None:
    session.execute(update(Letter).values(sha256=None))
    session.execute(delete(Job).where(Job.operation == "print_letter"))


def number_twice(session: Session, practice: Practice) -> None:
    """The tables themselves refuse it for numbers of cases and letters."""
    first = session.scalars(select(models.Supervision)).first()
    assert first is not None
    row = {column.name: getattr(first, column.name) for column in first.__table__.columns}
    session.execute(
        models.Supervision.__table__.insert().values(**row | {"id": uuid4(), "wait_id": uuid4()})  # type: ignore[attr-defined]
    )


#: What somebody does to the tables -> what the doctor says.
TAMPERED: Sequence[tuple[Tamper, set[str]]] = (
    (close_case, {"a task open on a closed case"}),
    (
        finish_instances,
        {"a task open on a finished instance", "a timer open on a finished instance"},
    ),
    (fire_again, {"a timer fired twice"}),
    (forget_a_task, {"other tasks were completed than the history tells of"}),
    (forget_a_line, {"other tasks were completed than the history tells of"}),
    (forget_to_print, {"a letter was issued that nobody prints"}),
    (number_twice, {"a number used twice"}),
)


def found(session: Session) -> set[str]:
    return {en for _, _, en in oracles.flaws(session)}


def test_the_doctor_names_each_contradiction_and_none_where_there_is_none(
    practice: Practice,
) -> None:
    number, _ = practice.at("give_opinion")
    practice.show(day(3, 9))  # the opinion is overdue: a supervision, with its letter
    timers.sweep(practice.office, now=practice.now)
    assert practice.kinds(number).count("timer_fired") > 0
    practice.run_jobs()
    assert list(audit.examine(practice.office)) == []
    for tamper, told in TAMPERED:
        with practice.office.uow.scan() as session:  # nothing done in it is kept
            tamper(session, practice)
            session.flush()
            assert found(session) >= told, tamper.__name__
            session.rollback()
    assert list(audit.examine(practice.office)) == []


def test_rows_whose_files_are_gone_or_changed_are_named(practice: Practice) -> None:
    number, _ = practice.at("give_opinion")
    practice.run_jobs()
    key = practice.of_case(Letter, number)[0].sha256
    assert key is not None
    place = practice.folder / "files" / key[:2] / key
    content = place.read_bytes()
    for spoil in (place.unlink, lambda: place.write_bytes(content + b" ")):
        spoil()
        assert [flaw.where for flaw in audit.examine(practice.office)] == [key]
    place.write_bytes(content)
    assert list(audit.examine(practice.office)) == []


def test_every_column_that_holds_the_hash_of_a_file_is_looked_at() -> None:
    not_kept = {
        "history_root",
        "record_import",
        "folder_upload",
        "process_definition",
        "decision_made",
    }
    named = {f"{column.class_.__tablename__}.{column.key}" for column, _ in kept_files.COLUMNS}
    there = {
        f"{table.name}.{column.name}"
        for table in models.Case.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("sha256") and table.name not in not_kept
    }
    assert there == named


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_store_that_is_away_is_not_taken_for_lost_files_nor_for_a_failed_job(
    practice: Practice,
) -> None:
    number = practice.file_case().number
    folder = practice.office.files
    address = f"http://127.0.0.1:{servers.free_port()}/papers"
    practice.office.files = object_store.open_object_store(address, "a key", "a secret")
    practice.run_jobs()
    with pytest.raises(Unavailable):
        practice.office.files.put(b"a paper")
    (job,) = [each for each in practice.of_case(Job, number) if each.operation == "print_letter"]
    assert (job.state, job.retries_left) == ("waiting", job_operations.MOST_RETRIES)
    assert "Unavailable" in job.last_error

    practice.office.files = folder
    practice.clock.pass_by(jobs.FIRST_WAIT)
    practice.run_jobs()
    (letter,) = practice.of_case(Letter, number)
    assert letter.sha256
    practice.office.files = object_store.open_object_store(address, "a key", "a secret")
    with pytest.raises(Unavailable):
        list(audit.examine(practice.office))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_timer_is_no_incident_because_what_the_office_stands_on_was_away(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, _ = practice.at("give_opinion")
    practice.show(day(3, 9))

    def away() -> None:
        raise Unavailable("数据库暂时没有应答，请稍候再试。", "away")

    with monkeypatch.context() as cut:
        cut.setattr(timers, "fire_several", lambda *_, **__: away())
        cut.setattr(timers, "fire_timer", lambda *_, **__: away())
        with pytest.raises(Unavailable):
            timers.sweep(practice.office, now=practice.now)
    assert practice.all(select(models.Incident)) == []
    timers.sweep(practice.office, now=practice.now)
    assert practice.kinds(number).count("supervision_opened") == 1
