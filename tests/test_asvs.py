"""The page on OWASP ASVS names tests that are there."""

from __future__ import annotations

import ast
import re
from functools import cache

from engine.exchange import upload_guard
from engine.services.documents import LARGEST
from engine.settings import ROOT
from web.app import MOST_BYTES

PAGE = (ROOT / "deploy/asvs.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d[^|]*) \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@cache
def held_by(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_item_names_tests_and_each_is_there() -> None:
    assert len(ROWS) > 60
    missing = [
        f"{item}: {path}::{name}"
        for item, shown in ROWS
        for path, name in NAMED.findall(shown)
        if not (ROOT / path).exists() or name not in held_by(path)
    ]
    assert missing == []
    assert [item for item, shown in ROWS if not NAMED.search(shown)] == []


def test_items_are_numbers_of_the_standard_and_stand_once_in_order() -> None:
    first = [
        tuple(map(int, item.replace(" – ", ", ").split(", ")[0].split("."))) for item, _ in ROWS
    ]
    assert all(len(number) == 3 and 1 <= number[0] <= 16 for number in first)
    assert first == sorted(set(first))


def test_the_page_says_the_limits_of_uploads_as_they_are() -> None:
    told = " ".join(PAGE.split())
    for words in (
        f"up to {LARGEST >> 20} MB, {MOST_BYTES >> 20} MB a request",
        f"unpacked at most {upload_guard.MOST_UNPACKED >> 20} MB, and above {upload_guard.SMALL >> 20} MB",
        f"{upload_guard.MOST_PARTS:,} parts; pictures of {upload_guard.MOST_POINTS // 10**6} million points",
    ):
        assert words in told
