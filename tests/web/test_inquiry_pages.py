"""Questions about a case on the enterprise's page and at the desk: text stays text, refusals keep it."""

import re

import pytest
from flask.testing import FlaskClient

from engine.domain.errors import Invalid
from engine.domain.words import Words
from tests.web import desk_samples as desk
from tests.web.sample_office import SampleOffice
from tests.web.sample_pages import serve

PATHS = {
    # where the token is taken from, where the text goes
    "enterprise": (f"/my/cases/{desk.NUMBER}/withdraw", f"/my/cases/{desk.NUMBER}/inquiries"),
    "desk": (f"/desk/cases/{desk.NUMBER}/inquiries",) * 2,
}
WHO = {"enterprise": desk.ENTERPRISE, "desk": desk.CLERK}


def post(client: FlaskClient, side: str, text: str) -> tuple[int, str]:
    page, action = PATHS[side]
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert token
    answer = client.post(action, data={"text": text, "csrf_token": token[1]})
    return answer.status_code, answer.text


@pytest.mark.parametrize("side", PATHS)
def test_a_thread_is_shown_as_text_and_a_line_is_added(
    side: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = SampleOffice()
    client = serve(office, monkeypatch.setattr, who=WHO[side])
    if side == "desk":
        page = client.get(PATHS[side][0]).text
        assert "&lt;b&gt;还要几天？&lt;/b&gt;" in page
        assert "三个工作日内。" in page
    assert post(client, side, "好的")[0] == 302
    (call,) = office.asked("inquiries.ask" if side == "enterprise" else "inquiries.answer")
    assert call["given"][1:] == (desk.NUMBER, "好的")


@pytest.mark.parametrize("side", PATHS)
def test_what_is_refused_stays_in_its_box_with_the_reason(
    side: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Words("请写内容", "write something")
    refusal = Invalid(wrong.zh, wrong.en, fields={"text": wrong})
    act = "inquiries.ask" if side == "enterprise" else "inquiries.answer"
    office = SampleOffice(refusals={act: refusal})
    status, page = post(serve(office, monkeypatch.setattr, who=WHO[side]), side, "<i>太长</i>")
    assert status == 422
    assert "&lt;i&gt;太长&lt;/i&gt;</textarea>" in page
    assert "请写内容" in page
