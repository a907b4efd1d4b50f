"""One administrative penalty as a department reports it: read from a row, or refused with reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

from engine.domain.calendar import Calendar
from engine.domain.identifiers import document_number_key, identity_number_problem
from engine.domain.penalty_cells import Cells, FieldProblem, note
from engine.domain.penalty_fields import (
    FIELDS,
    IdKind,
    PenaltyKind,
    SubjectCategory,
)
from engine.domain.sheet_columns import Field, Required
from engine.domain.words import Words

__all__ = [
    "FIELDS",
    "Field",
    "FieldProblem",
    "IdKind",
    "Penalty",
    "PenaltyKind",
    "RowReading",
    "SubjectCategory",
    "read_row",
]

#: 双公示: online within so many working days of the decision (发改办财金〔2018〕424号).
PUBLISH_WITHIN = 7
#: From so many 万元 on somebody may have written yuan.
LARGE_FINE = Decimal(1000)
BY_CATEGORY: Mapping[SubjectCategory, Mapping[Required, Words]] = {
    SubjectCategory.LEGAL_PERSON: {
        Required.LEGAL_PERSON: Words("法人及非法人组织必填", "required of legal persons")
    },
    SubjectCategory.NATURAL_PERSON: {
        Required.NATURAL_PERSON: Words("自然人必填", "required of natural persons")
    },
    SubjectCategory.SOLE_TRADER: {},
}
BY_KIND: Mapping[PenaltyKind, Mapping[Required, Words]] = {
    PenaltyKind.FINE: {Required.FINE: Words("处罚类别含罚款时必填", "required with a fine")},
    PenaltyKind.CONFISCATION: {
        Required.CONFISCATION: Words("处罚类别含没收时必填", "required with a confiscation")
    },
    PenaltyKind.LICENCE: {
        Required.LICENCE: Words("处罚类别含暂扣或吊销时必填", "required with a licence penalty")
    },
}


@dataclass(frozen=True, slots=True)
class Penalty:
    """A decided administrative penalty, in the 30 fields of the standard.

    fine, confiscated: in 万元 (10,000 yuan). The id numbers are never to be shown.
    """

    subject_name: str
    subject_category: SubjectCategory
    subject_code: str
    registration_number: str
    organisation_code: str
    tax_number: str
    institution_number: str
    social_number: str
    legal_representative: str
    legal_representative_id_kind: IdKind | None
    legal_representative_id_number: str
    id_kind: IdKind | None
    id_number: str
    document_number: str
    offence: str
    facts: str
    basis: str
    kinds: tuple[PenaltyKind, ...]
    content: str
    fine: Decimal | None
    confiscated: Decimal | None
    licence: str
    decided_on: date
    valid_until: date
    published_until: date | None
    authority: str
    authority_code: str
    source: str
    source_code: str
    note: str

    @property
    def identity_key(self) -> tuple[str, str, str]:
        """What makes it the same record again: authority, decision number, subject."""
        return (self.authority_code, document_number_key(self.document_number), self._subject_key)

    @property
    def is_revoked(self) -> bool:
        """Whether the remark says that the decision stands no more: 处罚决定已撤销（文号）."""
        return "已撤销" in self.note or "予以撤销" in self.note

    @property
    def _subject_key(self) -> str:
        if self.subject_code:
            return self.subject_code
        number = self.id_number or self.registration_number
        return sha256(number.upper().encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RowReading:
    """What became of a row: a penalty, or the problems why not; remarks refuse nothing."""

    penalty: Penalty | None
    problems: tuple[FieldProblem, ...]
    remarks: tuple[FieldProblem, ...] = ()


def read_row(
    values: Mapping[str, object],
    *,
    today: date,
    calendar: Calendar | None = None,
    defaults: Mapping[str, object] | None = None,
) -> RowReading:
    """A penalty from one row of a file.

    values: cell by column; columns by Chinese name or CF_ code, see `Columns.match`.
    today: the day of receipt; decisions after it are refused.
    calendar: with it, a row later than 7 working days after its decision gets a remark.
    defaults: field code -> value where the row has none (authority, source of the data).
    """
    cells = Cells(values, defaults or {})
    if not cells.has_column("CF_XDR_LB"):
        cells.assume("CF_XDR_LB", _likely_category(cells).words.zh)
    if not cells.has_column("CF_XDR_ZJLX") and cells.is_filled("CF_XDR_ZJHM"):
        cells.assume("CF_XDR_ZJLX", IdKind.IDENTITY_CARD.words.zh)
    penalty = _take(cells)
    _check_required(cells, penalty)
    _check_person(cells, penalty)
    _check_days(cells, penalty, today)
    if cells.problems:
        return RowReading(None, cells.in_order())
    return _with_remarks(penalty, cells, today, calendar)


def _likely_category(cells: Cells) -> SubjectCategory:
    """For files of the 2015 version, which do not say it."""
    if cells.is_filled("CF_XDR_ZJHM") and not cells.is_filled("CF_XDR_SHXYM"):
        return SubjectCategory.NATURAL_PERSON
    return SubjectCategory.LEGAL_PERSON


def _take(cells: Cells) -> Penalty:
    """Every cell read once. What is missing is a placeholder; then there is a problem too."""
    return Penalty(
        subject_name=cells.text("CF_XDR_MC"),
        subject_category=cells.category("CF_XDR_LB") or SubjectCategory.LEGAL_PERSON,
        subject_code=cells.code("CF_XDR_SHXYM"),
        registration_number=cells.text("CF_XDR_GSZC"),
        organisation_code=cells.text("CF_XDR_ZZJG"),
        tax_number=cells.text("CF_XDR_SWDJ"),
        institution_number=cells.text("CF_XDR_SYDW"),
        social_number=cells.text("CF_XDR_SHZZ"),
        legal_representative=cells.text("CF_FRDB"),
        legal_representative_id_kind=cells.id_kind("CF_FR_ZJLX"),
        legal_representative_id_number=cells.text("CF_FR_ZJHM"),
        id_kind=cells.id_kind("CF_XDR_ZJLX"),
        id_number=cells.text("CF_XDR_ZJHM"),
        document_number=cells.text("CF_WSH"),
        offence=cells.text("CF_WFXW"),
        facts=cells.text("CF_SY"),
        basis=cells.text("CF_YJ"),
        kinds=cells.kinds("CF_CFLB"),
        content=cells.text("CF_NR"),
        fine=cells.money("CF_NR_FK"),
        confiscated=cells.money("CF_NR_WFFF"),
        licence=cells.text("CF_NR_ZKDX"),
        decided_on=cells.day("CF_JDRQ") or date.min,
        valid_until=cells.day("CF_YXQ") or date.max,
        published_until=cells.day("CF_GSJZQ"),
        authority=cells.text("CF_CFJG"),
        authority_code=cells.code("CF_CFJGDM"),
        source=cells.text("CF_SJLY"),
        source_code=cells.code("CF_SJLYDM"),
        note=cells.text("BZ"),
    )


def _check_required(cells: Cells, penalty: Penalty) -> None:
    reasons = {Required.ALWAYS: Words("必填", "required")}
    if cells.is_filled("CF_XDR_LB") and not cells.is_wrong("CF_XDR_LB"):
        reasons |= BY_CATEGORY[penalty.subject_category]
    for kind in penalty.kinds:
        reasons |= BY_KIND.get(kind, {})
    for field in FIELDS:
        reason = reasons.get(field.required)
        if reason and not cells.is_filled(field.code):
            cells.problem(field.code, reason.zh, reason.en)
    if PenaltyKind.FINE in penalty.kinds and penalty.fine == 0:
        cells.problem("CF_NR_FK", "处罚类别含罚款，金额应大于 0", "a fine is more than 0")


def _check_person(cells: Cells, penalty: Penalty) -> None:
    for kind, number, code in (
        (penalty.id_kind, penalty.id_number, "CF_XDR_ZJHM"),
        (
            penalty.legal_representative_id_kind,
            penalty.legal_representative_id_number,
            "CF_FR_ZJHM",
        ),
    ):
        is_card = kind is IdKind.IDENTITY_CARD and number
        if is_card and (problem := identity_number_problem(number)):
            cells.problem(code, problem.zh, problem.en)
    is_trader = penalty.subject_category is SubjectCategory.SOLE_TRADER
    if is_trader and not (
        cells.is_filled("CF_XDR_SHXYM") or penalty.registration_number or penalty.id_number
    ):
        cells.problem(
            "CF_XDR_SHXYM",
            "个体工商户没有统一社会信用代码的，须填工商注册号或经营者证件号码",
            "a sole trader without this code needs a registration or identity number",
        )


def _check_days(cells: Cells, penalty: Penalty, today: date) -> None:
    if cells.is_wrong("CF_JDRQ") or not cells.is_filled("CF_JDRQ"):
        return
    if penalty.decided_on > today:
        cells.problem("CF_JDRQ", f"晚于今天（{today}）", f"later than today ({today})")
    for code, day in (("CF_YXQ", penalty.valid_until), ("CF_GSJZQ", penalty.published_until)):
        if day and day < penalty.decided_on:
            cells.problem(code, "早于处罚决定日期", "earlier than the day of the decision")


def _with_remarks(
    penalty: Penalty, cells: Cells, today: date, calendar: Calendar | None
) -> RowReading:
    remarks = []
    if penalty.subject_category is SubjectCategory.NATURAL_PERSON and penalty.legal_representative:
        remarks.append(
            note("CF_FRDB", "自然人不填法定代表人，已略去", "a person has none: left out")
        )
        penalty = replace(penalty, legal_representative="")
    if not penalty.authority_code.startswith(("11", "12")):
        remarks.append(
            note("CF_CFJGDM", "机关或事业单位的代码以 11、12 开头，请核对", "usually 11… or 12…")
        )
    if penalty.fine and penalty.fine >= LARGE_FINE:
        remarks.append(note("CF_NR_FK", "单位是万元，请核对", "the unit is 10,000 yuan: right?"))
    if calendar and today > (last := calendar.after(penalty.decided_on, PUBLISH_WITHIN)):
        remarks.append(
            note(
                "CF_JDRQ",
                f"应在 {last} 前（{PUBLISH_WITHIN} 个工作日内）公示，已迟",
                f"was to be online by {last}, within {PUBLISH_WITHIN} working days",
            )
        )
    return RowReading(penalty, (), tuple(remarks))
