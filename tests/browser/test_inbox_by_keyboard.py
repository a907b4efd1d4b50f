"""A morning at the inbox without a mouse; what names and labels carry is text and nothing else."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.site import Site, firm, number_in

pytestmark = pytest.mark.browser

FOCUSED = """() => {
  const one = document.activeElement;
  const label = one.labels?.[0]?.textContent ?? one.getAttribute("aria-label") ?? one.textContent;
  const group = one.closest("fieldset")?.querySelector("legend")?.textContent ?? "";
  return [label, group].map((text) => text.replaceAll(/\\s+/g, " ").trim());
}"""
MOST_STEPS = 80


def reach(page: Page, name: str) -> None:
    """Go on with Tab until the focus is on what is called so."""
    for _ in range(MOST_STEPS):
        if page.evaluate(FOCUSED)[0].startswith(name):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {name}")


def come(page: Page, title: str) -> None:
    """The page of that title is there and hears keys."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    page.wait_for_load_state()


def said(page: Page, text: str | re.Pattern[str]) -> None:
    """It says so, and hears the next key: the script of a new page comes after its words."""
    expect(page.get_by_role("status").filter(has_text=text).first).to_be_attached()
    page.wait_for_load_state()


def test_a_morning_at_the_inbox_is_worked_without_a_mouse(site: Site) -> None:
    page = site.visit("/desk", who="zhoumin")
    keys = page.keyboard
    rows = page.locator(".trow")

    # over the head to the list, on the same page
    page.wait_for_load_state()
    page.evaluate("window.isTheSamePage = true")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()

    # what the keys are, and back
    keys.press("?")
    sheet = page.get_by_role("dialog", name="按键")
    expect(sheet).to_be_visible()
    keys.press("Escape")
    expect(sheet).to_be_hidden()
    assert page.evaluate("window.isTheSamePage")

    # the group's list: two are taken at once, after seeing what would become of them
    keys.press("g")
    keys.press("g")
    come(page, "本组待领")
    taken = [rows.nth(place).locator("b").inner_text() for place in range(2)]
    for _ in taken:
        keys.press("j")
        keys.press("x")
    keys.press("c")
    preview = page.get_by_role("dialog", name=re.compile("^领取"))
    expect(preview.get_by_role("row")).to_have_count(3)
    reach(page, "领取 2 件")
    keys.press("Enter")
    said(page, "已领取 2 件")

    # the kept list is a name away
    keys.press("g")
    keys.press("m")
    come(page, "我的")
    for name in taken:
        expect(rows.filter(has_text=name).first).to_be_visible()
    reach(page, "存为筛选")
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="存为筛选").get_by_label("名称")).to_be_focused()
    keys.type("早上先看")
    keys.press("Enter")
    kept = page.get_by_role("navigation", name="筛选").get_by_role("link", name="早上先看")
    expect(kept).to_contain_text(re.compile(r"\d+"))
    page.wait_for_load_state()

    # the first task: opened, filled in and completed; the next one stands there
    keys.press("j")
    expect(rows.first.get_by_role("link")).to_be_focused()
    keys.press("Enter")
    pane = page.get_by_role("region", name="当前任务")
    first = rows.first.locator("b").inner_text()
    expect(pane.get_by_role("heading", level=2)).to_contain_text(first)
    keys.press("i")
    for point in (
        "处罚决定已履行",
        "违法行为已改正",
        "最短公示期已满",
        "信用修复承诺已公开",
        "材料齐全",
    ):
        reach(page, point)
        if not page.evaluate("document.activeElement.checked"):
            keys.press("Space")
    reach(page, "另一核查人")
    keys.press("Control+a")
    keys.type("徐航")
    reach(page, "建议准予修复")
    keys.press("Space")
    reach(page, "意见说明")
    keys.press("Control+a")
    keys.type("处罚已履行，建议准予修复。")

    # what it would lead to, before the deed
    reach(page, "先看结果")
    keys.press("Enter")
    foreseen = page.get_by_role("dialog", name=re.compile("^先看结果"))
    expect(foreseen.get_by_text("复审").first).to_be_visible()
    keys.press("Escape")
    keys.press("Control+Enter")
    said(page, "已提交")
    expect(pane.get_by_role("heading", level=2)).not_to_contain_text(first)

    # the file beside it by its tabs, and back to the list
    keys.press("j")
    keys.press("t")
    for _ in range(4):
        keys.press("ArrowRight")
    expect(page.get_by_role("tab", name=re.compile("经过"))).to_have_attribute(
        "aria-selected", "true"
    )
    keys.press("Escape")
    expect(page.locator(".trow:focus-within")).to_have_count(1)

    # anything, from anywhere
    keys.press("Control+k")
    keys.type(firm("boyuan")[2:])
    expect(page.locator("#palette [data-found]").get_by_text(firm("boyuan")).first).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    page.wait_for_url("**/desk/cases/**")
    expect(page.get_by_role("heading", level=1)).to_contain_text(firm("boyuan"))


def test_a_note_names_a_colleague_who_is_told(site: Site) -> None:
    page = site.visit("/desk", who="zhoumin")
    page.locator(".trow a").first.click()
    page.get_by_role("tab", name="便笺").click()
    text = page.get_by_role("tabpanel", name="便笺").get_by_label("写便笺")
    text.press_sequentially("@顾建")
    expect(page.get_by_role("option", name=re.compile("顾建国"))).to_be_visible()
    text.press("Enter")
    text.press_sequentially("请看缴款凭证")
    page.get_by_role("button", name="存便笺").click()
    said(page, "便笺已存")
    told = site.visit("/notices", who="gujianguo").get_by_role("main")
    expect(told.get_by_text("请看缴款凭证").first).to_be_visible()


def test_two_who_fill_in_one_form_see_each_other(site: Site) -> None:
    first = site.visit("/desk?scope=group", who="wangfang")
    row = first.locator(".trow a").first
    address = row.get_attribute("href") or ""
    here = site.visit(address, who="wangfang")
    there = site.visit(address, who="liting")
    expect(there.locator("[data-company]")).to_contain_text("王芳")
    assert here.url == there.url


LIGHT = 300_000  # bytes of an inbox with everything it brings, before anything is compressed


def test_the_inbox_is_light_and_brings_the_code_of_diagrams_only_where_one_is(site: Site) -> None:
    page = site.visit("/desk", who="wangfang")
    page.wait_for_load_state("load")
    brought = page.evaluate(
        """() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
          .map((one) => [one.name, one.decodedBodySize])"""
    )
    assert sum(size for _, size in brought) <= LIGHT, brought
    assert not [name for name, _ in brought if "diagram" in name]
    page.locator(".trow a").first.click()
    page.get_by_role("tab", name="流程图").click()
    expect(page.locator("[data-diagram-ready]").first).to_be_visible()


SCRIPT = "<img src=x onerror=document.title='owned'>"


def test_what_names_and_labels_carry_stays_text(site: Site) -> None:
    page = site.visit("/my", who="yihe")
    number = number_in(page.get_by_role("main").inner_text())
    token = page.locator("input[name=csrf_token]").first.get_attribute("value") or ""
    sent = page.request.post(
        f"/api/v1/cases/{number}/documents",
        headers={"X-CSRFToken": token},
        multipart={
            "kind": "other",
            "file": {
                "name": f"{SCRIPT}.pdf",
                "mimeType": "application/pdf",
                "buffer": b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n",
            },
        },
    )
    assert sent.ok, sent.text()
    office = site.visit(f"/desk/cases/{number}?tab=papers", who="luxiaolan")
    expect(office.get_by_role("tabpanel", name=re.compile("材料"))).to_contain_text("onerror")

    def poisoned(route: Route) -> None:
        """The diagram as somebody would hand it in who puts markup into the names of steps."""
        answer = route.fetch()
        label = SCRIPT.replace("<", "\\u0026lt;").replace(">", "\\u0026gt;").replace("'", "")
        body = answer.text().replace('name=\\"', f'name=\\"{label}')
        route.fulfill(response=answer, body=body)

    office.route("**/parts/diagram", poisoned)
    office.get_by_role("tab", name="流程图").click()
    drawing = office.locator("[data-diagram-ready]").first
    expect(drawing).to_be_visible()
    assert office.locator("[data-diagram] img[src=x]").count() == 0
    assert office.locator("img[src=x]").count() == 0
    expect(office).not_to_have_title("owned")
