"""The style guide shows what the pages use, and its dark values are theirs."""

import re
from pathlib import Path

import pytest

from tests.web import desk_samples as desk
from tests.web.sample_office import SampleOffice
from tests.web.sample_pages import serve

STATIC = Path("web/static")


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+):\s*([^;]+);", block))


def dark_block(css: str, opening: str) -> str:
    start = css.index(opening)
    return css[start : css.index("}", css.index("--drill-bg", start))]


def test_its_dark_values_are_those_of_the_pages() -> None:
    pages = (STATIC / "kunxin.css").read_text("utf-8")
    own = (STATIC / "styleguide.css").read_text("utf-8")
    followed = tokens(dark_block(pages, "@media screen and (prefers-color-scheme: dark)"))
    assert followed
    assert tokens(dark_block(own, '[data-theme="dark"]')) == followed


def test_every_swatch_is_a_colour_that_the_pages_have() -> None:
    light = tokens((STATIC / "kunxin.css").read_text("utf-8").partition("@media")[0])
    own = (STATIC / "styleguide.css").read_text("utf-8")
    shown = re.findall(r"\.sg-swatch\.sg-([\w-]+) \{ background: var\(--([\w-]+)\); \}", own)
    assert shown
    for name, painted in shown:
        assert name == painted
        assert f"--{name}" in light


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_component_is_there_in_every_state_drawn_by_the_pages_own_macros(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = serve(SampleOffice(), monkeypatch.setattr, who=desk.ADMINISTRATOR)
    html = browser.get("/styleguide", headers={"Accept-Language": language}).text
    for state in ("ok", "near", "over", "paused", "prov"):
        assert f'class="light light--{state}"' in html
    for component in (
        "clock__bar", "seg--paused", "seg--over", "day--start", "wait--you", "stage--now",
        "trow__m", "timeline", "notice--err", "skeleton", "state-word",
        "field--error", "data-diagram", 'data-theme="dark"', 'class="offline"',
    ):  # fmt: skip
        assert component in html, component
    assert len(re.findall(r"<h1", html)) == 1
