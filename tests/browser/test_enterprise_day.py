"""The enterprise's day: what can be repaired, an application on a phone, and what follows from it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.site import (
    PHONE,
    Site,
    firm,
    number_in,
    reload_until,
    sign_in,
    small_pdf,
    text_of_pdf,
)

pytestmark = pytest.mark.browser


def record(page: Page, number: str) -> Locator:
    return page.get_by_role("article").filter(has=page.get_by_role("heading", name=number))


def paper(page: Page, title: str) -> Locator:
    """The place where one paper is handed in."""
    return page.locator("section.need, div.need").filter(
        has=page.get_by_role("heading", name=title)
    )


def open_case(page: Page, number: str) -> None:
    page.get_by_role("link").filter(has_text=number).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("信用修复")


# ── before filing ───────────────────────────────────────────────────────────────────────────────


def test_it_signs_in_and_sees_what_each_record_allows_and_from_when(site: Site) -> None:
    page = site.visit("/")
    page.get_by_role("link", name="登录").click()
    sign_in(page, "mulan")
    page.get_by_role("link", name="看记录，申请修复").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("您有 4 条记录，1 条今天就能申请")

    ready = record(page, "昆市监处罚〔2019〕386号")
    expect(ready).to_contain_text("一般失信")
    expect(ready).to_contain_text("2020年2月28日，已满")
    expect(ready).to_contain_text("处罚履行证明")

    early = record(page, "昆环罚〔2019〕61号")
    expect(early).to_contain_text("严重失信")
    expect(early).to_contain_text("最短公示期未满")
    expect(early).to_contain_text("2020年4月9日 周四")
    expect(early.get_by_role("button", name="申请修复")).to_be_disabled()
    expect(early).to_contain_text("527号")


def test_a_record_that_is_never_repaired_early_says_what_else_can_be_done(site: Site) -> None:
    page = site.visit("/my/records", who="ruilu")
    grave = record(page, "昆市监处罚〔2019〕205号")
    expect(grave).to_contain_text("不能提前修复")
    expect(grave).to_contain_text("特定严重失信")
    expect(grave.get_by_role("button", name="申请修复")).to_be_disabled()
    expect(grave).to_contain_text("别的办法")


def test_a_wrong_password_is_told_without_saying_which_half_is_wrong(site: Site) -> None:
    page = site.visit("/login")
    page.get_by_label("账号").fill("mulan")
    page.get_by_label("密码").fill("kunxin")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不对")
    expect(page.get_by_label("账号")).to_have_value("mulan")
    page.goto("/my")
    expect(page).to_have_url(re.compile("/login"))


# ── an application, on a phone ──────────────────────────────────────────────────────────────────


def test_an_application_goes_one_thing_a_page_to_a_number_a_receipt_and_tracking(
    site: Site, tmp_path: Path
) -> None:
    page = site.visit("/my/records", who="yuchuan", size=PHONE)
    record(page, "昆市监处罚〔2019〕371号").get_by_role("button", name="申请修复").click()

    # who handles it: known already, but one question is left open and one answer is wrong
    expect(page.get_by_role("heading", level=1)).to_have_text("谁来办")
    expect(page.get_by_label("经办人姓名")).to_have_value("田榆")
    page.get_by_label("经办人手机").fill("没有手机")
    page.get_by_role("button", name="存好，下一步").click()
    problems = page.locator("#problems")
    expect(problems).to_be_focused()
    expect(problems).to_contain_text("有 2 处要改")
    problems.get_by_role("link").last.click()
    expect(page.get_by_label("经办人手机")).to_be_focused()
    expect(page.get_by_label("经办人手机")).to_have_value("没有手机")
    page.get_by_label("经办人手机").fill("13800000015")
    page.get_by_label("法定代表人本人").check()
    page.get_by_role("button", name="存好，下一步").click()

    # half a page is saved, and found again later
    expect(page.get_by_role("heading", level=1)).to_have_text("处罚履行和整改情况")
    page.get_by_label("处罚哪一天履行完毕").fill("2019-11-07")
    page.get_by_role("button", name="存草稿，以后再填").click()
    expect(page.get_by_role("status")).to_contain_text("草稿已存好")
    page.get_by_role(
        "link", name="信用修复（行政处罚信息）：昆市监处罚〔2019〕371号", exact=True
    ).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("处罚履行和整改情况")
    expect(page.get_by_label("处罚哪一天履行完毕")).to_have_value("2019-11-07")
    page.get_by_label("违法行为怎样整改的").fill(
        "六台电子秤已全部送检合格，建立台账，每月核对一次。"
    )
    page.get_by_role("button", name="存好，下一步").click()

    # a question that depends on another one appears with it
    explanation = page.get_by_label("说明疫情怎样造成了这一行为")
    expect(explanation).to_be_hidden()
    page.get_by_role("radio", name=re.compile("^是")).check()
    expect(explanation).to_be_visible()
    page.get_by_label("否", exact=True).check()
    expect(explanation).to_be_hidden()
    page.get_by_role("button", name="存好，下一步").click()
    page.get_by_label("同意电子送达").check()
    page.get_by_role("button", name="存好，下一步").click()

    # papers: what only calls itself a PDF is refused with a sentence, a real one is kept
    proof = paper(page, "处罚履行证明")
    disguised = tmp_path / "缴款凭证.pdf"
    disguised.write_text("这不是 PDF")
    proof.locator("input[type=file]").set_input_files(disguised)
    expect(proof.get_by_role("status")).to_contain_text("缴款凭证.pdf")
    expect(proof.get_by_role("status")).to_contain_text("只收 PDF")
    expect(proof).to_contain_text("还没交")
    proof.locator("input[type=file]").set_input_files(small_pdf(tmp_path / "缴款凭证1107.pdf"))
    expect(proof).to_contain_text("已上传")
    expect(proof).to_contain_text("缴款凭证1107.pdf")
    page.get_by_role("button", name="存好，下一步").click()
    page.get_by_label("我单位作出信用修复承诺").check()
    page.get_by_role("button", name="存好，下一步").click()

    # check the answers, change one, submit
    expect(page.get_by_role("heading", level=1)).to_have_text("提交前核对")
    expect(page.get_by_role("main")).to_contain_text("2019年11月7日")
    expect(page.get_by_role("main")).to_contain_text("缴款凭证1107.pdf")
    page.get_by_role("link", name=re.compile("修改.*处罚哪一天履行完毕")).click()
    page.get_by_label("处罚哪一天履行完毕").fill("2019-11-08")
    page.get_by_role("button", name="存好，回到核对").click()
    expect(page.get_by_role("main")).to_contain_text("2019年11月8日")
    page.get_by_role("button", name="提交信用修复申请").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("申请已收到")
    confirmed = page.get_by_role("main").inner_text()
    number = number_in(confirmed)
    found = re.search(r"查询码 (\w+)", confirmed)
    assert found, confirmed
    code = found.group(1)
    expect(page.get_by_role("listitem").filter(has_text="收件审查")).to_contain_text(
        "政务服务中心信用窗口，最迟 3月4日 周三"
    )

    # who has it, until when, whose time; and the receipt as a PDF
    page.get_by_role("link", name="打开办件页面").click()
    card = page.get_by_role("region", name="我的件现在在哪里")
    expect(card).to_contain_text("政务服务中心信用窗口")
    expect(card).to_contain_text("3月4日 周三")
    expect(card).to_contain_text("本办")
    receipt = page.get_by_role("listitem").filter(has_text="收件凭证")
    reload_until(page, receipt.get_by_role("link", name="下载"))
    with page.expect_download() as download:
        receipt.get_by_role("link", name="下载").click()
    letter = text_of_pdf(Path(download.value.path()).read_bytes())
    assert number in letter
    assert code in letter
    assert firm("yuchuan") in letter

    # anybody who has number and code follows it, without an account
    page = site.visit("/", size=PHONE)
    page.get_by_label("办件编号").fill(number)
    page.get_by_label("查询码").fill(code.lower())
    page.get_by_role("button", name="查进度").click()
    expect(page.get_by_role("main")).to_contain_text(number)
    expect(page.get_by_role("main")).to_contain_text("政务服务中心信用窗口")
    expect(page.get_by_role("main")).not_to_contain_text("田榆")
    expect(page.get_by_role("main")).not_to_contain_text(firm("yuchuan"))


def test_a_wrong_query_code_shows_nothing_of_the_case(site: Site) -> None:
    page = site.visit("/my", who="chengyuan")
    number = number_in(page.get_by_role("main").inner_text())
    page = site.visit("/track")
    page.get_by_label("办件编号").fill(number)
    page.get_by_label("查询码").fill("00000000")
    with page.expect_navigation() as answer:
        page.get_by_role("button", name="查进度").click()
    assert answer.value.status == 404
    expect(page.get_by_role("alert")).to_contain_text("编号")
    expect(page.get_by_role("main")).not_to_contain_text("初审")


# ── while it runs ───────────────────────────────────────────────────────────────────────────────


def test_it_answers_a_correction_request_from_the_page_of_its_case(
    site: Site, tmp_path: Path
) -> None:
    page = site.visit("/my", who="yihe")
    turn = page.get_by_role("article").filter(has_text="补正材料")
    expect(turn).to_contain_text("最迟 3月9日 周一")
    turn.get_by_role("link", name="补正材料").click()

    expect(paper(page, "处罚履行证明")).to_contain_text("原件上看不清缴款日期")
    expect(paper(page, "处罚履行证明")).to_contain_text("已上传")
    account = paper(page, "整改")
    expect(account).to_contain_text("未盖公章")
    expect(account).to_contain_text("还没交")
    account.locator("input[type=file]").set_input_files(small_pdf(tmp_path / "整改说明盖章.pdf"))
    expect(account).to_contain_text("已上传")
    page.get_by_label("告知书列的都交齐了").check()
    page.get_by_role("button", name="提交补正材料").click()
    expect(page.get_by_role("status")).to_contain_text("已提交：补正材料")
    expect(page.get_by_role("region", name="我的件现在在哪里")).to_contain_text("窗口")
    expect(page.get_by_role("main")).to_contain_text("整改说明盖章.pdf")


def test_it_withdraws_a_case_only_after_saying_that_it_means_it(site: Site) -> None:
    page = site.visit("/my", who="hexu")
    open_case(page, "昆市监处罚〔2019〕52号")
    page.get_by_role("link", name="撤回本件").click()
    page.get_by_label("撤回原因").fill("公示期本周届满")
    page.get_by_role("button", name="撤回本件").click()
    expect(page.get_by_role("alert")).to_contain_text("我确认撤回")
    expect(page.get_by_label("撤回原因")).to_have_value("公示期本周届满")
    page.get_by_label("我确认撤回").check()
    page.get_by_role("button", name="撤回本件").click()
    expect(page.get_by_role("status")).to_contain_text("已撤回")
    expect(page.get_by_role("main")).to_contain_text("已办结：已撤回")
    expect(page.get_by_role("link", name="撤回本件")).to_have_count(0)


def test_it_asks_for_another_look_at_a_refused_case(site: Site, tmp_path: Path) -> None:
    page = site.visit("/my", who="yunqi")
    open_case(page, "昆卫罚〔2019〕72号")
    page.get_by_role("link", name="申请复核").click()
    page.get_by_label("不服的理由").fill("不服")
    page.get_by_role("button", name="提交复核申请").click()
    expect(page.get_by_role("alert")).to_contain_text("至少 5 个字")
    page.get_by_label("不服的理由").fill("检测报告编号是检测机构打印错误，附机构更正函。")
    page.get_by_label("新的材料").set_input_files(small_pdf(tmp_path / "更正函.pdf"))
    page.get_by_role("button", name="提交复核申请").click()
    expect(page.get_by_role("status")).to_contain_text("复核申请已提交")
    expect(page.get_by_role("region", name="我的件现在在哪里")).to_contain_text("复核")
    expect(page.get_by_role("main")).to_contain_text("更正函.pdf")
    expect(page.get_by_role("link", name="申请复核")).to_have_count(0)


def test_it_rates_a_closed_case_and_sees_that_its_record_is_gone(site: Site) -> None:
    page = site.visit("/my", who="ruilu")
    open_case(page, "昆市监处罚〔2019〕358号")
    removed = page.get_by_role("main")
    expect(removed).to_contain_text("已办结：准予修复")
    expect(removed).to_contain_text("已撤下（修复）")
    page.get_by_label("满意", exact=True).check()
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_role("status")).to_contain_text("已提交")
    expect(page.get_by_role("button", name="提交评价")).to_have_count(0)


def test_an_enterprise_sees_nothing_of_another_one(site: Site) -> None:
    page = site.visit("/my", who="chengyuan")
    number = number_in(page.get_by_role("main").inner_text())
    page = site.visit("/my", who="qiheng")
    answer = page.goto(f"/my/cases/{number}")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("main")).not_to_contain_text(firm("chengyuan"))
