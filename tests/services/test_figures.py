"""What a duty officer's monitor is told."""

from __future__ import annotations

from datetime import timedelta

from engine.services import duty, figures
from tests.offices import Practice, day


def test_cases_are_told_by_their_light_and_lateness_by_its_age(practice: Practice) -> None:
    def told() -> dict[str, float]:
        return dict(figures.metrics(practice.office, now=practice.now))

    practice.file_case()
    number, _ = practice.at("give_opinion")
    duty.round_of(practice.office)
    begun = told()
    lights = {
        name: begun[f"kunxin_open_cases_{name}"] for name in ("green", "yellow", "red", "blue")
    }
    assert sum(lights.values()) == begun["kunxin_open_cases"] == 2
    assert lights["red"] == 0
    assert begun["kunxin_timers_lag_seconds"] == begun["kunxin_jobs_lag_seconds"] == 0
    assert (begun["kunxin_silent_cases"], begun["kunxin_jobs_failed"]) == (0, 0)

    practice.show(day(4, 20))  # nobody sweeps meanwhile
    late = told()
    assert late["kunxin_open_cases_red"] >= 1
    assert late["kunxin_timers_overdue"] >= 1
    first = late["kunxin_timers_lag_seconds"]
    assert first > timedelta(days=20).total_seconds()
    assert practice.case(number).state == "open"

    duty.round_of(practice.office)
    assert told()["kunxin_timers_lag_seconds"] < first
