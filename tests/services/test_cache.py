"""Live instances in memory: never older than the stored one, never in two hands, never half-driven."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from engine.domain.errors import StepFailed
from engine.persistence import models
from engine.runtime import stepper
from engine.services.office import InstanceCache
from engine.services.operations import OPERATIONS
from tests.offices import Practice


def test_a_step_here_then_there_then_here_again_never_meets_a_stale_instance(
    practice: Practice, another_process: Practice
) -> None:
    number, _ = practice.at("give_opinion")
    practice.complete(number, "give_opinion")
    another_process.complete(number, "first_review")
    practice.complete(number, "second_review")
    another_process.complete(number, "take_down")
    practice.complete(number, "verify", by=practice["he"])
    assert [e.element_id for e in practice.history(number) if e.kind == "task_completed"] == [
        "review_filing",
        "give_opinion",
        "first_review",
        "second_review",
        "take_down",
        "verify",
    ]


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The processes that were loaded from their bytes, in order."""
    loaded: list[str] = []
    original = stepper.load

    def load(procedure: Any, process_id: str, raw: bytes) -> Any:
        loaded.append(process_id)
        return original(procedure, process_id, raw)

    monkeypatch.setattr(stepper, "load", load)
    return loaded


def step(practice: Practice, number: str, element_id: str, who: str) -> None:
    practice.complete(number, element_id, by=practice[who])


def test_the_next_step_in_the_same_process_finds_the_instance_alive(
    practice: Practice, another_process: Practice, loads: list[str]
) -> None:
    number, _ = practice.at("give_opinion")
    loads.clear()
    step(practice, number, "give_opinion", "wu")
    assert loads == []
    step(another_process, number, "first_review", "wang")
    assert loads == ["credit_repair"]
    step(practice, number, "second_review", "gu")  # what it holds alive is older by one step
    assert loads == ["credit_repair"] * 2


def test_an_instance_whose_step_failed_is_not_used_again(
    practice: Practice, loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number, _ = practice.at("review_filing")
    loads.clear()
    with monkeypatch.context() as broken:
        broken.setitem(OPERATIONS, "mark_record", None)
        with pytest.raises(StepFailed):
            step(practice, number, "review_filing", "zhou")
    step(practice, number, "review_filing", "zhou")
    assert loads == ["credit_repair"]
    assert [task.element_id for task in practice.open_tasks(number)] == ["give_opinion"]


def test_an_instance_whose_commit_failed_is_not_used_again(
    practice: Practice, loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number, _ = practice.at("review_filing")
    (row,) = practice.of_case(models.ProcessInstance, number)
    from sqlalchemy import event

    def fails(connection: Any) -> None:
        raise RuntimeError("the disk is full")

    engine = practice.office.uow.engine
    event.listen(engine, "commit", fails)
    try:
        with pytest.raises(RuntimeError, match="disk"):
            step(practice, number, "review_filing", "zhou")
    finally:
        event.remove(engine, "commit", fails)
    assert practice.office.instances.take(row.id, row.version) is None


def test_what_is_taken_out_is_in_nobody_elses_hands() -> None:
    cache, key, live = InstanceCache(), uuid4(), object()
    cache.put(key, 1, live)  # type: ignore[arg-type]
    assert cache.take(key, 1) is live
    assert cache.take(key, 1) is None


def test_what_is_older_or_newer_than_the_stored_one_is_thrown_away() -> None:
    cache, key = InstanceCache(), uuid4()
    for held, stored in ((1, 2), (3, 2)):
        cache.put(key, held, object())  # type: ignore[arg-type]
        assert cache.take(key, stored) is None
        assert len(cache) == 0


def test_the_least_used_goes_when_there_are_too_many() -> None:
    cache = InstanceCache(most=2)
    keys = [uuid4() for _ in range(3)]
    for key in keys:
        cache.put(key, 1, object())  # type: ignore[arg-type]
    assert cache.take(keys[0], 1) is None
    assert cache.take(keys[1], 1) is not None
    assert cache.take(keys[2], 1) is not None
