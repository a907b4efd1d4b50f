"""What an XLSX file must pass before it is opened: nothing in it may burst the memory.

An XLSX is a zip of XML. The reader lays a sheet out whole, from the first cell to the last
one used: five kilobytes with one cell in the last corner make it ask for half a terabyte,
and the process is gone. So the file is walked once, cell by cell, before it is read.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from typing import IO

from lxml import etree

from engine.domain.errors import Invalid
from engine.exchange.broken_zip import BROKEN
from engine.exchange.spreadsheet_limits import Limits

WORKBOOK = "xl/workbook.xml"
SHEET_TYPE = "/worksheet"
MOST_PARTS = 2_000
#: Lines above the rows: title, two headers and some air.
ABOVE = 10
REFERENCE = re.compile(r"([A-Za-z]{1,7})(\d{1,10})")


def check_workbook(filename: str, content: bytes, limits: Limits) -> None:
    """Errors: Invalid, when the file is no XLSX, is damaged, or is larger than it looks."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            _check_parts(filename, parts, limits)
            _check_cells(filename, parts, limits)
    except (*BROKEN, etree.LxmlError) as damage:
        raise Invalid(f"文件“{filename}”已损坏", f"{filename} is damaged") from damage


def _check_parts(filename: str, parts: zipfile.ZipFile, limits: Limits) -> None:
    names = {info.filename.lower() for info in parts.infolist()}
    if WORKBOOK not in names:
        raise Invalid(
            f"“{filename}”不是 XLSX 表格，请另存为 .xlsx 或 CSV 再上传",
            f"{filename} is no XLSX spreadsheet: save it as .xlsx or CSV",
        )
    unpacked = sum(info.file_size for info in parts.infolist())
    if len(names) > MOST_PARTS or unpacked > limits.unpacked:
        raise _too_large(filename)


def _check_cells(filename: str, parts: zipfile.ZipFile, limits: Limits) -> None:
    """Look at every cell of every part, shared strings first, for cells that point to them.

    A part that states a smaller size than it has is cut off there, and is damaged XML.
    """
    by_strings_first = sorted(
        parts.infolist(), key=lambda info: "sharedstrings" not in info.filename.lower()
    )
    strings: list[int] = []
    text = 0
    for info in by_strings_first:
        if not info.filename.lower().endswith((".xml", ".rels")):
            continue
        with parts.open(info) as part:
            for size in _sizes(filename, part, limits, strings):
                text += size
                if text > limits.text:
                    raise _too_large(filename)


def _sizes(filename: str, part: IO[bytes], limits: Limits, strings: list[int]) -> Iterator[int]:
    """Characters of each cell in use; lengths of shared strings are noted for later parts."""
    walk = etree.iterparse(
        part,
        events=("end",),
        tag=("{*}c", "{*}row", "{*}si", "{*}Relationship"),
        resolve_entities=False,
        no_network=True,
    )
    column = 0
    for _, element in walk:
        name = element.tag.rpartition("}")[2]
        if name == "c":
            column += 1
            if len(element):
                column, row = _place(element, column)
                _check_place(filename, column, row, limits)
                yield _size(element, strings)
        elif name == "row":
            column = 0
            _check_place(filename, 0, int(element.get("r") or 0), limits)
            _forget(element)
        elif name == "si":
            strings.append(sum(map(len, element.itertext())))
            _forget(element)
        elif (element.get("Type") or "").endswith(SHEET_TYPE):
            _check_target(filename, element.get("Target") or "")


def _place(cell: etree._Element, column: int) -> tuple[int, int]:
    reference = REFERENCE.fullmatch(cell.get("r") or "")
    if reference is None:
        return column, 0
    return _column(reference[1].upper()), int(reference[2])


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    """A -> 1, Z -> 26, AA -> 27."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


def _size(cell: etree._Element, strings: list[int]) -> int:
    text = "".join(child.text or "" for child in cell.iter("*"))
    if cell.get("t") == "s" and text.isdecimal() and int(text) < len(strings):
        return strings[int(text)]
    return len(text)


def _forget(element: etree._Element) -> None:
    """Free what has been looked at, so that the walk itself stays small."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _check_place(filename: str, column: int, row: int, limits: Limits) -> None:
    if row > limits.rows + ABOVE:
        raise Invalid(
            f"“{filename}”的第 {row} 行超过 {limits.rows} 行的上限",
            f"line {row} of {filename} is beyond the limit of {limits.rows}",
        )
    if column > limits.columns:
        raise Invalid(
            f"“{filename}”的第 {column} 列超过 {limits.columns} 列的上限",
            f"column {column} of {filename} is beyond the limit of {limits.columns}",
        )


def _check_target(filename: str, target: str) -> None:
    if not target.lower().endswith(".xml"):  # it would not have been looked at
        raise Invalid(f"文件“{filename}”已损坏", f"{filename} is damaged")


def _too_large(filename: str) -> Invalid:
    return Invalid(
        f"“{filename}”解开后过大，疑为压缩炸弹，没有读取",
        f"{filename} unpacks to too much and was not read",
    )
