"""Jobs: promised with the step, kept once, tried again, and shown to somebody when they fail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from engine.domain.errors import Conflict, NotFound, NotPermitted, StepFailed
from engine.persistence import models
from engine.services import daily_jobs, duty, incidents, job_keeping, job_operations, jobs, letters
from engine.services.casework import RETRIES
from engine.services.operations import OPERATIONS
from tests.offices import Practice
from tests.services.crowds import refusals, together


@pytest.fixture
def receipt(practice: Practice) -> models.Job:
    """The job that prints the receipt of a filing, waiting."""
    practice.run_jobs()
    practice.file_case()
    (job,) = waiting(practice)
    assert job.operation == "print_letter"
    return job


def waiting(practice: Practice) -> list[models.Job]:
    """What waits, but for the notices (test_notices_sent.py)."""
    held = models.Job
    return practice.all(
        select(held).where(held.state == "waiting", held.operation.not_in(("tell", "notify")))
    )


def job_of(practice: Practice, job_id: UUID) -> models.Job:
    held = models.Job
    (found,) = practice.all(select(held).where(held.id == job_id))
    assert isinstance(found, models.Job)
    return found


def count_calls(patch: pytest.MonkeyPatch, operation: str) -> list[UUID]:
    """Replace an operation of jobs by one that only notes under which id it was called."""
    called: list[UUID] = []

    def note(office: Any, session: Any, job_id: UUID, *rest: Any) -> None:
        called.append(job_id)

    patch.setitem(job_operations.OPERATIONS, operation, note)
    return called


def test_a_step_promises_its_jobs_and_announces_them_when_it_is_stored(
    practice: Practice, receipt: models.Job
) -> None:
    assert receipt.id in practice.announced


def test_a_step_that_fails_promises_nothing(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, _ = practice.at("review_filing")
    practice.run_jobs()
    announced = list(practice.announced)
    with monkeypatch.context() as broken:
        broken.setitem(OPERATIONS, "mark_record", None)
        with pytest.raises(StepFailed):
            practice.complete(number, "review_filing")
    assert (waiting(practice), practice.announced) == ([], announced)


def test_a_printed_letter_is_a_pdf_under_its_hash(practice: Practice, receipt: models.Job) -> None:
    assert jobs.run(practice.office, receipt.id)
    (letter,) = practice.all(select(models.Letter))
    view, content = letters.open_letter(practice.office, practice.firm, letter.id)
    assert content.startswith(b"%PDF")
    assert (view.is_ready, view.sha256) == (True, letter.sha256)
    assert letter.size == len(content)


def test_a_letter_that_is_still_being_printed_says_so(
    practice: Practice, receipt: models.Job
) -> None:
    (letter,) = practice.all(select(models.Letter))
    with pytest.raises(Conflict):
        letters.open_letter(practice.office, practice.firm, letter.id)


def test_a_job_delivered_twice_is_done_once(
    practice: Practice, receipt: models.Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = count_calls(monkeypatch, "print_letter")
    assert jobs.run(practice.office, receipt.id)
    assert not jobs.run(practice.office, receipt.id)
    assert called == [receipt.id]
    assert job_of(practice, receipt.id).state == "done"


def test_a_job_delivered_to_several_workers_at_once_is_done_once(
    practice: Practice,
    another_process: Practice,
    receipt: models.Job,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called = count_calls(monkeypatch, "print_letter")
    outcomes = together(
        *(lambda w=w: jobs.run(w.office, receipt.id) for w in [practice, another_process] * 3)
    )
    assert refusals(outcomes) == []
    assert outcomes.count(True) == 1
    assert called == [receipt.id]


def test_a_letter_printed_twice_has_the_same_bytes(practice: Practice, receipt: models.Job) -> None:
    jobs.run(practice.office, receipt.id)
    (first,) = practice.all(select(models.Letter))
    with practice.office.uow.begin() as session:
        session.get_one(models.Job, receipt.id).state = "waiting"
        session.get_one(models.Letter, first.id).sha256 = None
    jobs.run(practice.office, receipt.id)
    (second,) = practice.all(select(models.Letter))
    assert second.sha256 == first.sha256


def test_a_job_that_fails_waits_longer_each_time_and_then_needs_somebody(
    practice: Practice, receipt: models.Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*given: Any) -> None:
        raise RuntimeError("out of paper")

    with monkeypatch.context() as broken:
        broken.setitem(job_operations.OPERATIONS, "print_letter", fails)
        pauses: list[timedelta] = []
        for _ in range(RETRIES):
            jobs.run(practice.office, receipt.id)
            job = job_of(practice, receipt.id)
            assert (job.state, "out of paper" in job.last_error) == ("waiting", True)
            assert not jobs.run(practice.office, receipt.id), "its next moment has not come"
            pauses.append(job.due_at - practice.clock.moment)
            practice.clock.moment = job.due_at
        assert pauses == [timedelta(seconds=10 * 2**n) for n in range(RETRIES)]
        assert practice.all(select(models.Incident)) == []
        jobs.run(practice.office, receipt.id)
    assert job_of(practice, receipt.id).state == "failed"
    assert receipt.id not in jobs.due_jobs(practice.office)
    (incident,) = incidents.incidents(practice.office, practice["fang"])
    assert incident.job_id == receipt.id
    assert "out of paper" in incident.cause.zh

    incidents.retry(practice.office, practice["feng"], incident.id, now=practice.now)
    assert receipt.id in practice.announced
    assert jobs.run(practice.office, receipt.id)
    assert job_of(practice, receipt.id).state == "done"
    with pytest.raises(Conflict):
        incidents.retry(practice.office, practice["feng"], incident.id, now=practice.now)


def test_what_a_failed_attempt_wrote_is_gone(
    practice: Practice, receipt: models.Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writes_and_fails(office: Any, session: Any, *rest: Any) -> None:
        session.add(models.Setting(key="half", value={}))
        session.flush()
        raise RuntimeError("half way")

    with monkeypatch.context() as broken:
        broken.setitem(job_operations.OPERATIONS, "print_letter", writes_and_fails)
        jobs.run(practice.office, receipt.id)
    held = models.Setting
    assert practice.all(select(held).where(held.key == "half")) == []


def test_a_job_nobody_knows_does_nothing(practice: Practice) -> None:
    assert not jobs.run(practice.office, uuid4())


def test_only_an_administrator_lets_a_job_try_again(practice: Practice) -> None:
    with pytest.raises(NotPermitted):
        incidents.retry(practice.office, practice["fang"], uuid4(), now=practice.now)
    with pytest.raises(NotFound):
        incidents.retry(practice.office, practice["feng"], uuid4(), now=practice.now)


def test_a_broker_that_is_down_delays_and_loses_nothing(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_down(job_id: UUID) -> None:
        raise ConnectionError("no broker")

    practice.run_jobs()
    monkeypatch.setattr(practice.office.uow, "_announce", is_down)
    number = practice.file_case().number
    (job,) = waiting(practice)
    assert job.id in jobs.due_jobs(practice.office)
    # the letter, the notice of it, and what is done every day
    assert duty.round_of(practice.office).jobs == 2 + len(daily_jobs.OPERATIONS)
    (letter,) = practice.of_case(models.Letter, number)
    assert letter.size


def test_one_failing_job_does_not_hold_up_the_others(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.run_jobs()
    for _ in range(3):
        practice.file_case()
    bad = waiting(practice)[0].id
    original = job_operations.OPERATIONS["print_letter"]

    def fails_for_one(office: Any, session: Any, job_id: UUID, *rest: Any) -> None:
        if job_id == bad:
            raise RuntimeError("out of paper")
        original(office, session, job_id, *rest)

    monkeypatch.setitem(job_operations.OPERATIONS, "print_letter", fails_for_one)
    practice.run_jobs()
    assert [job.id for job in waiting(practice)] == [bad]


def test_a_take_down_notice_is_pushed_once_however_often_the_job_runs(practice: Practice) -> None:
    number, _ = practice.at("take_down")
    practice.complete(number, "take_down")
    practice.complete(number, "verify")
    (job,) = [j for j in practice.of_case(models.Job, number) if j.operation == "push_to_platform"]
    practice.run_jobs()
    with practice.office.uow.begin() as session:
        session.get_one(models.Job, job.id).state = "waiting"
    practice.run_jobs()
    out = practice.folder / "exchange" / "out"
    assert [p.stem for p in out.glob("*.json") if number in p.read_text("utf-8")] == [job.id.hex]


def test_a_job_is_forgotten_a_month_after_it_was_done_unless_an_incident_names_it(
    practice: Practice,
) -> None:
    number = practice.file_case().number
    practice.run_jobs()
    kept = practice.of_case(models.Job, number)
    assert {job.state for job in kept} == {"done"}
    assert job_keeping.forget(practice.office) == 0

    practice.clock.pass_by(job_keeping.REMEMBERED + timedelta(minutes=1))
    waiting = practice.file_case().number  # its letter is not printed yet
    named = _incident_of(practice, kept[0])
    assert job_keeping.forget(practice.office) > 0
    assert [job.id for job in practice.of_case(models.Job, number)] == [named]
    assert practice.of_case(models.Job, waiting)
    assert practice.run_jobs() > 0


def _incident_of(practice: Practice, job: models.Job) -> UUID:
    """An incident that the job was in, since settled."""
    now = practice.now
    with practice.office.uow.begin() as session:
        session.add(
            models.Incident(
                id=uuid4(), number="I-1", kind="job", job_id=job.id, title="", title_en="",
                cause="", cause_en="", act={}, fingerprint="1", raised_at=now, last_at=now,
                resolved_at=now, story=[],
            )
        )  # fmt: skip
    return job.id
