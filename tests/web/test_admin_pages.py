"""The administrator's pages: versions, calendar, people, jobs, incidents."""

import re
from http import HTTPStatus

import pytest

from engine.domain.errors import Conflict
from tests.web import board_samples as board
from tests.web import desk_samples as desk
from tests.web import sample_office, sample_pages
from tests.web.sample_office import SampleOffice
from tests.web.sample_pages import Browser

office, open_as = sample_pages.office, sample_pages.open_as


def test_versions_of_a_procedure_stand_together_the_newest_first(open_as: Browser) -> None:
    html = open_as(desk.ADMINISTRATOR).get("/admin/procedures").text
    assert re.findall(r"2020 版第 (\d) 次发布", html) == ["3", "2"]
    assert "收件中" in html
    assert "不再收件" in html


def test_a_version_shows_all_its_diagrams(open_as: Browser) -> None:
    html = (
        open_as(desk.ADMINISTRATOR)
        .get(f"/admin/procedures/{sample_office.REPAIR.definition_id}")
        .text
    )
    assert html.count("data-diagram>") == len(desk.DIAGRAMS)
    unknown = open_as(desk.ADMINISTRATOR).get(f"/admin/procedures/{desk.sample_id('none')}")
    assert unknown.status_code == HTTPStatus.NOT_FOUND


def test_the_calendar_shows_the_prolonged_spring_festival_and_the_worked_sunday(
    open_as: Browser,
) -> None:
    html = open_as(desk.ADMINISTRATOR).get("/admin/calendars/2020").text
    january = html.split('aria-label="2020-1"')[1].split("</section>")[0]
    assert re.search(r'class="off" title="春节">31<small>休', january)
    assert re.search(r'class="wk" title="春节">19<small>班', january)
    assert "17 个工作日" in january
    assert "国办发明电〔2020〕1号" in html


def test_the_year_that_is_not_announced_is_said_to_be_provisional(open_as: Browser) -> None:
    browser = open_as(desk.ADMINISTRATOR)
    assert "2027 年的放假通知还没有发布" in browser.get("/admin/calendars/2027").text
    assert "还没有发布" not in browser.get("/admin/calendars/2020").text
    assert browser.get("/admin/calendars/2040").status_code == HTTPStatus.NOT_FOUND


def test_a_last_day_can_be_reckoned(open_as: Browser) -> None:
    html = open_as(desk.ADMINISTRATOR).get("/admin/calendars/2020?start=2020-01-17&days=7").text
    assert "2020年2月4日 周二" in html


def test_a_limit_of_no_days_is_refused_in_words(open_as: Browser) -> None:
    answer = open_as(desk.ADMINISTRATOR).get("/admin/calendars/2020?start=2020-01-17&days=0")
    assert answer.status_code == HTTPStatus.OK
    assert "期限至少为 1 个工作日" in answer.text


def test_people_stand_under_their_departments(open_as: Browser) -> None:
    html = open_as(desk.ADMINISTRATOR).get("/admin/people").text
    credit_office = html.split('id="u-credit_office"')[1].split("</section>")[0]
    assert "顾建国" in credit_office
    assert "周敏" in credit_office
    assert "91320583MA1X00017U" in html.split('id="u-ent"')[1]


def test_failed_jobs_come_first_with_their_error(open_as: Browser) -> None:
    html = open_as(desk.ADMINISTRATOR).get("/admin/jobs").text
    assert html.index("推送信用平台") < html.index("排印文书")
    assert "exchange folder is read-only" in html


def test_an_incident_can_be_tried_again(open_as: Browser, office: SampleOffice) -> None:
    browser = open_as(desk.ADMINISTRATOR)
    address = f"/admin/incidents/{board.INCIDENTS[0].id}/retry"
    assert f'action="{address}"' in browser.get("/admin/incidents").text
    told = f"/admin/incidents/{board.INCIDENTS[0].id}"
    assert browser.post(address).headers["Location"] == told
    assert office.asked("incidents.retry")[0]["given"][1] == board.INCIDENTS[0].id


def test_an_incident_that_was_dealt_with_meanwhile_says_so(
    open_as: Browser, office: SampleOffice
) -> None:
    office.refusals["incidents.retry"] = Conflict(
        "这个故障已处理。", "this incident is resolved already"
    )
    answer = open_as(desk.ADMINISTRATOR).post(f"/admin/incidents/{board.INCIDENTS[0].id}/retry")
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "这个故障已处理。" in answer.text


def test_the_front_page_says_what_needs_somebody(open_as: Browser) -> None:
    html = open_as(desk.ADMINISTRATOR).get("/admin").text
    assert "失败 1 件" in html
    assert "1 个等人处理" in html
    assert "2 个参数，改过 1 个" in html


@pytest.mark.parametrize(
    "path",
    [
        "/admin",
        "/admin/procedures",
        "/admin/calendars",
        "/admin/people",
        "/admin/jobs",
        "/admin/incidents",
    ],
)
def test_only_administrators_enter(open_as: Browser, path: str) -> None:
    assert open_as(desk.SUPERVISOR).get(path).status_code == HTTPStatus.FORBIDDEN
    assert open_as(desk.ADMINISTRATOR).get(path).status_code == HTTPStatus.OK
