"""Spreadsheets that people send: CSV in the encodings of their programs, and XLSX."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from engine.domain.errors import Invalid
from engine.exchange.plain_text import decoded
from engine.exchange.spreadsheet_limits import MIB, Limits
from engine.exchange.workbook_guard import check_workbook

__all__ = ["Limits", "Row", "Sheet", "read_sheet"]

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
SEPARATORS = ",;\t"
FIELD_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
#: The header is looked for in so many lines.
TITLE_LINES = 6

Cells = Sequence[object]
Line = tuple[int, Cells]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: its number as an editor or a spreadsheet program shows it.

    values: cell by column, None when empty. surplus: filled cells beyond the last column;
    when there are any, the others may stand in the wrong columns (a comma not quoted).
    """

    line: int
    values: dict[str, object]
    surplus: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """columns: in the file's order. form: how it was read (xlsx, csv utf-8, csv gb18030)."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    form: str


def read_sheet(
    filename: str,
    content: bytes,
    *,
    limits: Limits | None = None,
    is_column: Callable[[str], bool] | None = None,
) -> Sheet:
    """The first sheet of a file, its header found and empty lines left out.

    What the file is, is told by its content, not by its name. CSV: by byte order mark,
    else strict UTF-8, else strict GB18030; parted by comma, semicolon or tab. A second
    header line of field codes (the templates of the standard have one) is no row.
    is_column: says of a cell whether it names a column; with it, a title above the header
        is passed over, and a second header line may come in either order.
    Errors: Invalid, naming the problem.
    """
    limits = limits or Limits()
    if len(content) > limits.size:
        raise Invalid(
            f"文件“{filename}”超过 {limits.size // MIB} MB",
            f"{filename} is larger than {limits.size // MIB} MB",
        )
    if not content.strip():
        raise Invalid(f"文件“{filename}”是空的", f"{filename} is empty")
    if content.startswith(OLE):
        raise Invalid(
            f"“{filename}”是旧版 .xls 或加密的文件，请另存为 .xlsx 或 CSV 再上传",
            f"{filename} is an old .xls or an encrypted file: save it as .xlsx or CSV",
        )
    if content.startswith(ZIP):
        form, lines = "xlsx", _xlsx_lines(filename, content, limits)
    else:
        form, lines = _csv_lines(filename, content)
    filled = (line for line in lines if any(cell is not None for cell in line[1]))
    return _sheet(filename, form, filled, limits, is_column)


def _xlsx_lines(filename: str, content: bytes, limits: Limits) -> Iterator[Line]:
    check_workbook(filename, content, limits)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for number, sheet in enumerate(book.sheets_metadata):
            if _is_for_reading(sheet):
                lines = book.get_sheet_by_index(number).to_python(skip_empty_area=False)
                if lines:
                    return _numbered(lines)
    except CalamineError as damage:
        raise Invalid(f"文件“{filename}”已损坏", f"{filename} is damaged") from damage
    raise _no_header(filename)


def _is_for_reading(sheet: SheetMetadata) -> bool:
    return sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible


def _numbered(lines: Iterable[Cells]) -> Iterator[Line]:
    for number, cells in enumerate(lines, start=1):
        yield number, [_cell(cell) for cell in cells]


def _cell(cell: object) -> object:
    return None if isinstance(cell, str) and not cell.strip() else cell


def _csv_lines(filename: str, content: bytes) -> tuple[str, Iterator[Line]]:
    encoding, text = _decoded(filename, content)
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(SEPARATORS, key=re.sub(r'"[^"]*"', "", head).count)
    return f"csv {encoding}", _csv_rows(filename, text, separator)


def _csv_rows(filename: str, text: str, separator: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, [_cell(cell) for cell in cells]
            line = reader.line_num + 1
    except csv.Error as damage:
        raise Invalid(
            f"“{filename}”第 {line} 行读不出：引号没有配对或单元格过长",
            f"line {line} of {filename} cannot be read: an open quotation mark or a huge cell",
        ) from damage


def _decoded(filename: str, content: bytes) -> tuple[str, str]:
    if found := decoded(content):
        return found
    raise Invalid(
        f"“{filename}”不是表格：既不是 XLSX，也不是 UTF-8 或 GB18030 编码的 CSV",
        f"{filename} is no spreadsheet: neither XLSX nor CSV in UTF-8 or GB18030",
    )


def _sheet(
    filename: str,
    form: str,
    lines: Iterator[Line],
    limits: Limits,
    is_column: Callable[[str], bool] | None,
) -> Sheet:
    columns, lines = _header(filename, lines, is_column)
    if len(columns) > limits.columns:
        raise Invalid(f"列数超过 {limits.columns}", f"more than {limits.columns} columns")
    rows: list[Row] = []
    for line, cells in lines:
        if len(rows) == limits.rows:
            raise Invalid(
                f"“{filename}”超过 {limits.rows} 行，请分开上传",
                f"{filename} has more than {limits.rows} rows: send it in parts",
            )
        rows.append(_row(line, cells, columns))
    return Sheet(tuple(column for column in columns if column), tuple(rows), form)


def _row(line: int, cells: Cells, columns: Sequence[str]) -> Row:
    values: dict[str, object] = {column: None for column in columns if column}
    for column, cell in zip(columns, cells, strict=False):
        if column:
            values[column] = cell
        elif cell is not None:
            raise Invalid(
                f"第 {line} 行有一格在没有表头的列里",
                f"line {line} has a cell in a column without a name",
            )
    return Row(line, values, sum(cell is not None for cell in cells[len(columns) :]))


def _header(
    filename: str, lines: Iterator[Line], is_column: Callable[[str], bool] | None
) -> tuple[list[str], Iterator[Line]]:
    head = list(islice(lines, TITLE_LINES + 1))
    found = next((n for n, line in enumerate(head) if _names_columns(line[1], is_column)), None)
    if found is None:
        raise _no_header(filename)
    columns = _names(head[found][1])
    following = head[found + 1 :]
    if following and _is_second_header(following[0][1], is_column):
        second = _names(following.pop(0)[1])
        width = max(len(columns), len(second))
        columns += [""] * (width - len(columns))
        second += [""] * (width - len(second))
        columns = [_better(*pair, is_column) for pair in zip(columns, second, strict=True)]
    while columns and not columns[-1]:
        columns.pop()
    named = [column for column in columns if column]
    if twice := sorted({column for column in named if named.count(column) > 1}):
        raise Invalid(f"表头重复：{'、'.join(twice)}", f"columns given twice: {', '.join(twice)}")
    return columns, chain(following, lines)


def _names(cells: Cells) -> list[str]:
    return ["" if cell is None else re.sub(r"\s+", " ", str(cell)).strip() for cell in cells]


def _names_columns(cells: Cells, is_column: Callable[[str], bool] | None) -> bool:
    """At least two cells, at least half of them names of columns."""
    if is_column is None:
        return True
    names = [name for name in _names(cells) if name]
    known = sum(map(is_column, names))
    return known >= 2 and 2 * known >= len(names)


def _is_second_header(cells: Cells, is_column: Callable[[str], bool] | None) -> bool:
    names = [name for name in _names(cells) if name]
    are_codes = all(map(FIELD_CODE.fullmatch, names)) and any("_" in name for name in names)
    return are_codes or (is_column is not None and _names_columns(cells, is_column))


def _better(name: str, other: str, is_column: Callable[[str], bool] | None) -> str:
    """Of two names of one column the first, unless only the second is known."""
    if not name or (is_column and not is_column(name) and is_column(other)):
        return other
    return name


def _no_header(filename: str) -> Invalid:
    return Invalid(
        f"在“{filename}”的前 {TITLE_LINES} 行里没有找到表头",
        f"no header was found in the first {TITLE_LINES} lines of {filename}",
    )
