"""A commitment 信用承诺: the code it goes by, its kinds, and what may become of it."""

import re
from datetime import date
from enum import StrEnum

from engine.domain.errors import Conflict, Invalid
from engine.domain.words import Words

#: 行政区划 of Kunshan: the first six digits of every code given here.
REGION = "320583"
CODE = re.compile(r"(\d{6})(\d{8})(\d{6})")
LAST_SERIAL = 999_999


class CommitmentKind(StrEnum):
    """承诺类型 of the national standard (domain.md §5d)."""

    APPROVAL = "approval"
    CONDITIONAL = "conditional"
    PROOF = "proof"
    REPAIR = "repair"
    INDUSTRY = "industry"
    VOLUNTARY = "voluntary"
    OTHER = "other"

    @property
    def words(self) -> Words:
        return _KINDS[self]


class Performance(StrEnum):
    """承诺履行状态: as found by somebody; *running* until somebody finds, *lapsed* where the case
    ended without that for which the commitment was made."""

    RUNNING = "running"
    KEPT = "kept"
    PARTLY_KEPT = "partly_kept"
    BROKEN = "broken"
    LAPSED = "lapsed"

    @property
    def words(self) -> Words:
        return _PERFORMANCES[self]


class Openness(StrEnum):
    """公开类型: to whom a commitment may be shown."""

    PUBLIC = "public"
    LIMITED = "limited"
    CLOSED = "closed"

    @property
    def words(self) -> Words:
        return _OPENNESS[self]


_KINDS = {
    CommitmentKind.APPROVAL: Words("审批替代型", "in place of an approval"),
    CommitmentKind.CONDITIONAL: Words("容缺受理型", "conditional acceptance"),
    CommitmentKind.PROOF: Words("证明事项型", "in place of a proof"),
    CommitmentKind.REPAIR: Words("信用修复型", "credit repair"),
    CommitmentKind.INDUSTRY: Words("行业自律型", "self-regulation of a trade"),
    CommitmentKind.VOLUNTARY: Words("主动型", "of one's own accord"),
    CommitmentKind.OTHER: Words("其他", "other"),
}
_PERFORMANCES = {
    Performance.RUNNING: Words("履行中", "running"),
    Performance.KEPT: Words("全部履行", "kept"),
    Performance.PARTLY_KEPT: Words("部分履行", "kept in part"),
    Performance.BROKEN: Words("全部未履行", "broken"),
    Performance.LAPSED: Words("已失效", "lapsed"),
}
_OPENNESS = {
    Openness.PUBLIC: Words("可向社会公开", "may be published"),
    Openness.LIMITED: Words("特定范围内公开", "open to those concerned"),
    Openness.CLOSED: Words("不可公开", "not open"),
}
#: What may still be found once something was. A breach stays: nothing found later undoes it, only a
#: finding that it was none (kept) after an objection may replace it.
_AFTER = {
    Performance.RUNNING: frozenset(Performance) - {Performance.RUNNING},
    Performance.KEPT: frozenset({Performance.PARTLY_KEPT, Performance.BROKEN}),
    Performance.PARTLY_KEPT: frozenset({Performance.KEPT, Performance.BROKEN}),
    Performance.BROKEN: frozenset({Performance.KEPT, Performance.PARTLY_KEPT}),
    Performance.LAPSED: frozenset({Performance.BROKEN}),
}
#: 履行状态 with which the parts not performed and the consequences must be told (domain.md §5d).
NOT_ALL = frozenset({Performance.PARTLY_KEPT, Performance.BROKEN})


def commitment_code(made_on: date, serial: int, *, region: str = REGION) -> str:
    """承诺编码: 行政区划6 + yyyymmdd8 + serial6 (domain.md §5d).

    Errors: Invalid when the day's serials are used up.
    """
    if not 1 <= serial <= LAST_SERIAL:
        raise Invalid("当日承诺流水号已用完。", f"{serial} is no serial of a commitment")
    return f"{region}{made_on:%Y%m%d}{serial:06d}"


def commitment_code_problem(code: str) -> Words | None:
    """What is wrong with a 承诺编码; None when it is right. The standard gives it no check digit:
    its length, the region, the day and the serial are what can be checked."""
    found = CODE.fullmatch(code)
    if found is None:
        return Words(
            f"承诺编码应为 20 位数字，这里是 {len(code)} 位",
            f"a commitment code has 20 digits, this one has {len(code)} characters",
        )
    region, day, serial = found.groups()
    if region == "000000":
        return Words("承诺编码前 6 位不是行政区划", "the first six digits are no region")
    try:
        date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return Words("承诺编码第 7 至 14 位不是日期", "digits 7 to 14 of the code are no date")
    if int(serial) == 0:
        return Words("承诺编码的流水号从 000001 起", "serials of commitments begin at 000001")
    return None


def check_performance(
    before: Performance, found: Performance, *, unfulfilled: str, consequence: str
) -> None:
    """Whether `found` may be recorded. Errors: Conflict for what cannot follow, Invalid with fields
    for a breach that does not say what was not performed and what follows."""
    if found not in _AFTER[before]:
        raise Conflict(
            f"承诺现为“{before.words.zh}”，不能改为“{found.words.zh}”。",
            f"a commitment that is {before.words.en} cannot become {found.words.en}",
        )
    if found in NOT_ALL and not (unfulfilled.strip() and consequence.strip()):
        needed = (("unfulfilled", unfulfilled), ("consequence", consequence))
        raise Invalid(
            "未全部履行的，须写明未履行的内容和责任追究。",
            "say what was not performed, and what follows",
            fields={
                name: Words("请填写。", "Fill this in.")
                for name, value in needed
                if not value.strip()
            },
        )
