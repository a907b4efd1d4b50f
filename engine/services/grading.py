"""Grades a penalty by the tables of an edition, and counts the days between which it may be repaired."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine.domain.record import Grade, PublicationPeriod
from engine.persistence import models
from engine.runtime.procedure import Procedure

#: The tables that a procedure needs to grade records.
GRADED_BY = frozenset({"grading", "publication_period"})
#: Words of conduct or authority that tell the field of a penalty; the first that fits.
FIELDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("bid_rigging", ("围标", "串标", "串通投标")),
    ("qualification_lending", ("出借资质", "借用资质", "挂靠")),
    ("bribery", ("贿赂", "回扣")),
    ("tax_fraud", ("偷税", "逃税", "骗税", "骗取出口退税")),
    ("arrears", ("拖欠工资", "拖欠货款", "克扣工资")),
    ("illegal_fundraising", ("非法集资",)),
    ("contract_fraud", ("合同欺诈", "合同诈骗")),
    ("pyramid_selling", ("传销",)),
    ("unlicensed_trading", ("无证", "无照")),
    ("counterfeiting", ("假冒", "伪劣", "侵犯注册商标")),
    ("false_advertising", ("虚假广告", "虚假宣传")),
    ("product_certification", ("强制性产品认证", "3C")),
    ("fire_safety", ("消防",)),
    ("engineering_quality", ("工程质量",)),
    ("work_safety", ("安全生产", "应急管理")),
    ("environment", ("环境", "排污", "污染", "危险废物")),
    ("food_drugs", ("食品", "药品", "医疗器械", "餐饮")),
)
#: 警告、通报批评: penalties that only reprove.
REPROOFS = frozenset({"警告", "通报批评"})
#: Penalties that restrict what the subject may do.
RESTRICTING = frozenset({"限制从业", "降低资质等级", "限制开展生产经营活动", "责令关闭"})
SPECIAL_EQUIPMENT = ("特种设备", "电梯", "锅炉", "压力容器", "起重机械")
SIMPLE = ("简易程序", "当场处罚")
WILFUL_EPIDEMIC = ("哄抬", "囤积居奇", "借疫情")


def field_of(*texts: str) -> str:
    """The field of a penalty, from its conduct and authority; 'other' when nothing tells."""
    text = "".join(texts)
    for field, words in FIELDS:
        if any(word in text for word in words):
            return field
    return "other"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a grading table asks of a penalty. `conduct`: all that is said of it; `fine` in 万元."""

    kinds: tuple[str, ...]
    conduct: str
    fine: Decimal
    confiscated: Decimal = Decimal(0)
    is_simple: bool = False


def facts_of(record: models.Record) -> Facts:
    """The facts of a record, as they were imported and amended since."""
    fields = record.fields
    said = (record.conduct, str(fields.get("facts") or ""), record.content)
    revoked = "吊销" in record.content + str(fields.get("licence") or "")
    return Facts(
        kinds=(*record.kinds, *(("吊销",) if revoked else ())),
        conduct=" ".join(said),
        fine=Decimal(record.fine or 0),
        confiscated=Decimal(str(fields.get("confiscated") or 0)),
        is_simple=is_simple(" ".join(said)),
    )


def is_simple(told: str) -> bool:
    """Whether the penalty was imposed by the simple procedure."""
    return any(word in told for word in SIMPLE)


def grade(procedure: Procedure, facts: Facts) -> Any:
    """Output of the grading table: {'grade', 'rule'}."""
    kinds = frozenset(facts.kinds)
    return procedure.decide(
        "grading",
        {
            "has_suspension": "责令停产停业" in kinds,
            "has_revocation": "吊销" in kinds,
            "has_restriction": bool(kinds & RESTRICTING),
            "is_reproof": bool(kinds) and kinds <= REPROOFS,
            "is_simple": facts.is_simple,
            "is_special_equipment": any(word in facts.conduct for word in SPECIAL_EQUIPMENT),
            "field": field_of(facts.conduct),
            "fine": facts.fine,
            "confiscated": facts.confiscated,
            "wilful_epidemic": any(word in facts.conduct for word in WILFUL_EPIDEMIC),
        },
    ).value


def period(procedure: Procedure, grade_key: str) -> Mapping[str, Any]:
    """{'min_months', 'max_months', 'early', 'rule'} under the regime of the procedure."""
    context = {"grade": grade_key, "regime": procedure.rules.get("regime", "527")}
    found = procedure.decide("publication_period", context).value
    return found if isinstance(found, dict) else {}


def months(procedure: Procedure, grade_key: str) -> PublicationPeriod:
    """The same as a period to count with."""
    told = period(procedure, grade_key)
    return PublicationPeriod(
        int(told["min_months"]), int(told["max_months"]), early=bool(told["early"])
    )


@dataclass(frozen=True, slots=True)
class Appraisal:
    """A record under the law of an edition: its grade, by which row, and between which days it may
    be repaired; earliest_on None for never before the end."""

    grade: str | None
    rule: str
    earliest_on: date | None
    ends_on: date | None


def appraise(procedure: Procedure, record: models.Record) -> Appraisal:
    """The record by the edition's own tables; as it was collected where it has none.

    A later edition never shows a record for longer than the law under which it was collected.
    """
    if record.grade is None or not procedure.rules.keys() >= GRADED_BY:
        return Appraisal(record.grade, record.grade_rule, record.earliest_on, record.ends_on)
    key, rule, held = _appraised(procedure, facts_of(record))
    ends_on = min(record.ends_on or date.max, held.ends_on(record.decided_on))
    return Appraisal(key, rule, held.earliest_repair_on(record.decided_on), ends_on)


def longest(procedure: Procedure, record: models.Record) -> date | None:
    """The last day to which it is shown when a promise was broken: that of the edition that granted
    the repair, or the later one under which it was collected."""
    if record.grade is None or not procedure.rules.keys() >= GRADED_BY:
        return record.ends_on
    last = _appraised(procedure, facts_of(record))[2].ends_on(record.decided_on)
    return max(record.ends_on or last, last)


@lru_cache(maxsize=1024)
def _appraised(procedure: Procedure, facts: Facts) -> tuple[str, str, PublicationPeriod]:
    """Grade, row and period: the same facts under the same tables are asked at every letter of a
    case, and of every case about a record."""
    told = grade(procedure, facts)
    return told["grade"], told["rule"], months(procedure, told["grade"])


def grades_of(procedure: Procedure, records: Iterable[models.Record]) -> list[str]:
    held = (appraise(procedure, each).grade for each in records)
    return [grade for grade in held if grade]


def gravest(procedure: Procedure, records: Iterable[models.Record]) -> str | None:
    """The grade of a case: that of its gravest record."""
    order = [each.value for each in Grade]
    return max(grades_of(procedure, records), key=order.index, default=None)
