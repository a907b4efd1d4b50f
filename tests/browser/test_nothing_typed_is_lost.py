"""The office is gone while somebody writes; a page lies on paper: what was said and what is listed stays whole."""

from __future__ import annotations

import io
import re

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.site import Site

pytestmark = pytest.mark.browser


def cut_off(page: Page) -> None:
    """From now on nobody answers this visitor."""
    page.context.route("**/*", lambda route: route.abort())


def reconnect(page: Page) -> None:
    page.context.unroute("**/*")


def test_an_applicant_whose_office_is_gone_is_told_and_keeps_what_was_typed(site: Site) -> None:
    page = site.visit("/my", who="yihe", language="en")
    page.locator("a[href*='/my/apply/']").first.click()
    page.wait_for_url("**/my/apply/**")
    page.goto(re.sub(r"[^/]+$", "rectification", page.url))
    told = page.locator("[data-offline]")
    account = page.locator("textarea[name=account]")
    cut_off(page)
    account.fill("The tanks were repaired and inspected on 20 February.")
    expect(told).to_be_visible()
    expect(told).to_contain_text("The server does not answer")
    page.get_by_role("button", name="Save and go on").click()
    expect(told).to_be_focused()
    expect(account).to_have_value("The tanks were repaired and inspected on 20 February.")

    reconnect(page)
    expect(told).to_be_hidden()
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url(lambda url: not url.endswith("/rectification"))
    page.go_back()
    expect(account).to_have_value("The tanks were repaired and inspected on 20 February.")


def test_a_caseworker_whose_office_is_gone_stays_at_the_form_until_its_draft_is_saved(
    site: Site,
) -> None:
    page = site.visit("/desk", who="zhoumin")
    page.locator(".trow a").first.click()
    pane = page.get_by_role("region", name="当前任务")
    opinion = pane.get_by_label("意见说明")
    state = pane.locator("[data-draft-state]")
    cut_off(page)
    opinion.fill("写到一半，服务器没有了。")
    expect(state).to_have_text("草稿没有存上，请先不要离开本页")
    # what would open beside or instead is not opened: it would take the form with it
    pane.get_by_role("tab", name="经过").click()
    page.locator(".trow a").nth(1).click()
    expect(page.locator("[data-offline]")).to_be_visible()
    pane.get_by_role("tab").first.click()
    expect(opinion).to_have_value("写到一半，服务器没有了。")

    reconnect(page)
    expect(state).to_contain_text("草稿已存")
    page.reload()
    expect(opinion).to_have_value("写到一半，服务器没有了。")


@pytest.mark.parametrize(
    ("who", "path", "most"), [("zhengshu", "/records", 6), ("zhoumin", "/desk", 2)]
)
def test_a_register_lies_on_paper_as_a_list(site: Site, who: str, path: str, most: int) -> None:
    page = site.visit(path, who=who)
    listed = page.locator("main :is(tbody th, .trow) .num").all_inner_texts()
    paper = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(paper.pages) <= most
    text = "".join("".join(one.extract_text() for one in paper.pages).split())
    assert listed
    assert [one for one in listed if one not in text] == []
