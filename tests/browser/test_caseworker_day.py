"""The caseworker's day: the window, the clerk, the departments around them, and the record at the end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.site import ROOT, Site, firm, number_in, small_pdf, text_of_pdf

pytestmark = pytest.mark.browser


def rows(page: Page) -> Locator:
    return page.locator(".trow")


def row(page: Page, key: str, step: str) -> Locator:
    """The row of the inbox with this step of a firm's case."""
    return rows(page).filter(has_text=firm(key)).filter(has_text=step)


def pane(page: Page) -> Locator:
    return page.get_by_role("region", name="当前任务")


def take(site: Site, who: str, key: str, step: str) -> Page:
    """Find the task in the group's list, claim it, and stand before its form."""
    page = site.visit("/desk?scope=group", who=who)
    row(page, key, step).get_by_role("link").click()
    pane(page).get_by_role("button", name="领取").click()
    expect(page.get_by_role("status").filter(has_text="已领取")).to_be_visible()
    expect(pane(page).get_by_role("heading", level=2)).to_contain_text(firm(key))
    return page


def choose(scope: Locator, *answers: str) -> None:
    """Choose the answers that begin like this; what helps to choose stands behind them."""
    for answer in answers:
        scope.get_by_role("radio", name=re.compile(f"^{answer}")).check()


def submit(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("status").filter(has_text="已提交")).to_be_visible()


def tab(page: Page, name: str) -> Locator:
    page.get_by_role("tab", name=name).click()
    panel = page.get_by_role("tabpanel", name=name)
    expect(panel).not_to_have_attribute("aria-busy", "true")
    return panel


# ── the window ──────────────────────────────────────────────────────────────────────────────────


def test_the_window_works_by_keyboard_and_asks_for_a_correction_once(
    site: Site, tmp_path: Path
) -> None:
    page = site.visit("/desk?scope=group", who="wangfang")
    first = rows(page).first
    expect(first).to_contain_text(firm("wanyu"))
    expect(first).to_contain_text("收件审查")
    expect(first).to_contain_text(re.compile(r"超 \d 天"))
    expect(first).to_contain_text("等待窗口审查收到的材料")

    page.keyboard.press("j")
    expect(first.get_by_role("link")).to_be_focused()
    page.keyboard.press("c")
    expect(page.locator("[data-say]")).to_have_text("已领取。")
    expect(row(page, "wanyu", "收件审查")).to_have_count(0)

    page.goto("/desk")
    expect(rows(page).first).to_contain_text(firm("wanyu"))
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(pane(page).get_by_role("heading", level=2)).to_contain_text(firm("wanyu"))
    choose(pane(page), "一次性告知补正")
    missing = pane(page).get_by_role("group", name="缺的材料")
    missing.get_by_role("checkbox", name=re.compile("^处罚履行证明")).check()
    missing.get_by_label(re.compile("^处罚履行证明.*为什么")).fill("凭证上没有收款章。")
    missing.get_by_label(re.compile("^处罚履行证明.*形式")).fill("盖章的清晰照片")
    submit(page, "提交收件结论")
    # what is in hand comes next, without going back to the list
    expect(pane(page).get_by_role("heading", level=2)).to_contain_text(firm("shanghe"))

    answered = site.visit("/my", who="wanyu")
    answered.get_by_role("article").get_by_role("link", name="补正材料").click()
    expect(answered.get_by_role("main")).to_contain_text("凭证上没有收款章。")
    asked = answered.locator("div.need").filter(has_text="处罚履行证明")
    asked.locator("input[type=file]").set_input_files(small_pdf(tmp_path / "缴款凭证.pdf"))
    expect(asked).to_contain_text("已上传")
    answered.get_by_label("告知书列的都交齐了").check()
    submit(answered, "提交补正材料")

    page.goto("/desk?scope=all&q=" + firm("wanyu"))
    row(page, "wanyu", "收件审查").get_by_role("link").click()
    expect(pane(page).get_by_role("radio", name=re.compile("^受理"))).to_be_visible()
    expect(pane(page).get_by_role("radio", name=re.compile("补正"))).to_have_count(0)


# ── one case through the house ──────────────────────────────────────────────────────────────────


def test_a_case_goes_from_the_window_to_the_removed_record(site: Site) -> None:
    page = take(site, "liting", "boyuan", "收件审查")
    number = number_in(pane(page).inner_text())
    choose(pane(page), "受理")
    submit(page, "提交收件结论")

    page = take(site, "xialan", "boyuan", "出具修复意见")
    choose(pane(page), "已全部履行", "已改正", "与疫情无关", "同意")
    pane(page).get_by_label("意见", exact=True).fill("罚款已缴清，超限运输问题已改正，同意修复。")
    submit(page, "出具修复意见")

    # the clerk: a draft outlives the page, the keys complete, the next task is there
    page = take(site, "zhoumin", "boyuan", "初审")
    form = pane(page)
    for point in ("处罚决定已履行", "违法行为已改正", "最短公示期已满", "信用修复承诺已公开"):
        form.get_by_label(point).check()
    form.get_by_label("材料齐全").check()
    form.get_by_label("另一核查人").fill("徐航")
    choose(form, "建议准予修复")
    opinion = form.get_by_label("意见说明")
    opinion.fill("处罚已履行，超限问题已改正，建议准予修复。")
    with page.expect_response(lambda answer: answer.url.endswith("/draft")):
        opinion.press("End")
    expect(form.get_by_text("草稿已存")).to_be_visible()
    page.reload()
    expect(form.get_by_text("草稿已存")).to_be_visible()
    expect(opinion).to_have_value("处罚已履行，超限问题已改正，建议准予修复。")
    expect(form.get_by_label("最短公示期已满")).to_be_checked()
    opinion.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="已提交")).to_be_visible()
    expect(pane(page).get_by_role("heading", level=2)).to_contain_text(firm("qiheng"))
    expect(pane(page).get_by_role("button", name="提交初审意见")).to_be_enabled()

    page = take(site, "panyi", "boyuan", "复审")
    choose(pane(page), "准予修复")
    pane(page).get_by_label("复审意见").fill("同意初审意见。")
    submit(page, "提交复审结论")

    # four eyes: who took it down cannot verify it, and is told why
    page = take(site, "qianyiming", "boyuan", "撤下公示信息")
    pane(page).get_by_label("本市网站（信用昆山）已撤下").check()
    pane(page).get_by_label("市公共信用信息平台已停止共享").check()
    submit(page, "已撤下，转第二人核对")
    page.goto(f"/desk/cases/{number}")
    page.get_by_role("link", name="第二人核对").click()
    expect(page.get_by_role("button", name="提交核对结果")).to_be_disabled()
    expect(page.get_by_role("main")).to_contain_text("前一步由您办理，须换人")
    expect(page.get_by_role("button", name="领取")).to_have_count(0)

    page = take(site, "xuduo", "boyuan", "第二人核对")
    choose(pane(page), "已撤净")
    submit(page, "提交核对结果")

    # the record says by which case, element, person and document
    page.goto(f"/desk/cases/{number}")
    page.get_by_role("link", name="昆交罚〔2019〕190号").click()
    publication = page.locator(".tile").filter(has_text="公示").first
    expect(publication).to_contain_text("已撤下（修复）")
    taken_down = page.get_by_role("row").filter(has_text="公示中").filter(has_text="已撤下（修复）")
    expect(taken_down).to_contain_text(number)
    expect(taken_down.locator("code")).not_to_be_empty()
    expect(taken_down).to_contain_text("许多")
    expect(taken_down).to_contain_text("昆信用修〔2020〕")


# ── the file beside the task ────────────────────────────────────────────────────────────────────


def test_the_file_beside_the_task_shows_papers_history_letters_and_the_token(site: Site) -> None:
    page = site.visit("/desk", who="zhoumin")
    row(page, "chengyuan", "初审").get_by_role("link").click()
    pane(page).get_by_role("link", name="整页打开").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(firm("chengyuan"))
    # what was begun this morning stands in the form
    expect(page.get_by_label("另一核查人")).to_have_value("顾建国")

    papers = tab(page, "材料")
    proof = papers.get_by_role("listitem").filter(has_text="处罚履行证明").first
    with page.expect_response(lambda answer: "/documents/" in answer.url) as answer:
        proof.get_by_text("预览").click()
    assert answer.value.ok

    history = tab(page, "经过").get_by_role("listitem")
    expect(history.last).to_contain_text("提交申请")
    expect(history.filter(has_text="王芳").first).to_be_visible()

    letters = tab(page, "文书").get_by_role("listitem")
    acceptance = letters.filter(has_text="受理通知书")
    with page.expect_response(lambda answer: "/letters/" in answer.url) as answer:
        acceptance.get_by_text("预览").click()
    assert answer.value.ok
    assert answer.value.header_value("content-type") == "application/pdf"

    diagram = tab(page, "流程图")
    expect(diagram.locator("[data-diagram-ready]").first).to_be_visible()
    expect(diagram.locator("[data-element-id='first_review'].kx-active")).to_be_visible()
    expect(diagram.locator("[data-element-id='give_opinion'].kx-done")).to_be_visible()
    expect(diagram.locator("[data-element-id='second_review'].kx-done")).to_have_count(0)
    expect(diagram.get_by_role("img", name="初审: 当前环节")).to_be_visible()
    expect(diagram.get_by_role("link", name="bpmn.io")).to_be_visible()


def test_a_letter_of_the_file_opens_as_a_pdf_that_says_what_was_decided(site: Site) -> None:
    page = site.visit("/my", who="ruilu")
    page.get_by_role("link").filter(has_text="昆市监处罚〔2019〕358号").click()
    decision = page.get_by_role("listitem").filter(has_text="决定书")
    with page.expect_download() as download:
        decision.get_by_role("link", name="下载").click()
    letter = text_of_pdf(Path(download.value.path()).read_bytes())
    assert firm("ruilu") in letter
    assert "准予" in letter
    assert "358号" in letter


# ── the register ────────────────────────────────────────────────────────────────────────────────


def test_a_file_imported_twice_is_told_line_by_line_and_adds_nothing(site: Site) -> None:
    page = site.visit("/records", who="zhengshu")

    def bring_in() -> list[int]:
        page.get_by_role("link", name="导入记录").click()
        page.get_by_label("文件", exact=True).set_input_files(
            ROOT / "tests/data/penalties_utf8.csv"
        )
        page.get_by_role("button", name="导入").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("penalties_utf8.csv")
        return [int(big) for big in page.locator(".tile .big").all_inner_texts()]

    taken, known, refused = bring_in()
    assert taken > 0
    assert refused > 0
    wrong = page.get_by_role("row").filter(has_text="昆环罚〔2019〕76 号")
    expect(wrong.get_by_role("cell").first).to_have_text("13")
    expect(wrong).to_contain_text("退回")
    expect(wrong).to_contain_text("“2019/11/31”不是日期")

    page.get_by_role("link", name="记录", exact=True).first.click()
    count = page.get_by_role("main").get_by_text("共").inner_text()
    assert bring_in() == [0, taken + known, refused]
    page.get_by_role("link", name="记录", exact=True).first.click()
    expect(page.get_by_role("main").get_by_text("共")).to_have_text(count)


def test_what_is_no_file_of_penalties_is_refused_with_a_reason(site: Site, tmp_path: Path) -> None:
    page = site.visit("/records/import", who="zhengshu")
    page.get_by_label("文件", exact=True).set_input_files(small_pdf(tmp_path / "penalties.csv"))
    page.get_by_role("button", name="导入").click()
    expect(page.get_by_role("alert")).not_to_be_empty()
    expect(page.get_by_role("heading", level=1)).to_have_text("导入记录")
