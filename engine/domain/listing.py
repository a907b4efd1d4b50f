"""Records that are no penalties, as they are reported: read from a row or a form, or refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from engine.domain.choice import Choice
from engine.domain.identifiers import document_number_key, identity_number_problem
from engine.domain.penalty_cells import Cells, FieldProblem
from engine.domain.record_kind import CourtGround, DefaultKind, RecordKind
from engine.domain.sheet_columns import Columns, Field, Form, Required

_T, _R = Form, Required
_CARD_LENGTH = 18
#: What the list of defaulters shows: 法释〔2017〕7号 art. 6. The codes are this system's own.
COURT_FIELDS = (
    Field(1, "被执行人姓名或名称", "SX_MC", "judgment debtor", _T.TEXT, 200, _R.ALWAYS),
    Field(2, "统一社会信用代码", "SX_SHXYM", "unified social credit code", _T.USCC, 18, _R.NEVER),
    Field(3, "证件号码", "SX_ZJHM", "identity number", _T.TEXT, 64, _R.NEVER, secret=True),
    Field(4, "法定代表人或者负责人姓名", "SX_FRDB", "legal representative", _T.TEXT, 50, _R.NEVER),
    Field(5, "执行案号", "SX_AH", "enforcement case", _T.TEXT, 128, _R.ALWAYS),
    Field(6, "执行法院", "SX_FY", "court of enforcement", _T.TEXT, 200, _R.ALWAYS),
    Field(7, "执行法院统一社会信用代码", "SX_FYDM", "the court's code", _T.USCC, 18, _R.ALWAYS),
    Field(8, "执行依据文号", "SX_YJWH", "instrument enforced", _T.TEXT, 128, _R.ALWAYS),
    Field(9, "执行依据制作单位", "SX_YJDW", "who made the instrument", _T.TEXT, 200, _R.ALWAYS),
    Field(10, "生效法律文书确定的义务", "SX_YW", "duty", _T.TEXT, 4000, _R.ALWAYS),
    Field(11, "被执行人的履行情况", "SX_LXQK", "performance", _T.TEXT, 512, _R.ALWAYS),
    Field(12, "失信行为具体情形", "SX_QX", "ground of listing", _T.KINDS, 0, _R.ALWAYS),
    Field(13, "立案时间", "SX_LASJ", "day of the enforcement case", _T.DAY, 0, _R.ALWAYS),
    Field(14, "发布时间", "SX_FBSJ", "day of listing", _T.DAY, 0, _R.ALWAYS),
    Field(15, "公布截止日期", "SX_JZRQ", "listed until", _T.DAY, 0, _R.NEVER),
    Field(16, "备注", "SX_BZ", "note", _T.TEXT, 512, _R.NEVER),
)
#: A department's pending list. The codes are this system's own.
DEFAULT_FIELDS = (
    Field(1, "信用主体名称", "DS_MC", "subject", _T.TEXT, 200, _R.ALWAYS),
    Field(2, "统一社会信用代码", "DS_SHXYM", "unified social credit code", _T.USCC, 18, _R.NEVER),
    Field(3, "证件号码", "DS_ZJHM", "identity number", _T.TEXT, 64, _R.NEVER, secret=True),
    Field(4, "法定代表人", "DS_FRDB", "legal representative", _T.TEXT, 50, _R.NEVER),
    Field(5, "信息编号", "DS_BH", "number of the information", _T.TEXT, 128, _R.ALWAYS),
    Field(6, "失信信息类型", "DS_LX", "type of default", _T.KINDS, 0, _R.ALWAYS),
    Field(7, "失信事实", "DS_SS", "facts", _T.TEXT, 5000, _R.ALWAYS),
    Field(8, "应履行的义务或整改要求", "DS_YW", "duty or order", _T.TEXT, 4000, _R.ALWAYS),
    Field(9, "依据（合同、责令整改通知书等）", "DS_YJ", "basis", _T.TEXT, 512, _R.NEVER),
    Field(10, "对方当事人", "DS_DF", "other party", _T.TEXT, 200, _R.NEVER),
    Field(11, "涉及金额（万元）", "DS_JE", "amount, 10,000 yuan", _T.MONEY, 0, _R.NEVER),
    Field(12, "发现日期", "DS_FXRQ", "day found", _T.DAY, 0, _R.ALWAYS),
    Field(13, "整改或履行期限", "DS_QX", "to be put right by", _T.DAY, 0, _R.NEVER),
    Field(14, "认定单位", "DS_DW", "department", _T.TEXT, 200, _R.ALWAYS),
    Field(
        15, "认定单位统一社会信用代码", "DS_DWDM", "the department's code", _T.USCC, 18, _R.ALWAYS
    ),
    Field(16, "备注", "DS_BZ", "note", _T.TEXT, 512, _R.NEVER),
)


@dataclass(frozen=True)
class Shape:
    """Which field plays which part in a record of this kind; "" for a part it has not."""

    kind: RecordKind
    columns: Columns
    choices: type[Choice]
    name: str
    code: str
    identity: str
    representative: str
    number: str
    authority: str
    authority_code: str
    day: str
    grounds: str
    conduct: str
    content: str
    until: str
    amount: str = ""


COURT_DEFAULTS = Shape(
    RecordKind.COURT_DEFAULT,
    Columns(
        "失信被执行人名单公布内容",
        COURT_FIELDS,
        frozenset({1, 5, 14}),
        {
            "被执行人名称": "SX_MC",
            "被执行人姓名/名称": "SX_MC",
            "案号": "SX_AH",
            "组织机构代码": "SX_SHXYM",
            "身份证号码/组织机构代码": "SX_SHXYM",
            "做出执行依据单位": "SX_YJDW",
            "作出执行依据单位": "SX_YJDW",
            "失信被执行人行为具体情形": "SX_QX",
            "履行情况": "SX_LXQK",
            "法院代码": "SX_FYDM",
        },
    ),
    CourtGround,
    *("SX_MC", "SX_SHXYM", "SX_ZJHM", "SX_FRDB", "SX_AH", "SX_FY", "SX_FYDM"),
    *("SX_FBSJ", "SX_QX", "SX_LXQK", "SX_YW", "SX_JZRQ"),
)
DEFAULT_EVENTS = Shape(
    RecordKind.DEFAULT_EVENT,
    Columns(
        "待上报失信信息清单",
        DEFAULT_FIELDS,
        frozenset({1, 5, 12}),
        {
            "企业名称": "DS_MC",
            "失信类型": "DS_LX",
            "依据": "DS_YJ",
            "整改要求": "DS_YW",
            "整改期限": "DS_QX",
            "认定单位代码": "DS_DWDM",
        },
    ),
    DefaultKind,
    *("DS_MC", "DS_SHXYM", "DS_ZJHM", "DS_FRDB", "DS_BH", "DS_DW", "DS_DWDM"),
    *("DS_FXRQ", "DS_LX", "DS_SS", "DS_YW", "", "DS_JE"),
)
SHAPES: Mapping[RecordKind, Shape] = {each.kind: each for each in (COURT_DEFAULTS, DEFAULT_EVENTS)}


@dataclass(frozen=True, slots=True)
class Listing:
    """One entry of the court's list or of a department's pending list.

    grounds: members of the shape's choices. until: the last day the reporter names, if any.
    amount: 万元 as decimal text. fields: code -> text, without numbers of identity papers.
    """

    kind: RecordKind
    subject_name: str
    subject_code: str
    subject_key: str
    legal_representative: str
    number: str
    authority: str
    authority_code: str
    day: date
    grounds: tuple[Choice, ...]
    conduct: str
    content: str
    until: date | None
    amount: str | None
    fields: Mapping[str, str]

    @property
    def identity_key(self) -> tuple[str, str, str]:
        """What makes it the same record again: authority, number, subject."""
        return (self.authority_code, document_number_key(self.number), self.subject_key)


@dataclass(frozen=True, slots=True)
class ListingReading:
    """An entry, or the problems why there is none."""

    listing: Listing | None
    problems: tuple[FieldProblem, ...]


def read_listing(
    kind: RecordKind,
    values: Mapping[str, object],
    *,
    today: date,
    defaults: Mapping[str, object] | None = None,
) -> ListingReading:
    """An entry from one row of a file or from a form's answers (by name or code of the field).

    today: the day of receipt; what is dated after it is refused.
    defaults: field code -> value where the row has none.
    """
    shape = SHAPES[kind]
    cells = Cells(values, defaults or {}, shape.columns)
    listing = _take(shape, cells)
    _check(shape, cells, listing, today)
    return ListingReading(None if cells.problems else listing, cells.in_order())


def _take(shape: Shape, cells: Cells) -> Listing:
    """Every cell read once. What is missing is a placeholder; then there is a problem too."""
    names = {
        name.replace(" ", ""): choice
        for choice in shape.choices
        for name in (choice.words.zh, choice.value)
    }
    grounds = cells.among(shape.grounds, names, shape.choices)
    texts, days = _texts(shape, cells), _days(shape, cells)
    code = cells.code(shape.code)
    number = cells.text(shape.identity)
    amount = cells.money(shape.amount) if shape.amount else None
    if number and (problem := _identity_problem(number)):
        cells.problem(shape.identity, *problem)
    kept = {**texts, **{each: day.isoformat() for each, day in days.items() if day}}
    return Listing(
        kind=shape.kind,
        subject_name=texts[shape.name],
        subject_code=code,
        subject_key=code or sha256(number.upper().encode()).hexdigest(),
        legal_representative=texts[shape.representative],
        number=texts[shape.number],
        authority=texts[shape.authority],
        authority_code=cells.code(shape.authority_code),
        day=days[shape.day] or date.min,
        grounds=grounds,
        conduct=texts[shape.conduct],
        content=texts[shape.content],
        until=days[shape.until] if shape.until else None,
        amount=f"{amount:f}" if amount is not None else None,
        fields={each: text for each, text in kept.items() if text},
    )


def _texts(shape: Shape, cells: Cells) -> dict[str, str]:
    return {
        each.code: cells.text(each.code)
        for each in shape.columns.fields
        if each.form is Form.TEXT and not each.secret
    }


def _days(shape: Shape, cells: Cells) -> dict[str, date | None]:
    return {
        each.code: cells.day(each.code) for each in shape.columns.fields if each.form is Form.DAY
    }


def _identity_problem(number: str) -> tuple[str, str] | None:
    """Of an identity card; passports and permits have other forms."""
    found = identity_number_problem(number) if len(number) == _CARD_LENGTH else None
    return (found.zh, found.en) if found else None


def _check(shape: Shape, cells: Cells, listing: Listing, today: date) -> None:
    for field in shape.columns.fields:
        if field.required is Required.ALWAYS and not cells.is_filled(field.code):
            cells.problem(field.code, "必填", "required")
    if not (cells.is_filled(shape.code) or cells.is_filled(shape.identity)):
        cells.problem(
            shape.code,
            "须填统一社会信用代码；自然人填证件号码",
            "needs the unified social credit code, or a natural person's identity number",
        )
    known = cells.is_filled(shape.day) and not cells.is_wrong(shape.day)
    if known and listing.day > today:
        cells.problem(shape.day, f"晚于今天（{today}）", f"later than today ({today})")
    if known and listing.until and listing.until < listing.day:
        cells.problem(shape.until, "早于发布时间", "earlier than the day of listing")


def details(kind: RecordKind, fields: Mapping[str, str]) -> tuple[tuple[Field, str], ...]:
    """What an entry says beyond the parts every record has, in the order of its fields."""
    shape = SHAPES[kind]
    told = {
        *(shape.name, shape.code, shape.number, shape.authority, shape.authority_code),
        *(shape.day, shape.grounds, shape.conduct, shape.content, shape.amount),
    }
    return tuple(
        (each, fields[each.code])
        for each in shape.columns.fields
        if each.code in fields and each.code not in told
    )
