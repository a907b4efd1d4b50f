"""Every page that somebody can reach, in both languages, on a desk and on a phone."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page

from engine.persistence.packing import unpack
from tests.browser.site import DESK, PHONE, ROOT, Site

pytestmark = pytest.mark.browser

#: Who walks, from where; one of each kind of work.
WALKERS = {
    "public": (None, "/"),
    "enterprise": ("yihe", "/my"),
    "enterprise with a closed case": ("ruilu", "/my"),
    "window": ("wangfang", "/desk"),
    "authority": ("zhuhaiyan", "/desk"),
    "clerk": ("zhoumin", "/desk"),
    "chief": ("gujianguo", "/desk"),
    "leader": ("shenguoping", "/supervision"),
    "centre": ("qianyiming", "/desk"),
    "supervisor": ("luxiaolan", "/supervision"),
    "credit officer": ("zhengshu", "/records"),
    "administrator": ("qinli", "/admin"),
}
#: Who walks in one language, since others see the same pages; all in both when this is set (`make test-pages`).
EVERY_WALK = bool(os.environ.get("KUNXIN_TEST_EVERY_WALK"))
IN_ONE_LANGUAGE = {
    "enterprise with a closed case": "en",
    "window": "zh",
    "authority": "en",
    "clerk": "en",
    "chief": "zh",
    "leader": "zh",
    "centre": "en",
    "supervisor": "en",
    "credit officer": "en",
}
WALKS = [
    (walker, language)
    for walker in WALKERS
    for language in ("zh", "en")
    if EVERY_WALK or IN_ONE_LANGUAGE.get(walker, language) == language
]
#: Not pages: they change something.
NOT_WALKED = re.compile(r"/(language|static|api)/|/sandbox/clock")
FILE = re.compile(
    r"/(documents|letters|proofs)/|.*\.(xlsx|csv|zip|xes|ocel)(\?|$)|/admin/procedures/[^/]+/files/"
    r"|/(records/courses|my/course)/certificates/|/admin/deployments/[^/]+/report\.json"
)
FILE_TYPES = {
    *("application/pdf", "image/png", "image/jpeg", "text/plain", "text/csv"),
    *("application/json", "application/xml", "application/zip"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: What lies there is addressed to others, and so are its links.
MAILBOX = "/sandbox/mail"
#: Of pages that show one of many, so many by the walker's language; of all others the first.
#: An English walk sees all that a Chinese one sees, and what was not translated.
SEVERAL = {"en": 2, "zh": 2 if EVERY_WALK else 1}
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?:[A-Z]+-)+\d{8}-\d{6}|\d{4}$")
#: Queries that make another page of it; the rest only narrows a list.
TELLING = {"tab", "scope", "outcome"}
DOCUMENT = re.compile(
    r"\S{1,6}〔\d{4}〕\S?\s?\d+\s?号|（\d{4}）\S?\d+执\d+号(?:之[一二三四五]|复)?"
)
BRAND = "昆信"
CHINESE = re.compile(r"[\u3400-\u9fff]+")

LOOK = """() => {
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  const controls = [...document.querySelectorAll("input, select, textarea")].filter(
    (one) => one.type !== "hidden" && shown(one),
  );
  const named = (one) => one.labels?.length || one.ariaLabel || one.getAttribute("aria-labelledby");
  // a text in which Chinese was marked by its script is looked at as it was written
  const whole = (one) => one.closest("bdi")?.parentElement.closest("bdi") ?? one.closest("bdi");
  const texts = new Set(), unmarked = new Set();
  const foreign = "script, style, noscript, svg, [data-diagram], [data-canvas], [lang='zh-CN']";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.closest(foreign)) continue;
    texts.add(whole(parent)?.textContent ?? walker.currentNode.data);
    if (!parent.closest("[lang]").lang.startsWith("zh")) unmarked.add(walker.currentNode.data);
  }
  for (const name of ["title", "aria-label", "placeholder", "alt", "data-label"]) {
    for (const one of document.body.querySelectorAll(`[${name}]`)) {
      if (!one.closest("svg, [data-diagram], [data-canvas], [lang='zh-CN']")) texts.add(one.getAttribute(name));
    }
  }
  texts.add(document.title);
  return {
    language: document.documentElement.lang,
    headings: [...document.querySelectorAll("h1")].filter(shown).length,
    dead: [...document.querySelectorAll("a:not([href]), a[href='#'], a[href='']")].map((a) => a.outerHTML),
    broken: [...document.querySelectorAll("a[href^='#']")]
      .map((a) => a.getAttribute("href").slice(1))
      .filter((id) => id && !document.getElementById(id)),
    unlabelled: controls.filter((one) => !named(one)).map((one) => one.outerHTML),
    nameless: [...document.querySelectorAll("table")]
      .filter((one) => !one.closest("[data-diagram], [data-canvas]"))
      .filter((one) => !named(one) && !one.caption || one.querySelector("th:not([scope])"))
      .map((one) => one.outerHTML.slice(0, 160)),
    pictures: [...document.querySelectorAll("img:not([alt])")].map((one) => one.outerHTML),
    doubled: [...document.querySelectorAll("[id]")].map((one) => one.id)
      .filter((id, place, all) => all.indexOf(id) !== place),
    links: [...document.querySelectorAll("a[href]")].map((a) => a.href),
    texts: [...texts],
    unmarked: [...unmarked],
  };
}"""
WIDER = """() => {
  const page = document.scrollingElement;
  if (page.scrollWidth <= innerWidth) return [];
  const clips = (one) => one && one !== document.body && getComputedStyle(one).overflowX !== "visible";
  const inside = (one) => { for (let up = one.parentElement; up; up = up.parentElement) if (clips(up)) return true; };
  return [...document.body.querySelectorAll("*")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !inside(one))
    .slice(0, 4)
    .map((one) => one.outerHTML.slice(0, 160));
}"""


#: What people and files bring in and laws are called: it stays as it is in an English page.
SAID = {
    "person": ("name",),
    "subject": ("name", "legal_representative", "address"),
    "department": ("place",),
    "record": ("subject_name", "number", "authority", "kinds", "conduct", "content", "fields"),
    "record_import": ("filename",),
    "record_event": ("document",),
    "application": ("answers",),
    "case_file": ("answers", "subject_name"),
    "task": ("answers", "draft"),
    "paper": ("filename",),
    "letter": ("number",),
    "supervision": ("number",),
    "supervision WHERE origin <> 'diagram'": ("ground_text",),
    "event": ("detail",),
    "clock": ("basis",),
    "clock_entry": ("document", "basis"),
    "calendar_year": ("notice",),
    "record_clock": ("basis",),
    "record_clock_entry": ("document", "basis"),
    "record_report": ("cause", "unit_name"),
    "obligation": ("document",),
    "obligation_act": ("note", "link", "proof_name"),
    "still_shown": ("note", "link", "answer", "proof_name"),
}


@pytest.fixture(scope="module")
def said(filled_office: Path) -> Said:
    """Every Chinese text of these columns."""
    with closing(sqlite3.connect(filled_office / "kunxin.db")) as database:
        found = {
            text
            for table, columns in SAID.items()
            for column in columns
            for (value,) in database.execute(f"SELECT {column} FROM {table}")  # noqa: S608
            for text in texts_in(value)
            if CHINESE.search(text)
        }
    return Said(found)


class Said:
    """What people and files have said, taken out of what a page says."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._longest_first = sorted(texts, key=len, reverse=True)
        self._rests: dict[str, str] = {}  # pages repeat most of their words

    def rest(self, text: str) -> str:
        """What the text says in Chinese beyond that; empty when nothing."""
        if text not in self._rests:
            rest = text
            for known in self._longest_first:
                rest = rest.replace(known, "")
            self._rests[text] = "".join(CHINESE.findall(DOCUMENT.sub("", rest).replace(BRAND, "")))
        return self._rests[text]


def texts_in(value: Any) -> Iterator[str]:
    """The texts of a column, which may be packed and may be a JSON document."""
    if isinstance(value, bytes):
        value = unpack(value)
    if isinstance(value, str) and value.startswith(("{", "[")):
        value = json.loads(value)
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_in(each)


@pytest.mark.parametrize(("walker", "language"), WALKS)
def test_every_page_that_is_linked_works_and_reads(
    site: Site, walker: str, language: str, said: Said
) -> None:
    who, start = WALKERS[walker]
    page = site.visit(start, who=who, language=language)
    flaws: list[str] = []
    for path in walk(page, start, several=SEVERAL[language]):
        flaws += [f"{path}: {flaw}" for flaw in look_at(page, language, said)]
    assert not flaws, "\n".join(flaws)


def walk(page: Page, start: str, *, several: int) -> Iterator[str]:
    """Open every page that can be reached from the start, of each kind the first ones."""
    waiting, met, kinds = deque([start]), {start}, Counter[str]()
    while waiting:
        path = waiting.popleft()
        sort = kind(path)
        if kinds[sort] >= (several if sort.endswith("·?") else 1) or narrowings(path) > 1:
            continue
        kinds[sort] += 1
        if FILE.match(path):
            handed = page.request.get(path)
            assert handed.ok, f"{path}: {handed.status}"
            assert handed.headers["content-type"].partition(";")[0] in FILE_TYPES, path
            continue
        answer = page.goto(path)
        assert answer is not None
        if not (answer.status == 403 and is_for_others(path, start)):
            assert answer.status < 400, f"{path}: {answer.status}"
        yield path
        if path == MAILBOX:
            continue
        for link in page.evaluate("[...document.querySelectorAll('a[href]')].map((a) => a.href)"):
            parts = urlsplit(link)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            here = parts.netloc == urlsplit(page.url).netloc
            if here and target not in met and not NOT_WALKED.match(target):
                met.add(target)
                waiting.append(target)


def is_for_others(path: str, start: str) -> bool:
    """Whether the path is an enterprise's and the walker is of the staff, who see the portal too."""
    return path.startswith("/my") and not start.startswith("/my")


def kind(path: str) -> str:
    parts = urlsplit(path)
    query = [f"{name}={value if name in TELLING else ''}" for name, value in parse_qsl(parts.query)]
    return ID.sub("·", parts.path) + "?" + "&".join(sorted(query))


def narrowings(path: str) -> int:
    """By how many things a list is narrowed; two at once show nothing that each alone does not."""
    return sum(name not in TELLING for name, _ in parse_qsl(urlsplit(path).query))


def look_at(page: Page, language: str, said: Said) -> Iterator[str]:
    found: dict[str, Any] = page.evaluate(LOOK)
    if found["language"] != {"zh": "zh-CN", "en": "en"}[language]:
        yield f"says it is in {found['language']}"
    if found["headings"] != 1:
        yield f"{found['headings']} main headings"
    for flaw in ("dead", "broken", "unlabelled", "nameless", "pictures", "doubled"):
        if found[flaw]:
            yield f"{flaw}: {found[flaw]}"
    if language == "en":
        yield from (f"untranslated: {text}" for text in untranslated(found["texts"], said))
        yield from (f"unmarked: {text}" for text in found["unmarked"] if CHINESE.search(text))
    for width, height in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": height})
        if wide := page.evaluate(WIDER):
            yield f"wider than {width}: {wide}"


def untranslated(texts: list[str], said: Said) -> Iterator[str]:
    return (text.strip() for text in filter(CHINESE.search, texts) if said.rest(text))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        (None, "/my", 200),
        (None, "/desk", 200),
        (None, "/nowhere", 404),
        (None, "/track/KSXY-XF-20200302-000099?code=AAAAAAAA", 404),
        ("yihe", "/desk", 403),
        ("yihe", "/supervision", 403),
        ("yihe", "/my/cases/KSXY-XF-20200302-000099", 404),
        ("wangfang", "/supervision", 403),
        ("wangfang", "/records/import", 403),
        ("luxiaolan", "/admin", 403),
        ("zhengshu", "/admin", 403),
    ],
)
def test_what_is_not_for_somebody_is_refused_with_a_page(
    site: Site, who: str | None, path: str, status: int, language: str, said: Said
) -> None:
    page = site.visit("/", who=who, language=language, size=PHONE)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == status
    if status == 200:  # who has not signed in is asked to
        assert urlsplit(page.url).path == "/login"
    assert list(look_at(page, language, said)) == []
    assert page.get_by_role("main").get_by_role("link").count() > 0


# ── WCAG 2.2 AA, as far as a program can see ────────────────────────────────────────────────────

AXE = ROOT / "web/frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: name -> (who, where, what is then followed)
MAIN_PAGES: dict[str, tuple[str | None, str, tuple[str, ...]]] = {
    "home": (None, "/", ()),
    "sign-in": (None, "/login", ()),
    "tracking": (None, "/track", ()),
    "published records": (None, "/published?q=昆山", ()),
    "my cases": ("yihe", "/my", ()),
    "my records": ("mulan", "/my/records", ()),
    "a page of an application": ("yihe", "/my", ("a[href*='/my/apply/']",)),
    "a check of answers": ("mulan", "/my", ("a[href*='/my/apply/']",)),
    "my case": ("chengyuan", "/my", ("a[href*='/my/cases/']",)),
    "my turn": ("yihe", "/my", ("a[href*='/tasks/']",)),
    "inbox": ("zhoumin", "/desk", ()),
    "task beside the inbox": ("zhoumin", "/desk", (".trow a",)),
    "task": ("zhoumin", "/desk", (".trow a", "#pane a[href^='/desk/tasks/']")),
    "cases": ("zhoumin", "/desk/cases", ()),
    "case": ("zhoumin", "/desk/cases", ("main table a",)),
    "records": ("zhengshu", "/records", ()),
    "record": ("zhengshu", "/records?publication=withdrawn_repaired", ("main table a",)),
    "import": ("zhengshu", "/records/import", ()),
    "reports": ("liangchen", "/records/reports?show=refused", ()),
    "putting right": ("liangchen", "/records/reports?show=refused", ("main td a.btn",)),
    "late reports": ("liangchen", "/records/reports/late", ()),
    "other sites": ("jiangwei", "/records/sites?show=all", ()),
    "one site": ("jiangwei", "/records/sites?show=contested", ("main table a",)),
    "my record": ("langu", "/my/records", ("h2 a",)),
    "board": ("luxiaolan", "/supervision", ()),
    "heat map": ("luxiaolan", "/supervision/heatmap/credit_repair", ()),
    "calendar": ("qinli", "/admin/calendars/2020", ()),
    "people": ("qinli", "/admin/people", ()),
    "deployments": ("qinli", "/admin/deployments", ()),
}


@pytest.mark.parametrize("name", MAIN_PAGES)
def test_main_pages_have_no_barrier_that_a_program_can_see(site: Site, name: str) -> None:
    who, path, followed = MAIN_PAGES[name]
    page = site.visit(path, who=who)
    for link in followed:
        page.locator(link).first.click()
        page.wait_for_load_state("networkidle")
    page.evaluate(AXE.read_text("utf-8"))
    flaws = []
    for width, height in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        found = page.evaluate("axe.run(document, { runOnly: " + json.dumps(RULES) + " })")
        flaws += [
            f"{width} px, {one['impact']}: {one['help']}: {[n['html'][:200] for n in one['nodes'][:3]]}"
            for one in found["violations"]
        ]
    assert not flaws, "\n".join(flaws)
