"""The administrator's day: a changed procedure is handed in, refused on its diagram, mended, deployed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect

from engine.runtime.decisions import read_decisions
from tests.browser.site import PATIENCE, PHONE, ROOT, Site

pytestmark = pytest.mark.browser

FOLDER = ROOT / "workflows" / "objection"
PROCESS = "objection/process.bpmn"
HOSTILE = "&lt;img src=x onerror=alert(1)&gt;"


def packed(path: Path, change: Callable[[str], str]) -> Path:
    """The folder of the objection as a zip, its main process changed."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for file in sorted(FOLDER.rglob("*")):
            if file.is_file():
                name = f"objection/{file.relative_to(FOLDER).as_posix()}"
                content = file.read_bytes()
                archive.writestr(
                    name, change(content.decode()).encode() if name == PROCESS else content
                )
    path.write_bytes(held.getvalue())
    return path


def hand_in(page: Page, archive: Path) -> None:
    page.get_by_label("zip 文件").set_input_files(archive)
    page.get_by_role("button", name="上传并检查").click()
    page.wait_for_url(re.compile(r"/admin/deployments/[0-9a-f-]{36}"))


def faulty(text: str) -> str:
    asked = text.replace(
        'serviceTaskOperator id="mark_record"', 'serviceTaskOperator id="launch"', 1
    )
    named = re.sub(
        r'(<bpmn:serviceTask id="\w+" name=")([^"]*)', rf"\g<1>\2{HOSTILE}", asked, count=1
    )
    return re.sub(r'<bpmn:sequenceFlow id="[^"]+" ', "<bpmn:sequenceFlow ", named, count=1)


def with_a_warning(text: str) -> str:
    return re.sub(r'<spiffworkflow:property name="waiting_en" value="[^"]*"/>', "", text, count=1)


def test_a_fault_is_numbered_on_the_diagram_and_in_the_list_and_runs_nothing(
    site: Site, tmp_path: Path
) -> None:
    page = site.visit("/admin/deployments", who="qinli")
    alerts: list[str] = []

    def heard(dialog: Dialog) -> None:
        alerts.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", heard)
    hand_in(page, packed(tmp_path / "objection.zip", faulty))
    expect(page.get_by_text("现在不能部署")).to_be_visible()
    expect(page.locator("#f1")).to_contain_text("没有操作 launch")
    pin = page.locator("[data-diagram-ready] .kx-pin--refused", has_text="1")
    expect(pin).to_have_attribute("href", "#f1")
    expect(page.locator(".kx-refused").first).to_be_attached()
    expect(page.locator(".finding--mended").first).to_contain_text("顺序流没有编号")
    expect(page.get_by_role("button", name=re.compile("部署为"))).to_have_count(0)
    pin.click()
    expect(page.locator("#f1:target")).to_be_in_viewport()
    assert alerts == []
    assert page.locator("img[src='x']").count() == 0


def test_a_folder_with_a_warning_is_deployed_with_a_reason_and_open_cases_stay(
    site: Site, tmp_path: Path
) -> None:
    page = site.visit("/admin/deployments", who="qinli")
    hand_in(page, packed(tmp_path / "objection.zip", with_a_warning))
    expect(page.locator(".stage").nth(2)).to_contain_text("到过")
    page.get_by_label(re.compile("仍要部署的理由")).fill("英文随后补")
    # the three editions in force by the day of application are the first three
    page.get_by_role("button", name="部署为第 4 版").click()
    expect(page.get_by_text("已由 qinli 部署为第 4 次发布")).to_be_visible()
    page.get_by_role("link", name="看这一版").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("第 4 次发布")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_fits_a_phone_in_both_languages(
    site: Site, tmp_path: Path, language: str
) -> None:
    page = site.visit("/admin/deployments", who="qinli")
    hand_in(page, packed(tmp_path / "objection.zip", faulty))
    phone = site.visit(page.url, who="qinli", language=language, size=PHONE)
    expect(phone.locator("#f1")).to_be_visible()
    assert phone.evaluate("document.scrollingElement.scrollWidth") <= PHONE[0]
    said = "refused" if language == "en" else "阻断"
    expect(phone.locator("#f1 h3")).to_contain_text(said)


# ── the modeler ─────────────────────────────────────────────────────────────────────────────────

FORM = "用哪张表单"


def open_modeler(page: Page, file: str) -> None:
    """The newest version of the exemption, one of its drawings."""
    page.locator("section[aria-labelledby='p-minor_default_exemption'] table a").first.click()
    page.get_by_role("link", name="画流程").click()
    page.locator(".model__files").get_by_role("link", name=file).click()
    ready(page)


def ready(page: Page) -> None:
    expect(page.locator(".model[data-ready]")).to_be_attached()


def choose(page: Page, element: str) -> None:
    """Select a drawn element, as a click on it does."""
    page.locator(f".djs-element[data-element-id='{element}'] .djs-hit").first.click(force=True)
    expect(page.locator("[data-panel]")).to_have_attribute("data-element", element)


def checked(page: Page, verdict: str) -> None:
    page.get_by_role("button", name="检查").click()
    expect(page.locator("[data-verdict]")).to_contain_text(verdict, timeout=5 * PATIENCE)


def test_a_version_is_edited_judged_on_the_drawing_and_deployed_and_a_reload_loses_nothing(
    site: Site,
) -> None:
    page = site.visit("/admin/procedures", who="qinli")
    open_modeler(page, "examination.bpmn")
    choose(page, "recognise")
    form = page.get_by_label(FORM)
    kept = form.input_value()
    form.select_option("")
    expect(page.locator("[data-told]")).to_have_text("草稿已存")

    page.reload()
    ready(page)
    choose(page, "recognise")
    expect(page.get_by_label(FORM)).to_have_value("")
    checked(page, "1 项阻断")
    expect(page.locator("#f1")).to_contain_text("recognise")
    expect(page.locator(".kx-pin--refused[href='#f1']")).to_have_text("1")

    page.get_by_label(FORM).select_option(kept)
    page.get_by_label("名称（英文）").fill("Examination of a minor default")
    page.get_by_label("名称（英文）").blur()
    checked(page, "0 项阻断")
    expect(page.locator(".kx-pin--refused")).to_have_count(0)
    page.get_by_role("button", name="交去部署").click()
    page.wait_for_url(re.compile(r"/admin/deployments/[0-9a-f-]{36}"))
    if (reason := page.get_by_label(re.compile("仍要部署的理由"))).count():
        reason.fill("英文名写清楚")
    page.get_by_role("button", name="部署为第 2 版").click()
    expect(page.get_by_text("已由 qinli 部署为第 2 次发布")).to_be_visible()
    page.get_by_role("link", name="看这一版").click()
    page.get_by_role("link", name="文件").click()
    source = page.get_by_role("link", name="minor_default_exemption/examination.bpmn")
    written = page.request.get(source.get_attribute("href") or "").text()
    assert "Examination of a minor default" in written


def test_a_row_of_a_decision_table_is_edited_and_keeps_its_article(site: Site) -> None:
    page = site.visit("/admin/procedures", who="qinli")
    open_modeler(page, "decisions/exemption_eligibility.dmn")
    cell = page.locator("td.annotation").first
    article = cell.inner_text()
    cell.click()
    page.keyboard.press("End")
    page.keyboard.type("（改）")
    expect(page.locator("[data-told]")).to_have_text("草稿已存")
    page.get_by_text("下载", exact=True).click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="这个文件").click()
    edited = read_decisions(taken.value.path().read_bytes(), "eligibility.dmn")
    first = edited.table("exemption_eligibility").rows[0]
    assert first.annotations == (f"{article.strip()}（改）",)
