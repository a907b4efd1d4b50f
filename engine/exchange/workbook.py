"""Workbooks that people download: plain cells, texts never read as formulas, ready to print on A4."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from unicodedata import east_asian_width

import xlsxwriter

from engine.domain.personal_numbers import without_personal_numbers


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the whole, 0 to 1: a number that is shown in per cent."""

    value: float


Cell = str | int | float | Share | date | datetime | None

#: Made at no moment of its own, so that equal figures are equal bytes.
MADE = datetime(2020, 1, 1)  # noqa: DTZ001 - a property of the file, not a moment of the office
WIDEST = 48
#: Characters with which a spreadsheet program begins a formula when such a text is pasted on.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class SheetOfRows:
    """One sheet: a title line, a header, rows. Moments are shown in the office's own time."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def write_workbook(sheets: Iterable[SheetOfRows]) -> bytes:
    """The sheets as XLSX. Texts are written as texts; one that looks like a formula gets a quote
    before it, so that it stays a text also in a CSV saved from the workbook."""
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, options) as book:
        book.set_properties({"created": MADE})
        formats = _Formats(book)
        for sheet in sheets:
            _write(book.add_worksheet(sheet.name[:31]), sheet, formats)
    return written.getvalue()


class _Formats:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EDF1F1"})
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        self.number = book.add_format({"valign": "top"})
        self.share = book.add_format({"num_format": "0.0%", "valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top"})


def _write(page: xlsxwriter.worksheet.Worksheet, sheet: SheetOfRows, formats: _Formats) -> None:
    page.write_string(0, 0, neutral(sheet.title), formats.title)
    widths = [_width(name) for name in sheet.columns]
    for column, name in enumerate(sheet.columns):
        page.write_string(2, column, neutral(name), formats.head)
    for line, row in enumerate(sheet.rows, start=3):
        for column, cell in enumerate(row):
            _put(page, line, column, cell, formats)
            widths[column] = max(widths[column], _width(cell))
    for column, width in enumerate(widths):
        page.set_column(column, column, min(WIDEST, width + 2))
    page.freeze_panes(3, 0)
    page.repeat_rows(2)
    page.set_paper(9)  # A4
    page.set_landscape()
    page.fit_to_pages(1, 0)


def _put(
    page: xlsxwriter.worksheet.Worksheet, line: int, column: int, cell: Cell, formats: _Formats
) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, str):
        page.write_string(line, column, shown(cell), formats.text)
    elif isinstance(cell, Share):
        page.write_number(line, column, cell.value, formats.share)
    elif isinstance(cell, datetime):
        page.write_datetime(line, column, cell.replace(tzinfo=None), formats.moment)
    elif isinstance(cell, date):
        page.write_datetime(line, column, cell, formats.day)
    else:
        page.write_number(line, column, cell, formats.number)


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV, UTF-8 with its mark, as the platforms above take it; formulas as in a workbook."""
    written = io.StringIO()
    sheet = csv.writer(written)
    sheet.writerow(map(neutral, columns))
    sheet.writerows(map(shown, row) for row in rows)
    return written.getvalue().encode("utf-8-sig")


def shown(text: str) -> str:
    """A text of somebody's as a workbook shows it: no formula, and no number of a person."""
    return neutral(without_personal_numbers(text))


def neutral(text: str) -> str:
    """A text that no spreadsheet program reads as a formula, also when spaces stand before it."""
    return f"'{text}" if text.lstrip(" \u3000\ufeff").startswith(FORMULA) else text


def _width(cell: Cell) -> int:
    if isinstance(cell, datetime):
        return 16
    if isinstance(cell, Share):
        return len("100.0%")
    text = "" if cell is None else str(cell)
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
