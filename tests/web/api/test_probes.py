"""What machines ask of the installation."""

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.web.api.conftest import Asked
from web.api.probes import STEPS


def test_a_process_that_answers_is_alive(anonymous: FlaskClient) -> None:
    assert anonymous.get("/healthz").status_code == 200


def test_a_process_is_ready_when_its_database_answers(
    anonymous: FlaskClient, answering: Callable[..., Asked]
) -> None:
    answering("calendars.years", (2020, 2026))
    assert anonymous.get("/readyz").status_code == 200
    answering("calendars.years", ConnectionError("no database"))
    response = anonymous.get("/readyz")
    assert response.status_code == 503
    assert b"no database" not in response.get_data()


def test_metrics_count_requests_by_endpoint_and_carry_the_offices_gauges(
    anonymous: FlaskClient, answering: Callable[..., Asked]
) -> None:
    answering("supervision.metrics", {"open_cases": 31.0, "kunxin_late_tasks": 4.0})
    anonymous.get("/api/v1/me")
    text = anonymous.get("/metrics").get_data(as_text=True)
    assert 'kunxin_requests_total{endpoint="api_tokens.me",method="GET",status="401"}' in text
    assert 'kunxin_request_seconds_count{endpoint="api_tokens.me",method="GET"}' in text
    assert "kunxin_open_cases 31.0" in text
    assert "kunxin_late_tasks 4.0" in text
    assert "kunxin_database_up 1.0" in text


def test_words_that_a_stranger_asks_by_make_no_figures_of_their_own(
    anonymous: FlaskClient, answering: Callable[..., Asked]
) -> None:
    answering("supervision.metrics", {})
    anonymous.open("/healthz", method="INVENTED")
    text = anonymous.get("/metrics").get_data(as_text=True)
    assert 'method="other"' in text
    assert "INVENTED" not in text


def test_a_step_that_was_refused_is_counted_beside_those_that_were_done(
    anonymous: FlaskClient, answering: Callable[..., Asked]
) -> None:
    answering("supervision.metrics", {})
    anonymous.post("/api/v1/cases", json={})
    text = anonymous.get("/metrics").get_data(as_text=True)
    assert 'kunxin_step_seconds_count{done="no"}' in text
    assert {rule.endpoint for rule in anonymous.application.url_map.iter_rules()} >= STEPS


def test_metrics_are_told_even_when_the_database_is_away(
    anonymous: FlaskClient, answering: Callable[..., Asked]
) -> None:
    answering("supervision.metrics", ConnectionError("no database"))
    response = anonymous.get("/metrics")
    assert response.status_code == 200
    text = response.get_data(as_text=True)
    assert "kunxin_database_up 0.0" in text
    assert "kunxin_requests_total" in text
