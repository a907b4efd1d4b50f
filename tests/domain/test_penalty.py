"""A row of a 双公示 file becomes a penalty, or is refused with every reason at once."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

import pytest

from engine.domain.errors import Invalid
from engine.domain.identifiers import check_uscc
from engine.domain.penalty import (
    FIELDS,
    Field,
    IdKind,
    Penalty,
    PenaltyKind,
    SubjectCategory,
    read_row,
)
from engine.domain.penalty_columns import PENALTIES
from tests.domain.shipped import CALENDAR

TODAY = date(2020, 3, 2)
IDENTITY_NUMBER = "11010519491231002X"
GOOD: dict[str, object] = {
    "CF_XDR_MC": "昆山澄远包装材料有限公司",
    "CF_XDR_LB": "法人及非法人组织",
    "CF_XDR_SHXYM": "91320583MA1X00017U",
    "CF_FRDB": "陆远",
    "CF_WSH": "昆市监处罚〔2019〕417 号",
    "CF_WFXW": "产品标识不符合规定",
    "CF_SY": "未标注生产许可证编号。",
    "CF_YJ": "《中华人民共和国产品质量法》第五十四条",
    "CF_CFLB": "罚款",
    "CF_NR": "罚款人民币 8000 元。",
    "CF_NR_FK": "0.8",
    "CF_JDRQ": "2019/11/08",
    "CF_YXQ": "2099/12/31",
    "CF_CFJG": "昆山市市场监督管理局",
    "CF_CFJGDM": "11320583MB1X00053X",
    "CF_SJLY": "昆山市市场监督管理局",
    "CF_SJLYDM": "11320583MB1X00053X",
}
PERSON: dict[str, object] = {
    **GOOD,
    "CF_XDR_MC": "周某",
    "CF_XDR_LB": "自然人",
    "CF_XDR_SHXYM": None,
    "CF_FRDB": None,
    "CF_XDR_ZJLX": "身份证",
    "CF_XDR_ZJHM": IDENTITY_NUMBER,
}


def taken(**changed: object) -> Penalty:
    reading = read_row({**GOOD, **changed}, today=TODAY)
    assert reading.penalty is not None, reading.problems
    assert reading.problems == ()
    return reading.penalty


def refused(row: Mapping[str, object] = GOOD, /, **changed: object) -> dict[str, str]:
    """Field code -> Chinese sentence of a row that must be refused."""
    reading = read_row({**row, **changed}, today=TODAY)
    assert reading.penalty is None
    assert all(problem.sentence_en for problem in reading.problems)
    return {problem.field_code: problem.sentence_zh for problem in reading.problems}


# The table


def test_the_standard_has_thirty_fields_in_their_order() -> None:
    assert [field.place for field in FIELDS] == list(range(1, 31))
    assert len({field.code for field in FIELDS}) == 30
    assert len({field.name for field in FIELDS}) == 30


def test_personal_numbers_are_marked_secret() -> None:
    assert {field.code for field in FIELDS if field.secret} == {"CF_FR_ZJHM", "CF_XDR_ZJHM"}


@pytest.mark.parametrize("field", FIELDS, ids=[field.code for field in FIELDS])
def test_every_field_is_known_by_its_name_and_its_code(field: Field) -> None:
    assert PENALTIES.field_of(field.name) is field
    assert PENALTIES.field_of(field.code) is field
    assert PENALTIES.field_of(f" *{field.name.replace('（', '(').replace('）', ')')} ") is field
    assert PENALTIES.field_of(field.code.lower()) is field


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("行政相对人代码_1", "CF_XDR_SHXYM"),
        ("行政相对人代码1(统一社会信用代码)", "CF_XDR_SHXYM"),
        ("统一社会信用代码", "CF_XDR_SHXYM"),
        ("处罚机关统一社会信用代码", "CF_CFJGDM"),
        ("罚款金额", "CF_NR_FK"),
        ("罚款金额 （ 万元 ）", "CF_NR_FK"),
        ("处罚决定日期（必填）", "CF_JDRQ"),
        ("＊处罚类别", "CF_CFLB"),
        ("CF_CFLB1", "CF_CFLB"),
        ("处罚类别2", "CF_CFLB"),
        ("CF_XZJG", "CF_CFJG"),
        ("处罚结果", "CF_NR"),
        ("CF_XDR_SFZ", "CF_XDR_ZJHM"),
        ("处罚事由", "CF_SY"),
    ],
)
def test_columns_are_known_by_the_names_departments_give_them(column: str, code: str) -> None:
    field = PENALTIES.field_of(column)
    assert field is not None
    assert field.code == code


@pytest.mark.parametrize("column", ["", "地方编码", "CF_SYFW", "序号", "CF_ZT"])
def test_other_columns_mean_nothing(column: str) -> None:
    assert not PENALTIES.knows(column)


def test_a_file_must_have_the_columns_that_make_a_penalty() -> None:
    with pytest.raises(Invalid) as refusal:
        PENALTIES.match(["行政相对人名称", "序号"])
    assert set(refusal.value.fields) == {"行政处罚决定书文号", "处罚决定日期"}
    assert len(PENALTIES.match([field.name for field in FIELDS])) == 30


def test_two_columns_of_one_field_are_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        PENALTIES.match([*(field.name for field in FIELDS), "CF_WSH"])
    assert "重复" in refusal.value.fields["CF_WSH"]


# What is taken


def test_a_good_row_becomes_a_penalty() -> None:
    penalty = taken()
    assert penalty.subject_category is SubjectCategory.LEGAL_PERSON
    assert penalty.kinds == (PenaltyKind.FINE,)
    assert penalty.fine == Decimal("0.8")
    assert penalty.decided_on == date(2019, 11, 8)
    assert penalty.published_until is None
    assert penalty.document_number == "昆市监处罚〔2019〕417 号"


def test_a_row_is_taken_under_chinese_names() -> None:
    names = {field.code: field.name for field in FIELDS}
    row = {names[code]: value for code, value in GOOD.items()}
    assert read_row(row, today=TODAY).penalty == taken()


@pytest.mark.parametrize(
    "written",
    [
        "2019/11/08",
        "2019/11/8",
        "2019-11-08",
        "20191108",
        "2019.11.8",
        "2019年11月8日",
        "２０１９-11-08",
        "2019/11/8 0:00:00",
        "2019-11-08T00:00:00",
        date(2019, 11, 8),
        datetime(2019, 11, 8),  # noqa: DTZ001 - as a spreadsheet gives it
        43777,
        43777.0,
        20191108,
        20191108.0,
    ],
)
def test_a_day_is_understood_as_people_and_programs_write_it(written: object) -> None:
    assert taken(CF_JDRQ=written).decided_on == date(2019, 11, 8)


@pytest.mark.parametrize("written", ["2019/11/31", "08/11/2019", "去年", "2019", "43777", 5, -1.5])
def test_what_is_no_day_is_refused(written: object) -> None:
    assert "不是日期" in refused(CF_JDRQ=written)["CF_JDRQ"]


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("0.8", "0.8"),
        (0.8, "0.8"),
        (12, "12"),
        ("1,000.5", "1000.5"),
        ("１２．５", "12.5"),
        ("3万元", "3"),
        (" 2000 ", "2000"),
        ("0.000001", "0.000001"),
    ],
)
def test_an_amount_is_read_in_ten_thousands(written: object, amount: str) -> None:
    found = taken(CF_NR_FK=written).fine
    assert found == Decimal(amount)
    assert "E" not in str(found)


@pytest.mark.parametrize(
    "written", ["八千元", "-1", "0.0000001", "1e30", "NaN", "Infinity", "1.2.3"]
)
def test_what_is_no_amount_is_refused(written: str) -> None:
    assert "不是金额" in refused(CF_NR_FK=written)["CF_NR_FK"]


@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        ("警告;罚款", (PenaltyKind.WARNING, PenaltyKind.FINE)),
        ("警告； 罚款；", (PenaltyKind.WARNING, PenaltyKind.FINE)),
        ("罚款、警告", (PenaltyKind.FINE, PenaltyKind.WARNING)),
        ("罚款;罚款", (PenaltyKind.FINE,)),
        ("责令停产停业", (PenaltyKind.SUSPENSION,)),
        ("通报批评", (PenaltyKind.CRITICISM,)),
    ],
)
def test_several_kinds_of_penalty_are_told_apart(
    written: str, kinds: tuple[PenaltyKind, ...]
) -> None:
    assert taken(CF_CFLB=written).kinds == kinds


def test_a_kind_with_a_comma_in_its_name_is_one_kind() -> None:
    penalty = taken(CF_CFLB="罚款；没收违法所得、没收非法财物", CF_NR_WFFF="1.26")
    assert penalty.kinds == (PenaltyKind.FINE, PenaltyKind.CONFISCATION)
    assert taken(
        CF_CFLB="暂扣或者吊销许可证、暂扣或者吊销执照", CF_NR_ZKDX="食品经营许可证 JY0000"
    ).kinds == (PenaltyKind.LICENCE,)
    assert taken(CF_CFLB="吊销营业执照", CF_NR_ZKDX="营业执照").kinds == (PenaltyKind.LICENCE,)


def test_nothing_may_be_written_in_many_ways() -> None:
    penalty = taken(CF_XDR_GSZC="/", CF_XDR_ZZJG="无", CF_GSJZQ="—", BZ="NULL")
    assert (penalty.registration_number, penalty.organisation_code, penalty.note) == ("", "", "")
    assert penalty.published_until is None


def test_codes_survive_the_tricks_of_spreadsheet_programs() -> None:
    penalty = taken(
        CF_XDR_SHXYM='="91320583MA1X00017U"',
        CF_XDR_GSZC=320583600999001.0,
        CF_CFJGDM="'11320583mb1x00053x",
    )
    assert penalty.subject_code == check_uscc("91320583MA1X00017U")
    assert penalty.registration_number == "320583600999001"
    assert penalty.authority_code == "11320583MB1X00053X"


def test_what_the_row_does_not_say_may_be_known() -> None:
    known = {"CF_SJLY": "市公共信用信息中心", "CF_CFJG": "别的机关"}
    row = {**GOOD, "CF_SJLY": ""}
    penalty = read_row(row, today=TODAY, defaults=known).penalty
    assert penalty is not None
    assert (penalty.source, penalty.authority) == ("市公共信用信息中心", "昆山市市场监督管理局")


def test_the_two_columns_of_kinds_of_2015_are_joined_and_the_category_is_found() -> None:
    row = {code: value for code, value in GOOD.items() if code not in ("CF_CFLB", "CF_XDR_LB")}
    reading = read_row({**row, "CF_CFLB1": "警告", "CF_CFLB2": "罚款"}, today=TODAY)
    assert reading.penalty is not None
    assert reading.penalty.kinds == (PenaltyKind.WARNING, PenaltyKind.FINE)
    assert reading.penalty.subject_category is SubjectCategory.LEGAL_PERSON


def test_an_identity_number_of_2015_makes_a_natural_person() -> None:
    left_out = ("CF_XDR_LB", "CF_XDR_ZJLX", "CF_XDR_ZJHM", "CF_XDR_SHXYM", "CF_FRDB")
    row = {code: value for code, value in PERSON.items() if code not in left_out}
    reading = read_row({**row, "CF_XDR_SFZ": IDENTITY_NUMBER}, today=TODAY)
    assert reading.penalty is not None
    assert reading.penalty.subject_category is SubjectCategory.NATURAL_PERSON
    assert reading.penalty.id_kind is IdKind.IDENTITY_CARD


# What is refused


@pytest.mark.parametrize(
    "code",
    [
        "CF_XDR_MC",
        "CF_XDR_LB",
        "CF_WSH",
        "CF_WFXW",
        "CF_SY",
        "CF_YJ",
        "CF_CFLB",
        "CF_NR",
        "CF_JDRQ",
        "CF_YXQ",
        "CF_CFJG",
        "CF_CFJGDM",
        "CF_SJLY",
        "CF_SJLYDM",
    ],
)
def test_what_is_always_required_must_be_there(code: str) -> None:
    assert refused(**{code: "  "}) == {code: "必填"}


def test_legal_persons_need_a_code_and_a_representative() -> None:
    assert set(refused(CF_XDR_SHXYM="", CF_FRDB=None)) == {"CF_XDR_SHXYM", "CF_FRDB"}


def test_natural_persons_need_an_identity_document_instead() -> None:
    assert read_row(PERSON, today=TODAY).problems == ()
    assert set(refused(PERSON, CF_XDR_ZJLX="", CF_XDR_ZJHM="")) == {"CF_XDR_ZJLX", "CF_XDR_ZJHM"}


def test_a_sole_trader_needs_some_number() -> None:
    trader: dict[str, object] = {**GOOD, "CF_XDR_LB": "个体工商户", "CF_FRDB": ""}
    assert read_row(trader, today=TODAY).penalty is not None
    assert "CF_XDR_SHXYM" in refused(trader, CF_XDR_SHXYM="")
    by_registration = {**trader, "CF_XDR_SHXYM": "", "CF_XDR_GSZC": "320583600999001"}
    assert read_row(by_registration, today=TODAY).penalty is not None


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("罚款", "CF_NR_FK"),
        ("没收违法所得", "CF_NR_WFFF"),
        ("吊销许可证", "CF_NR_ZKDX"),
    ],
)
def test_a_kind_of_penalty_needs_its_particulars(kind: str, code: str) -> None:
    assert set(refused(CF_CFLB=kind, CF_NR_FK="")) == {code}


def test_a_fine_of_nothing_is_refused() -> None:
    assert "大于 0" in refused(CF_NR_FK=0)["CF_NR_FK"]


def test_what_is_too_long_is_refused_with_both_lengths() -> None:
    assert refused(CF_XDR_MC="昆" * 201) == {"CF_XDR_MC": "最多 200 个字，这里有 201 个"}
    assert taken(CF_XDR_MC="昆" * 200).subject_name == "昆" * 200


def test_values_outside_the_standard_are_refused_with_those_inside() -> None:
    assert "“罚金”不在标准的取值里" in refused(CF_CFLB="警告;罚金")["CF_CFLB"]
    assert "“自然人”" in refused(CF_XDR_LB="公司")["CF_XDR_LB"]
    assert "“护照号”" in refused(PERSON, CF_XDR_ZJLX="驾驶证")["CF_XDR_ZJLX"]


@pytest.mark.parametrize("code", ["CF_XDR_SHXYM", "CF_CFJGDM", "CF_SJLYDM"])
def test_every_code_is_checked(code: str) -> None:
    assert "校验位不符" in refused(**{code: "91320583MA1X00018U"})[code]


def test_a_decision_of_tomorrow_is_refused_and_one_of_today_is_not() -> None:
    assert "晚于今天（2020-03-02）" in refused(CF_JDRQ="2020/03/03")["CF_JDRQ"]
    assert taken(CF_JDRQ="2020/03/02").decided_on == TODAY


def test_days_that_end_before_the_decision_are_refused() -> None:
    assert set(refused(CF_YXQ="2019/11/07", CF_GSJZQ="2019/11/01")) == {"CF_YXQ", "CF_GSJZQ"}


def test_days_that_end_with_the_decision_are_taken() -> None:
    assert taken(CF_YXQ="2019/11/08", CF_GSJZQ="2019/11/08").valid_until == date(2019, 11, 8)


def test_all_problems_come_at_once_in_the_order_of_the_standard() -> None:
    assert list(refused(CF_SJLYDM="x", CF_JDRQ="", CF_XDR_MC="", CF_CFLB="罚金")) == [
        "CF_XDR_MC",
        "CF_CFLB",
        "CF_JDRQ",
        "CF_SJLYDM",
    ]


@pytest.mark.parametrize("number", ["110105194912310021", "1" * 80, "35010219000230001"])
def test_no_problem_prints_a_personal_number(number: str) -> None:
    row = {**PERSON, "CF_XDR_ZJHM": number, "CF_FR_ZJLX": "身份证", "CF_FR_ZJHM": number}
    reading = read_row(row, today=TODAY)
    assert {problem.field_code for problem in reading.problems} == {"CF_FR_ZJHM", "CF_XDR_ZJHM"}
    assert number not in repr(reading.problems)


# Remarks


def remarks(row: dict[str, object]) -> dict[str, str]:
    reading = read_row(row, today=TODAY, calendar=CALENDAR)
    assert reading.penalty is not None
    return {remark.field_code: remark.sentence_zh for remark in reading.remarks}


def test_a_late_publication_is_a_remark_and_no_refusal() -> None:
    assert "2020-03-02" not in str(remarks({**GOOD, "CF_JDRQ": "2020/02/20"}))
    assert remarks({**GOOD, "CF_JDRQ": "2020/02/20"}) == {}  # the seventh working day is today
    assert (
        "应在 2020-02-28 前（7 个工作日内）公示"
        in remarks({**GOOD, "CF_JDRQ": "2020/02/19"})["CF_JDRQ"]
    )


def test_a_huge_fine_and_a_strange_authority_are_remarked() -> None:
    row = {**GOOD, "CF_JDRQ": "2020/03/02"}
    assert "单位是万元" in remarks({**row, "CF_NR_FK": 8000})["CF_NR_FK"]
    assert "CF_CFJGDM" in remarks({**row, "CF_CFJGDM": "91320583MA1X00017U"})


def test_a_representative_of_a_natural_person_is_left_out_with_a_remark() -> None:
    reading = read_row({**PERSON, "CF_FRDB": "周某"}, today=TODAY)
    assert reading.penalty is not None
    assert reading.penalty.legal_representative == ""
    assert [remark.field_code for remark in reading.remarks] == ["CF_FRDB"]


# Identity


def test_the_same_decision_written_otherwise_is_the_same_record() -> None:
    again = taken(CF_WSH="昆市监处罚(2019)第0417号", CF_XDR_MC="澄远包装", CF_NR_FK="1")
    assert again.identity_key == taken().identity_key


def test_another_authority_number_or_subject_is_another_record() -> None:
    key = taken().identity_key
    assert taken(CF_WSH="昆市监处罚〔2019〕418号").identity_key != key
    assert taken(CF_XDR_SHXYM="91320583MA1X00025N").identity_key != key
    assert taken(CF_CFJGDM="11320583MB1X00096B").identity_key != key


def test_the_key_of_a_natural_person_does_not_hold_the_identity_number() -> None:
    penalty = read_row(PERSON, today=TODAY).penalty
    lower = read_row({**PERSON, "CF_XDR_ZJHM": IDENTITY_NUMBER.lower()}, today=TODAY).penalty
    assert penalty is not None
    assert lower is not None
    assert IDENTITY_NUMBER not in str(penalty.identity_key)
    assert penalty.identity_key == lower.identity_key
