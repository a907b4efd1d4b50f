"""Incidents, versions and migrations through the API of a real office."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from engine.persistence import models
from engine.services import deployments, passwords
from engine.services.operations import OPERATIONS
from engine.settings import read_settings
from tests.offices import Practice
from web.app import create_app

PASSWORD = "a long enough password"
ONE_KIND = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def practice(practice: Practice) -> Practice:
    with practice.office.uow.begin() as session:
        for name in ("feng", "zhou"):
            asked = select(models.Person).where(models.Person.username == name)
            held = session.scalars(asked).one()
            held.password_hash = passwords.hashed(PASSWORD)
    return practice


@pytest.fixture
def client(practice: Practice) -> FlaskClient:
    settings = read_settings({"KUNXIN_SECRET_KEY": "for tests", "KUNXIN_SANDBOX": "1"})
    return create_app(practice.office, settings).test_client()


def ask(client: FlaskClient, who: str, method: str, path: str, **sent: Any) -> Any:
    told = client.post("/api/v1/tokens", json={"username": who, "password": PASSWORD}).get_json()
    headers = {"Authorization": f"Bearer {told['token']}"}
    return client.open(f"/api/v1{path}", method=method, headers=headers, **sent)


@ONE_KIND
def test_a_step_that_gets_stuck_names_its_incident_and_an_administrator_moves_it(
    practice: Practice, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, task = practice.at("review_filing")
    with monkeypatch.context() as broken:
        broken.setitem(OPERATIONS, "accept_case", None)
        answers = {"answers": {"acceptance": "accept"}}
        stuck = ask(client, "zhou", "POST", f"/tasks/{task.id}/complete", json=answers)
    assert stuck.status_code == 500
    problem = stuck.get_json()
    assert problem["type"] == "/problems/step-failed"
    (held,) = ask(client, "feng", "GET", "/incidents").get_json()["items"]
    assert (held["number"], held["case_number"]) == (problem["incident"], number)
    case = ask(client, "feng", "GET", f"/cases/{number}").get_json()
    assert held["number"] in case["waiting"][0]["sentence"]["zh"]
    shown = ask(client, "feng", "GET", f"/incidents/{held['id']}").get_json()
    assert set(shown["actions"]) == {"retry", "answer", "move"}
    (wait,) = [each["wait_id"] for each in shown["waits"] if each["element_id"] == "review_filing"]
    wanted = {"wait_id": wait, "process_id": "credit_repair", "element_id": "close"}
    address = f"/incidents/{held['id']}/move"
    plan = ask(client, "feng", "POST", f"{address}?preview=true", json=wanted).get_json()
    assert plan["is_applied"] is False
    assert "close" in {line["kind"] for line in plan["lines"]}
    assert ask(client, "feng", "POST", address, json=wanted).status_code == 422  # no reason
    told = {**wanted, "reason": "settled on paper"}
    assert ask(client, "zhou", "POST", address, json=told).status_code == 403
    assert ask(client, "feng", "POST", address, json=told).get_json()["is_applied"] is True
    assert ask(client, "feng", "POST", address, json=told).status_code == 409
    (after,) = ask(client, "feng", "GET", "/incidents").get_json()["items"]
    assert (after["resolution"], after["resolved_by"]) == ("moved", "feng")


@ONE_KIND
def test_corrected_answers_are_previewed_and_applied(
    practice: Practice, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, task = practice.at("review_filing")
    with monkeypatch.context() as broken:
        broken.setitem(OPERATIONS, "accept_case", None)
        answers = {"answers": {"acceptance": "accept"}}
        ask(client, "zhou", "POST", f"/tasks/{task.id}/complete", json=answers)
    (held,) = ask(client, "feng", "GET", "/incidents").get_json()["items"]
    address = f"/incidents/{held['id']}/answer"
    wrong = ask(client, "feng", "POST", address, json={"answers": {"acceptance": "perhaps"}})
    assert wrong.status_code == 422
    body = {"answers": {"acceptance": "accept"}, "reason": "the number is there now"}
    plan = ask(client, "feng", "POST", f"{address}?preview=true", json=body).get_json()
    assert plan["is_applied"] is False
    assert [task.element_id for task in practice.open_tasks(number)] == ["review_filing"]
    assert ask(client, "feng", "POST", address, json=body).get_json()["is_applied"] is True
    assert [task.element_id for task in practice.open_tasks(number)] == ["give_opinion"]


@ONE_KIND
def test_two_versions_are_compared_and_cases_go_from_one_to_the_other(
    practice: Practice, client: FlaskClient, tmp_path: Path
) -> None:
    import shutil

    number, _ = practice.at("give_opinion")
    old = str(practice.case(number).definition_id)
    workflows = tmp_path / "changed"
    shutil.copytree(practice.office.workflows, workflows)
    path = workflows / "credit_repair/examination.bpmn"
    path.write_text(path.read_text("utf-8").replace('name="初审"', 'name="初步审查"'), "utf-8")
    folder = workflows / "credit_repair"
    new = deployments.deploy_folder(practice.office, practice["feng"], folder, now=practice.now)
    assert new is not None
    one = ask(client, "feng", "GET", f"/process-definitions/{old}").get_json()
    assert (one["definition_id"], one["live_cases"]) == (old, 1)
    diff = ask(client, "feng", "GET", f"/process-definitions/{old}/diff?to={new}").get_json()
    assert [file["kind"] for file in diff["files"]] == ["changed"]
    (diagram,) = diff["diagrams"]
    assert [change["element_id"] for change in diagram["changes"]] == ["first_review"]
    address = f"/process-definitions/{old}/migrations"
    report = ask(client, "feng", "POST", f"{address}/preview", json={"target": str(new)}).get_json()
    assert [(case["number"], case["verdict"]) for case in report["cases"]] == [(number, "fits")]
    assert ask(client, "feng", "POST", address, json={"target": str(new)}).status_code == 422
    order = {"target": str(new), "reason": "a clearer name"}
    made = ask(client, "feng", "POST", address, json=order)
    assert made.status_code == 201
    practice.run_jobs()
    held = ask(client, "feng", "GET", made.headers["Location"].removeprefix("/api/v1")).get_json()
    assert (held["state"], held["counts"]) == ("done", {"migrated": 1})
    assert practice.case(number).definition_id == new
    undone = ask(
        client,
        "feng",
        "POST",
        f"/migrations/{held['id']}/undo",
        json={"cases": [number], "reason": "a mistake"},
    )
    assert undone.get_json() == {"cases": {number: "undone"}}
    assert str(practice.case(number).definition_id) == old
