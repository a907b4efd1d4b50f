"""What each writing call asks of its service, and what files look like on their way out."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from engine.domain.errors import NotFound, TaskAlreadyClaimed
from engine.domain.views import Completed, DocumentView, LetterView, TrackView
from engine.services.sessions import Opened
from engine.services.training import TrainingClock
from tests.web.api.conftest import NOW, SHOP, WANG, Asked
from tests.web.api.samples import sample

TASK = UUID("11111111-2222-4333-8444-555555555555")
PATH = f"/api/v1/tasks/{TASK}"


def test_a_token_is_told_once_with_its_end(
    anonymous: FlaskClient, answering: Callable[..., Asked]
) -> None:
    asked = answering("tokens.issue", ("secret", datetime(2020, 3, 3, 1, tzinfo=UTC)))
    response = anonymous.post("/api/v1/tokens", json={"username": "wang", "password": "pass"})
    assert response.get_json() == {"token": "secret", "expires_at": "2020-03-03T09:00:00+08:00"}
    place = asked.kwargs.pop("place")
    assert asked.kwargs == {"username": "wang", "password": "pass"}
    assert place.address == "127.0.0.1"


@pytest.mark.parametrize("verb", ["claim", "unclaim"])
def test_a_task_is_taken_and_given_back(
    client: FlaskClient, answering: Callable[..., Asked], verb: str
) -> None:
    asked = answering(f"tasks.{verb}")
    assert client.post(f"{PATH}/{verb}").status_code == 204
    assert asked.args[1:] == (WANG, TASK)


@pytest.mark.parametrize("verb", ["reassign", "delegate"])
def test_a_task_is_handed_over(
    client: FlaskClient, answering: Callable[..., Asked], verb: str
) -> None:
    asked = answering(f"tasks.{verb}")
    assert client.post(f"{PATH}/{verb}", json={"to": "li", "reason": "休假"}).status_code == 204
    assert asked.kwargs == {"to": "li", "reason": "休假", "now": NOW}


def test_completing_names_the_case_and_the_next_task(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    asked = answering("tasks.complete", Completed("2020-7", UUID(int=9)))
    response = client.post(f"{PATH}/complete", json={"answers": {"ok": True}, "version": 3})
    assert response.status_code == 200
    assert response.get_json() == {"case_number": "2020-7", "next_task_id": str(UUID(int=9))}
    assert asked.args[1:] == (WANG, TASK, {"ok": True})
    assert asked.kwargs == {"now": NOW, "version": 3}


def test_completing_without_a_version_takes_the_task_as_it_is(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    asked = answering("tasks.complete", Completed("2020-7", None))
    response = client.post(f"{PATH}/complete", json={"answers": {}})
    assert response.get_json()["next_task_id"] is None
    assert asked.kwargs["version"] is None


def test_who_loses_a_race_is_told_409(client: FlaskClient, answering: Callable[..., Asked]) -> None:
    answering("tasks.complete", TaskAlreadyClaimed("已由李四领取。", "held by Li Si"))
    assert client.post(f"{PATH}/complete", json={"answers": {}}).status_code == 409


def test_a_draft_tells_when_it_was_kept(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    asked = answering("tasks.save_draft", NOW)
    response = client.put(f"{PATH}/draft", json={"answers": {"note": "半句"}})
    assert response.get_json() == {"saved_at": "2020-03-02T09:00:00+08:00"}
    assert asked.args[3] == {"note": "半句"}


def test_an_application_is_taken_back_with_a_reason(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer shop-token"
    asked = answering("cases.withdraw")
    response = client.post("/api/v1/cases/7/withdraw", json={"reason": "材料有误"})
    assert response.status_code == 204
    assert asked.args[1:] == (SHOP, "7")
    assert asked.kwargs == {"reason": "材料有误", "now": NOW}
    assert client.post("/api/v1/cases/7/withdraw", json={"reason": ""}).status_code == 422


def test_records_are_narrowed_only_by_a_state_that_there_is(client: FlaskClient) -> None:
    assert client.get("/api/v1/records?publication=zzz").status_code == 422


def test_a_case_is_tracked_without_an_account_and_a_wrong_code_is_404(
    anonymous: FlaskClient, answering: Callable[..., Asked]
) -> None:
    asked = answering("cases.track", sample(TrackView))
    assert anonymous.get("/api/v1/track/2020-7?code=abcd").status_code == 200
    assert asked.args[1:] == ("2020-7", "abcd")
    answering("cases.track", NotFound("没有这个案件，或查询码不对。"))
    assert anonymous.get("/api/v1/track/2020-7?code=x").status_code == 404
    assert anonymous.get("/api/v1/track/2020-7").status_code == 422


def test_a_letter_is_a_pdf_with_its_hash_that_a_page_of_ours_may_frame(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    letter = sample(LetterView, number="受字〔2020〕3号", sha256="ab12")
    answering("letters.open_letter", (letter, b"%PDF-1.7 ..."))
    answering("personal_data.opened", ())
    response = client.get(f"/api/v1/letters/{TASK}/content")
    assert response.get_data() == b"%PDF-1.7 ..."
    assert response.mimetype == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("inline")
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    again = client.get(
        f"/api/v1/letters/{TASK}/content", headers={"If-None-Match": response.headers["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/xml"])
def test_a_paper_that_could_run_something_is_saved_and_not_shown(
    client: FlaskClient, answering: Callable[..., Asked], media_type: str
) -> None:
    paper = sample(DocumentView, filename="营业执照.html", media_type=media_type)
    answering("documents.open_document", (paper, b"<script>"))
    answering("personal_data.opened", ())
    response = client.get(f"/api/v1/documents/{TASK}/content")
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"


def test_the_training_clock_is_set_in_any_offset_and_told_in_shanghais(
    anonymous: FlaskClient, answering: Callable[..., Asked]
) -> None:
    answering("training.state", TrainingClock(enabled=True, now=NOW))
    asked = answering("training.set_clock", TrainingClock(enabled=True, now=NOW))
    response = anonymous.put("/api/v1/sandbox/clock", json={"now": "2020-03-02T10:00:00+09:00"})
    assert response.get_json() == {"enabled": True, "now": "2020-03-02T09:00:00+08:00"}
    assert asked.args[1:] == (None, NOW)
    naive = anonymous.put("/api/v1/sandbox/clock", json={"now": "2020-03-02T10:00:00"})
    assert naive.status_code == 422


@pytest.mark.parametrize("method", ["get", "put"])
def test_elsewhere_than_in_training_there_is_no_clock_to_set(
    client: FlaskClient, answering: Callable[..., Asked], method: str
) -> None:
    answering("training.state", TrainingClock(enabled=False, now=NOW))
    asked = answering("training.set_clock")
    body: Any = {"json": {"now": "2020-03-02T10:00:00+08:00"}} if method == "put" else {}
    assert client.open("/api/v1/sandbox/clock", method=method, **body).status_code == 404
    assert asked.times == 0


def test_a_browser_session_must_prove_that_it_wrote_the_call_itself(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    del client.environ_base["HTTP_AUTHORIZATION"]
    answering("sessions.open_session", Opened(WANG, UUID(int=5), False))
    asked = answering("tasks.claim")
    with client.session_transaction() as session:
        session["session"] = "wang-session"
    assert client.get("/api/v1/me").status_code == 200
    refused = client.post(f"{PATH}/claim")
    assert refused.status_code == 400
    assert refused.mimetype == "application/problem+json"
    assert asked.times == 0
