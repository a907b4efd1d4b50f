"""The cells of one row of a file of records: what each says, or what is wrong with it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from engine.domain.choice import Choice
from engine.domain.identifiers import normalise_uscc, uscc_problem
from engine.domain.penalty_columns import PENALTIES
from engine.domain.penalty_fields import BY_CODE, IdKind, PenaltyKind, SubjectCategory
from engine.domain.sheet_columns import Columns

#: Ways of saying that there is nothing.
NOTHING = frozenset({"", "/", "-", "—", "——", "--", "无", "空", "null", "none", "n/a"})
#: What a spreadsheet program writes so that a code stays text: ="0123" and '0123.
KEPT_AS_TEXT = re.compile(r'="(.*)"|\'(.*)', re.DOTALL)
INVISIBLE = re.compile(r"[\u200b-\u200f\ufeff\x00-\x08\x0b-\x1f]")

DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]\d{1,2}:\d{2}(?::\d{2}.*)?)?")
DAY_IN_ONE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?")
#: Day 0 of the serial numbers that spreadsheets keep days as, and a sensible span of them.
SERIAL_ZERO = date(1899, 12, 30)
SERIALS = range(7_000, 110_000)

#: decimal(18,6)
MONEY_PLACES = 6
LARGEST = Decimal(10) ** 12
#: So much of a strange value is quoted.
LONG = 30

CATEGORIES: Mapping[str, SubjectCategory] = {
    **{choice.words.zh: choice for choice in SubjectCategory},
    **dict.fromkeys(
        ("法人", "非法人组织", "法人或非法人组织", "法人和其他组织", "法人及其他组织", "企业"),
        SubjectCategory.LEGAL_PERSON,
    ),
    "个人": SubjectCategory.NATURAL_PERSON,
    "个体户": SubjectCategory.SOLE_TRADER,
}
ID_KINDS: Mapping[str, IdKind] = {
    **{choice.words.zh: choice for choice in IdKind},
    "居民身份证": IdKind.IDENTITY_CARD,
    "护照": IdKind.PASSPORT,
}
KINDS: Mapping[str, PenaltyKind] = {
    **{choice.words.zh: choice for choice in PenaltyKind},
    **dict.fromkeys(
        ("没收违法所得", "没收非法财物", "没收非法所得", "没收"), PenaltyKind.CONFISCATION
    ),
    **{
        f"{act}{paper}": PenaltyKind.LICENCE
        for act in ("暂扣", "吊销", "暂扣或吊销", "暂扣或者吊销")
        for paper in ("许可证", "许可证件", "执照", "营业执照", "许可证、执照")
    },
    "停产停业": PenaltyKind.SUSPENSION,
    "拘留": PenaltyKind.DETENTION,
}


Chosen = TypeVar("Chosen", bound=Choice)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of a row, in a sentence that prints no personal number."""

    field_code: str
    field_name_zh: str
    sentence_zh: str
    sentence_en: str


def note(code: str, zh: str, en: str) -> FieldProblem:
    return FieldProblem(code, BY_CODE[code].name, zh, en)


class Cells:
    """One row by field code. Reading a cell that cannot be understood adds a problem."""

    def __init__(
        self,
        values: Mapping[str, object],
        defaults: Mapping[str, object],
        standard: Columns = PENALTIES,
    ) -> None:
        self.problems: list[FieldProblem] = []
        self._standard = standard
        self._cells: dict[str, object] = {}
        self._columns: set[str] = set()
        for column, value in values.items():
            if field := standard.field_of(column):
                self._columns.add(field.code)
                self._put(field.code, value)
        for code, value in defaults.items():
            self.assume(code, value)

    def _put(self, code: str, value: object) -> None:
        if _is_blank(value):
            return
        if code in self._cells:  # the two columns of kinds of the 2015 version
            value = f"{_text(self._cells[code])};{_text(value)}"
        self._cells[code] = value

    def assume(self, code: str, value: object) -> None:
        """Take `value` where the row says nothing."""
        if code not in self._cells and not _is_blank(value):
            self._cells[code] = value

    def has_column(self, code: str) -> bool:
        return code in self._columns

    def is_filled(self, code: str) -> bool:
        return code in self._cells

    def is_wrong(self, code: str) -> bool:
        return any(problem.field_code == code for problem in self.problems)

    def problem(self, code: str, zh: str, en: str) -> None:
        self.problems.append(FieldProblem(code, self._standard.by_code[code].name, zh, en))

    def in_order(self) -> tuple[FieldProblem, ...]:
        """The problems in the order of the standard's fields."""
        by_code = self._standard.by_code
        return tuple(sorted(self.problems, key=lambda p: by_code[p.field_code].place))

    def text(self, code: str) -> str:
        text = _text(self._cells.get(code))
        longest = self._standard.by_code[code].longest
        if len(text) > longest:
            self.problem(
                code,
                f"最多 {longest} 个字，这里有 {len(text)} 个",
                f"at most {longest} characters, not {len(text)}",
            )
        return text

    def code(self, code: str) -> str:
        """A 统一社会信用代码, checked; "" when not given."""
        if not self.is_filled(code):
            return ""
        number = normalise_uscc(_text(self._cells[code]))
        if problem := uscc_problem(number):
            self.problem(code, problem.zh, problem.en)
        return number

    def day(self, code: str) -> date | None:
        if not self.is_filled(code):
            return None
        day = _day(self._cells[code])
        if day is None:
            said = _quoted(self._cells[code])
            self.problem(
                code,
                f"{said}不是日期，应写作 2020/03/02",
                f"{said} is not a date such as 2020/03/02",
            )
        return day

    def money(self, code: str) -> Decimal | None:
        """An amount in 万元, not negative, of at most 12 digits and 6 decimals."""
        if not self.is_filled(code):
            return None
        amount = _money(_text(self._cells[code]))
        if amount is None:
            said = _quoted(self._cells[code])
            self.problem(
                code,
                f"{said}不是金额，应以万元为单位，至多 6 位小数",
                f"{said} is not an amount in 10,000 yuan with at most 6 decimals",
            )
        return amount

    def category(self, code: str) -> SubjectCategory | None:
        return self._choice(code, CATEGORIES, SubjectCategory)

    def id_kind(self, code: str) -> IdKind | None:
        return self._choice(code, ID_KINDS, IdKind)

    def kinds(self, code: str) -> tuple[PenaltyKind, ...]:
        """Kinds of penalty, parted by ; or ；, each once, in the order given."""
        found: list[PenaltyKind] = []
        for name in re.split(r"[;；|]", _text(self._cells.get(code))):
            if not name.strip():
                continue
            kinds = _kinds(name)
            if not kinds:
                self._not_among(code, name, PenaltyKind)
            found += [kind for kind in kinds if kind not in found]
        return tuple(found)

    def among(
        self, code: str, names: Mapping[str, Chosen], choices: type[Chosen]
    ) -> tuple[Chosen, ...]:
        """The choices named, parted by ; or ；, each once, in the order given."""
        found: list[Chosen] = []
        for name in re.split(r"[;；|]", _text(self._cells.get(code))):
            if not name.strip():
                continue
            chosen = names.get(_plain(name))
            if chosen is None:
                self._not_among(code, name, choices)
            elif chosen not in found:
                found.append(chosen)
        return tuple(found)

    def _choice(
        self, code: str, names: Mapping[str, Chosen], choices: type[Chosen]
    ) -> Chosen | None:
        if not self.is_filled(code):
            return None
        name = _text(self._cells[code])
        chosen = names.get(_plain(name))
        if chosen is None:
            self._not_among(code, name, choices)
        return chosen

    def _not_among(self, code: str, name: str, choices: type[Choice]) -> None:
        among = "、".join(f"“{choice.words.zh}”" for choice in choices)
        self.problem(
            code,
            f"{_quoted(name)}不在标准的取值里：{among}",
            f"{_quoted(name)} is not one of the values of the standard: {among}",
        )


def _is_blank(value: object) -> bool:
    return _text(value).lower() in NOTHING


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = INVISIBLE.sub("", str(value)).strip()
    if match := KEPT_AS_TEXT.fullmatch(text):
        text = (match[1] or match[2] or "").strip()
    return text


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _quoted(value: object) -> str:
    text = _text(value)
    return f"“{text[:LONG]}…”" if len(text) > LONG else f"“{text}”"


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and int(value) in SERIALS:
        return SERIAL_ZERO + timedelta(int(value))
    text = unicodedata.normalize("NFKC", _text(value))
    match = DAY.fullmatch(text) or DAY_IN_ONE.fullmatch(text)
    try:
        return date(*map(int, match.groups()[:3])) if match else None
    except ValueError:
        return None


def _money(text: str) -> Decimal | None:
    text = _plain(text).replace(",", "").removesuffix("元").removesuffix("万")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount.is_signed() or amount >= LARGEST:
        return None
    kept = amount.quantize(Decimal(1).scaleb(-MONEY_PLACES))
    return Decimal(f"{kept.normalize():f}") if kept == amount else None


def _kinds(name: str) -> list[PenaltyKind]:
    """One name as it stands, or several joined by a comma; empty when any is unknown."""
    if kind := KINDS.get(_plain(name)):
        return [kind]
    kinds = [KINDS.get(part) for part in re.split(r"[、,]", _plain(name))]
    return [kind for kind in kinds if kind] if all(kinds) else []
