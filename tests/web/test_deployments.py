"""Folders handed in over HTTP: the API's answers and refusals, and the pages with hostile labels in them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.bootstrap import open_office
from engine.domain.actor import SYSTEM
from engine.services import deployments, people
from engine.settings import ROOT, read_settings
from tests.offices import MONDAY
from tests.runtime.sketches import Sketch, folder
from tests.services.test_folder_uploads import changed, shared, two_steps, zipped
from web.app import create_app
from web.auth import limiter

PASSWORD = "a long enough password"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """A real office whose only procedure is `sample`."""
    workflows = tmp_path / "workflows"
    for name, content in {**folder(two_steps()), **shared()}.items():
        path = workflows / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    settings = read_settings(
        {
            "KUNXIN_DATABASE_URL": database_url,
            "KUNXIN_DATA_DIR": str(tmp_path),
            "KUNXIN_SECRET_KEY": "for tests",
            "KUNXIN_SANDBOX": "1",
            "KUNXIN_WORKFLOWS_DIR": str(workflows),
        }
    )
    office = open_office(settings)
    deployments.deploy_all(office, SYSTEM, now=MONDAY)
    for name, group in (("qin", "administrator"), ("zhou", "window")):
        people.add_person(
            office, name, PASSWORD, name, now=MONDAY, department="credit_office", groups=[group]
        )
    served = create_app(office, settings)
    limiter.reset()
    yield served
    office.uow.engine.dispose()


def signed_in(app: Flask, name: str = "qin") -> FlaskClient:
    client = app.test_client()
    made = client.post("/api/v1/tokens", json={"username": name, "password": PASSWORD})
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {made.get_json()['token']}"
    return client


def archive(files: dict[str, bytes], **more: Any) -> dict[str, Any]:
    return {"archive": (io.BytesIO(zipped(files)), "sample.zip"), **more}


def hand_in(client: FlaskClient, data: dict[str, Any], query: str = "", **headers: str) -> Any:
    return client.post(
        f"/api/v1/deployments{query}",
        data=data,
        headers=headers,
        content_type="multipart/form-data",
    )


def versions(client: FlaskClient) -> list[int]:
    items = client.get("/api/v1/process-definitions").get_json()["items"]
    return sorted(each["version"] for each in items)


def test_a_zip_becomes_a_version_and_its_address_tells_of_it(app: Flask) -> None:
    client = signed_in(app)
    made = hand_in(client, archive(changed()))
    assert made.status_code == 201, made.text
    told = made.get_json()
    assert (told["procedure"], told["version"], told["report"]["findings"]) == ("sample", 2, [])
    assert made.headers["Location"] == f"/api/v1/deployments/{told['id']}"
    assert client.get(made.headers["Location"]).get_json()["version"] == 2
    (line,) = client.get("/api/v1/deployments").get_json()["items"]
    assert line["version"] == 2
    assert versions(client) == [1, 2]


def test_files_sent_one_by_one_are_a_folder_as_well(app: Flask) -> None:
    client = signed_in(app)
    parts = [(io.BytesIO(content), name) for name, content in changed().items()]
    made = hand_in(client, {"files": parts})
    assert made.status_code == 201, made.text
    assert versions(client) == [1, 2]


def test_a_dry_run_tells_the_report_and_keeps_nothing(app: Flask) -> None:
    client = signed_in(app)
    files = changed()
    files["sample/sample.bpmn"] = files["sample/sample.bpmn"].replace(b'"window"', b'"nobody"')
    for each, is_accepted in ((changed(), True), (files, False)):
        seen = hand_in(client, archive(each), "?dry_run=true")
        assert seen.status_code == 200, seen.text
        told = seen.get_json()
        assert (told["id"], bool(told["report"]["findings"])) == (None, not is_accepted)
        assert told["next_version"] == 2
    assert versions(client) == [1]
    assert client.get("/api/v1/deployments").get_json()["items"] == []


def test_what_the_gate_refuses_is_answered_with_every_finding(app: Flask) -> None:
    client = signed_in(app)
    files = changed()
    files["sample/sample.bpmn"] = files["sample/sample.bpmn"].replace(b'"window"', b'"nobody"')
    refused = hand_in(client, archive(files), **{"Accept-Language": "en"})
    assert refused.status_code == 422
    assert refused.mimetype == "application/problem+json"
    told = refused.get_json()
    assert told["type"] == "/problems/gate-refused"
    assert "nobody" in told["fields"]["sample/sample.bpmn#look"]
    assert told["report"]["accepted"] is False
    (finding,) = [each for each in told["report"]["findings"] if each["element_id"] == "look"]
    assert (finding["code"], finding["severity"]) == ("group-unknown", "refusal")
    assert versions(client) == [1]


def test_sent_again_under_its_key_a_folder_is_deployed_once(app: Flask) -> None:
    client = signed_in(app)
    raw = zipped(changed())  # packed once: a zip knows when it was made
    first, again = (
        hand_in(client, {"archive": (io.BytesIO(raw), "a.zip")}, **{"Idempotency-Key": "k1"})
        for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_json()["id"] == first.get_json()["id"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert versions(client) == [1, 2]
    assert hand_in(client, archive(changed())).status_code == 409


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"archive": (io.BytesIO(b"no zip"), "a.zip")},
        {"archive": (io.BytesIO(zipped({"../../x": b"1"})), "a.zip")},
        {"archive": (io.BytesIO(zipped({"readme.txt": b"1"})), "a.zip")},
    ],
    ids=["nothing", "no zip", "out of the folder", "no procedure"],
)
def test_what_is_no_folder_is_refused(app: Flask, data: dict[str, Any]) -> None:
    client = signed_in(app)
    assert hand_in(client, data).status_code == 422
    assert versions(client) == [1]


def test_only_administrators_hand_in_and_read(app: Flask) -> None:
    client = signed_in(app, "zhou")
    assert hand_in(client, archive(changed())).status_code == 403
    assert hand_in(client, archive(changed()), "?dry_run=true").status_code == 403
    assert client.get("/api/v1/deployments").status_code == 403
    assert hand_in(app.test_client(), archive(changed())).status_code == 401


# ── pages ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    client = app.test_client()
    page = client.get("/login").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    client.post("/login", data={"username": "qin", "password": PASSWORD, "csrf_token": token[1]})
    return client


def post(browser: FlaskClient, path: str, page: str, **data: Any) -> Any:
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert token
    return browser.post(
        path, data={**data, "csrf_token": token[1]}, content_type="multipart/form-data"
    )


def uploaded(browser: FlaskClient, files: dict[str, bytes]) -> str:
    answer = post(browser, "/admin/deployments", "/admin/deployments", **archive(files))
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def labelled(label: str) -> dict[str, bytes]:
    sketch = Sketch().start().node("scriptTask", "it").end().flow("start > it > end")
    files = folder(sketch)
    escaped = label.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    text = files["sample/sample.bpmn"].decode().replace('name="it"', f'name="{escaped}"')
    files["sample/sample.bpmn"] = text.replace(
        "</bpmn:definitions>",
        '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" id="d">'
        '<bpmndi:BPMNPlane id="p" bpmnElement="sample"/></bpmndi:BPMNDiagram></bpmn:definitions>',
    ).encode()
    return files


def test_a_hostile_label_stays_text_on_the_page_and_in_what_its_script_reads(
    browser: FlaskClient,
) -> None:
    html = browser.get(uploaded(browser, labelled(HOSTILE))).text
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{{7*7}}" in html
    (given,) = re.findall(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)
    diagram = json.loads(given)
    assert "script>alert" in diagram["xml"]
    assert diagram["pins"][0] == {"id": "it", "number": 1, "severity": "refusal", "href": "#f1"}


def test_a_sound_folder_is_deployed_from_its_report(browser: FlaskClient) -> None:
    path = uploaded(browser, changed())
    page = browser.get(path).text
    assert "部署为第 2 版" in page
    assert post(browser, f"{path}/deploy", path).status_code == 302
    done = browser.get(path).text
    assert "已由 qin 部署为第 2 次发布" in done
    (compared,) = re.findall(r'href="(/admin/procedures/[0-9a-f-]+/diff)"', done)
    assert browser.get(compared).status_code == 200
    assert "第 2 次发布" in browser.get("/admin/deployments").text
    again = post(browser, f"{path}/deploy", "/admin/deployments")
    assert again.status_code == 422
    assert "已经部署过" in again.text


def test_a_refused_folder_shows_no_way_to_deploy_it(browser: FlaskClient) -> None:
    path = uploaded(browser, labelled("脚本"))
    page = browser.get(path).text
    assert "现在不能部署" in page
    assert f"{path}/deploy" not in page
    assert post(browser, f"{path}/deploy", "/admin/deployments").status_code == 422
    report = browser.get(f"{path}/report.json")
    assert report.get_json()["accepted"] is False
    assert "attachment" in report.headers["Content-Disposition"]


def test_warnings_are_deployed_with_a_reason_alone(browser: FlaskClient) -> None:
    path = uploaded(browser, folder(two_steps(english="", second="check")))
    assert "仍要部署的理由" in browser.get(path).text
    assert post(browser, f"{path}/deploy", path, reason=" ").status_code == 422
    assert post(browser, f"{path}/deploy", path, reason="英文随后补").status_code == 302
    assert "英文随后补" in browser.get(path).text


def test_what_is_no_zip_is_said_beside_the_field(browser: FlaskClient) -> None:
    sent = {"archive": (io.BytesIO(b"no zip"), "a.zip")}
    answer = post(browser, "/admin/deployments", "/admin/deployments", **sent)
    assert answer.status_code == 422
    assert "不是可以读取的 zip" in answer.text


def test_the_shipped_folder_with_a_fault_is_marked_where_it_is(browser: FlaskClient) -> None:
    folder_of_it = ROOT / "workflows" / "objection"
    files = {
        f"objection/{path.relative_to(folder_of_it).as_posix()}": path.read_bytes()
        for path in folder_of_it.rglob("*")
        if path.is_file()
    }
    common = ROOT / "workflows" / "common"
    files |= {
        f"common/{path.relative_to(common).as_posix()}": path.read_bytes()
        for path in common.rglob("*")
        if path.is_file() and path.suffix != ".csv"
    }
    drawn = files["objection/process.bpmn"]
    files["objection/process.bpmn"] = drawn.replace(b'cancelActivity="false"', b"", 1).replace(
        b'serviceTaskOperator id="mark_record"', b'serviceTaskOperator id="launch"', 1
    )
    html = browser.get(uploaded(browser, files)).text
    assert "没有操作 launch" in html
    (given, *_) = re.findall(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)
    assert json.loads(given)["pins"][0]["severity"] == "refusal"
