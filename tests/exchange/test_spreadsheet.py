"""Files as people send them, and files that are not what they seem."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import Invalid
from engine.domain.penalty import FIELDS, read_row
from engine.domain.penalty_columns import PENALTIES
from engine.exchange.spreadsheet import Limits, Sheet, read_sheet
from tests.exchange.penalty_files import DATA, as_csv, as_xlsx

TODAY = date(2020, 3, 2)
NAMES = "行政相对人名称,行政处罚决定书文号,处罚决定日期"
CODES = "CF_XDR_MC,CF_WSH,CF_JDRQ"
LINE = "昆山澄远包装材料有限公司,昆市监处罚〔2019〕417 号,2019/11/08"


def read(text: str | bytes, **more: object) -> Sheet:
    content = text.encode() if isinstance(text, str) else text
    return read_sheet("处罚.csv", content, **more)  # type: ignore[arg-type]


def refusal(text: str | bytes, **more: object) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read(text, **more)
    assert caught.value.english != str(caught.value)
    return caught.value


def workbook(write: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        write(book)
    return content.getvalue()


def one_sheet(*lines: Sequence[object]) -> bytes:
    def write(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        for number, line in enumerate(lines):
            sheet.write_row(number, 0, line)

    return workbook(write)


# CSV


@pytest.mark.parametrize(
    ("encoding", "form"),
    [
        ("utf-8", "csv utf-8"),
        ("utf-8-sig", "csv utf-8"),
        ("gb18030", "csv gb18030"),
        ("gbk", "csv gb18030"),
        ("utf-16", "csv utf-16"),
    ],
)
def test_a_csv_is_read_in_the_encodings_of_its_programs(encoding: str, form: str) -> None:
    sheet = read(f"{NAMES}\r\n{LINE}\r\n".encode(encoding))
    assert sheet.form == form
    assert sheet.columns == tuple(NAMES.split(","))
    assert list(sheet.rows[0].values.values()) == LINE.split(",")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_is_parted_by_comma_semicolon_or_tab(separator: str) -> None:
    sheet = read(f"{NAMES}\n{LINE}\n".replace(",", separator))
    assert sheet.rows[0].values["处罚决定日期"] == "2019/11/08"


def test_separators_inside_quotes_do_not_decide() -> None:
    sheet = read('"甲;乙;丙;丁",文号\n1;2,3\n')
    assert sheet.columns == ("甲;乙;丙;丁", "文号")
    assert sheet.rows[0].values["甲;乙;丙;丁"] == "1;2"


def test_empty_lines_are_left_out_and_the_others_keep_their_numbers() -> None:
    sheet = read(f"{NAMES}\n\n,,\n{LINE}\n  ,\t,\n{LINE}\n")
    assert [row.line for row in sheet.rows] == [4, 6]


def test_a_cell_over_several_lines_counts_them() -> None:
    sheet = read(f'{NAMES}\n"昆山\n澄远",a,b\n{LINE}\n')
    assert [row.line for row in sheet.rows] == [2, 4]
    assert sheet.rows[0].values["行政相对人名称"] == "昆山\n澄远"


def test_an_empty_cell_is_nothing_and_a_short_line_is_filled_up() -> None:
    sheet = read(f"{NAMES}\n甲,,\n乙\n")
    assert [row.values["处罚决定日期"] for row in sheet.rows] == [None, None]
    assert [row.values["行政相对人名称"] for row in sheet.rows] == ["甲", "乙"]


def test_cells_beyond_the_last_column_are_counted() -> None:
    sheet = read(f"{NAMES}\n{LINE},多出,,一格\n{LINE},\n")
    assert [row.surplus for row in sheet.rows] == [2, 0]


def test_a_second_header_line_of_codes_is_no_row() -> None:
    sheet = read(f"{NAMES}\n{CODES}\n{LINE}\n")
    assert sheet.columns == tuple(NAMES.split(","))
    assert [row.line for row in sheet.rows] == [3]


def test_codes_first_and_names_below_are_both_headers() -> None:
    sheet = read(f"{CODES}\n{NAMES}\n{LINE}\n", is_column=PENALTIES.knows)
    assert sheet.columns == tuple(CODES.split(","))
    assert [row.line for row in sheet.rows] == [3]


def test_a_title_above_the_header_is_passed_over() -> None:
    sheet = read(
        f"行政处罚信息公示表,,\n填报单位：市场监管局,,\n{NAMES}\n{LINE}\n",
        is_column=PENALTIES.knows,
    )
    assert sheet.columns == tuple(NAMES.split(","))
    assert [row.line for row in sheet.rows] == [4]


def test_a_line_with_a_few_known_words_among_others_is_no_header() -> None:
    title = "行政处罚,处罚机关,处罚内容,第一季度,全市,共一件"
    sheet = read(f"{title}\n{NAMES}\n{LINE}\n", is_column=PENALTIES.knows)
    assert sheet.columns == tuple(NAMES.split(","))


def test_a_code_line_names_the_column_that_has_no_name() -> None:
    sheet = read(f"行政相对人名称,,处罚决定日期\n{CODES}\n{LINE}\n", is_column=PENALTIES.knows)
    assert sheet.columns == ("行政相对人名称", "CF_WSH", "处罚决定日期")


def test_a_row_of_codes_alone_is_no_header_when_it_names_nothing_with_an_underscore() -> None:
    sheet = read("A,B\nX1,Y2\n")
    assert [row.values for row in sheet.rows] == [{"A": "X1", "B": "Y2"}]


def test_a_file_without_rows_has_none() -> None:
    assert read(f"{NAMES}\n").rows == ()


# CSV, refused


def test_an_empty_file_is_refused() -> None:
    assert "是空的" in str(refusal(b""))
    assert "是空的" in str(refusal(b" \r\n "))


def test_a_file_without_a_header_is_refused() -> None:
    assert "没有找到表头" in str(refusal(f"{LINE}\n{LINE}\n", is_column=PENALTIES.knows))
    assert "没有找到表头" in str(refusal(",,\n,\n"))


def test_a_header_with_one_name_twice_is_refused() -> None:
    assert "表头重复：文号" in str(refusal("文号,名称,文号\n1,2,3\n"))


def test_a_cell_in_a_column_without_a_name_is_refused_with_its_line() -> None:
    assert "第 3 行有一格在没有表头的列里" in str(refusal("文号,,名称\n1,,2\n3,4,5\n"))
    assert read("文号,,名称\n1,,2\n").columns == ("文号", "名称")


def test_an_open_quotation_mark_is_refused_with_its_line() -> None:
    assert "第 2 行" in str(refusal(f'{NAMES}\n"昆山,a,b\nc,d,e\n'))


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n\x00\x01\x02binary",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        "名称,文号\n甲,乙\n".encode("utf-16-le"),
        b"\xff\xff\xff\xff",
        "名称\n甲".encode() + b"\xff",
    ],
)
def test_what_is_no_spreadsheet_is_refused(content: bytes) -> None:
    assert "不是表格" in str(refusal(content))


def test_an_old_workbook_is_refused_with_the_way_out() -> None:
    assert "另存为 .xlsx" in str(refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600))


def test_limits_of_size_rows_and_columns_are_kept() -> None:
    lines = f"{NAMES}\n{LINE}\n{LINE}\n"
    assert len(read(lines, limits=Limits(rows=2)).rows) == 2
    assert "超过 1 行" in str(refusal(lines, limits=Limits(rows=1)))
    assert "超过 0 MB" in str(refusal(lines, limits=Limits(size=10)))
    assert "列数超过 2" in str(refusal(lines, limits=Limits(columns=2)))


# XLSX


def test_a_workbook_gives_days_and_numbers_as_such() -> None:
    sheet = read_sheet("penalties.xlsx", as_xlsx(), is_column=PENALTIES.knows)
    assert sheet.form == "xlsx"
    assert sheet.columns == tuple(field.name for field in FIELDS)
    assert [row.line for row in sheet.rows] == [3, 4, 5, 6]
    assert sheet.rows[0].values["处罚决定日期"] == date(2019, 11, 8)
    assert sheet.rows[0].values["罚款金额（万元）"] == 0.8
    assert sheet.rows[0].values["备注"] is None


def test_the_kind_of_file_is_told_by_its_content() -> None:
    assert read_sheet("penalties.csv", as_xlsx()).form == "xlsx"
    assert read_sheet("penalties.xlsx", as_csv().encode()).form == "csv utf-8"


def test_lines_above_and_beside_the_table_keep_the_numbers_right() -> None:
    content = one_sheet([], [], ["", "名称", "文号"], [], ["", "甲", "乙"])
    sheet = read_sheet("a.xlsx", content)
    assert sheet.columns == ("名称", "文号")
    assert [(row.line, row.values) for row in sheet.rows] == [(5, {"名称": "甲", "文号": "乙"})]


def test_hidden_and_empty_sheets_are_passed_over() -> None:
    def write(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("空")
        hidden = book.add_worksheet("隐藏")
        hidden.write_row(0, 0, ["不", "要"])
        hidden.hide()
        book.add_worksheet("数据").write_row(0, 0, ["名称", "文号"])

    assert read_sheet("a.xlsx", workbook(write)).columns == ("名称", "文号")


def test_formatted_but_empty_cells_far_below_are_no_rows() -> None:
    def write(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, ["名称", "文号"])
        sheet.write_row(1, 0, ["甲", "乙"])
        sheet.write_blank(40_000, 150, None, bold)

    assert len(read_sheet("a.xlsx", workbook(write)).rows) == 1


# XLSX, refused


def test_a_cell_in_the_last_corner_cannot_burst_the_memory() -> None:
    def corner(row: int, column: int) -> Callable[[xlsxwriter.Workbook], None]:
        def write(book: xlsxwriter.Workbook) -> None:
            sheet = book.add_worksheet()
            sheet.write(0, 0, "名称")
            sheet.write(row, column, "x")

        return write

    assert "第 1048576 行" in str(refusal(workbook(corner(1_048_575, 0))))
    assert "第 16384 列" in str(refusal(workbook(corner(1, 16_383))))


def repacked(content: bytes, **changed: bytes) -> bytes:
    """The workbook with parts put in or in place of others; keys name them without folder."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            stem = Path(info.filename).stem
            new.writestr(info.filename, changed.pop(stem, b"") or old.read(info))
        for name, part in changed.items():
            new.writestr(f"xl/{name}.bin", part)
    return out.getvalue()


def test_a_zip_bomb_is_refused_unread() -> None:
    bomb = repacked(one_sheet(["名称"]), bomb=b"\0" * 5_000_000)
    assert len(bomb) < 50_000
    assert "解开后过大" in str(refusal(bomb, limits=Limits(unpacked=1_000_000)))


def test_one_long_text_in_many_cells_is_refused() -> None:
    content = one_sheet(*[["长" * 5_000] * 10 for _ in range(30)])
    assert "解开后过大" in str(refusal(content, limits=Limits(text=1_000_000)))
    assert read_sheet("a.xlsx", one_sheet(["名称"], ["长" * 5_000])).rows


def test_cells_and_rows_that_do_not_say_where_they_are_are_counted_too() -> None:
    cells = b"<c><v>1</v></c>" * 300
    part = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheetData><row>" + cells + b"</row></sheetData></worksheet>"
    )
    assert "第 201 列" in str(refusal(repacked(one_sheet(["名称"]), sheet1=part)))
    two_rows = part.replace(cells, cells[:1800] + b"</row><row>" + cells[:1800])
    assert "表头重复" in str(refusal(repacked(one_sheet(["名称"]), sheet1=two_rows)))  # let in
    far = part.replace(b"<row>", b'<row r="999999">').replace(cells, b"<c><v>1</v></c>")
    assert "第 999999 行" in str(refusal(repacked(one_sheet(["名称"]), sheet1=far)))


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert "不是 XLSX 表格" in str(refusal(out.getvalue()))


def test_a_damaged_workbook_is_refused() -> None:
    content = as_xlsx()
    assert "已损坏" in str(refusal(content[: len(content) // 2]))
    assert "已损坏" in str(refusal(repacked(content, sheet1=b"<worksheet><row>")))
    middle = len(content) // 2
    assert "已损坏" in str(refusal(content[:middle] + b"\0" * 40 + content[middle + 40 :]))
    packed = content.index(b"PK\x03\x04") + 60  # of the first part
    assert "已损坏" in str(refusal(content[:packed] + b"\xff" * 9 + content[packed + 9 :]))
    listed = content.index(b"PK\x01\x02") + 8
    assert "已损坏" in str(refusal(content[:listed] + b"\1" + content[listed + 1 :]))  # encrypted
    nowhere = b'<worksheet><sheetData><row r="%s"/></sheetData></worksheet>'
    for number in (b"abc", b"9" * 5_000):
        assert "已损坏" in str(refusal(repacked(content, sheet1=nowhere % number)))


def test_a_worksheet_under_another_extension_is_refused() -> None:
    content = as_xlsx()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        relations = archive.read("xl/_rels/workbook.xml.rels")
    moved = relations.replace(b"worksheets/sheet1.xml", b"worksheets/sheet1.dat")
    assert "已损坏" in str(refusal(repacked(content, **{"workbook.xml": moved})))


# Together with the standard


def test_the_sample_files_are_as_their_script_writes_them() -> None:
    assert (DATA / "penalties_utf8.csv").read_bytes().decode() == as_csv()
    on_disk = read_sheet("penalties.xlsx", (DATA / "penalties.xlsx").read_bytes())
    assert on_disk == read_sheet("penalties.xlsx", as_xlsx())


def test_of_the_twelve_sample_penalties_ten_are_taken_and_two_refused_with_reasons() -> None:
    content = (DATA / "penalties_utf8.csv").read_bytes()
    sheet = read_sheet("penalties_utf8.csv", content, is_column=PENALTIES.knows)
    assert len(PENALTIES.match(sheet.columns)) == 30
    readings = {row.line: read_row(row.values, today=TODAY) for row in sheet.rows}
    assert [line for line, reading in readings.items() if reading.penalty is None] == [12, 13]
    assert [problem.field_code for problem in readings[12].problems] == ["CF_XDR_SHXYM", "CF_NR_FK"]
    assert [problem.field_code for problem in readings[13].problems] == ["CF_FRDB", "CF_JDRQ"]


def test_one_penalty_is_the_same_from_csv_in_any_encoding_and_from_a_workbook() -> None:
    files = [as_csv().encode(encoding) for encoding in ("utf-8", "utf-8-sig", "gb18030")]
    found = []
    for content in [*files, as_xlsx()]:
        rows = read_sheet("x", content, is_column=PENALTIES.knows).rows[:4]
        found.append([read_row(row.values, today=TODAY).penalty for row in rows])
    assert None not in found[0]
    assert all(penalties == found[0] for penalties in found)


CELLS = st.text("甲乙,;\t\"'\n 12", max_size=6)


@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=5),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
)
def test_any_cells_come_back_from_a_csv_as_they_were(rows: list[list[str]], encoding: str) -> None:
    quoted = ['"' + '","'.join(cell.replace('"', '""') for cell in row) + '"' for row in rows]
    text = "\r\n".join(["名称,文号,日期", *quoted]) + "\r\n"
    sheet = read(text.encode(encoding))
    expected = [[cell if cell.strip() else None for cell in row] for row in rows]
    assert [list(row.values.values()) for row in sheet.rows] == [
        row for row in expected if any(row)
    ]
