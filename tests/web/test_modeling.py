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


def send(client: FlaskClient, act: str, files: Any) -> Any:
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/admin").text)
    assert token
    return client.post(
        f"{version(client)}/{act}", json={"files": files}, headers={"X-CSRFToken": token[1]}
    )


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


def test_only_what_the_version_draws_may_be_replaced(browser: FlaskClient) -> None:
    for files in ({"sample/procedure.toml": ""}, {"../evil.bpmn": ""}, {"sample/other.bpmn": ""}):
        assert send(browser, "check", files).status_code == 422
    unreadable: tuple[Any, ...] = ([], {DRAWN: 1}, None)
    for each in unreadable:
        assert send(browser, "check", each).status_code == 422
    assert browser.post(f"{version(browser)}/hand-in", json={"files": {}}).status_code == 400


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
