"""Asks the decision tables in force: grade, publication period, whether a record may be repaired."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.calendar import months_after
from engine.domain.record import Flag, Grade, Publication, Reporting
from engine.domain.record_kind import RecordKind
from engine.domain.views import EligibilityView, PaperView
from engine.domain.words import Words, written
from engine.persistence import models
from engine.runtime.decisions import DecisionResult
from engine.runtime.procedure import Paper, Procedure
from engine.services import emergencies
from engine.services.grading import WILFUL_EPIDEMIC, Appraisal, appraise
from engine.services.office import Office


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
    if record.kind not in procedure.record_kinds:
        return _of_another_kind(procedure, record)
    result = ask_eligibility(office, procedure, record, now=now, own_case=own_case)
    today = office.calendar().local_date(now)
    return eligibility_told(procedure, record, result, today=today)


def _of_another_kind(procedure: Procedure, record: models.Record) -> EligibilityView:
    kind = RecordKind(record.kind)
    return EligibilityView(
        outcome="other_kind",
        sentence=Words(
            f"{kind.words.zh}不通过“{procedure.title.zh}”办理。",
            f"{procedure.title.en} does not deal with this: {kind.words.en}.",
        ),
        earliest_on=None,
        ends_on=record.ends_on,
        rule=record.grade_rule,
        article="",
        missing=(),
        routes=_other_ways(record),
    )


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
    facts = _facts(record, appraise(procedure, record), today, own_case, procedure.filing.hold)
    if (rule := procedure.emergency) is not None:
        facts["emergency"] = emergencies.emergency_in_force(office, today, rule.kind) is not None
    return procedure.decide("eligibility", facts)


def eligibility_told(
    procedure: Procedure, record: models.Record, result: DecisionResult, *, today: date
) -> EligibilityView:
    """The same as readers see it, with the articles that may be cited today."""
    told = result.value if isinstance(result.value, dict) else {}
    held = appraise(procedure, record)
    articles = [procedure.laws.on(note, today) for row in result.rows for note in row.annotations]
    outcome = str(told.get("outcome", "not_shown"))
    return EligibilityView(
        outcome=outcome,
        sentence=_sentence(told, held, outcome),
        earliest_on=held.earliest_on,
        ends_on=held.ends_on,
        rule=f"{held.rule} · {told.get('rule', '')}",
        article="；".join(filter(None, articles)),
        missing=papers_for(procedure, held.grade),
        routes=_routes(told) or _ways(procedure, record, outcome),
        table=procedure.table("eligibility").title,
        rows=tuple(row.number for row in result.rows),
        grade=held.grade,
        grade_title=Grade(held.grade).words if held.grade else None,
        edition=procedure.edition,
        law=procedure.basis[0] if procedure.basis else "",
    )


def _routes(told: Mapping[str, Any]) -> tuple[Words, ...]:
    """Another way, as the table's row names it."""
    zh, en = str(told.get("route_zh") or ""), str(told.get("route_en") or "")
    return (Words(zh, en),) if zh else ()


def _facts(
    record: models.Record, held: Appraisal, today: date, own_case: str | None, hold_of: str
) -> dict[str, object]:
    """What the eligibility table of any procedure may ask; `held`: by another case of its own,
    `held_elsewhere`: by a case of another procedure."""
    hold = record.holds.get(hold_of)
    return {
        "kind": record.kind,
        "publication": record.publication,
        "authority": record.authority_key or "",
        "reporting": record.reporting,
        "wilful": any(word in record.conduct for word in WILFUL_EPIDEMIC),
        "held": hold not in (None, own_case),
        "held_elsewhere": any(
            name != hold_of and number != own_case for name, number in record.holds.items()
        ),
        "grade": held.grade,
        "minimum_reached": held.earliest_on is not None and today >= held.earliest_on,
        "promise_broken": Flag.PROMISE_MISSING.value in record.flags,
        "objection_open": Flag.OBJECTION.value in record.flags,
        "repair_open": record.holds.get("repair") not in (None, own_case),
        "objection_filed": record.holds.get("objection") not in (None, own_case),
        "expired": held.ends_on is not None
        and today > held.ends_on
        and record.publication == Publication.SHOWN,
    }


def _sentence(told: Mapping[str, Any], held: Appraisal, outcome: str) -> Words:
    zh, en = str(told.get("sentence_zh", "")), str(told.get("sentence_en", ""))
    if outcome == "not_yet" and held.earliest_on:
        day = written(held.earliest_on)
        zh += f"最早 {day.zh}可以申请。"
        en += f" First possible day: {day.en}."
    return Words(zh, en)


_OBJECTION = Words(
    "认为处罚信息有错误的，可以申请异议处理。", "If the information is wrong, you may object to it."
)
_REPAIR = Words(
    "信息没有错误、处罚已经履行的，可以申请信用修复。",
    "If it is right and the penalty is carried out, ask for credit repair.",
)
_COURT = Words(
    "对处罚决定本身不服的，可以依法申请行政复议或者提起行政诉讼；决定被撤销的，公示随之撤下。",
    "If you contest the penalty itself, ask for administrative review or sue; when it is revoked,"
    " the record goes.",
)
_WAIT = Words(
    "不申请的，公示满最长期限后网站自行撤下。",
    "Without an application the site takes it down after the maximum period.",
)
ROUTES: dict[str, tuple[Words, ...]] = {
    "eligible": (_OBJECTION, _COURT, _WAIT),
    "not_yet": (_OBJECTION, _COURT, _WAIT),
    "never": (_OBJECTION, _COURT, _WAIT),
    "elsewhere": (_OBJECTION, _COURT),
    "objection_first": (
        Words("异议办结后再申请修复。", "Apply again when the objection is settled."),
    ),
}


def _ways(procedure: Procedure, record: models.Record, outcome: str) -> tuple[Words, ...]:
    """What else may be done; who asks about an objection is not sent to an objection, and of what is
    no penalty nothing is said that holds of penalties only."""
    ways = ROUTES.get(outcome, ())
    if RecordKind(record.kind) is not RecordKind.PENALTY:
        return _other_ways(record) if _WAIT in ways else ways
    if procedure.filing.hold != "objection":
        return ways
    return tuple(_REPAIR if way is _OBJECTION else way for way in ways)


#: What else may be done about a record that is no penalty.
OTHER_WAYS: dict[RecordKind, tuple[Words, ...]] = {
    RecordKind.COURT_DEFAULT: (
        Words(
            "是否列入名单由执行法院决定：认为错误的，向执行法院申请纠正；已经履行的，请执行法院删除。",
            "The court of enforcement decides on its list: ask it to correct a wrong entry, or to "
            "delete one whose duty is done.",
        ),
    ),
    RecordKind.DEFAULT_EVENT: (
        Words(
            "尚未上报、没有公示；按期整改，或者向认定单位说明情况。",
            "It is neither reported nor shown: put it right in time, or tell the department.",
        ),
    ),
}
_REPORTED = Words(
    "已经上报；认为有错误的，或者已经改正的，向认定单位提出。",
    "It is reported: tell the department when it is wrong, or when you have put it right.",
)


def _other_ways(record: models.Record) -> tuple[Words, ...]:
    kind = RecordKind(record.kind)
    if kind is RecordKind.DEFAULT_EVENT and record.reporting == Reporting.REPORTED:
        return (_REPORTED,)
    return OTHER_WAYS.get(kind, ())


def papers_for(procedure: Procedure, grade_key: str | None) -> tuple[PaperView, ...]:
    """What the procedure asks for with a record of that grade; nothing given yet."""
    return tuple(
        paper_view(paper)
        for paper in procedure.papers
        if grade_key is None or not paper.grades or grade_key in paper.grades
    )


def paper_view(paper: Paper) -> PaperView:
    return PaperView(
        paper.key,
        paper.title,
        paper.help,
        paper.required,
        paper.source,
        (),
        paper.course,
        depends=bool(paper.when),
    )


@dataclass(frozen=True, slots=True)
class ListingTerm:
    """How long a record that is no penalty is shown; months None: no fixed term."""

    months: int | None
    from_listing: bool
    rule: str
    article: str

    def ends_on(self, first: date) -> date | None:
        return months_after(first, self.months) if self.months is not None else None


#: The ground of what no court has listed.
NO_GROUND = "none"


def listing_term(procedure: Procedure, grounds: Sequence[str]) -> ListingTerm:
    """The longest of what the table says for each ground of a court; one without a fixed term
    decides. Without a ground: the term of a default that its department reports."""
    terms = [
        _term(procedure.decide("listing_period", {"ground": ground}))
        for ground in grounds or (NO_GROUND,)
    ]
    open_ended = [each for each in terms if each.months is None]
    return open_ended[0] if open_ended else max(terms, key=lambda each: each.months or 0)


def _term(result: DecisionResult) -> ListingTerm:
    told = result.value if isinstance(result.value, dict) else {}
    articles = [note for row in result.rows for note in row.annotations if note]
    return ListingTerm(
        months=int(told["months"]) if told.get("fixed") else None,
        from_listing=told.get("counts_from") == "listed",
        rule=str(told.get("rule", "")),
        article="；".join(articles),
    )


def procedure_for_records(office: Office, session: Session, on: date) -> Procedure:
    """The edition in force on a day whose tables grade penalties and set their periods."""
    return tables_for(office, session, on, "grading", "publication_period")


def tables_for(office: Office, session: Session, on: date, *names: str) -> Procedure:
    """The edition in force on a day that has decision tables of these names in its [rules]."""
    definition = models.ProcessDefinition
    rows = session.query(definition.id).where(
        definition.effective_from <= on,
        (definition.effective_to.is_(None)) | (definition.effective_to >= on),
    )
    for (definition_id,) in rows.order_by(
        definition.effective_from.desc(), definition.version.desc()
    ):
        procedure = office.procedure(session, definition_id)
        if set(names) <= procedure.rules.keys():
            return procedure
    # A day outside every edition: the newest edition's tables are the best there is.
    newest = session.query(definition.id).order_by(definition.effective_from.desc()).first()
    if newest is None:
        raise LookupError("no procedure is deployed")
    return office.procedure(session, newest[0])
