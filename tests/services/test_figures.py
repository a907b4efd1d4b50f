"""What a duty officer's monitor is told."""

from __future__ import annotations

import re
from datetime import timedelta

import yaml
from prometheus_client import REGISTRY, CollectorRegistry

import web.api.probes  # noqa: F401 - its figures are in the registry
from engine.domain.clock import Light
from engine.exchange.telemetry import NoTracing
from engine.services import duty, figures
from engine.settings import ROOT
from engine.worker.figures import measured
from tests.offices import Practice, day

FIGURE = re.compile(r"\bkunxin_[a-z_]+[a-z]\b")


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


def test_every_figure_of_the_alerts_and_of_their_table_is_one_that_a_program_tells(
    practice: Practice,
) -> None:
    alerts = yaml.safe_load((ROOT / "deploy/alerts.yaml").read_text("utf-8"))
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    asked = {plain(name) for rule in rules for name in FIGURE.findall(rule["expr"])}
    table = (ROOT / "deploy/metrics.md").read_text("utf-8")
    explained = {plain(name) for name in FIGURE.findall(table)}
    told = told_figures(practice)
    assert asked
    assert asked <= told
    assert explained <= told
    shown_short = {
        f"kunxin_open_{what}_{light.value}" for what in ("cases", "tasks") for light in Light
    }
    assert told - explained <= shown_short
    assert all(rule["labels"]["severity"] in ("page", "ticket") for rule in rules)


def plain(name: str) -> str:
    """A figure's name without what its kind adds."""
    return re.sub(r"_(total|bucket|count|sum)$", "", name)


def told_figures(practice: Practice) -> set[str]:
    """What the office, the web and a worker tell."""
    registry = CollectorRegistry()
    measured(NoTracing(), registry)
    families = [*REGISTRY.collect(), *registry.collect()]
    counted = {plain(each.name) for each in families if each.name.startswith("kunxin_")}
    return {"kunxin_database_up", *figures.metrics(practice.office, now=practice.now), *counted}
