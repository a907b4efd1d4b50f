"""Entries of the court's list and of a department's pending list, read from a row or refused."""

from datetime import date

import pytest

from engine.domain.listing import COURT_DEFAULTS, DEFAULT_EVENTS, SHAPES, details, read_listing
from engine.domain.record_kind import CourtGround, DefaultKind, RecordKind
from engine.domain.sheet_columns import Form
from tests.offices import COURT_DEFAULT, DEFAULT, FIRM

TODAY = date(2020, 3, 2)
LISTED = {**COURT_DEFAULT, "SX_AH": "（2019）苏0583执1123号"}
PENDING = {
    **DEFAULT,
    "DS_BH": "昆市监违约〔2020〕7号",
    "DS_DW": "昆山市市场监督管理局",
    "DS_DWDM": "11320583MB1X00053X",
}


def test_an_entry_of_the_courts_list_says_all_that_the_rules_ask() -> None:
    told = read_listing(RecordKind.COURT_DEFAULT, LISTED, today=TODAY).listing
    assert told is not None
    assert (told.subject_code, told.number, told.day) == (
        FIRM,
        "（2019）苏0583执1123号",
        date(2019, 6, 12),
    )
    assert told.grounds == (CourtGround.PROPERTY_REPORT,)
    assert told.content == "支付货款人民币46万元及利息"
    assert [title.name for title, _ in details(told.kind, told.fields)] == [
        "法定代表人或者负责人姓名",
        "执行依据文号",
        "执行依据制作单位",
        "立案时间",
    ]


def test_columns_are_known_by_the_names_that_courts_print() -> None:
    row = {
        "被执行人姓名/名称": LISTED["SX_MC"],
        "身份证号码/组织机构代码": FIRM,
        "案号": LISTED["SX_AH"],
        "执行法院": LISTED["SX_FY"],
        "法院代码": LISTED["SX_FYDM"],
        "执行依据文号": LISTED["SX_YJWH"],
        "做出执行依据单位": LISTED["SX_YJDW"],
        "生效法律文书确定的义务": LISTED["SX_YW"],
        "被执行人的履行情况": "全部未履行",
        "失信被执行人行为具体情形": "违反财产报告制度；违反限制消费令",
        "立案时间": "2019年3月4日",
        "发布时间": "2019/6/12",
    }
    told = read_listing(RecordKind.COURT_DEFAULT, row, today=TODAY)
    assert told.problems == ()
    assert told.listing is not None
    assert told.listing.grounds == (CourtGround.PROPERTY_REPORT, CourtGround.CONSUMPTION)


def test_a_listing_may_end_on_the_day_on_which_it_is_made_known() -> None:
    told = read_listing(
        RecordKind.COURT_DEFAULT, {**LISTED, "SX_JZRQ": LISTED["SX_FBSJ"]}, today=TODAY
    )
    assert told.problems == ()


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"SX_SHXYM": ""}, "SX_SHXYM", "须填统一社会信用代码"),
        ({"SX_SHXYM": "91320583MA1X00017A"}, "SX_SHXYM", "校验位"),
        ({"SX_QX": "老赖"}, "SX_QX", "不在标准的取值里"),
        ({"SX_FBSJ": "2020-03-03"}, "SX_FBSJ", "晚于今天"),
        ({"SX_JZRQ": "2019-01-01"}, "SX_JZRQ", "早于发布时间"),
        ({"SX_AH": ""}, "SX_AH", "必填"),
        ({"SX_SHXYM": "", "SX_ZJHM": "320583198001010000"}, "SX_ZJHM", "校验位"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(change: dict[str, str], field: str, why: str) -> None:
    told = read_listing(RecordKind.COURT_DEFAULT, {**LISTED, **change}, today=TODAY)
    assert told.listing is None
    assert [each.field_code for each in told.problems] == [field]
    assert why in told.problems[0].sentence_zh
    assert "320583198001010000" not in told.problems[0].sentence_zh


def test_a_natural_persons_number_makes_a_key_and_is_kept_nowhere() -> None:
    number = "11010519491231002X"
    row = {**LISTED, "SX_SHXYM": "", "SX_ZJHM": number}
    told = read_listing(RecordKind.COURT_DEFAULT, row, today=TODAY).listing
    assert told is not None
    assert told.subject_code == ""
    assert number not in repr(told)
    again = read_listing(RecordKind.COURT_DEFAULT, row, today=TODAY).listing
    assert again is not None
    assert again.identity_key == told.identity_key


def test_a_default_has_a_type_and_an_amount() -> None:
    told = read_listing(RecordKind.DEFAULT_EVENT, PENDING, today=TODAY).listing
    assert told is not None
    assert told.grounds == (DefaultKind.CONTRACT,)
    assert told.amount == "38.5"
    assert told.fields["DS_QX"] == "2020-03-31"


def test_a_decided_penalty_is_no_type_of_default() -> None:
    told = read_listing(RecordKind.DEFAULT_EVENT, {**PENDING, "DS_LX": "行政处罚"}, today=TODAY)
    assert [each.field_code for each in told.problems] == ["DS_LX"]


def test_a_list_without_a_department_is_that_of_who_brings_it() -> None:
    row = {code: text for code, text in PENDING.items() if code not in ("DS_DW", "DS_DWDM")}
    assert read_listing(RecordKind.DEFAULT_EVENT, row, today=TODAY).listing is None
    own = {"DS_DW": PENDING["DS_DW"], "DS_DWDM": PENDING["DS_DWDM"]}
    told = read_listing(RecordKind.DEFAULT_EVENT, row, today=TODAY, defaults=own).listing
    assert told is not None
    assert told.authority == "昆山市市场监督管理局"


@pytest.mark.parametrize("kind", SHAPES)
def test_every_part_of_a_record_has_a_field_of_the_right_form(kind: RecordKind) -> None:
    shape = SHAPES[kind]
    fields = shape.columns.by_code
    assert [each.place for each in shape.columns.fields] == list(range(1, len(fields) + 1))
    assert fields[shape.day].form is Form.DAY
    assert fields[shape.grounds].form is Form.KINDS
    assert fields[shape.identity].secret
    for part in (shape.name, shape.number, shape.authority, shape.conduct, shape.content):
        assert fields[part].form is Form.TEXT


def test_the_two_kinds_of_file_are_told_apart_by_their_columns() -> None:
    assert not COURT_DEFAULTS.columns.knows("失信事实")
    assert not DEFAULT_EVENTS.columns.knows("执行案号")
