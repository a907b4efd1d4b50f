"""The supervisor's pages: every red before it hurts, and whose time it was."""

import re
from dataclasses import replace
from datetime import date
from http import HTTPStatus

import pytest

from engine.domain.supervision_views import NoticeOutcome
from engine.domain.words import Words
from tests.web import board_samples as board
from tests.web import desk_samples as desk
from tests.web import sample_pages
from tests.web.sample_office import SampleOffice
from tests.web.sample_pages import Browser

office, open_as = sample_pages.office, sample_pages.open_as

LATE = board.LATE


def test_the_board_counts_by_light_and_by_department(open_as: Browser) -> None:
    html = open_as(desk.SUPERVISOR).get("/supervision").text
    lights_and_silent, late = ["2", "4", "11", "1", "1", "0"], ["0", "0"]  # reports, sites
    assert re.findall(r'class="big">(\d+)<', html) == lights_and_silent + late
    row = html.split('<tr><th scope="row">市水务局</th>')[1].split("</tr>")[0]
    assert 'aria-label="超期"' in row
    assert re.search(r"department=water\">2</a></td>$", row)
    assert re.search(
        r'合计</th>.*<td class="r"><a href="/supervision/places">19</a></td>', html, re.DOTALL
    )


def test_a_breach_says_who_has_it_whose_time_it_was_and_since_when(open_as: Browser) -> None:
    html = open_as(desk.SUPERVISOR).get("/supervision").text
    row = html.split('id="breaches"')[1].split("</tr>")[1]
    assert "超 1 天" in row
    assert "市水务局 周敏" in row
    assert "其他部门" in row
    assert "自 2月28日 17:00 起" in row


def test_a_breach_already_supervised_shows_the_number_instead_of_the_button(
    open_as: Browser,
) -> None:
    html = open_as(desk.SUPERVISOR).get("/supervision/breaches").text
    assert html.count(">签发督办单<") == 1
    assert "昆信督〔2020〕3 号" in html


def test_the_board_keeps_itself_true_within_half_a_minute(open_as: Browser) -> None:
    browser = open_as(desk.SUPERVISOR)
    every = re.search(
        r'data-live="/supervision/now\?by=department" data-live-every="(\d+)"',
        browser.get("/supervision").text,
    )
    assert every is not None
    assert int(every[1]) <= 30
    first = browser.get("/supervision/now")
    again = browser.get("/supervision/now", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == HTTPStatus.NOT_MODIFIED


def test_a_step_that_falls_due_is_on_the_next_answer(
    office: SampleOffice, open_as: Browser
) -> None:
    boards = [replace(board.BOARD, breaches=()), board.BOARD]
    browser = open_as(desk.SUPERVISOR, supervision__board=lambda *_, **__: boards.pop(0))
    first = browser.get("/supervision/now")
    assert "没有超期的" in first.text
    again = browser.get("/supervision/now", headers={"If-None-Match": first.headers["ETag"]})
    assert "昆山启衡五金制品有限公司" in again.text


def test_a_silent_case_is_shouted_about(open_as: Browser) -> None:
    silent = replace(board.BOARD, silent=desk.ROWS[:1], silent_count=1)
    html = open_as(desk.SUPERVISOR, supervision__board=silent).get("/supervision").text
    assert "没有下一事件，见下" in html
    assert f'href="/desk/cases/{desk.ROWS[0].number}"' in html
    assert "都有下一事件和日期" in open_as(desk.SUPERVISOR).get("/supervision").text


def test_breaches_are_narrowed_by_department(open_as: Browser, office: SampleOffice) -> None:
    open_as(desk.SUPERVISOR).get("/supervision/breaches?department=water&procedure=credit_repair")
    (asked,) = office.asked("supervision.places")
    assert asked["narrowed"] == {
        "department": "water", "procedure": "credit_repair", "light": "red",
    }  # fmt: skip


def test_a_notice_is_shown_before_it_is_issued(open_as: Browser, office: SampleOffice) -> None:
    browser = open_as(desk.SUPERVISOR)
    form = browser.get(
        f"/supervision/notices/new?place={LATE.id}", headers={"X-Fragment": "1"}
    ).text
    assert "初审已超期 1 个工作日" in form
    assert "督办单上印的期限台账" in form
    assert "“初审”自 2020-02-27 起" in form
    answer = browser.post(
        "/supervision/notices",
        data={"place": str(LATE.id), f"ground.{LATE.id}": "意见逾期未回", "origin": "order"},
    )
    assert answer.headers["Location"] == "/supervision/notices"
    (asked,) = office.asked("supervision.issue_several")
    assert (asked["given"][1], asked["origin"]) == ({LATE.id: "意见逾期未回"}, "order")


def test_several_notices_are_previewed_and_what_cannot_be_is_said(open_as: Browser) -> None:
    browser = open_as(desk.SUPERVISOR, supervision__draft_notices=board.DRAFTS)
    ids = [one.place.id for one in board.DRAFTS]
    html = browser.get("/supervision/notices/new", query_string={"place": ids}).text
    assert "1 份会签发，1 份不会" in html
    assert "这项任务已签发督办单。" in html
    assert html.count('name="place"') == 1


def test_a_notice_without_a_ground_is_not_issued(open_as: Browser, office: SampleOffice) -> None:
    answer = open_as(desk.SUPERVISOR).post(
        "/supervision/notices", data={"place": str(LATE.id), f"ground.{LATE.id}": " "}
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "请写明督办的理由。" in answer.text
    assert not office.asked("supervision.issue_several")


def test_what_speaks_against_a_notice_is_said_in_its_form(open_as: Browser) -> None:
    refused = (NoticeOutcome(LATE.id, None, Words("这一步没有超期。", "not late")),)
    answer = open_as(desk.SUPERVISOR, supervision__issue_several=refused).post(
        "/supervision/notices", data={"place": str(LATE.id), f"ground.{LATE.id}": "早了"}
    )
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "这一步没有超期。" in answer.text
    assert "早了" in answer.text


def test_the_page_of_a_notice_has_ledger_contest_timeline_and_letter(open_as: Browser) -> None:
    html = open_as(desk.SUPERVISOR).get(f"/desk/notices/{board.NOTICE.id}").text
    for said in (
        "待答复",
        "停电一天。",
        "“初审”自 2020-02-27 起",
        "签发督办单：市信用办",
        "督办单 PDF",
    ):
        assert said in html
    assert "裁定申辩" in html
    listed = open_as(desk.SUPERVISOR).get("/supervision/notices?state=contested").text
    assert f'href="/desk/notices/{board.NOTICE.id}"' in listed


def test_the_heat_map_colours_elements_and_says_the_same_in_a_table(open_as: Browser) -> None:
    html = open_as(desk.SUPERVISOR).get("/supervision/heatmap/credit_repair").text
    assert '"give_opinion": "red"' in html
    assert '"first_review": "8 件 2.6/3"' in html
    assert '"give_opinion": 1' in html
    assert "3.4 / 3" in html
    assert html.index("出具修复意见</th>") < html.index("初审</th>") < html.index("复审</th>")


@pytest.mark.parametrize(
    "path",
    [
        "/supervision",
        "/supervision/now",
        "/supervision/breaches",
        "/supervision/places",
        "/supervision/silent",
        "/supervision/notices",
        "/supervision/charts",
        "/supervision/heatmap/credit_repair",
    ],
)
def test_only_supervisors_enter(open_as: Browser, path: str) -> None:
    assert open_as(desk.CLERK).get(path).status_code == HTTPStatus.FORBIDDEN
    assert open_as(desk.SUPERVISOR).get(path).status_code == HTTPStatus.OK


def test_each_chart_stands_above_a_table_that_says_the_same(open_as: Browser) -> None:
    html = open_as(desk.SUPERVISOR).get("/supervision/charts").text
    assert html.count("data-chart>") == html.count('class="chart__table"') == 5
    assert '"values": [4, 9]' in html
    for said in ("办结 13 件，中位 6.1 日，九成在 11.8 日内", "2月24日 – 3月1日", "信用修复 (13)"):
        assert said in html
    (row,) = re.findall(r'<th scope="row">信用修复 \(13\)</th>(.*?)</tr>', html)
    assert re.findall(r">([\d.]+)<", row) == ["3.9", "2.2", "6.1"]


def test_a_period_and_a_procedure_narrow_the_charts(open_as: Browser, office: SampleOffice) -> None:
    open_as(desk.SUPERVISOR).get("/supervision/charts?since=2020-02-01&until=x&procedure=objection")
    (asked,) = office.asked("charts.charts")
    assert (asked["since"], asked["until"], asked["procedure"]) == (
        date(2020, 2, 1), None, "objection",
    )  # fmt: skip


def test_the_event_log_is_of_the_days_that_the_charts_show(
    open_as: Browser, office: SampleOffice
) -> None:
    browser = open_as(desk.SUPERVISOR, event_log__export=b"<log/>")
    html = browser.get("/supervision/charts").text
    (address,) = re.findall(r'href="(/supervision/event-log\.xes[^"]*)"', html)
    taken = browser.get(address.replace("&amp;", "&"))
    assert (taken.data, taken.mimetype) == (b"<log/>", "application/xml")
    assert "kunxin-event-log.xes" in taken.headers["Content-Disposition"]
    (asked,) = office.asked("event_log.export")
    assert asked["wanted"].form == "xes"
    assert (asked["wanted"].since, asked["wanted"].until) == (
        board.CHARTS.since,
        board.CHARTS.until,
    )
    assert browser.get("/supervision/event-log.csv").status_code == HTTPStatus.NOT_FOUND
