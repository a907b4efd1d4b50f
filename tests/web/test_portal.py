"""The public's pages: services, tracking, verification, published records."""

import io
import re
from dataclasses import replace
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from engine.services import letters
from tests.web import desk_samples as desk
from tests.web import sample_views
from tests.web.sample_views import LETTER, Sample


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    sample = Sample()
    sample_views.install(sample, monkeypatch.setattr)
    app = sample_views.make_app(sample)
    app.config["RATELIMIT_ENABLED"] = False
    return app.test_client()


def test_the_front_page_names_each_service_with_what_it_promises(browser: FlaskClient) -> None:
    page = browser.get("/").text
    assert "信用修复（行政处罚信息）" in page
    assert "10 个工作日" in page
    assert 'action="/track"' in page
    assert 'action="/verify"' in page
    assert page.count("btn--primary") == 1


def test_number_and_code_lead_to_the_case_however_they_are_typed(browser: FlaskClient) -> None:
    answer = browser.get(
        "/track", query_string={"number": f" {desk.NUMBER.lower()} ", "code": "7q4m"}
    )
    assert answer.headers["Location"] == f"/track/{desk.NUMBER}?code=7Q4M"
    page = browser.get(answer.headers["Location"])
    assert page.status_code == HTTPStatus.OK
    assert "正在审查" in page.text


def test_a_tracked_case_shows_who_has_it_and_the_clock_but_no_papers(browser: FlaskClient) -> None:
    page = browser.get(f"/track/{desk.NUMBER}?code=7Q4M").text
    assert "现在由市信用办周敏初审" in page
    assert "逐日计算" in page
    assert "/documents/" not in page
    assert "/letters/" not in page
    assert "7Q4M" not in page.split("<main", 1)[1]


def test_a_wrong_pair_says_so_beside_the_form(browser: FlaskClient) -> None:
    answer = browser.get(f"/track/{desk.NUMBER}?code=XXXX")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "编号和查询码对不上" in answer.text
    assert 'href="#number"' in answer.text


def test_a_blank_is_named_and_linked(browser: FlaskClient) -> None:
    page = browser.get("/track?number=&code=ABCD").text
    assert 'href="#number"' in page
    assert "请填办件编号" in page
    assert "请填查询码" not in page


def test_guessing_codes_is_slowed_down(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = Sample()
    sample_views.install(sample, monkeypatch.setattr)
    browser = sample_views.make_app(sample).test_client()
    codes = {browser.get(f"/track/{desk.NUMBER}?code=A{n:03}").status_code for n in range(31)}
    assert HTTPStatus.TOO_MANY_REQUESTS in codes


def test_a_letter_is_verified_by_its_number_with_its_state_and_hash(browser: FlaskClient) -> None:
    answer = browser.get("/verify", query_string={"number": LETTER.number})
    page = browser.get(answer.headers["Location"])
    assert page.status_code == HTTPStatus.OK
    assert "文书有效" in page.text
    assert LETTER.sha256 in page.text
    assert "昆山禾曜****公司" in page.text


def test_an_uploaded_file_is_compared_by_its_hash_and_told_apart(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"%PDF-1.7 what was issued"
    found = replace(LETTER, sha256=sha256(content).hexdigest())
    monkeypatch.setattr(letters, "certificate", lambda office, number, *, now: found)
    path = "/verify/" + quote(found.number)
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(path).text)
    assert token

    def told(sent: bytes) -> str:
        file = (io.BytesIO(sent), "letter.pdf")
        answer = browser.post(path, data={"csrf_token": token[1], "file": file})
        assert answer.status_code == 200
        return str(answer.text)

    def verdict(page: str) -> str:
        return page.split("<details", maxsplit=1)[0].rsplit('role="status"', 1)[1]

    assert "<b>一致：这就是原件。" in verdict(told(content))
    changed = told(content + b".")
    assert "<b>不一致：这不是本机关发出的那份文件。" in verdict(changed)
    assert sha256(content + b".").hexdigest() in changed


def test_what_is_void_names_since_when_and_what_took_its_place(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = replace(
        LETTER, state="void", ended_at=LETTER.issued_at, replaced_by="昆商证〔2020〕2号"
    )
    monkeypatch.setattr(letters, "certificate", lambda office, number, *, now: ended)
    page = browser.get("/verify/" + quote(ended.number)).text
    assert "文书已作废" in page
    assert "自 2020年2月26日起。" in page
    assert f'href="/verify/{quote("昆商证〔2020〕2号")}"' in page


def test_a_letter_that_is_not_ours_is_said_to_be_unknown(browser: FlaskClient) -> None:
    answer = browser.get("/verify/" + quote("昆信用修〔2020〕决 999 号"))
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "请不要相信" in answer.text


def test_published_records_are_found_and_nothing_is_listed_unasked(browser: FlaskClient) -> None:
    assert "昆市监处罚" not in browser.get("/published").text
    found = browser.get("/published", query_string={"q": "澄远"}).text
    assert "昆市监处罚〔2019〕386 号" in found
    nothing = browser.get("/published", query_string={"q": "<b>无名</b>"}).text
    assert "没有公示的行政处罚" in nothing
    assert "<b>无名</b>" not in nothing
