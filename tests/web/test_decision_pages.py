"""Decision tables on the screen: read by administrators, tried with inputs, and why a case went as it did."""

from __future__ import annotations

import re
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest

from engine.domain.actor import Actor
from engine.domain.views import (
    ColumnView,
    DecisionView,
    RequiredDecision,
    RowMatched,
    RowView,
    TableFinding,
    TableTrial,
    TableValue,
    TableView,
    VariableView,
)
from engine.domain.words import Words
from tests.web import desk_samples as desk
from tests.web import sample_office, sample_pages
from tests.web.sample_pages import Browser

office, open_as = sample_pages.office, sample_pages.open_as

ARTICLE = "发改办财金〔2019〕527号：一般满三个月"
MONTHS = ColumnView(Words("已公示月数", "Months shown"), "months", "number", "[0..36]", "")
OUTCOME = ColumnView(Words("结论", "Conclusion"), "outcome", "string", '"yes", "no"', '"no"')
TABLE = TableView(
    decision_id="may_apply",
    title=Words("能否申请", "May it apply"),
    description="按公示月数",
    is_literal=False,
    hit_policy="UNIQUE",
    aggregation="",
    inputs=(MONTHS,),
    outputs=(OUTCOME,),
    notes=("依据",),
    rows=(
        RowView(1, "r1", ("< 3",), ('"no"',), (ARTICLE,)),
        RowView(2, "r2", ("[3..12)",), ('"yes"',), ("另一条 <b>不是标签</b>",)),
    ),
    requires=(),
    filename="credit_repair/decisions/may_apply.dmn",
    sha256="ab" * 32,
    parts=("eligibility",),
    variables=(
        VariableView("months", Words("已公示月数", "Months shown"), "number", ()),
        VariableView("grade", Words("等级", "Gravity"), "string", ("general", "serious")),
        VariableView("done", Words("已履行", "Done"), "boolean", ("true", "false")),
    ),
    findings=(
        TableFinding(
            "gap",
            (),
            Words("没有一行适用于（月数：>= 12）", "no row holds for (months: >= 12)"),
            {"months": 12, "done": True, "grade": None},
        ),
    ),
)
MONTHS_GIVEN = TableValue(MONTHS.label, "months", 5)
ANSWER = (TableValue(OUTCOME.label, "outcome", "yes"),)
TRIAL = TableTrial((MONTHS_GIVEN,), (ANSWER,), (RowMatched(2, "r2", (ARTICLE,)),), (), None)
MADE = DecisionView(
    sequence=3,
    at=desk.at(2, 17),
    element=Words("自动预审", "Check"),
    decision_id="may_apply",
    title=TABLE.title,
    about="昆交罚〔2019〕190号",
    edition="2020",
    version=3,
    definition_id=desk.sample_id("definition"),
    filename=TABLE.filename,
    sha256=TABLE.sha256,
    hit_policy="UNIQUE",
    inputs=(
        MONTHS_GIVEN,
        TableValue(Words("等级"), "grade", "general", Words("一般失信", "general")),
        TableValue(Words("撤销日", "Revoked on"), "revoked", None),
    ),
    outputs=(ANSWER,),
    rows=(RowMatched(2, "r2", (ARTICLE,)),),
    required=(
        RequiredDecision(
            "first", Words("先问的表", "First"), (), (ANSWER,), (RowMatched(4, "r4", ()),)
        ),
    ),
)
HERE = f"/admin/procedures/{sample_office.REPAIR.definition_id}/decisions"
ANSWERS: dict[str, Any] = {
    "decision_tables__tables": (TABLE,),
    "decision_tables__try_table": TRIAL,
    "decisions__of_case": (MADE,),
}


def page(open_as: Browser, path: str, who: Actor = desk.ADMINISTRATOR, **more: Any) -> str:
    return open_as(who, **{**ANSWERS, **more}).get(path).text


def test_the_tables_of_a_version_are_listed_with_what_was_found(open_as: Browser) -> None:
    html = page(open_as, HERE)
    assert f'href="{HERE}/may_apply"' in html
    assert "1 处" in html
    assert "UNIQUE" in html


def test_a_version_leads_to_its_tables(open_as: Browser) -> None:
    html = page(open_as, f"/admin/procedures/{sample_office.REPAIR.definition_id}")
    assert f'href="{HERE}"' in html


def test_a_table_is_drawn_with_its_policy_its_rows_their_articles_and_the_default(
    open_as: Browser,
) -> None:
    html = page(open_as, f"{HERE}/may_apply")
    body = html.split("<tbody>")[1].split("</tbody>")[0]
    assert re.findall(r'<th scope="row">(\d)', body) == ["1", "2"]
    assert ARTICLE in body
    assert "另一条 &lt;b&gt;不是标签&lt;/b&gt;" in body
    assert "没有一行成立时" in body
    assert "唯一：最多一行成立" in html
    assert "is-hit" not in html


def test_inputs_in_the_address_are_tried_and_the_rows_that_hold_are_marked(
    open_as: Browser, office: sample_office.SampleOffice
) -> None:
    html = page(open_as, f"{HERE}/may_apply?x.months=5&x.grade=serious&x.stranger=1")
    (asked,) = office.asked("decision_tables.try_table")
    assert asked["inputs"] == {"months": "5", "grade": "serious", "done": ""}
    assert re.findall(r'id="row-(\d)" class="is-hit"', html) == ["2"]
    assert 'value="5"' in html
    assert '<option value="serious" selected>' in html


def test_an_answer_that_there_is_not_is_told_in_words(open_as: Browser) -> None:
    failed = replace(
        TRIAL, outputs=(), rows=(), failure=Words("第 1、2 行同时成立", "rows 1 and 2")
    )
    html = page(open_as, f"{HERE}/may_apply?x.months=5", decision_tables__try_table=failed)
    assert "第 1、2 行同时成立" in html
    nothing = replace(TRIAL, outputs=(), rows=())
    html = page(open_as, f"{HERE}/may_apply?x.months=5", decision_tables__try_table=nothing)
    assert "没有一行成立，表也没有写默认结论" in html


def test_what_was_found_can_be_tried_at_once(open_as: Browser) -> None:
    html = page(open_as, f"{HERE}/may_apply")
    assert "没有一行适用于" in html
    link = re.search(r'href="([^"]+)#try">用这组数据试', html)
    assert link is not None
    assert "x.months=12" in link[1]
    assert "x.done=true" in link[1]


def test_there_is_no_table_of_another_name(open_as: Browser) -> None:
    browser = open_as(desk.ADMINISTRATOR, **ANSWERS)
    assert browser.get(f"{HERE}/weather").status_code == HTTPStatus.NOT_FOUND
    unknown = f"/admin/procedures/{desk.sample_id('none')}/decisions"
    assert browser.get(unknown).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("who", [desk.CLERK, desk.ENTERPRISE], ids=["clerk", "enterprise"])
def test_tables_are_the_administrators(open_as: Browser, who: Actor) -> None:
    answer = open_as(who, **ANSWERS).get(f"{HERE}/may_apply")
    assert answer.status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.FOUND)


def test_a_case_shows_by_which_row_and_article_it_was_decided(open_as: Browser) -> None:
    html = page(open_as, f"/desk/cases/{desk.NUMBER}?tab=rules", desk.CLERK)
    told = html.split('class="file__record made"')[1].split("</article>")[0]
    for words in (
        "能否申请",
        "规则第 2 行",
        ARTICLE,
        "自动预审",
        "昆交罚〔2019〕190号",
        "一般失信",
        "先问的表",
        "abababab…abab",
    ):
        assert words in told, words
    assert HERE not in told
    assert '<span class="muted">空</span>' in told


def test_an_administrator_gets_from_a_case_to_the_table(open_as: Browser) -> None:
    part = page(open_as, f"/desk/cases/{desk.NUMBER}/parts/rules", desk.ADMINISTRATOR)
    assert f'href="{HERE}/may_apply"' in part


def test_a_case_that_no_table_was_asked_about_says_so(open_as: Browser) -> None:
    html = page(open_as, f"/desk/cases/{desk.NUMBER}?tab=rules", desk.CLERK, decisions__of_case=())
    assert "还没有按规则表判定过" in html
