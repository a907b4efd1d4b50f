"""A broker that is away is not asked again at once: who completes a task does not wait for it."""

from __future__ import annotations

from uuid import UUID

import pytest

from engine.worker import celery_app

JOB = UUID(int=1)


def test_a_broker_that_failed_is_left_alone_until_the_next_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    now = [100.0]

    def deliver(job: str) -> None:
        asked.append(job)
        if len(asked) == 1:
            raise ConnectionError("it does not answer")

    monkeypatch.setattr(celery_app, "_broker", celery_app.Broker())
    monkeypatch.setattr(celery_app, "monotonic", lambda: now[0])
    monkeypatch.setattr(celery_app.run_job, "delay", deliver)
    with pytest.raises(ConnectionError):
        celery_app.announce(JOB)
    celery_app.announce(JOB)
    assert len(asked) == 1
    now[0] += celery_app.SWEEP_EVERY
    celery_app.announce(JOB)
    celery_app.announce(JOB)
    assert len(asked) == 3
