"""The supervisor's day: the board, a step that falls due while it is open, a notice, the flow itself."""

from __future__ import annotations

import io
import re
from typing import Any
from unicodedata import normalize

import pytest
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from tests.browser.site import Site, firm, number_in, reload_until, text_of_pdf

pytestmark = pytest.mark.browser

POLL = 30  # s within which a board that is open must ask again


def tile(page: Page, name: str) -> Locator:
    return page.locator(".tile").filter(has_text=name)


def count(page: Page, name: str) -> int:
    return int(tile(page, name).locator(".big").inner_text())


def breaches(page: Page) -> Locator:
    table = page.get_by_role("table", name="超期清单")
    return table.get_by_role("row").filter(has=page.get_by_role("rowheader"))


def test_the_board_counts_every_light_and_no_case_is_silent(site: Site) -> None:
    page = site.visit("/supervision", who="luxiaolan")
    told = page.get_by_role("main").inner_text()
    found = re.search(r"在办 (\d+) 件", told)
    assert found, told
    lights = [count(page, name) for name in ("红 超期", "黄 临近", "绿 正常", "蓝 暂停")]
    assert all(lights), lights
    total = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="合计"))
    assert str(sum(lights)) == total.get_by_role("link").last.inner_text()
    assert sum(lights) >= int(found.group(1))  # a case may rest at several places
    assert count(page, "静默件") == 0
    tile(page, "红 超期").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("超期清单")
    expect(breaches(page).filter(has_text=firm("wanyu"))).to_contain_text("收件审查")
    expect(breaches(page).filter(has_text=firm("yuping"))).to_contain_text("其他部门")


def test_the_heat_map_is_drawn_with_what_every_step_takes(site: Site) -> None:
    page = site.visit("/supervision", who="luxiaolan")
    page.get_by_role("link", name="热力图").click()
    expect(page.locator("[data-diagram-ready]").first).to_be_visible()
    page = site.visit("/supervision/heatmap/credit_repair", who="luxiaolan")
    expect(page.locator("[data-diagram-ready]").first).to_be_visible()
    expect(page.locator("[data-element-id='first_review']").first).to_have_class(
        re.compile(r"kx-heat-(ok|near|over)")
    )
    step = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="初审"))
    median = step.get_by_role("cell").filter(has_text=re.compile(r"^\d+\.\d / \d+$"))
    expect(median).to_be_visible()


DARK = 64
#: A4 on its side without its margins, in CSS pixels.
PAPER = 1016
WIDER = """paper => [...document.querySelectorAll(".table, .chart__stage, .drawing, .tiles")]
    .filter(box => box.getBoundingClientRect().right > paper + 1).map(box => box.className)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("path", "told", "most"),
    [
        ("/supervision", ("合计", "超期清单", "昆信用督〔2020〕"), 9),
        ("/supervision/breaches", ("谁的时间", "收件审查"), 4),
        ("/supervision/charts", ("每周收办", "2月24日", "20日以上"), 6),
        ("/supervision/heatmap/credit_repair", ("初审", "中位÷限时"), 16),
        ("/supervision/notices", ("答复最迟", "昆信用督〔2020〕1号"), 3),
        ("/supervision/workload", ("今天办结", "未领"), 5),
    ],
)
def test_what_a_supervisor_prints_is_whole_and_black_on_white(
    site: Site, path: str, told: tuple[str, ...], most: int, scheme: Any
) -> None:
    page = site.visit(path, who="luxiaolan")
    page.emulate_media(color_scheme=scheme)
    if "heatmap" in path:
        expect(page.locator("[data-diagram-ready]").first).to_be_visible()
    if "charts" in path:
        expect(page.locator("[data-chart-ready]")).to_have_count(5)
    page.emulate_media(color_scheme=scheme, media="print")
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert all(int(part) < DARK for part in re.findall(r"\d+", ink)), ink
    content = page.pdf(prefer_css_page_size=True)
    sheets = PdfReader(io.BytesIO(content)).pages
    assert all(sheet.mediabox.width > sheet.mediabox.height for sheet in sheets)
    assert 0 < len(sheets) <= most
    said = normalize("NFKC", text_of_pdf(content))  # fonts tell radicals for characters
    for text in told:
        assert normalize("NFKC", text) in said, text
    page.set_viewport_size({"width": PAPER, "height": 700})
    assert page.evaluate(WIDER, PAPER) == []


def test_a_step_that_falls_due_turns_red_on_the_open_board_and_on_the_diagram(site: Site) -> None:
    page = site.visit("/supervision", who="luxiaolan")
    every = int(page.locator("[data-live]").get_attribute("data-live-every") or "999")
    assert every <= POLL
    page.clock.install()  # the browser's time is wound forward instead of waited for
    page.reload()
    before, known = count(page, "红 超期"), set(breaches(page).all_inner_texts())
    due = page.get_by_role("table", name="今天到期").get_by_role("rowheader")
    today = due.all_inner_texts()
    assert today

    other = site.visit("/supervision", who="qinli")
    other.get_by_role("link", name="拨动时钟").click()
    other.get_by_role("button", name="拨到下一个工作日 9:00").click()
    expect(other.get_by_text("时钟已拨到 3月3日 09:00")).to_be_visible()

    with page.expect_response(lambda answer: "/supervision/now" in answer.url):
        page.clock.run_for(every * 1000)
    for one in today:
        expect(due.filter(has_text=one)).to_have_count(0)
    assert count(page, "红 超期") > before
    assert set(breaches(page).all_inner_texts()) - known

    page.get_by_role("link", name="全部", exact=True).click()
    late = breaches(page).filter(has_text=firm("wanyu")).filter(has_text="复审")
    expect(late).to_contain_text("顾建国")
    expect(late).to_contain_text("自 3月2日 17:00 起")
    number = number_in(late.inner_text())
    page.goto(f"/desk/cases/{number}?tab=diagram")
    expect(page.locator("[data-element-id='second_review'].kx-due")).to_be_visible()
    expect(page.get_by_role("img", name="复审: 逾期")).to_be_visible()

    # the notice about it is issued here and printed
    page.goto("/supervision/breaches")
    late.get_by_role("link", name="签发督办单").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("督办理由")).to_have_value(re.compile("复审已超期"))
    dialog.get_by_role("button", name="签发督办单").click()
    expect(page.get_by_role("status").filter(has_text="已签发督办单")).to_be_visible()
    expect(late.get_by_role("link", name="签发督办单")).to_have_count(0)
    expect(late).to_contain_text("昆信用督〔2020〕")

    page.goto(f"/desk/cases/{number}?tab=letters")
    letters = page.get_by_role("tabpanel", name="文书")
    notice = letters.get_by_role("listitem").filter(has_text="督办单")
    reload_until(page, notice.get_by_role("link"))
    letter = text_of_pdf(
        page.request.get(notice.get_by_role("link").first.get_attribute("href") or "").body()
    )
    assert number in letter
    assert "复审" in letter
    assert "督办" in letter
