"""Asks the decision tables in force: grade, publication period, whether a record may be repaired."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.record import Flag, Publication, PublicationPeriod
from engine.domain.views import EligibilityView, PaperView
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.decisions import DecisionResult
from engine.runtime.procedure import Paper, Procedure
from engine.services.office import Office

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
WILFUL_EPIDEMIC = ("哄抬", "囤积居奇", "借疫情")


def field_of(*texts: str) -> str:
    """The field of a penalty, from its conduct and authority; 'other' when nothing tells."""
    text = "".join(texts)
    for field, words in FIELDS:
        if any(word in text for word in words):
            return field
    return "other"


def grade(procedure: Procedure, *, kinds: tuple[str, ...], conduct: str, fine: Decimal) -> Any:
    """Output of the grading table: {'grade', 'rule'}; `fine` in 万元."""
    joined = "；".join(kinds)
    return procedure.decide(
        "grading",
        {
            "has_suspension": "责令停产停业" in joined,
            "has_revocation": "吊销" in joined,
            "field": field_of(conduct),
            "fine": fine,
            "wilful_epidemic": any(word in conduct for word in WILFUL_EPIDEMIC),
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


def eligibility(
    office: Office,
    procedure: Procedure,
    record: models.Record,
    *,
    now: datetime,
    own_case: str | None = None,
) -> EligibilityView:
    """Whether the record may be repaired on the day of `now`, by which rule, with what papers.

    own_case: the case that asks; its own hold on the record does not count as another repair.
    """
    result = ask_eligibility(office, procedure, record, now=now, own_case=own_case)
    today = office.calendar().local_date(now)
    return eligibility_told(procedure, record, result, today=today)


def ask_eligibility(
    office: Office,
    procedure: Procedure,
    record: models.Record,
    *,
    now: datetime,
    own_case: str | None = None,
) -> DecisionResult:
    """The eligibility table's answer for a record, with the row that holds."""
    today = office.calendar().local_date(now)
    return procedure.decide("eligibility", _facts(record, today, own_case))


def eligibility_told(
    procedure: Procedure, record: models.Record, result: DecisionResult, *, today: date
) -> EligibilityView:
    """The same as readers see it, with the articles that may be cited today."""
    told = result.value if isinstance(result.value, dict) else {}
    articles = [procedure.laws.on(note, today) for row in result.rows for note in row.annotations]
    outcome = str(told.get("outcome", "not_shown"))
    return EligibilityView(
        outcome=outcome,
        sentence=_sentence(told, record, outcome),
        earliest_on=record.earliest_on,
        ends_on=record.ends_on,
        rule=f"{record.grade_rule} · {told.get('rule', '')}",
        article="；".join(filter(None, articles)),
        missing=papers_for(procedure, record.grade),
        routes=ROUTES.get(outcome, ()),
        table=procedure.table("eligibility").title,
        rows=tuple(row.number for row in result.rows),
    )


def _facts(record: models.Record, today: date, own_case: str | None) -> dict[str, object]:
    return {
        "publication": record.publication,
        "grade": record.grade,
        "minimum_reached": record.earliest_on is not None and today >= record.earliest_on,
        "objection_open": Flag.OBJECTION.value in record.flags,
        "repair_open": record.holds.get("repair") not in (None, own_case),
        "objection_filed": record.holds.get("objection") not in (None, own_case),
        "expired": today > record.ends_on and record.publication == Publication.SHOWN,
    }


def _sentence(told: Mapping[str, Any], record: models.Record, outcome: str) -> Words:
    zh, en = str(told.get("sentence_zh", "")), str(told.get("sentence_en", ""))
    if outcome == "not_yet" and record.earliest_on:
        day = record.earliest_on
        zh += f"最早 {day.year}年{day.month}月{day.day}日可以申请。"
        en += f" First possible day: {day.isoformat()}."
    return Words(zh, en)


ROUTES: dict[str, tuple[Words, ...]] = {
    "not_yet": (
        Words(
            "认为处罚信息有错误的，可以申请异议处理。",
            "If the information is wrong, you may object to it.",
        ),
    ),
    "never": (
        Words(
            "公示满最长期限后网站自行撤下；认为信息有错误的，可以申请异议处理。",
            "The site takes it down after the maximum period; if it is wrong, you may object.",
        ),
    ),
    "objection_first": (
        Words("异议办结后再申请修复。", "Apply again when the objection is settled."),
    ),
}


def papers_for(procedure: Procedure, grade_key: str | None) -> tuple[PaperView, ...]:
    """What the procedure asks for with a record of that grade; nothing given yet."""
    return tuple(
        paper_view(paper)
        for paper in procedure.papers
        if grade_key is None or not paper.grades or grade_key in paper.grades
    )


def paper_view(paper: Paper) -> PaperView:
    return PaperView(paper.key, paper.title, paper.help, paper.required, paper.source, ())


def procedure_for_records(office: Office, session: Session, on: date) -> Procedure:
    """The edition in force on a day whose tables grade records and set their periods."""
    definition = models.ProcessDefinition
    rows = session.query(definition.id).where(
        definition.effective_from <= on,
        (definition.effective_to.is_(None)) | (definition.effective_to >= on),
    )
    for (definition_id,) in rows.order_by(
        definition.effective_from.desc(), definition.version.desc()
    ):
        procedure = office.procedure(session, definition_id)
        if {"grading", "publication_period"} <= procedure.rules.keys():
            return procedure
    # A day outside every edition: the newest edition's tables are the best there is.
    newest = session.query(definition.id).order_by(definition.effective_from.desc()).first()
    if newest is None:
        raise LookupError("no procedure is deployed")
    return office.procedure(session, newest[0])
