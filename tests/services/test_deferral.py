"""Deferral 暂缓上报: what is held back until when, who may decide it, and how the record comes out of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from engine.domain.actor import Actor
from engine.domain.emergency import Act
from engine.domain.errors import Conflict, DeferralRefused, Invalid, NotEligible, NotPermitted
from engine.domain.record import Cause, Origin, RecordEvent
from engine.persistence import models
from engine.services import (
    applications,
    cases,
    deferral_register,
    emergencies,
    emergency_acts,
    jobs,
    parameters,
    record_changes,
    steps_said,
    tasks,
    tellings,
)
from engine.services.emergency_acts import Proposal
from engine.services.writing import Writing
from engine.settings import ROOT
from tests.offices import FIRM, Practice, day

SCENARIO = ROOT / "workflows/deferral/scenarios/granted_exempt.json"
SECOND = Actor(UUID(int=999), "second", "second", groups=frozenset({"administrator"}))
TOLD: Mapping[str, Any] = json.loads(SCENARIO.read_text("utf-8"))
ANSWERS = {step["task"]: step["answers"] for step in TOLD["steps"] if "task" in step}
GRANT = {"decision": "grant", "until": "2020-05-29", "opinion": "同意。"}
OVER = {"ground_kind": "worse", "ground": "再次违约。", "document": "核查记录"}
RENEWAL = {"reason": "上游复工推迟。", "wanted_until": "2020-08-28"}


def filed(practice: Practice, *record_ids: UUID, **changes: Any) -> tuple[str, UUID]:
    """A deferral of a default of the firm, and the record's id."""
    record = record_ids[0] if record_ids else practice.enter_default()
    answers = {**TOLD["filing"]["application"], **changes}
    case = cases.file(
        practice.office, practice.firm, "deferral", FIRM, [record], answers, now=practice.now
    )
    return case.number, record


def at_leader(practice: Practice, **changes: Any) -> tuple[str, UUID]:
    number, record = filed(practice, **changes)
    for element in ("review_filing", "recognise", "review"):
        practice.answer(number, element, ANSWERS[element])
    return number, record


def granted(practice: Practice, until: str = "2020-05-29", **changes: Any) -> tuple[str, UUID]:
    number, record = at_leader(practice, **changes)
    practice.answer(number, "approve", {**GRANT, "until": until})
    return number, record


def tell(practice: Practice, who: str, number: str, key: str, **told: Any) -> None:
    actor = practice[who]
    tellings.act(practice.office, actor, number, key, told, now=practice.now)


def offered_to_the_firm(practice: Practice, number: str) -> list[str]:
    found = cases.get(practice.office, practice.firm, number, now=practice.now)
    return [each.key for each in found.follow_ups]


def states(practice: Practice, record: UUID) -> tuple[str, str, date | None]:
    held = practice.record(record)
    return held.publication, held.reporting, held.deferred_until


def register(practice: Practice, number: str) -> models.Deferral:
    (row,) = practice.of_case(models.Deferral, number)
    return row


def end_emergency(practice: Practice, on: date) -> None:
    (running,) = emergencies.known(practice.office)
    end = Proposal(Act.END, on, "终止响应的公告", "疫情平稳", None, running.id)
    emergency_acts.declare_at_once(
        practice.office, end, by=practice["feng"], confirmed_by=SECOND, now=practice.now
    )
    jobs.run_due(practice.office)


def test_from_acceptance_the_record_is_held_back_and_a_decision_defers_it(
    practice: Practice,
) -> None:
    number, record = filed(practice)
    assert states(practice, record) == ("not_shown", "pending", None)
    practice.answer(number, "review_filing", ANSWERS["review_filing"])
    assert states(practice, record) == ("not_shown", "held", date(2020, 3, 11))
    practice.answer(number, "recognise", ANSWERS["recognise"])
    practice.answer(number, "review", ANSWERS["review"])
    practice.answer(number, "approve", GRANT)
    assert states(practice, record) == ("not_shown", "deferred", date(2020, 5, 29))
    kept = register(practice, number)
    assert (kept.request, kept.level, kept.until) == ("deferral", "leader", date(2020, 5, 29))
    (decision,) = [
        each for each in practice.of_case(models.Letter, number) if each.key == "deferral_granted"
    ]
    assert (decision.number, kept.number) == ("昆信用缓〔2020〕决1号", decision.number)
    changed = [
        (event.after, event.document)
        for event in practice.all(
            select(models.RecordEvent)
            .where(models.RecordEvent.record_id == record)
            .order_by(models.RecordEvent.sequence)
        )
    ]
    assert changed[-2:] == [("held", None), ("deferred", decision.number)]


def test_a_promise_that_passes_lets_the_hold_lapse_and_supervises_the_office(
    practice: Practice,
) -> None:
    number, record = at_leader(practice)
    practice.move_to(day(3, 12))
    assert states(practice, record) == ("not_shown", "pending", None)
    assert "hold_lapsed" in practice.kinds(number)
    assert [each.ground for each in practice.of_case(models.Supervision, number)] == ["handling"]
    practice.answer(number, "approve", GRANT)
    assert states(practice, record)[1:] == ("deferred", date(2020, 5, 29))


def test_a_withdrawal_and_a_refusal_let_go_of_the_record(practice: Practice) -> None:
    number, record = filed(practice)
    practice.answer(number, "review_filing", ANSWERS["review_filing"])
    cases.withdraw(practice.office, practice.firm, number, reason="已交付", now=practice.now)
    assert states(practice, record) == ("not_shown", "pending", None)
    assert practice.record(record).holds == {}
    again, _ = at_leader(practice)
    practice.answer(again, "approve", {"decision": "refuse", "opinion": "没有因果关系。"})
    assert practice.case(again).outcome == "refused"
    (held,) = [UUID(each) for each in practice.case(again).record_ids]
    assert states(practice, held) == ("not_shown", "pending", None)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [("penalty", "已作出行政处罚"), ("court_default", "失信被执行人名单由执行法院决定")],
)
def test_decided_penalties_and_the_courts_list_are_refused_by_a_row_with_its_article(
    practice: Practice, kind: str, sentence: str
) -> None:
    record = practice.import_penalty() if kind == "penalty" else practice.import_court_default()
    with pytest.raises(NotEligible, match=sentence):
        applications.start(practice.office, practice.firm, "deferral", [record], now=practice.now)
    number, _ = filed(practice, record)  # a program may file it all the same
    practice.answer(number, "review_filing", ANSWERS["review_filing"])
    practice.run_jobs()
    assert practice.case(number).outcome == "not_deferrable"
    decided = [
        row for row in practice.of_case(models.DecisionMade, number)
        if row.decision_id == "deferral_eligibility"
    ]  # fmt: skip
    assert decided
    (letter,) = [
        each
        for each in practice.of_case(models.Letter, number)
        if each.key == "deferral_not_applicable"
    ]
    assert sentence in letter.data["decision"]["reason"]
    assert letter.data["decision"]["articles"][0]


def test_wilful_conduct_is_not_deferred_and_the_leader_cannot_grant_it(
    practice: Practice,
) -> None:
    greedy = practice.enter_default(DS_SS="借疫情哄抬口罩价格，拒不履行供货合同。")
    with pytest.raises(NotEligible, match="故意行为"):
        applications.start(practice.office, practice.firm, "deferral", [greedy], now=practice.now)
    number, record = filed(practice)
    practice.answer(number, "review_filing", ANSWERS["review_filing"])
    found = {**ANSWERS["recognise"], "cause": "wilful"}
    found.pop("proposed_months")
    practice.answer(number, "recognise", found)
    before = practice.history(number)
    with pytest.raises(DeferralRefused) as refused:
        practice.answer(number, "approve", GRANT)
    assert set(refused.value.fields) == {"decision"}
    assert len(practice.history(number)) == len(before)
    assert practice.all(select(models.Incident)) == []
    assert states(practice, record)[1] == "held"


def test_a_leader_grants_three_months_and_the_meeting_six(practice: Practice) -> None:
    number, _ = at_leader(practice)
    with pytest.raises(DeferralRefused, match="2020年6月2日"):
        practice.answer(number, "approve", {**GRANT, "until": "2020-06-03"})
    practice.answer(number, "approve", {**GRANT, "until": "2020-06-02"})
    long, _ = filed(practice, months=4)
    practice.answer(long, "review_filing", ANSWERS["review_filing"])
    practice.answer(long, "recognise", {**ANSWERS["recognise"], "proposed_months": 4})
    practice.answer(long, "review", ANSWERS["review"])
    met = {"met_on": "2020-03-02", "minutes": "各单位无异议。"}
    with pytest.raises(DeferralRefused, match="2020年9月2日"):
        practice.answer(long, "office_meeting", {**met, **GRANT, "until": "2020-09-03"})
    practice.answer(long, "office_meeting", {**met, **GRANT, "until": "2020-09-02"})
    assert register(practice, long).level == "meeting"


def test_an_objection_of_the_bank_or_a_second_deferral_goes_to_the_meeting(
    practice: Practice,
) -> None:
    number, _ = filed(practice, involves_loan="yes")
    for element in ("review_filing", "recognise", "review"):
        practice.answer(number, element, ANSWERS[element])
    opinion = {"joint_opinion": "object", "joint_reason": "贷款已逾期半年。"}
    practice.answer(number, "bank_opinion", opinion)
    assert [task.element_id for task in practice.open_tasks(number)] == ["office_meeting"]
    first, record = granted(practice)
    tell(practice, "wu", first, "deferral_terminated", **OVER)
    assert practice.record(record).reporting == "pending"
    practice.run_jobs()
    assert states(practice, record)[:2] == ("shown", "reported")


def test_more_time_is_at_most_thirty_days_from_the_original_day(practice: Practice) -> None:
    number, record = at_leader(practice, request="extension", original_due_on="2020-02-28")
    with pytest.raises(DeferralRefused, match="2020年3月29日"):
        practice.answer(number, "approve", {**GRANT, "until": "2020-03-30"})
    practice.answer(number, "approve", {**GRANT, "until": "2020-03-29"})
    assert states(practice, record) == ("not_shown", "deferred", date(2020, 3, 29))


def test_more_time_counts_from_today_where_thirty_days_from_the_original_day_have_passed(
    practice: Practice,
) -> None:
    number, _ = at_leader(practice, request="extension", original_due_on="2020-01-20")
    with pytest.raises(DeferralRefused, match="2020年4月1日"):
        practice.answer(number, "approve", {**GRANT, "until": "2020-04-02"})
    practice.answer(number, "approve", {**GRANT, "until": "2020-04-01"})


def test_of_both_the_time_to_put_right_ends_after_thirty_days_and_the_deferral_later(
    practice: Practice,
) -> None:
    number, record = granted(practice, request="both", original_due_on="2020-02-28")
    assert states(practice, record) == ("not_shown", "deferred", date(2020, 5, 29))
    (letter,) = [
        each
        for each in practice.of_case(models.Letter, number)
        if each.key == "rectification_extended"
    ]
    assert letter.data["deferral"]["rectified_until"] == "2020-03-29"
    assert letter.data["deferral"]["until"] == "2020-05-29"


def test_a_site_check_tells_how_long_it_takes_and_where_the_limit_ends_then(
    practice: Practice,
) -> None:
    number, _ = filed(practice)
    practice.answer(number, "review_filing", ANSWERS["review_filing"])
    practice.answer(number, "recognise", {**ANSWERS["recognise"], "visit": "needed"})
    (told,) = [
        each for each in practice.of_case(models.Letter, number) if each.key == "pause_notice"
    ]
    assert told.data["clock"]["days_not_counted"] == 5  # a week from Monday, the first day apart
    assert "3月3日至3月6日、9日实地核查，不计入" in told.data["limit"]["narrative"]
    assert told.data["clock"]["new_last_day"] == "2020-03-18"
    seen = cases.get(practice.office, practice.firm, number, now=practice.now)
    assert seen.decide_by == day(3, 18, 17)
    (decision,) = [each for each in seen.stages if each.key == "decision"]
    assert decision.until == seen.decide_by


def test_a_case_over_its_limit_is_asked_of_the_department_at_whose_desk_it_lies(
    practice: Practice,
) -> None:
    parameters.set_value(
        practice.office,
        practice["feng"],
        scope="deferral:2020",
        key="limit.handling",
        value="2",
        basis="昆信用办〔2020〕5号",
        now=practice.now,
    )
    number, _ = filed(practice)
    practice.answer(number, "review_filing", ANSWERS["review_filing"])
    practice.move_to(day(3, 5, 9))  # two working days have passed; the department has three
    (notice,) = practice.of_case(models.Supervision, number)
    assert (notice.ground, notice.element_id) == ("handling", "recognise")
    assert notice.unit == practice.case(number).authority_key == "market_regulation"
    (letter,) = [
        each for each in practice.of_case(models.Letter, number) if each.key == "supervision_notice"
    ]
    assert letter.data["addressee"]["name"] == "市市场监管局"
    assert letter.data["issuer"] == "昆山市社会信用体系建设领导小组办公室"
    assert letter.data["supervision"]["subject"] == "昆山澄远包装材料有限公司"


def test_a_visit_is_not_dated_before_the_application_nor_after_today(practice: Practice) -> None:
    number, _ = filed(practice)
    practice.answer(number, "review_filing", ANSWERS["review_filing"])
    practice.answer(number, "recognise", {**ANSWERS["recognise"], "visit": "needed"})
    seen = {
        "place": "厂区",
        "inspectors": "唐一、丁二",
        "finding": "consistent",
        "report": "属实。",
    }
    for on, said in (
        ("2020-03-01", "核查日期不能早于申请之日（2020年3月2日）"),
        ("2020-03-03", "核查日期不能晚于今天"),
    ):
        with pytest.raises(Invalid) as refused:
            practice.answer(number, "visit_site", {**seen, "visited_on": on})
        assert str(refused.value.fields["visited_on"]) == said
    practice.answer(number, "visit_site", {**seen, "visited_on": "2020-03-02"})


def test_silence_of_the_court_is_no_objection_and_is_said_to_be_silence(
    practice: Practice,
) -> None:
    number, _ = filed(practice, involves_judgment="yes")
    for element in ("review_filing", "recognise", "review"):
        practice.answer(number, element, ANSWERS[element])
    practice.move_to(day(3, 5))
    assert "silence_noted" in practice.kinds(number)
    practice.answer(number, "approve", GRANT)
    (letter,) = [
        each for each in practice.of_case(models.Letter, number) if each.key == "deferral_granted"
    ]
    (said,) = letter.data["deferral"]["opinions"]
    assert said == {"who": "市人民法院", "said": "2 个工作日内未答复，视为无异议"}


def test_a_renewal_is_asked_for_in_time_granted_once_and_capped(practice: Practice) -> None:
    number, record = granted(practice)
    tell(practice, "firm", number, "renewal_request", **RENEWAL)
    renewed = {"renewal": "grant", "until": "2020-08-30", "opinion": "同意。"}
    with pytest.raises(DeferralRefused, match="2020年8月29日"):
        practice.answer(number, "decide_renewal", renewed)
    practice.answer(number, "decide_renewal", {**renewed, "until": "2020-08-28"})
    assert states(practice, record)[1:] == ("deferred", date(2020, 8, 28))
    kept = register(practice, number)
    assert (kept.first_until, kept.until, kept.renewed_on) == (
        date(2020, 5, 29),
        date(2020, 8, 28),
        date(2020, 3, 2),
    )
    assert offered_to_the_firm(practice, number) == []
    with pytest.raises(DeferralRefused, match="已经续过"):
        tell(practice, "firm", number, "renewal_request", **RENEWAL)
    late, _ = granted(practice, "2020-03-06")
    with pytest.raises(DeferralRefused, match="只剩4个"):
        tell(practice, "firm", late, "renewal_request", **RENEWAL)


def test_only_the_applicant_renews_only_the_department_or_chief_ends_it(
    practice: Practice,
) -> None:
    number, _ = granted(practice)
    with pytest.raises(NotPermitted):
        tell(practice, "wu", number, "renewal_request", **RENEWAL)
    with pytest.raises(NotPermitted):
        tell(practice, "firm", number, "deferral_terminated", **OVER)
    assert offered_to_the_firm(practice, number) == ["renewal_request"]
    offered = cases.get(practice.office, practice["wu"], number, now=practice.now).follow_ups
    assert [each.key for each in offered] == ["deferral_terminated"]
    tell(practice, "wu", number, "deferral_terminated", **OVER)
    assert practice.case(number).outcome == "terminated"
    assert "deferral_abused" in practice.case(number).tags
    with pytest.raises(Conflict):
        tell(practice, "wu", number, "deferral_terminated", **OVER)


def test_the_end_of_the_emergency_caps_what_runs_and_what_is_granted_later(
    practice: Practice,
) -> None:
    running, record = granted(practice)
    short, other = granted(practice, "2020-04-30")
    pending, _ = at_leader(practice)
    end_emergency(practice, date(2020, 2, 20))
    assert states(practice, record)[2] == date(2020, 5, 20)
    assert states(practice, other)[2] == date(2020, 4, 30)
    (told,) = [
        each
        for each in practice.of_case(models.Letter, running)
        if each.key == "deferral_end_changed"
    ]
    assert "终止响应的公告" in told.data["deferral"]["why"]
    assert "deferral_end_moved" not in practice.kinds(short)
    assert "message_received" not in practice.kinds(pending)
    end_emergency(practice, date(2020, 3, 2))
    with pytest.raises(DeferralRefused, match="2020年6月2日"):
        practice.answer(pending, "approve", {**GRANT, "until": "2020-06-03"})


def test_the_applicant_reports_every_month_and_is_reminded_when_it_does_not(
    practice: Practice,
) -> None:
    number, _ = granted(practice)
    practice.move_to(day(4, 3))
    assert [task.element_id for task in practice.open_tasks(number)] == ["report"]
    practice.run_jobs()
    (turn,) = practice.all(select(models.Notice).where(models.Notice.kind == "turn"))
    assert (turn.recipient, "报告整改进展，最迟 2020年4月10日" in turn.body) == ("firm", True)
    practice.move_to(day(4, 14))
    practice.run_jobs()
    notices = practice.all(select(models.Notice).where(models.Notice.kind == "progress_late"))
    assert {each.recipient for each in notices} == {"firm", "wu"}  # and the department
    practice.move_to(day(5, 15))
    practice.run_jobs()
    kinds = {each.kind for each in practice.all(select(models.Notice))}
    assert "deferral_ends_soon" in kinds
    practice.move_to(day(5, 30))
    assert [task.element_id for task in practice.open_tasks(number)] == ["check_result"]


def test_months_of_the_report_are_counted_from_the_decision_not_from_the_report_before(
    practice: Practice,
) -> None:
    number, _ = granted(practice)  # decided on 2 March
    practice.move_to(day(4, 8))
    practice.answer(
        number, "report", {"progress": "ongoing", "done": "已交付 300 套。", "rest": "5月底。"}
    )
    seen = cases.get(practice.office, practice.firm, number, now=practice.now)
    (month,) = [each for each in seen.waiting if each.element_id == "month_over"]
    assert month.until == day(5, 2)  # 自决定之日起每满一个月; a Saturday in the holidays
    practice.move_to(day(5, 6))
    assert practice.open_task(number, "report").due_at == day(5, 12, 17)  # 6, 7, 8, 9, 11, 12 May
    practice.move_to(day(6, 3))
    (late,) = [task for task in practice.open_tasks(number) if task.element_id == "check_result"]
    assert late.candidate_group == "authority"  # the term is over: no report is asked for any more


def test_a_renewal_or_a_moved_end_does_not_begin_the_month_of_the_report_anew(
    practice: Practice,
) -> None:
    number, record = granted(practice)
    practice.move_to(day(3, 25))
    tell(practice, "firm", number, "renewal_request", **RENEWAL)
    end_emergency(practice, date(2020, 3, 24))
    refused = {"renewal": "refuse", "opinion": "进度滞后。"}
    practice.answer(number, "decide_renewal", refused)
    assert states(practice, record)[2] == date(2020, 5, 29)
    practice.move_to(day(3, 27))
    tell(practice, "firm", number, "renewal_request", **RENEWAL)
    practice.answer(
        number, "decide_renewal", {**refused, "renewal": "grant", "until": "2020-06-24"}
    )
    (month,) = [
        each
        for each in practice.of_case(models.Wait, number)
        if each.element_id == "month_over" and each.ended_at is None
    ]
    assert month.due_at == day(4, 2)
    assert practice.clock_of(number, "renewal").state == "stopped"
    practice.move_to(day(4, 3))
    assert [task.element_id for task in practice.open_tasks(number)] == ["report"]
    tell(practice, "wu", number, "deferral_terminated", **OVER)
    assert practice.case(number).outcome == "terminated"
    assert not practice.open_tasks(number) or practice.open_tasks(number)[0].element_id == "rate"


def test_a_report_can_be_given_while_the_renewal_is_decided_and_settles_it(
    practice: Practice,
) -> None:
    number, _ = granted(practice)
    practice.move_to(day(4, 3))
    tell(practice, "firm", number, "renewal_request", **RENEWAL)
    told = steps_said.with_case(
        practice.office, practice.of_group("leader"), number, now=practice.now
    ).said
    assert told[0].answers["reason"] == RENEWAL["reason"]  # the leader reads why it is asked
    assert told[0].form["title"]
    done = {"审批", "审核", "认定成因，提出期限", "收件审查"}
    assert {each.title.zh for each in told[1:]} == done
    steps = {task.element_id for task in practice.open_tasks(number)}
    assert steps == {"report", "decide_renewal"}
    practice.answer(number, "report", {"progress": "rectified", "done": "全部交付并验收。"})
    assert [task.element_id for task in practice.open_tasks(number)] == ["check_result"]


def test_a_response_that_ends_while_a_refused_renewal_was_asked_caps_the_term(
    practice: Practice,
) -> None:
    number, record = filed(practice, months=4)
    practice.answer(number, "review_filing", ANSWERS["review_filing"])
    practice.answer(number, "recognise", {**ANSWERS["recognise"], "proposed_months": 4})
    practice.answer(number, "review", ANSWERS["review"])
    met = {"met_on": "2020-03-02", "minutes": "各单位无异议。"}
    practice.answer(number, "office_meeting", {**met, **GRANT, "until": "2020-08-28"})
    tell(practice, "firm", number, "renewal_request", **RENEWAL)
    end_emergency(practice, date(2020, 3, 2))
    assert states(practice, record)[2] == date(2020, 8, 28)
    practice.answer(number, "decide_renewal", {"renewal": "refuse", "opinion": "进度滞后。"})
    assert states(practice, record)[2] == date(2020, 6, 2)
    practice.move_to(day(6, 3))
    assert [task.element_id for task in practice.open_tasks(number)] == ["check_result"]


def test_the_page_says_when_the_term_ends_and_when_the_next_report_is_due(
    practice: Practice,
) -> None:
    number, _ = granted(practice, "2020-03-20")
    view = cases.get(practice.office, practice.firm, number, now=practice.now)
    last, month = view.waiting  # the day that comes first
    assert "3月20日（周五）24:00" in last.sentence.zh
    assert "20 March 2020, 24:00" in last.sentence.en
    assert "4月2日（周四）09:00" in month.sentence.zh
    for card in view.waiting:
        assert "轮到您" not in card.headline.zh
        assert "不提出" not in card.can_do.zh


def test_put_right_but_reported_stands_on_the_record_with_a_note(practice: Practice) -> None:
    number, record = granted(practice, "2020-03-20")
    practice.move_to(day(3, 21))
    found = {"result": "noted", "checked_on": "2020-03-20", "opinion": "已全部交付。"}
    practice.answer(number, "check_result", found)
    practice.run_jobs()
    assert states(practice, record) == ("shown", "reported", None)
    (note,) = practice.record(record).notes
    assert (note["case"], note["provider"]) == (number, "已全部交付。")
    assert register(practice, number).state == "reported_rectified"
    assert register(practice, number).ended_on == date(2020, 3, 21)


def test_who_reviewed_the_application_does_not_reconsider_its_refusal(practice: Practice) -> None:
    both = replace(
        practice.of_group("credit_clerk"), groups=frozenset({"credit_clerk", "reviewer"})
    )
    number, _ = filed(practice)
    for element in ("review_filing", "recognise"):
        practice.answer(number, element, ANSWERS[element])
    practice.answer(number, "review", ANSWERS["review"], by=both)
    practice.answer(number, "approve", {"decision": "refuse", "opinion": "没有因果关系。"})
    asked = {"grounds": "附验收单。"}
    office, now = practice.office, practice.now
    cases.message(office, practice.firm, number, "reconsideration_request", asked, now=now)
    task = practice.open_task(number, "reconsider")
    with pytest.raises(NotPermitted):
        tasks.claim(office, both, task.id, now=now)


def test_the_decision_prints_the_limits_as_they_were_set(practice: Practice) -> None:
    for key, value in (("limit.progress_report_answer", "4"), ("limit.renewal_notice", "6")):
        parameters.set_value(
            practice.office,
            practice["feng"],
            scope="deferral:2020",
            key=key,
            value=value,
            basis="昆信用办〔2020〕5号",
            now=practice.now,
        )
    number, _ = granted(practice)
    (letter,) = [
        each for each in practice.of_case(models.Letter, number) if each.key == "deferral_granted"
    ]
    printed = letter.data["deferral"]
    assert (printed["report_days"], printed["renewal_days"]) == (4, 6)


def test_the_meeting_ends_with_the_limit_of_the_case(practice: Practice) -> None:
    number, _ = filed(practice, months=4)
    practice.answer(number, "review_filing", ANSWERS["review_filing"])
    practice.answer(number, "recognise", {**ANSWERS["recognise"], "proposed_months": 4})
    practice.move_to(day(3, 9))
    practice.answer(number, "review", ANSWERS["review"])
    handling = practice.clock_of(number, "handling").due_at
    assert practice.open_task(number, "office_meeting").due_at == handling == day(3, 11, 17)


def test_a_refusal_overturned_after_the_report_recalls_it(practice: Practice) -> None:
    number, record = at_leader(practice)
    practice.answer(number, "approve", {"decision": "refuse", "opinion": "没有因果关系。"})
    with practice.office.uow.begin() as session:  # reported by the department meanwhile
        held = session.get_one(models.Record, record)
        for event, origin in (
            (RecordEvent.COLLECTED, Origin.IMPORT),
            (RecordEvent.REPORTED, Origin.CLOCK),
        ):
            cause = Cause(event, actor="wu", document="1", origin=origin)
            by = Writing(practice.office, session, practice["wu"], practice.now)
            record_changes.change(by, held, cause)
    cases.message(
        practice.office,
        practice.firm,
        number,
        "reconsideration_request",
        {"grounds": "附验收单。"},
        now=practice.now,
    )
    weighed = {"facts": "属实。", "reconsideration_proposal": "overturn", "opinion": "有关联。"}
    practice.answer(number, "reconsider", weighed)
    overturned = {
        "reconsideration_decision": "overturn",
        "until": "2020-05-29",
        "reason": "理由成立。",
    }
    practice.answer(number, "approve_reconsideration", overturned)
    assert states(practice, record) == ("not_shown", "deferred", date(2020, 5, 29))


def test_the_register_lists_what_runs_what_ends_soon_and_what_is_over(practice: Practice) -> None:
    office, wang = practice.office, practice["wang"]

    def numbers(show: str, q: str = "") -> list[str]:
        found = deferral_register.listed(office, wang, now=practice.now, show=show, q=q)
        return [row.case_number for row in found.items]

    early, _ = granted(practice, "2020-03-06")
    long, record = granted(practice, "2020-05-29")
    assert (numbers("running"), numbers("ending"), numbers("ended")) == ([early, long], [early], [])
    (row,) = deferral_register.listed(office, wang, now=practice.now, show="ending").items
    assert (row.days_left, row.first_until, row.state) == (4, date(2020, 3, 6), "running")
    tell(practice, "firm", long, "renewal_request", **RENEWAL)
    practice.answer(
        long, "decide_renewal", {"renewal": "grant", "until": "2020-08-28", "opinion": "同意。"}
    )
    (row,) = deferral_register.listed(
        office, wang, now=practice.now, q=practice.record(record).number
    ).items
    assert (row.first_until, row.until) == (date(2020, 5, 29), date(2020, 8, 28))
    counted = deferral_register.counts(office, wang, now=practice.now)
    assert (counted.running, counted.ending, counted.ended) == (2, 1, 0)
    assert numbers("all", "查无此企业") == []
    book = BytesIO(deferral_register.as_workbook(office, wang, now=practice.now))
    lines = CalamineWorkbook.from_filelike(book).get_sheet_by_index(0).to_python()
    assert [line[1] for line in lines if line[1] in (early, long)] == [early, long]
