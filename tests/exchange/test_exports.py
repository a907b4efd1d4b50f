"""What is exported holds no formula, whoever wrote the text."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.workbook import FORMULA, Share, SheetOfRows, neutral, write_csv, write_workbook
from engine.settings import ROOT

HOSTILE = [
    '=HYPERLINK("http://a")',
    "+1",
    "-2+3|cmd",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_looks_like_a_formula_stays_a_text(text: str) -> None:
    csv_cells = list(
        csv.reader(
            io.StringIO(write_csv(["a", text], [[text, "x"]]).decode("utf-8-sig"), newline="")
        )
    )
    assert csv_cells == [["a", f"'{text}"], [f"'{text}", "x"]]
    sheet = SheetOfRows("s", text, [text], [[text]])
    with zipfile.ZipFile(io.BytesIO(write_workbook([sheet]))) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in page
    assert strings.count("<t") == strings.count("'") > 0


@given(st.text())
def test_no_text_begins_a_formula_and_plain_ones_stay(text: str) -> None:
    safe = neutral(text)
    assert not safe.lstrip(" ").startswith(FORMULA)
    assert safe in (text, f"'{text}")
    assert neutral(f"甲{text}") == f"甲{text}"


def test_spreadsheets_are_written_in_one_place() -> None:
    """Elsewhere nobody makes rows for a spreadsheet; the calendar's file is days and kinds of days."""
    allowed = {"engine/exchange/workbook.py", "engine/domain/calendar.py"}
    for room in ("engine", "web"):
        for path in (ROOT / room).rglob("*.py"):
            if str(path.relative_to(ROOT)) not in allowed and "node_modules" not in path.parts:
                text = path.read_text("utf-8")
                assert "csv.writer(" not in text, path
                assert "DictWriter(" not in text, path
                assert "xlsxwriter" not in text, path


def test_a_share_is_a_number_that_is_shown_in_per_cent() -> None:
    sheet = SheetOfRows("s", "t", ["share"], [[Share(0.25)]])
    with zipfile.ZipFile(io.BytesIO(write_workbook([sheet]))) as book:
        assert "<v>0.25</v>" in book.read("xl/worksheets/sheet1.xml").decode()
        assert 'formatCode="0.0%"' in book.read("xl/styles.xml").decode()
