"""The administrator's pages of webhooks."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from flask import Flask
from sqlalchemy import select

from engine.exchange.outgoing import Allowed, Outgoing
from engine.persistence import models
from tests.bearers import row_of
from tests.offices import Practice
from tests.web.door_pages import SECRET, one_app, sign_in
from web.office import place

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SENT = {
    "title": "监管平台",
    "url": "https://platform.example/hook",
    "events": ["case.filed", "case.closed"],
}


@pytest.fixture
def practice(doors: Practice) -> Practice:
    doors.office.outgoing = Outgoing(Allowed(), lambda host, port: ["93.184.216.34"])
    return doors


@pytest.fixture
def app(practice: Practice) -> Flask:
    place(one_app(), practice.office)
    return one_app()


def test_a_webhook_is_added_its_secret_shown_once_and_it_is_listed(
    app: Flask, practice: Practice
) -> None:
    browser = sign_in(app, "feng")
    found = SECRET.search(browser.post("/admin/webhooks", data=SENT).text)
    assert found
    assert found.group(1).startswith("whsec_")
    (hook,) = practice.all(select(models.Webhook))
    page = browser.get(f"/admin/webhooks/{hook.id}").text
    assert found.group(1) not in page
    listed = browser.get("/admin/webhooks").text
    assert "监管平台" in listed
    assert "https://platform.example/hook" in listed
    renewed = SECRET.search(browser.post(f"/admin/webhooks/{hook.id}/secret").text)
    assert renewed
    assert renewed.group(1) != found.group(1)
    assert "旧密钥" in browser.get(f"/admin/webhooks/{hook.id}").text


def test_a_wrong_address_is_said_beside_its_field_and_what_was_filled_in_stays(
    app: Flask, practice: Practice
) -> None:
    browser = sign_in(app, "feng")
    page = browser.post("/admin/webhooks", data={**SENT, "url": "http://platform.example/hook"})
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "只发往 https" in page.text
    assert 'value="监管平台"' in page.text
    assert practice.all(select(models.Webhook)) == []


def test_a_webhook_is_stopped_tested_only_while_it_is_on_and_changed(
    app: Flask, practice: Practice
) -> None:
    browser = sign_in(app, "feng")
    browser.post("/admin/webhooks", data=SENT)
    (hook,) = practice.all(select(models.Webhook))
    path = f"/admin/webhooks/{hook.id}"
    assert browser.post(f"{path}/test").status_code == HTTPStatus.FOUND
    assert "测试" in browser.get(path).text
    browser.post(f"{path}/disable")
    assert browser.post(f"{path}/test").status_code == HTTPStatus.CONFLICT
    browser.post(f"{path}/enable")
    browser.post(path, data={**SENT, "events": "task.created"})
    (changed,) = practice.all(select(models.Webhook))
    assert (changed.is_enabled, changed.events) == (True, ["task.created"])


@pytest.mark.parametrize("who", ["wang", None])
def test_webhooks_are_for_administrators(app: Flask, who: str | None) -> None:
    browser = sign_in(app, who) if who else app.test_client()
    answer = browser.get("/admin/webhooks")
    assert answer.status_code == (HTTPStatus.FORBIDDEN if who else HTTPStatus.FOUND)


def test_the_api_shows_the_secret_once_and_sends_a_message_again_under_its_id(
    app: Flask, practice: Practice
) -> None:
    client, api = app.test_client(), "/api/v1/webhooks"
    with practice.office.uow.begin() as session:
        session.add(row_of("feng-token", practice["feng"].id, practice.office.real_now()))
    told = {"headers": {"Authorization": "Bearer feng-token"}}
    keyed = {"headers": told["headers"] | {"Idempotency-Key": "4711"}}
    made = client.post(api, json=SENT, **keyed)
    assert made.status_code == HTTPStatus.CREATED, made.text
    sent_again = client.post(api, json=SENT, **keyed)
    assert sent_again.get_json() == {**made.get_json(), "secret": ""}
    assert len(client.get(api, **told).get_json()["items"]) == 1
    secret, one = made.get_json()["secret"], f"{api}/{made.get_json()['id']}"
    assert made.headers["Location"] == one
    assert secret.startswith("whsec_")
    assert secret not in str(practice.all(select(models.IdempotentAnswer.body)))
    for path in (api, one, f"{one}/deliveries"):
        assert secret not in client.get(path, **told).text
    assert client.get(api, **told).get_json()["items"][0]["events"] == SENT["events"]

    assert client.post(f"{one}/test", **told).status_code == HTTPStatus.NO_CONTENT
    (sent,) = client.get(f"{one}/deliveries", **told).get_json()["items"]
    again = f"{one}/deliveries/{sent['id']}/resend"
    assert client.post(again, **told).status_code == HTTPStatus.NO_CONTENT
    assert client.get(f"{one}/deliveries", **told).get_json()["items"][0]["id"] == sent["id"]

    renewed = client.post(f"{one}/secret", **told).get_json()["secret"]
    assert renewed != secret
    changed = {**SENT, "title": "另一个平台"}
    assert client.put(one, json=changed, **told).status_code == HTTPStatus.NO_CONTENT
    assert client.post(f"{one}/disable", **told).status_code == HTTPStatus.NO_CONTENT
    seen = client.get(one, **told).get_json()
    assert (seen["title"], seen["is_enabled"]) == ("另一个平台", False)
    for path in (f"{one}/test", again):
        assert client.post(path, **told).status_code == HTTPStatus.CONFLICT
    assert client.post(f"{one}/enable", **told).status_code == HTTPStatus.NO_CONTENT
    wrong = client.post(api, json={**SENT, "url": "http://10.0.0.1/hook"}, **told)
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
