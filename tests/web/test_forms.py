"""A JSON Schema becomes questions; what a browser sends becomes typed answers; wrong ones say why."""

import json
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from engine.domain import form as domain_form
from web import forms

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "title": "收件审查",
    "x-title-en": "Check the filing",
    "x-submit": {"zh": "受理，转送处罚机关", "en": "Accept and send to the authority"},
    "required": ["acceptance", "refusal_reason", "missing"],
    "additionalProperties": False,
    "properties": {
        "acceptance": {
            "title": "审查结论",
            "x-title-en": "Conclusion",
            "oneOf": [
                {"const": "accept", "title": "受理", "x-title-en": "Accept"},
                {"const": "supplement", "title": "补正", "x-title-en": "Ask for papers"},
                {"const": "refuse", "title": "不予受理", "x-title-en": "Do not accept"},
            ],
        },
        "refusal_reason": {
            "type": "string",
            "title": "不予受理的理由",
            "x-title-en": "Reason",
            "minLength": 5,
            "maxLength": 300,
            "x-show-if": {"field": "acceptance", "in": ["refuse"]},
        },
        "missing": {
            "type": "array",
            "title": "缺什么",
            "x-title-en": "What is missing",
            "minItems": 1,
            "x-widget": "missing_papers",
            "x-show-if": {"field": "acceptance", "in": ["supplement"]},
            "items": {
                "type": "object",
                "required": ["paper", "reason"],
                "properties": {
                    "paper": {
                        "title": "材料",
                        "oneOf": [
                            {"const": "commitment", "title": "承诺书"},
                            {"const": "payment", "title": "缴款凭证"},
                        ],
                    },
                    "reason": {"type": "string", "title": "缺的原因", "minLength": 2},
                },
            },
        },
        "days": {"type": "integer", "title": "天数", "minimum": 1},
        "since": {"type": "string", "format": "date", "title": "起算日"},
        "epidemic": {"type": "boolean", "title": "受疫情影响"},
        "sites": {
            "type": "array",
            "title": "网站",
            "items": {"enum": ["kunshan", "jiangsu", "china"]},
        },
        "sure": {"const": True, "type": "boolean", "title": "以上属实"},
    },
}


def sent(**fields: str | list[str]) -> MultiDict[str, str]:
    return MultiDict({name.replace("__", "."): value for name, value in fields.items()})


def test_answers_are_typed_as_the_schema_asks() -> None:
    answers = forms.parse_form(
        SCHEMA,
        sent(
            acceptance="accept",
            days=" １,０00 ",
            since="2020-03-02",
            epidemic="true",
            sites=["china", "kunshan"],
        ),
    )
    assert answers == {
        "acceptance": "accept",
        "days": 1000,
        "since": "2020-03-02",
        "epidemic": True,
        "sites": ["china", "kunshan"],
        "sure": False,
    }


def test_what_is_not_a_number_stays_text_and_is_refused_in_words() -> None:
    answers = forms.parse_form(SCHEMA, sent(acceptance="accept", days="三天"))
    assert answers["days"] == "三天"
    assert forms.validate(SCHEMA, answers)["days"] == "天数要填整数"
    assert forms.validate(SCHEMA, {**answers, "days": "nan"})["days"] == "天数要填整数"


def test_rows_of_missing_papers_become_objects() -> None:
    answers = forms.parse_form(
        SCHEMA,
        sent(
            acceptance="supplement",
            missing__1__paper="payment",
            missing__1__reason="看不清日期",
            missing__0__reason="没有勾选的一行",
        ),
    )
    assert answers["missing"] == [{"paper": "payment", "reason": "看不清日期"}]
    assert "missing" not in forms.validate(SCHEMA, answers)


def test_an_error_in_a_row_stands_beside_its_blank() -> None:
    answers = {"acceptance": "supplement", "missing": [{"paper": "payment"}]}
    errors = forms.validate(SCHEMA, answers)
    assert errors["missing.0.reason"] == "请填写缺的原因"
    asked = forms.questions(SCHEMA, answers, errors)
    rows = next(question for question in asked if question.name == "missing").rows
    assert [(row.is_chosen, row.cells[0].error) for row in rows] == [
        (False, ""),
        (True, "请填写缺的原因"),
    ]
    assert (rows[1].cells[0].id, "请填写缺的原因") in forms.problems_of(asked)


def test_a_question_that_is_not_asked_is_neither_missed_nor_kept() -> None:
    assert "refusal_reason" not in forms.validate(SCHEMA, {"acceptance": "accept"})
    assert "refusal_reason" in forms.validate(SCHEMA, {"acceptance": "refuse"})
    kept = forms.parse_form(SCHEMA, sent(acceptance="accept", refusal_reason="改了主意"))
    assert "refusal_reason" not in kept
    assert domain_form.counted(SCHEMA, {"acceptance": "accept", "refusal_reason": "x"}) == {
        "acceptance": "accept"
    }


@pytest.mark.parametrize(
    ("answers", "field", "chinese", "english"),
    [
        ({}, "acceptance", "请选择审查结论", "Choose: Conclusion"),
        (
            {"acceptance": "perhaps"},
            "acceptance",
            "请从列出的选项里选审查结论",
            "Choose one of the options listed: Conclusion",
        ),
        (
            {"acceptance": "refuse", "refusal_reason": "不行"},
            "refusal_reason",
            "不予受理的理由至少写 5 个字",
            "Reason needs at least 5 characters",
        ),
        (
            {"acceptance": "refuse", "refusal_reason": "长" * 301},
            "refusal_reason",
            "不予受理的理由最多 300 个字，现在有 301 个",
            "Reason may have at most 300 characters, it has 301",
        ),
        ({"days": 0}, "days", "天数不能小于 1", "天数 must be at least 1"),
        (
            {"since": "2020-02-30"},
            "since",
            "起算日要写成 2020-03-02 这样的日期",
            "起算日 must be a date such as 2020-03-02",
        ),
        ({"sure": False}, "sure", "请勾选：以上属实", "Tick: 以上属实"),
        ({"since ": "x"}, "since ", "没有这个问题：since ", "There is no such question: since "),
        (
            {"sites": ["moon"]},
            "sites",
            "请从列出的选项里选网站",
            "Choose one of the options listed: 网站",
        ),
    ],
)
def test_each_kind_of_error_has_a_sentence_in_both_languages(
    answers: dict[str, Any], field: str, chinese: str, english: str
) -> None:
    assert forms.validate(SCHEMA, answers)[field].startswith(chinese)
    assert forms.validate(SCHEMA, answers, language="en")[field].startswith(english)


def test_one_page_of_a_form_is_judged_alone() -> None:
    assert set(forms.validate(SCHEMA, {}, only={"days"})) == set()
    assert set(forms.validate(SCHEMA, {"days": 0}, only={"days"})) == {"days"}


def test_a_draft_can_forget_what_was_cleared() -> None:
    cleared = forms.parse_form(SCHEMA, sent(days=""), only={"days"}, keep_empty=True)
    assert cleared == {"days": None}
    assert domain_form.counted(SCHEMA, cleared) == {}


def test_questions_come_in_the_schemas_order_with_titles_in_the_readers_language() -> None:
    schema = {**SCHEMA, "x-order": ["days", "acceptance"]}
    asked = forms.questions(schema, {"acceptance": "refuse"}, language="en")
    assert [question.name for question in asked][:3] == ["days", "acceptance", "refusal_reason"]
    assert asked[1].title == "Conclusion"
    assert asked[1].shown_value == "Do not accept"
    assert asked[2].asked_if == ("acceptance", ("refuse",))
    assert asked[2].condition == "Only for “Do not accept”"
    assert forms.submit_label(schema).en == "Accept and send to the authority"


def test_a_form_without_named_pages_is_one_page() -> None:
    (page,) = forms.pages(SCHEMA)
    assert page.fields == tuple(SCHEMA["properties"])
    named = {**SCHEMA, "x-pages": [{"key": "a", "zh": "甲", "en": "A", "fields": ["days"]}]}
    assert forms.pages(named)[0].fields == ("days",)


def test_a_demand_under_a_condition_counts_as_required_once_asked() -> None:
    schema = {
        "type": "object",
        "properties": {
            "agreed": {"type": "boolean", "title": "同意电子送达", "default": True},
            "address": {
                "type": "string",
                "title": "邮寄地址",
                "x-show-if": {"field": "agreed", "in": [False]},
            },
        },
        "allOf": [
            {
                "if": {"properties": {"agreed": {"const": False}}, "required": ["agreed"]},
                "then": {"required": ["address"]},
                "else": {"properties": {"address": False}},
            }
        ],
    }
    address = forms.questions(schema)[1]
    assert address.is_required
    assert address.condition == "不勾选“同意电子送达”时才填"
    assert forms.validate(schema, {"agreed": False}) == {"address": "请填写邮寄地址"}
    assert forms.validate(schema, {"agreed": True, "address": "长江路 1 号"}) == {}


def test_every_shipped_form_can_be_asked_and_judged_empty() -> None:
    paths = sorted(Path("workflows").glob("*/forms/*.json"))
    assert paths
    for path in paths:
        schema = json.loads(path.read_text(encoding="utf-8"))
        for language in ("zh", "en"):
            asked = forms.questions(schema, language=language)
            assert all(question.title for question in asked), path
        missed = forms.validate(schema, {})
        assert set(missed) == set(schema.get("required", ())), path


def test_what_a_browser_knows_of_its_owner_it_may_fill_in() -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            "handler": {"type": "string", "x-prefill": "actor.name"},
            "phone": {"type": "string", "x-prefill": "subject.phone"},
            "mail": {"type": "string", "format": "email"},
            "home": {"type": "string", "x-prefill": "subject.address"},
            "account": {"type": "string", "x-prefill": "record.content"},
        },
    }
    asked = {one.name: one.autocomplete for one in forms.questions(schema)}
    assert asked == {
        "handler": "name",
        "phone": "tel",
        "mail": "email",
        "home": "street-address",
        "account": "",
    }


@pytest.mark.parametrize("path", sorted(Path("workflows").rglob("forms/application.json")), ids=str)
def test_every_application_lets_the_browser_fill_in_who_handles_it(path: Path) -> None:
    asked = {
        one.name: one.autocomplete for one in forms.questions(json.loads(path.read_text("utf-8")))
    }
    assert asked["handler_name"] == "name"
    assert asked["handler_phone"] == "tel"
    assert asked["handler_email"] == "email"
    assert asked["postal_address"] == "street-address"
