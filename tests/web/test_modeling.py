"""A version edited over HTTP: judged without being kept, handed in, taken along; only by who may."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.test_deployments import HOSTILE, app, browser

__all__ = ["app", "browser"]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DRAWN = "sample/sample.bpmn"


def version(client: FlaskClient) -> str:
    (only,) = re.findall(
        r'href="(/admin/procedures/[0-9a-f-]{36})"', client.get("/admin/procedures").text
    )
    return f"{only}/model"


def opened(client: FlaskClient) -> dict[str, Any]:
    """What the page hands to its script."""
    page = client.get(f"{version(client)}?file={DRAWN}")
    assert page.status_code == 200
    config, labels = re.findall(
        r'<script type="application/json"[^>]*>(.*?)</script>', page.text, re.DOTALL
    )
    return {**json.loads(config), "labels": json.loads(labels)}


def posted(client: FlaskClient, act: str, **given: Any) -> Any:
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/admin").text)
    assert token
    return client.post(f"{version(client)}/{act}", headers={"X-CSRFToken": token[1]}, **given)


def keep(client: FlaskClient, name: str, text: Any, seen: int = 0) -> Any:
    return posted(client, "draft", json={"file": name, "text": text, "seen": seen})


def send(client: FlaskClient, act: str, files: dict[str, str]) -> Any:
    for name, text in files.items():
        assert keep(client, name, text).status_code == 200
    return posted(client, act)


def test_a_version_is_opened_with_its_own_vocabulary(browser: FlaskClient) -> None:
    held = opened(browser)
    assert held["file"] == DRAWN
    assert "<bpmn:definitions" in held["xml"]
    choices = held["choices"]
    assert "look" in [one["key"] for one in choices["forms"]]
    assert "clerk" in "".join(one["key"] for one in choices["groups"])
    marked = next(one for one in choices["operations"] if one["key"] == "mark_record")
    assert marked["parameters"] == [
        {"key": "flag", "is_required": True, "values": ["objection", "repairing"]}
    ]


def test_a_fault_is_told_and_nothing_is_kept(browser: FlaskClient) -> None:
    xml = opened(browser)["xml"].replace("bpmn:userTask", "bpmn:scriptTask")
    told = send(browser, "check", {DRAWN: xml}).get_json()
    assert told["accepted"] is False
    assert {one["file"] for one in told["findings"]} == {DRAWN}
    assert "还没有上传过" in browser.get("/admin/deployments").text


def test_the_folder_is_taken_along_whole_with_the_edits(browser: FlaskClient) -> None:
    xml = opened(browser)["xml"] + "<!-- edited -->"
    packed = send(browser, "archive", {DRAWN: xml})
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        names = archive.namelist()
        assert "sample/procedure.toml" in names
        assert archive.read(DRAWN).decode() == xml


def test_only_files_of_the_version_are_kept_and_only_as_texts(browser: FlaskClient) -> None:
    unknown = ("sample/calendar.csv", "../evil.bpmn", "sample/other.bpmn")
    assert [keep(browser, name, "x").status_code for name in unknown] == [422] * 3
    unreadable = (None, 1, "\0", "x" * 2_000_001)
    assert [keep(browser, DRAWN, text).status_code for text in unreadable] == [422] * 4
    assert browser.post(f"{version(browser)}/hand-in").status_code == 400


def test_a_draft_is_resumed_from_the_office_and_two_windows_do_not_undo_each_other(
    browser: FlaskClient,
) -> None:
    xml = opened(browser)["xml"]
    assert keep(browser, DRAWN, xml + "<!-- one -->").get_json() == {"revision": 1}
    held = opened(browser)
    assert held["xml"].endswith("<!-- one -->")
    assert (held["revision"], held["changed"]) == (1, [DRAWN])
    other = keep(browser, DRAWN, xml + "<!-- two -->")
    assert other.status_code == 409
    assert "另一个窗口" in other.get_json()["detail"]
    posted(browser, "discard", data={"file": DRAWN})
    assert opened(browser)["xml"] == xml


def test_a_form_is_shown_as_it_would_be_asked_and_a_fault_with_its_place(
    browser: FlaskClient,
) -> None:
    form = {"title": "看", "properties": {"a": {"type": "string", "title": HOSTILE}}}
    sent = {"file": "sample/forms/look.json", "text": json.dumps(form)}
    shown = posted(browser, "preview", data=sent).text
    assert 'name="a"' in shown
    assert "<img src=x" not in shown
    for text in ("[]", '{"properties": []}', '{"properties": {"a": 1}}', '{"type": 7}'):
        assert posted(browser, "preview", data={**sent, "text": text}).status_code == 422
    wrong = posted(browser, "preview", data={**sent, "text": '{\n  "a" 1}'})
    assert wrong.status_code == 422
    assert 'data-at="2:7"' in wrong.text


def test_a_new_form_is_opened_in_its_editor_and_part_of_the_folder(browser: FlaskClient) -> None:
    made = posted(browser, "files", data={"kind": "json", "key": "second_look"})
    assert made.headers["Location"].endswith("?file=sample/forms/second_look.json")
    assert posted(browser, "files", data={"kind": "json", "key": "second_look"}).status_code == 422
    assert posted(browser, "files", data={"kind": "json", "key": "../up"}).status_code == 422
    assert posted(browser, "check").get_json()["refusals"] == 0
    with zipfile.ZipFile(io.BytesIO(posted(browser, "archive").data)) as archive:
        assert "sample/forms/second_look.json" in archive.namelist()


def test_an_edited_version_is_handed_in_and_its_report_shows_hostile_names_as_text(
    browser: FlaskClient,
) -> None:
    escaped = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    named = f'name="{escaped}" isExecutable="true"'
    answer = send(
        browser, "hand-in", {DRAWN: opened(browser)["xml"].replace('isExecutable="true"', named, 1)}
    )
    assert answer.status_code == 201
    report = browser.get(answer.get_json()["href"]).text
    assert "部署为第 2 版" in report
    assert "<img src=x" not in report


def test_a_clerk_opens_no_modeler(app: Flask, browser: FlaskClient) -> None:
    path = version(browser)
    clerk = app.test_client()
    page = clerk.get("/login").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    sent = {"username": "zhou", "password": "a long enough password", "csrf_token": token[1]}
    clerk.post("/login", data=sent)
    assert clerk.get(path).status_code == 403
