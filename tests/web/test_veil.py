"""The net under the services: templates, JSON and addresses show no number of a person, blanks what was typed."""

from __future__ import annotations

import io
import zipfile
from http import HTTPStatus

import pytest
from flask import jsonify, render_template_string

from engine.exchange.workbook import SheetOfRows, write_csv, write_workbook
from tests.web import desk_samples as desk
from tests.web import sample_pages
from tests.web.sample_pages import Browser
from web.veil import as_json, whole

office, open_as = sample_pages.office, sample_pages.open_as
PHONE, CARD = "13812345678", "11010519491231002X"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<p>{{ text }}</p>", "<p>电话138******78</p>"),
        ('<p title="{{ text }}">', '<p title="电话138******78">'),
        ("{{ _('%(name)s 同', name=text) }}", "电话138******78 同"),
        ("{{ text|quoting }}", "电话138******78"),
        ("{% macro say(t) %}<b>{{ t }}</b>{% endmacro %}{{ say(text) }}", "<b>电话138******78</b>"),
        ("{{ [text, text]|join('、') }}", "电话138******78、电话138******78"),
        ("{{ {'a': text}|tojson }}", '{"a": "电话138******78"}'),
        ('<input value="{{ text }}">', f'<input value="电话{PHONE}">'),
        ('<input value="{{ text if text else none }}">', f'<input value="电话{PHONE}">'),
        ("<textarea id=\"a\"{% if 1 %} x{% endif %}>{{ text }}</textarea>",
         f'<textarea id="a" x>电话{PHONE}</textarea>'),
        ("<textarea>{{ text }}</textarea><i>{{ text }}</i>",
         f"<textarea>电话{PHONE}</textarea><i>电话138******78</i>"),
        ('<input value="{{ given.none }}">', '<input value="">'),
    ],
)  # fmt: skip
def test_an_expression_is_veiled_and_a_blank_holds_what_was_typed(
    open_as: Browser, written: str, shown: str
) -> None:
    app = open_as(desk.CLERK).application
    with app.test_request_context():
        given = {"text": f"电话{PHONE}", "given": {}}
        assert render_template_string(written, **given) == shown


def test_what_is_typed_into_a_blank_stays_text(open_as: Browser) -> None:
    app = open_as(desk.CLERK).application
    with app.test_request_context():
        hostile = '"><script>alert(1)</script>'
        shown = render_template_string('<input value="{{ text }}">', text=hostile)
        assert "<script>" not in shown


def test_json_of_calls_and_of_scripts_is_veiled_unless_somebody_asked_to_read_it(
    open_as: Browser,
) -> None:
    app = open_as(desk.CLERK).application
    body = {"items": [{"text": f"电话{PHONE}\n{CARD}", "seconds": 13812345678}]}
    with app.test_request_context():
        veiled = as_json(body)
        assert PHONE.encode() not in jsonify(detail=f"证号{CARD}，{PHONE}").data
    assert '"text":"电话138******78\\n110*************2X"'.encode() in veiled
    assert b'"seconds":13812345678' in veiled
    with app.test_request_context():
        whole()
        assert PHONE.encode() in as_json(body)


@pytest.mark.parametrize(
    "number", [PHONE, CARD, "138 1234 5678", "６２２２０２１２３４５６７８９０１２８"]
)
def test_a_number_of_a_person_leaves_an_address_at_once_and_is_not_searched_for(
    open_as: Browser, number: str
) -> None:
    browser = open_as(desk.CLERK)
    led = browser.get("/search", query_string={"q": f"张 {number}", "kind": "penalty"})
    assert led.status_code == HTTPStatus.SEE_OTHER
    assert led.headers["Location"] == "/search?kind=penalty"
    assert "不按手机号、身份证号、银行卡号查找" in browser.get("/desk").text
    refused = browser.get("/api/v1/cases", query_string={"q": number})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert number not in refused.text
    assert browser.get("/search", query_string={"q": "昆山"}).status_code == HTTPStatus.OK


def test_what_is_downloaded_as_a_table_is_veiled() -> None:
    rows = [(f"电话{PHONE}", 3, f"={CARD}")]
    book = write_workbook([SheetOfRows("a", "a", ("a", "b", "c"), rows)])
    with zipfile.ZipFile(io.BytesIO(book)) as opened:
        texts = opened.read("xl/sharedStrings.xml").decode()
    assert "电话138******78" in texts
    assert "'=110*************2X" in texts
    sheet = write_csv(("a",), [(f"电话{PHONE}",)]).decode("utf-8-sig")
    assert sheet == "a\r\n电话138******78\r\n"
