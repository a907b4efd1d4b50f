"""The register: found, imported line by line, and each change of a record with its case."""

import io
import re
from dataclasses import replace
from http import HTTPStatus

from engine.domain.errors import Invalid
from engine.domain.views import Page
from engine.domain.words import Words
from tests.web import board_samples as board
from tests.web import desk_samples as desk
from tests.web import register_samples as registers
from tests.web import sample_pages
from tests.web.sample_office import SampleOffice
from tests.web.sample_pages import Browser

office, open_as = sample_pages.office, sample_pages.open_as


def test_the_register_is_searched_and_narrowed(open_as: Browser, office: SampleOffice) -> None:
    html = open_as(desk.CLERK).get("/records?q=澄远&publication=shown&grade=general").text
    (asked,) = office.asked("records.find")
    assert (asked["q"], asked["publication"], asked["grade"]) == ("澄远", "shown", "general")
    assert "昆市监处罚〔2019〕417 号" in html
    assert "2020年2月8日" in html
    assert f'href="/desk/cases/{desk.NUMBER}"' in html
    assert '<option value="withdrawn_repaired">已撤下（修复）</option>' in html


def test_an_address_that_names_no_state_of_a_record_narrows_nothing(
    open_as: Browser, office: SampleOffice
) -> None:
    page = open_as(desk.CLERK).get("/records?publication=zzz&grade=zzz&kind=zzz")
    (asked,) = office.asked("records.find")
    assert page.status_code == HTTPStatus.OK
    assert (asked["publication"], asked["grade"], asked["kind"]) == (None, None, None)


def test_an_empty_register_is_not_a_failed_search(open_as: Browser) -> None:
    browser = open_as(desk.OFFICER, records__find=Page(()))
    assert "还没有记录" in browser.get("/records").text
    assert "没有这样的记录" in browser.get("/records?q=无").text


def test_a_record_shows_its_three_axes_and_who_changed_them(open_as: Browser) -> None:
    html = open_as(desk.CLERK).get(f"/records/{desk.RECORD.id}").text
    axes = re.findall(r'class="mid">([^<]+)<', html)
    assert axes == ["公示中", "已上报", "修复中", "2020年2月8日"]
    for named in (
        desk.NUMBER,
        "<code>accept</code>",
        "王芳",
        "受理通知书 昆信用修〔2020〕受 11 号",
    ):
        assert named in html


def test_a_case_that_the_reader_may_not_open_is_no_link(open_as: Browser) -> None:
    closed = replace(registers.FILE, cases=(replace(registers.FILE.cases[0], may_open=False),))
    browser = open_as(desk.OFFICER, records__cases_open_to=frozenset(), record_file__get=closed)
    for path in ("/records", f"/records/{desk.RECORD.id}"):
        html = browser.get(path).text
        assert desk.NUMBER in html
        assert "/desk/cases/KSXY" not in html


def test_an_unknown_record_is_not_found(open_as: Browser) -> None:
    assert (
        open_as(desk.CLERK).get(f"/records/{desk.sample_id('no')}").status_code
        == HTTPStatus.NOT_FOUND
    )


def test_an_import_leads_to_its_report(open_as: Browser, office: SampleOffice) -> None:
    sent = {"file": (io.BytesIO(b"CF_WSH\n1"), "2020年2月双公示.csv")}
    answer = open_as(desk.OFFICER).post("/records/import", data=sent)
    assert answer.headers["Location"] == f"/records/imports/{board.REPORT.id}"
    assert office.asked("records.import_file")[0]["given"][1:] == (
        "2020年2月双公示.csv",
        b"CF_WSH\n1",
    )


def test_each_line_says_what_became_of_it_and_which_field_was_wrong(open_as: Browser) -> None:
    browser = open_as(desk.OFFICER)
    whole = browser.get(f"/records/imports/{board.REPORT.id}").text
    assert "校验位不对，第 18 位应为 U" in whole
    assert "行政相对人代码_1（统一社会信用代码）" in whole
    assert whole.count('class="state-word w-ok"') == 2
    refused = browser.get(f"/records/imports/{board.REPORT.id}?outcome=refused").text
    assert "昆环罚〔2019〕77 号" in refused
    assert "昆水罚〔2019〕31 号" not in refused


def test_a_file_that_cannot_be_read_is_refused_beside_the_field(
    open_as: Browser, office: SampleOffice
) -> None:
    office.refusals["records.import_file"] = Invalid(
        "认不出表头。", "no header", fields={"1": "第 1 行没有“行政处罚决定书文号”"}
    )
    answer = open_as(desk.OFFICER).post(
        "/records/import", data={"file": (io.BytesIO(b"x"), "a.csv")}
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "认不出表头。" in answer.text
    assert "第 1 行没有“行政处罚决定书文号”" in answer.text


def test_nothing_is_imported_without_a_file(open_as: Browser, office: SampleOffice) -> None:
    answer = open_as(desk.OFFICER).post("/records/import", data={})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "请先选一个文件。" in answer.text
    assert not office.asked("records.import_file")


def test_only_those_who_may_import_are_offered_it(open_as: Browser) -> None:
    clerk = open_as(desk.CLERK)
    assert "导入记录" not in clerk.get("/records").text
    assert clerk.get("/records/import").status_code == HTTPStatus.FORBIDDEN
    assert clerk.post("/records/import").status_code == HTTPStatus.FORBIDDEN
    assert "导入记录" in open_as(desk.OFFICER).get("/records").text


def test_a_department_enters_a_default_and_is_told_what_is_wrong(
    open_as: Browser, office: SampleOffice
) -> None:
    browser = open_as(desk.AUTHORITY)
    assert "登记待上报信息" in browser.get("/records").text
    office.refusals["records.enter"] = Invalid("有错。", "wrong", fields={"DS_FXRQ": "晚于今天"})
    sent = {"DS_BH": "昆市监违约〔2020〕7号", "DS_LX": "合同违约", "DS_FXRQ": "2020-03-09"}
    refused = browser.post("/records/new", data=sent)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "晚于今天" in refused.text
    assert 'value="2020-03-09"' in refused.text  # what was typed is not lost
    del office.refusals["records.enter"]
    entered = browser.post("/records/new", data=sent)
    assert entered.headers["Location"] == f"/records/{desk.RECORD.id}"
    assert office.asked("records.enter")[-1]["given"][1] == sent


def test_only_its_department_is_offered_to_report_a_default(open_as: Browser) -> None:
    pending = replace(
        desk.RECORD,
        kind="default_event",
        kind_title=Words("待上报失信信息", "default not yet reported"),
        grade=None,
        grade_title=None,
        earliest_on=None,
        ends_on=None,
        open_case=None,
        reporting="pending",
        details=((Words("整改或履行期限", "to be put right by"), "2020-03-31"),),
    )
    page = f"/records/{pending.id}"
    offered = f'action="{page}/report"'
    assert offered in open_as(desk.AUTHORITY, records__get=(pending, ())).get(page).text
    seen = open_as(desk.CLERK, records__get=(pending, ())).get(page).text
    assert offered not in seen
    assert "整改或履行期限" in seen
    assert "上报以后才公示" in seen
