"""The administrator's day: a changed procedure is handed in, refused on its diagram, mended, deployed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.site import PHONE, ROOT, Site

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
    page.get_by_role("button", name="部署为第 2 版").click()
    expect(page.get_by_text("已由 qinli 部署为第 2 次发布")).to_be_visible()
    page.get_by_role("link", name="看这一版").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("第 2 次发布")


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
