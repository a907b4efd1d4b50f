"""Reports upwards and other sites, as the office and the enterprise see them."""

from dataclasses import replace
from http import HTTPStatus
from io import BytesIO

from engine.domain.errors import Conflict, Invalid
from engine.domain.views import CaseFile, Page
from engine.domain.words import Words
from tests.web import board_samples as board
from tests.web import desk_samples as desk
from tests.web import register_samples as samples
from tests.web import sample_pages
from tests.web.sample_office import SampleOffice
from tests.web.sample_pages import Browser

office, open_as = sample_pages.office, sample_pages.open_as
RECORD, SITE = f"/records/{desk.RECORD.id}", f"/records/sites/{samples.SITE}"


def test_a_refused_report_says_why_and_leads_to_where_it_is_put_right(open_as: Browser) -> None:
    html = open_as(desk.OFFICER).get("/records/reports?show=refused").text
    assert "决定书文号格式不符" in html
    assert f'href="{RECORD}/put-right"' in html
    assert "超 1 天" in html


def test_what_may_not_be_put_right_is_said_at_its_blank(
    open_as: Browser, office: SampleOffice
) -> None:
    refusal = Invalid("有填错的内容。", fields={"number": "只能改写法。"})
    browser = open_as(desk.OFFICER)
    office.refusals["reporting.put_right"] = refusal
    answer = browser.post(f"{RECORD}/put-right", data={"number": "别的文号", "reason": "x"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "只能改写法。" in answer.text
    assert "别的文号" in answer.text


def test_the_late_list_is_by_department_and_a_workbook(
    open_as: Browser, office: SampleOffice
) -> None:
    browser = open_as(desk.OFFICER)
    html = browser.get("/records/reports/late").text
    assert "市场监督管理局" in html
    assert "33%" in html
    assert "中心上报迟" in html
    assert str(office.asked("report_lists.late_by_unit")[0]["since"]) == "2020-01-01"
    book = browser.get("/records/reports/late.xlsx?since=2020-02-01")
    assert (book.mimetype or "").endswith("spreadsheetml.sheet")


def test_the_centre_sees_what_each_site_owes(open_as: Browser) -> None:
    html = open_as(desk.OFFICER).get("/records/sites").text
    assert f'href="{SITE}"' in html
    assert "企业反映仍在公示" in html
    empty = open_as(desk.OFFICER, site_lists__listed=Page(()))
    assert "没有这样的事项" in empty.get("/records/sites?show=over").text


def test_only_what_may_be_done_now_is_offered_and_what_is_refused_is_said(
    open_as: Browser, office: SampleOffice
) -> None:
    html = open_as(desk.OFFICER).get(SITE).text
    assert 'value="confirmed"' in html
    assert 'value="told"' not in html
    assert "发改办财金〔2019〕527号" in html
    browser = open_as(desk.OFFICER)
    office.refusals["site_work.log"] = Conflict("这一项刚刚有变动，请刷新。")
    proof = {"act": "confirmed", "version": "3", "proof": (BytesIO(b"x"), "a.png")}
    answer = browser.post(f"{SITE}/acts", data=proof)
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "刚刚有变动" in answer.text


def test_a_records_page_holds_its_sites_its_cases_and_its_reporting_clock(
    open_as: Browser,
) -> None:
    html = open_as(desk.CLERK).get(RECORD).text
    assert f'href="{SITE}"' in html
    assert 'href="/desk/cases/KSXY-XF-20200217-000002"' in html
    assert "上报期限" in html
    assert "put-right" not in html  # not hers to put right


def test_a_decided_case_shows_its_officers_what_other_sites_owe(open_as: Browser) -> None:
    decided = replace(desk.CASE, outcome="granted", outcome_title=Words("准予修复"))
    place = f"/desk/cases/{desk.CASE.number}"
    browser = open_as(
        desk.CLERK,
        cases__get=decided,
        steps_said__with_case=CaseFile(decided, ()),
        site_lists__of_case=(samples.ROW,),
    )
    assert f'href="{SITE}"' in browser.get(f"{place}?tab=sites").text
    assert f'href="{SITE}"' in browser.get(f"{place}/parts/sites").text
    undecided = open_as(desk.CLERK).get(f"{place}?tab=sites").text
    assert "panel-sites" not in undecided


def test_the_board_counts_late_reports_and_late_sites(open_as: Browser) -> None:
    html = open_as(desk.SUPERVISOR, supervision__board=board.BOARD).get("/supervision").text
    assert 'href="/records/reports/late"' in html
    assert 'href="/records/sites?show=over"' in html
