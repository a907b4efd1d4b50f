"""Operations of 暂缓上报: what may be deferred, who decides, until when, and how it ends.

昆信用办〔2020〕2号 item 6; the terms are local defaults (procedure.toml).
"""

from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select

from engine.domain.errors import DeferralRefused
from engine.domain.record import RecordEvent, Reporting
from engine.domain.words import Words, written
from engine.persistence import models
from engine.services import correspondence, deferral_terms, record_changes, rules
from engine.services.casework import Casework, Operation
from engine.services.deferral_letters import decision_data, term_data
from engine.services.deferral_terms import answers_of, request_of, term_of, today
from engine.services.operations.decision import record_outcome

#: The request -> the letters with which it is granted.
GRANTED_WITH = {
    "deferral": ("deferral_granted",),
    "extension": ("rectification_extended",),
    "both": ("deferral_granted", "rectification_extended"),
}
VOICES = {
    "central_bank": Words("人民银行昆山市支行", "the People's Bank"),
    "court": Words("市人民法院", "the court"),
}
SILENCE = "本地参数：会商单位 2 个工作日内不答复的，视为无异议"


def check_deferral(work: Casework) -> str:
    """allowed, or what is in the way, by the rule table as of the day of application."""
    outcomes, told = [], []
    for record in work.records:
        result = rules.ask_eligibility(
            work.office,
            work.procedure,
            record,
            now=work.case.filed_at,
            own_case=work.case.number,
        )
        work.keep_decision(work.procedure.rules["eligibility"], result, about=record.number)
        view = rules.eligibility_told(work.procedure, record, result, today=today(work))
        outcomes.append(view.outcome)
        told.append({"sentence": view.sentence.zh, "article": view.article, "rule": view.rule})
    wrong = [each for each in outcomes if each != "eligible"]
    work.remember(guard=[each for each, out in zip(told, outcomes, strict=True) if out in wrong])
    return wrong[0] if wrong else "allowed"


def hold_reporting(work: Casework) -> None:
    """临时冻结: not reported while it is decided, at most until the promised day."""
    ends = work.clocks["handling"].due_at if "handling" in work.clocks else None
    record_changes.change_in_case(work, RecordEvent.HELD)
    work.remember(reporting_held=True)
    for record in work.records:
        record.deferred_until = work.calendar.local_date(ends) if ends else None


def lift_hold(work: Casework, reason: str) -> None:
    """解除临时冻结: refused, or the promised day passed without a decision."""
    if record_changes.lift_hold(work) and reason == "promise_over":
        work.note("hold_lapsed", Words("承诺期满未决，临时冻结到期", "the hold lapsed undecided"))


def note_silence(work: Casework, of: str) -> None:
    """No answer in two working days counts as no objection."""
    who = VOICES.get(of, Words(of))
    work.remember(silent=[*work.case.facts.get("silent", []), of])
    work.note(
        "silence_noted",
        Words(f"{who.zh}未答复，视为无异议", f"no answer of {who.en}: no objection"),
        detail=SILENCE,
    )


def weigh_deferral(work: Casework) -> str:
    """leader or meeting, by the table `deferral_level`."""
    proposed, asked = answers_of(work, "recognise"), work.case.answers
    objections = [answers_of(work, each).get("joint_opinion") for each in VOICES_AT]
    result = work.procedure.decide(
        "level",
        {
            "months": int(proposed.get("proposed_months") or asked.get("months") or 0),
            "again": _granted_before(work),
            "objection": "object" in objections,
        },
    )
    work.keep_decision(work.procedure.rules["level"], result)
    told = result.value if isinstance(result.value, dict) else {}
    level = str(told.get("level", "leader"))
    work.remember(level=level)
    return level


VOICES_AT = ("bank_opinion", "court_opinion")


def _granted_before(work: Casework) -> bool:
    """Whether a record of the case was deferred before."""
    numbers, row = [record.number for record in work.records], models.Deferral
    found = select(func.count()).where(
        row.subject_code == work.case.subject_code, row.record_number.in_(numbers)
    )
    return bool(work.session.scalar(found))


def decide_deferral(work: Casework, outcome: str, letter: str) -> str:
    """The decision and its letters. *Answers* the outcome.

    Errors: DeferralRefused for what the law leaves no choice about, or a term that is too long.
    """
    granted = outcome == "granted"
    if granted:
        work.remember(deferral=_term(work))
    record_outcome(work, outcome)
    for key in GRANTED_WITH[request_of(work)] if granted else (letter,):
        queued = correspondence.queue(
            work, key, decision=decision_data(work, outcome), deferral=term_data(work)
        )
        if granted:
            number = correspondence.issue(work, queued)
            queued.state = "pending"
            held = term_of(work)
            numbers = [*held.get("numbers", []), number]
            work.remember(decision_number=numbers[0], deferral={**held, "numbers": numbers})
    return outcome


def _term(work: Casework) -> dict[str, Any]:
    """From today until the day that was decided, checked against the caps."""
    if answers_of(work, "recognise").get("cause") == "wilful":
        told = Words(
            "主管部门认定属借疫情故意违法，不得暂缓。",
            "the department found wilful conduct: it may not be deferred",
        )
        raise DeferralRefused(told.zh, told.en, fields={"decision": told})
    given = work.answers.get("until")
    if not given:
        told = Words("请填写截止日。", "give the last day")
        raise DeferralRefused(told.zh, told.en, fields={"until": told})
    until, level = date.fromisoformat(str(given)), str(work.case.facts.get("level", "leader"))
    deferral_terms.must_be_within(work, until, deferral_terms.caps(work, level))
    return {
        "from": today(work).isoformat(),
        "until": until.isoformat(),
        "first_until": until.isoformat(),
        "rectified_until": deferral_terms.rectified_until(work, until).isoformat(),
        "level": level,
        "conditions": str(work.answers.get("conditions") or ""),
    }


def defer_reporting(work: Casework) -> None:
    """登记台账: held back until the end of the term, under the number of the decision."""
    term, number = term_of(work), str(work.case.facts["decision_number"])
    if any(record.reporting == Reporting.REPORTED for record in work.records):
        record_changes.change_in_case(work, RecordEvent.RECALLED, document=number)
    record_changes.change_in_case(work, RecordEvent.DEFERRED, document=number)
    work.remember(reporting_held=False)
    until = date.fromisoformat(term["until"])
    for record in work.records:
        record.deferred_until = until
    work.add(
        models.Deferral(
            id=uuid4(),
            case_id=work.case.id,
            subject_code=work.case.subject_code,
            record_number=work.records[0].number if work.records else "",
            request=request_of(work),
            number=number,
            level=term["level"],
            granted_on=today(work),
            first_until=until,
            until=until,
            renewed_on=None,
            state="running",
            ended_on=None,
        )
    )
    last = written(until)
    title = Words(f"登记暂缓至{last.zh}", f"deferred until {last.en}")
    work.note("deferral_registered", title, detail=number, changes={"until": until.isoformat()})


OPERATIONS: dict[str, Operation] = {
    "check_deferral": check_deferral,
    "hold_reporting": hold_reporting,
    "lift_hold": lift_hold,
    "note_silence": note_silence,
    "weigh_deferral": weigh_deferral,
    "decide_deferral": decide_deferral,
    "defer_reporting": defer_reporting,
}
