"""Beside the task: notes, related cases, who else is here, what would follow; and one search over everything."""

from dataclasses import replace
from http import HTTPStatus

import pytest

from engine.domain.errors import Conflict, Invalid
from engine.domain.views import Matter, SavedFilterView
from engine.domain.words import Words
from engine.services.inbox_columns import Arrangement
from tests.web import desk_samples as desk
from tests.web import sample_pages
from tests.web.sample_office import SampleOffice
from tests.web.sample_pages import Browser

office, open_as = sample_pages.office, sample_pages.open_as

OPEN = f"/desk/tasks/{desk.CURRENT.id}"
PART = f"/desk/cases/{desk.NUMBER}/parts"
GRANT = {"proposal": "grant", "reasons": "处罚已履行，现场核查未见同类问题。", "version": "1"}
FRAGMENT = {"X-Fragment": "1"}


# ---- the inbox as its reader arranged it


def test_kept_lists_stand_on_the_rail_with_their_counts(open_as: Browser) -> None:
    kept = SavedFilterView(desk.sample_id("f"), "<急>", {"scope": "group", "q": "疫情"}, 1001)
    html = open_as(desk.CLERK, saved_filters__mine=(kept,)).get("/desk?scope=group&q=疫情").text
    row = html[html.index("我存的筛选") :]
    assert "&lt;急&gt;" in row
    assert "1000+" in row
    assert 'aria-current="true"' in row


def test_a_list_is_kept_as_it_stands(open_as: Browser, office: SampleOffice) -> None:
    sent = {"name": "待领", "scope": "group", "light": "red", "q": " 启衡 "}
    answer = open_as(desk.CLERK).post("/desk/filters", data=sent)
    (asked,) = office.asked("saved_filters.save")
    assert asked["given"][1:] == ("待领", {"scope": "group", "light": "red", "q": "启衡"})
    assert "scope=group" in answer.headers["Location"]


def test_a_list_without_a_name_comes_back_with_what_is_wrong(
    open_as: Browser, office: SampleOffice
) -> None:
    told = {"name": Words("请填名称", "give it a name")}
    office.refusals["saved_filters.save"] = Invalid("名称有误。", "no name", fields=told)
    answer = open_as(desk.CLERK).post("/desk/filters", data={"name": "", "scope": "group"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "请填名称" in answer.text
    assert '<input type="hidden" name="scope" value="group">' in answer.text


def test_chosen_columns_stand_in_each_row_also_those_of_the_application(open_as: Browser) -> None:
    answers = {"rectification": "已更换<i>标识</i>"}
    matter = Matter(
        "91320583MA1X00017U", "沈婷", "web", desk.at(2, 17), None, None, Words("审查"), answers
    )
    browser = open_as(
        desk.CLERK,
        inbox_columns__arrangement=Arrangement(("code", "form.rectification", "accepted")),
        inbox_columns__matters={desk.CURRENT.id: matter},
    )
    html = browser.get("/desk").text
    assert "<i>统一社会信用代码</i> 91320583MA1X00017U" in html
    assert "已更换&lt;i&gt;标识&lt;/i&gt;" in html
    assert "<i>受理日</i>" not in html  # nothing to say


def test_only_columns_that_are_offered_are_chosen(open_as: Browser, office: SampleOffice) -> None:
    open_as(desk.CLERK).post("/desk/columns", data={"column": ["filed", "password", "form.phone"]})
    (asked,) = office.asked("inbox_columns.choose")
    assert asked["given"][1:] == (("filed", "form.phone"),)


def test_the_inbox_brings_no_code_of_diagrams(open_as: Browser) -> None:
    html = open_as(desk.CLERK).get("/desk").text
    assert "desk.js" in html
    assert "diagram.js" not in html


# ---- notes and related cases


def test_notes_are_text_and_say_who_was_told(open_as: Browser) -> None:
    html = open_as(desk.CLERK).get(f"{PART}/notes").text
    assert "&lt;b&gt;缴款凭证&lt;/b&gt; @周敏" in html
    assert "已通知：周敏" in html


def test_a_note_that_is_refused_comes_back_with_its_text(
    open_as: Browser, office: SampleOffice
) -> None:
    told = {"text": Words("没有叫“张三”的工作人员", "nobody here is called 张三")}
    office.refusals["notes.add"] = Invalid("便笺没有存上。", "not kept", fields=told)
    answer = open_as(desk.CLERK).post(f"/desk/cases/{desk.NUMBER}/notes", data={"text": "@张三"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "没有叫“张三”的工作人员" in answer.text
    assert ">@张三</textarea>" in answer.text


def test_a_note_leads_back_to_where_it_was_written_and_nowhere_else(open_as: Browser) -> None:
    browser = open_as(desk.CLERK)
    path = f"/desk/cases/{desk.NUMBER}/notes"
    sent = browser.post(path, data={"text": "好", "next": "/desk?scope=group"})
    assert sent.headers["Location"] == "/desk?scope=group"
    away = browser.post(path, data={"text": "好", "next": "https://elsewhere.example/"})
    assert away.headers["Location"].startswith(f"/desk/cases/{desk.NUMBER}")


def test_a_related_case_says_why_it_is_one(open_as: Browser) -> None:
    html = open_as(desk.CLERK).get(f"{PART}/related").text
    assert "同一条记录" in html
    assert f"/desk/cases/{desk.ROWS[0].number}" in html


# ---- who else is here


def test_a_page_is_told_who_else_is_at_it_and_that_it_is_old(open_as: Browser) -> None:
    told = open_as(desk.CLERK).post(f"{OPEN}/presence", data={"writes": "1"}).get_json()
    assert told["says"] == ["顾建国 正在填写这一件"]
    assert told["version"] == 2
    assert "顾建国" in told["changed"]
    assert told["draft"]["says"] == "顾建国 于 10:19 存了草稿"


def test_a_draft_says_which_one_it_rests_on(open_as: Browser, office: SampleOffice) -> None:
    office.refusals["tasks.save_draft"] = Conflict("同事刚刚存了另一份草稿。", "another draft")
    sent = {**GRANT, "draft_seen": "2020-03-02T02:18:00+00:00"}
    headers = {"Accept": "application/json"}
    answer = open_as(desk.CLERK).post(f"{OPEN}/draft", data=sent, headers=headers)
    assert answer.status_code == HTTPStatus.CONFLICT
    assert answer.get_json()["detail"] == "同事刚刚存了另一份草稿。"
    (asked,) = office.asked("tasks.save_draft")
    assert asked["seen_at"] == desk.at(3, 2, 10, 18)


# ---- what would follow


def test_what_would_follow_is_shown_with_each_letter_and_no_timers(open_as: Browser) -> None:
    html = open_as(desk.CLERK).post(f"{OPEN}/preview", data=GRANT, headers=FRAGMENT).text
    assert "复审" in html
    assert "复审时限" not in html
    assert f"{OPEN}/preview/decision" in html
    # the letter is asked for with the same answers
    assert GRANT["reasons"] in html


def test_what_is_not_filled_in_yet_cannot_be_looked_ahead_from(
    open_as: Browser, office: SampleOffice
) -> None:
    html = open_as(desk.CLERK).post(f"{OPEN}/preview", data={"version": "1"}).text
    assert "填完才能看" in html
    assert not office.asked("foresight.look")


def test_a_letter_that_is_looked_at_runs_nothing_and_is_not_kept(open_as: Browser) -> None:
    answer = open_as(desk.CLERK).post(f"{OPEN}/preview/decision", data=GRANT)
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


# ---- one search


@pytest.mark.parametrize("headers", [{}, FRAGMENT])
def test_a_search_shows_cases_subjects_records_and_pages(
    open_as: Browser, headers: dict[str, str]
) -> None:
    html = open_as(desk.CLERK).get("/search?q=记录", headers=headers).text
    for href in (f"/desk/cases/{desk.ROWS[0].number}", f"/records/{desk.RECORD.id}", "/records"):
        assert f'href="{href}"' in html
    assert ("<html" in html) is (not headers)


def test_a_page_is_found_by_who_may_enter_it(open_as: Browser) -> None:
    assert 'href="/supervision/workload"' not in open_as(desk.CLERK).get("/search?q=在手工作").text
    assert 'href="/supervision/workload"' in open_as(desk.SUPERVISOR).get("/search?q=在手工作").text


def test_what_is_searched_for_stays_text(open_as: Browser) -> None:
    nothing = replace(desk.FOUND, cases=(), subjects=(), records=())
    html = open_as(desk.CLERK, search__everything=nothing).get("/search?q=<script>x").text
    assert "没有找到“&lt;script&gt;x”" in html
    assert "<script>x" not in html


def test_an_enterprise_searches_what_is_its_own(open_as: Browser) -> None:
    html = open_as(desk.ENTERPRISE).get("/search?q=417").text
    assert f"/my/cases/{desk.ROWS[0].number}" in html
    assert "/desk/" not in html
