"""One credit-repair case, from the file of penalties to the removed record, by the API alone."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.bootstrap import open_office
from engine.domain.actor import SYSTEM
from engine.services import deployments, people
from engine.services.office import Office
from engine.settings import ROOT, read_settings
from tests.doors import hash_cheaply
from web.app import create_app

FIRM, OTHER_FIRM = "91320583MA1X00017U", "91320583MA1X00025N"
MONDAY = "2020-03-02T09:00:00+08:00"
PASSWORD = "a long enough password"
SCENARIO = ROOT / "workflows/credit_repair/scenarios/granted_general.json"
PENALTY = {
    "CF_XDR_MC": "昆山澄远包装材料有限公司",
    "CF_XDR_LB": "法人及非法人组织",
    "CF_XDR_SHXYM": FIRM,
    "CF_FRDB": "沈立新",
    "CF_WSH": "昆市监罚字〔2019〕118号",
    "CF_WFXW": "产品标识不符合规定",
    "CF_SY": "2019年10月检查发现产品标识未标注生产日期。",
    "CF_YJ": "《产品质量法》第五十四条",
    "CF_CFLB": "罚款",
    "CF_NR": "罚款人民币8000元。",
    "CF_NR_FK": "0.8",
    "CF_JDRQ": "2019/11/08",
    "CF_YXQ": "2099/12/31",
    "CF_GSJZQ": "2020/11/08",
    "CF_CFJG": "市市场监管局",
    "CF_CFJGDM": "11320583MB1X00053X",
    "CF_SJLY": "市市场监管局",
    "CF_SJLYDM": "11320583MB1X00053X",
}
#: Lane of the diagram -> who works it: username, department.
STAFF = {
    "window": ("zhou", "service_window"),
    "authority": ("wu", "market_regulation"),
    "credit_clerk": ("wang", "credit_office"),
    "credit_chief": ("gu", "credit_office"),
    "credit_centre": ("lin", "credit_centre"),
    "supervisor": ("fang", "credit_office"),
}


@dataclass
class Desk:
    """Somebody at the API with a token of their own."""

    client: FlaskClient
    token: str = ""

    def ask(self, method: str, path: str, **sent: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= sent.pop("headers", {})
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **sent)

    def get(self, path: str) -> Any:
        response = self.ask("GET", path)
        assert response.status_code == 200, (path, response.get_data(as_text=True))
        return response.get_json()

    def post(self, path: str, expected: int = 200, **sent: Any) -> Any:
        response = self.ask("POST", path, **sent)
        assert response.status_code == expected, (path, response.get_data(as_text=True))
        return response.get_json(silent=True)


@pytest.fixture
def installation(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """A training installation on the first Monday of March 2020, with its people."""
    hash_cheaply(monkeypatch)
    settings = read_settings(
        {
            "KUNXIN_DATABASE_URL": database_url,
            "KUNXIN_DATA_DIR": str(tmp_path),
            "KUNXIN_SECRET_KEY": "for tests",
            "KUNXIN_SANDBOX": "1",
        }
    )
    office = open_office(settings)
    app = create_app(office, settings)
    Desk(app.test_client()).ask("PUT", "/sandbox/clock", json={"now": MONDAY})
    deployments.deploy_all(office, SYSTEM, now=office.now())
    _hire(office)
    yield app
    office.uow.engine.dispose()


def _hire(office: Office) -> None:
    now = datetime(2020, 3, 2, tzinfo=UTC)
    for group, (username, department) in STAFF.items():
        people.add_person(
            office, username, PASSWORD, username, now=now, department=department, groups=[group]
        )
    officer = {"department": "credit_office", "groups": ["credit_officer"]}
    people.add_person(office, "officer", PASSWORD, "officer", now=now, **officer)  # type: ignore[arg-type]
    second = {"department": "credit_centre", "groups": ["credit_centre"]}
    people.add_person(office, "he", PASSWORD, "he", now=now, **second)  # type: ignore[arg-type]
    for username, code in (("firm", FIRM), ("other", OTHER_FIRM)):
        people.add_person(
            office, username, PASSWORD, username, now=now, groups=["applicant"], subject=code
        )


def sign_in(app: Flask, username: str) -> Desk:
    desk = Desk(app.test_client())
    desk.token = desk.post("/tokens", json={"username": username, "password": PASSWORD})["token"]
    return desk


def penalties(*rows: dict[str, str]) -> dict[str, Any]:
    text = io.StringIO()
    sheet = csv.DictWriter(text, PENALTY.keys())
    sheet.writeheader()
    sheet.writerows(rows)
    return {"file": (io.BytesIO(text.getvalue().encode("utf-8-sig")), "penalties.csv")}


def import_penalty(app: Flask) -> dict[str, Any]:
    officer = sign_in(app, "officer")
    officer.post("/records/import", 201, data=penalties(PENALTY))
    (record,) = officer.get(f"/records?subject={FIRM}")["items"]
    return dict(record)


def application() -> dict[str, Any]:
    scenario = json.loads(SCENARIO.read_text("utf-8"))
    return dict(scenario["filing"]["application"])


def filed(app: Flask, firm: Desk, record_id: str) -> dict[str, Any]:
    body = {
        "procedure": "credit_repair",
        "subject": FIRM,
        "records": [record_id],
        "answers": application(),
    }
    return dict(firm.post("/cases", 201, json=body))


def open_task(desk: Desk, number: str) -> dict[str, Any]:
    (task,) = [t for t in desk.get("/tasks?scope=all")["items"] if t["case_number"] == number]
    return dict(task)


def let_jobs_run(app: Flask) -> None:
    """Letters are made and receipts collected when the training clock is touched."""
    desk = Desk(app.test_client())
    now = desk.get("/sandbox/clock")["now"]
    assert desk.ask("PUT", "/sandbox/clock", json={"now": now}).status_code == 200


def test_a_file_of_penalties_is_reported_line_by_line_and_twice_adds_nothing(
    installation: Flask,
) -> None:
    officer = sign_in(installation, "officer")
    wrong = PENALTY | {"CF_WSH": "昆市监罚字〔2019〕119号", "CF_JDRQ": "2019/13/40"}
    first = officer.post("/records/import", 201, data=penalties(PENALTY, wrong))
    assert (first["taken"], first["known"], first["refused"]) == (1, 0, 1)
    assert [line["outcome"] for line in first["lines"]] == ["taken", "refused"]
    assert "处罚决定日期" in [problem["field"] for problem in first["lines"][1]["problems"]]
    again = officer.post("/records/import", 201, data=penalties(PENALTY, wrong))
    assert (again["taken"], again["known"], again["refused"]) == (0, 1, 1)
    assert len(officer.get(f"/records?subject={FIRM}")["items"]) == 1
    assert officer.get(f"/records/imports/{first['id']}") == first
    assert (
        sign_in(installation, "firm")
        .ask("POST", "/records/import", data=penalties(PENALTY))
        .status_code
        == 403
    )


def test_a_case_goes_from_filing_to_the_removed_record(installation: Flask) -> None:
    record = import_penalty(installation)
    firm = sign_in(installation, "firm")
    (told,) = firm.get(f"/eligibility?subject={FIRM}")["items"]
    assert told["id"] == record["id"]
    assert told["eligibility"]["outcome"] == "eligible"
    assert told["eligibility"]["article"]

    case = filed(installation, firm, record["id"])
    number = case["number"]
    desks = {lane: sign_in(installation, name) for lane, (name, _) in STAFF.items()}
    desks["applicant"] = firm
    for step in json.loads(SCENARIO.read_text("utf-8"))["steps"]:
        if "message" in step:
            sent = {"json": step["payload"]}
            desks["credit_centre"].post(f"/cases/{number}/messages/{step['message']}", 204, **sent)
            continue
        desk = desks[step["lane"]]
        task = open_task(desk, number)
        if step["task"] in ("verify", "verify_sites"):  # four eyes: not who took the record down
            assert desk.ask("POST", f"/tasks/{task['id']}/claim").status_code == 403
            desk = sign_in(installation, "he")
        assert task["element_id"] == step["task"]
        assert task["group"] == step["lane"]
        if step["lane"] != "applicant":
            desk.post(f"/tasks/{task['id']}/claim", 204)
        done = desk.post(f"/tasks/{task['id']}/complete", json={"answers": step["answers"]})
        assert done["case_number"] == number
        let_jobs_run(installation)

    closed = firm.get(f"/cases/{number}")
    assert (closed["state"], closed["outcome"]) == ("closed", "granted")
    assert closed["waiting"] == []
    after = firm.get(f"/records/{record['id']}")
    assert after["publication"] == "withdrawn_repaired"
    of_case = [event for event in after["history"] if event["case_number"] == number]
    assert {"publication", "reporting"} <= {event["axis"] for event in of_case}
    assert all(event["element_id"] for event in of_case)
    letters = firm.get(f"/cases/{number}/letters")["items"]
    assert {"filing_receipt", "acceptance", "repair_granted"} <= {each["key"] for each in letters}
    for letter in letters:
        if letter["is_ready"]:
            with firm.ask("GET", f"/letters/{letter['id']}/content") as pdf:
                assert pdf.get_data().startswith(b"%PDF")


def test_filing_tells_what_is_missing_and_with_one_key_happens_once(installation: Flask) -> None:
    record = import_penalty(installation)
    firm = sign_in(installation, "firm")
    body: dict[str, Any] = {"procedure": "credit_repair", "subject": FIRM}
    body["records"] = [record["id"]]
    refused = firm.post("/cases", 422, json={**body, "answers": {"representative": "agent"}})
    assert "commitment" in refused["fields"]
    key = {"headers": {"Idempotency-Key": "filing-1"}}
    body["answers"] = application()
    first = firm.post("/cases", 201, json=body, **key)
    assert firm.post("/cases", 201, json=body, **key) == first
    assert [row["number"] for row in firm.get("/cases")["items"]] == [first["number"]]
    body["answers"] = application() | {"handler_name": "另一人"}
    firm.post("/cases", 409, json=body, **key)


def test_a_case_is_followed_by_its_party_and_by_number_and_code_and_by_nobody_else(
    installation: Flask,
) -> None:
    record = import_penalty(installation)
    firm, other = sign_in(installation, "firm"), sign_in(installation, "other")
    case = filed(installation, firm, record["id"])
    number, code = case["number"], case["query_code"]
    shown = firm.get(f"/cases/{number}")
    assert shown["milestones"][0]["state"] in ("done", "now")
    assert shown["waiting"][0]["sentence"]["zh"]
    assert shown["waiting"][0]["until"].endswith("+08:00")
    assert firm.get(f"/cases/{number}/clocks")["items"][0]["reading"]["working"]
    assert firm.get(f"/cases/{number}/history")["items"][-1]["kind"] == "filed"
    diagram = firm.get(f"/cases/{number}/diagram")
    assert "bpmn" in diagram["xml"]
    assert "active" in diagram["elements"].values()
    for path in ("", "/history", "/decisions", "/clocks", "/diagram", "/documents", "/letters"):
        assert other.ask("GET", f"/cases/{number}{path}").status_code == 404, path
    public = Desk(installation.test_client())
    assert public.get(f"/track/{number}?code={code}")["number"] == number
    assert public.ask("GET", f"/track/{number}?code=wrong").status_code == 404
    assert public.ask("GET", f"/cases/{number}").status_code == 401


def test_of_two_who_reach_for_a_task_one_gets_it_and_the_other_is_told(
    installation: Flask,
) -> None:
    record = import_penalty(installation)
    number = filed(installation, sign_in(installation, "firm"), record["id"])["number"]
    window = sign_in(installation, "zhou")
    task = open_task(window, number)
    refusal = {"answers": {"acceptance": "perhaps"}}
    assert "acceptance" in window.post(f"/tasks/{task['id']}/complete", 422, json=refusal)["fields"]
    window.post(f"/tasks/{task['id']}/complete", json={"answers": {"acceptance": "accept"}})
    late = window.post(
        f"/tasks/{task['id']}/complete", 409, json={"answers": {"acceptance": "accept"}}
    )
    assert late["type"] == "/problems/task-not-open"
    authority = sign_in(installation, "wu")
    opinion = open_task(authority, number)
    clerk = sign_in(installation, "wang")
    assert clerk.ask("POST", f"/tasks/{opinion['id']}/claim").status_code in (403, 404)


def test_a_paper_is_kept_with_its_hash_and_a_receipt(installation: Flask) -> None:
    record = import_penalty(installation)
    firm = sign_in(installation, "firm")
    number = filed(installation, firm, record["id"])["number"]
    content = b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"
    paper = firm.post(
        f"/cases/{number}/documents",
        201,
        data={"kind": "performance_proof", "file": (io.BytesIO(content), "缴款凭证.pdf")},
    )
    assert paper["receipt"]
    assert paper["size"] == len(content)
    with firm.ask("GET", f"/documents/{paper['id']}/content") as told:
        assert told.get_data() == content
    other = sign_in(installation, "other")
    assert other.ask("GET", f"/documents/{paper['id']}/content").status_code == 404


def test_what_is_late_reaches_the_supervisor_when_the_clock_moves(installation: Flask) -> None:
    record = import_penalty(installation)
    number = filed(installation, sign_in(installation, "firm"), record["id"])["number"]
    moved = Desk(installation.test_client()).ask(
        "PUT", "/sandbox/clock", json={"now": "2020-03-05T09:00:00+08:00"}
    )
    assert moved.get_json()["now"].startswith("2020-03-05T09:0")
    supervisor = sign_in(installation, "fang")
    breaches = supervisor.get("/supervision/breaches")["items"]
    assert [breach["case_number"] for breach in breaches] == [number]
    task = breaches[0]["id"]
    (notice,) = supervisor.get("/supervision/notices")["items"]
    assert notice["case_number"] == number
    assert breaches[0]["supervision_number"] == notice["number"]
    again = {"json": {"task": task, "ground": "受理超期"}}
    assert supervisor.post("/supervision/notices", 409, **again)["type"] == "/problems/conflict"
    assert supervisor.get("/supervision/board")["silent"] == []
    assert sign_in(installation, "firm").ask("GET", "/supervision/board").status_code == 403


def test_probes_tell_of_a_real_installation(installation: Flask) -> None:
    filed(installation, sign_in(installation, "firm"), import_penalty(installation)["id"])
    client = installation.test_client()
    assert client.get("/readyz").status_code == 200
    metrics = client.get("/metrics").get_data(as_text=True)
    assert "kunxin_database_up 1.0" in metrics
    assert "kunxin_open_cases 1.0" in metrics
