"""What letters say beside their fixed words: to whom, by what day, what changed, on whose word."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.domain.errors import Conflict, Invalid
from engine.persistence import models
from engine.services import cases, clock_actions
from tests.letter_pages import pages
from tests.offices import FIRM, Practice, day
from tests.services.test_court_repair import CLAIM, NOTICE, at_court, told
from tests.services.test_objection import ACCEPT, CORRECT, NOT_OURS, OWN_ERROR, REPLY, objected


def letter(practice: Practice, number: str, key: str) -> models.Letter:
    """The last letter of that kind."""
    return [each for each in practice.of_case(models.Letter, number) if each.key == key][-1]


def text(practice: Practice, number: str, key: str) -> str:
    """What its pages say, without white space."""
    practice.run_jobs()
    printed = letter(practice, number, key).sha256
    assert printed is not None
    return "".join(pages(practice.office.files.get(printed)))


def asked_of_the_provider(practice: Practice, **penalty: str) -> str:
    """An objection whose provider has just been asked."""
    number = objected(practice, practice.import_penalty(**penalty))
    practice.answer(number, "review_filing", ACCEPT)
    practice.answer(number, "check_source", NOT_OURS)
    return number


def test_the_code_that_opens_a_case_is_told_to_its_applicant_alone(practice: Practice) -> None:
    number = asked_of_the_provider(practice)
    code = practice.case(number).query_code
    assert code in text(practice, number, "acceptance")
    assert code not in text(practice, number, "verification_request")


def test_who_has_no_inbox_here_is_written_to_on_paper_under_its_own_name(
    practice: Practice,
) -> None:
    outside = {"CF_CFJG": "大庆市市场监督管理局", "CF_CFJGDM": "11230500001755309F"}
    same = {"CF_SJLY": outside["CF_CFJG"], "CF_SJLYDM": outside["CF_CFJGDM"]}
    number = asked_of_the_provider(practice, **outside, **same)
    sent = letter(practice, number, "verification_request")
    assert (sent.data["addressee"]["name"], sent.way) == (outside["CF_CFJG"], "post")
    assert "书面函复" in text(practice, number, "verification_request")


def test_the_result_of_an_objection_tells_what_stood_there_and_what_stands_now(
    practice: Practice,
) -> None:
    number = objected(practice, practice.import_penalty(CF_NR="罚款人民币80000元。"))
    practice.answer(number, "review_filing", ACCEPT)
    practice.answer(number, "check_source", OWN_ERROR)
    practice.answer(number, "correct", CORRECT)
    said = text(practice, number, "objection_corrected")
    assert "予以更正如下" in said
    assert "处罚内容罚款人民币80000元。罚款人民币8000元。" in said


def concluded(practice: Practice, finding: str) -> str:
    number = asked_of_the_provider(practice)
    practice.answer(number, "answer_inquiry", REPLY)
    practice.answer(number, "conclude", {"finding": finding, "opinion": "双方证据均已核对。"})
    return text(practice, number, "objection_kept")


def test_the_result_says_what_was_found_and_nothing_of_what_was_not(practice: Practice) -> None:
    unconfirmed = concluded(practice, "unconfirmed")
    assert "无法核实" in unconfirmed
    assert "并列注记" in unconfirmed
    right = concluded(practice, "right")
    assert "异议不成立" in right
    assert not any(word in right for word in ("并列注记", "信用修复", "虚假证据"))


def test_a_record_that_was_down_while_its_provider_was_silent_is_said_to_be_shown_again(
    practice: Practice,
) -> None:
    number = asked_of_the_provider(practice)
    practice.move_to(day(3, 9, 18))
    judged = {"finding": "right", "opinion": "决定书影像与公示一致。"}
    practice.answer(number, "judge_silence", judged)
    said = text(practice, number, "objection_kept")
    assert "发函协查，经督办仍未答复" in said
    assert "核查期间临时撤下的上述信息恢复公示" in said
    assert "继续公示" not in said


def test_a_request_for_more_time_that_nobody_decides_ends_by_itself(practice: Practice) -> None:
    number = asked_of_the_provider(practice)
    wanted = {"reply": "extend", "extension_reason": "承办人出差。"}
    practice.answer(number, "answer_inquiry", wanted)
    practice.move_to(day(3, 3, 18))
    (left,) = [t for t in practice.open_tasks(number) if t.candidate_group != "supervised_unit"]
    assert left.element_id == "answer_inquiry"
    assert not [e for e in practice.of_case(models.Letter, number) if e.key == "extension_notice"]


def test_who_is_refused_is_told_within_how_many_days_to_ask_for_reconsideration(
    practice: Practice,
) -> None:
    assert "自收到之日起10个工作日内申请复核" in concluded(practice, "right")


def test_a_repair_is_granted_with_the_site_and_the_last_day_of_its_removal(
    practice: Practice,
) -> None:
    number, _ = practice.at("take_down")
    assert letter(practice, number, "repair_granted").data["removal"] == {
        "site": "信用昆山网站",
        "last_day": "2020-03-03",
    }
    assert "于2020年3月3日前（含当日）停止在信用昆山网站上公示" in text(
        practice, number, "repair_granted"
    )


def test_the_receipt_of_a_removal_names_who_took_down_and_who_checked(practice: Practice) -> None:
    number, _ = practice.at("verify_sites")
    practice.complete(number, "verify_sites")
    first, second = letter(practice, number, "takedown_receipt").data["people"]
    assert first != second
    assert f"由{first}撤下，{second}核对" in text(practice, number, "takedown_receipt")


def test_a_pause_drawn_in_the_diagram_tells_beforehand_how_long_it_may_take(
    practice: Practice,
) -> None:
    number = asked_of_the_provider(practice)
    wanted = {"reply": "appraisal", "extension_reason": "须送检。"}
    practice.answer(number, "answer_inquiry", wanted)
    said = letter(practice, number, "pause_notice").data["clock"]
    assert said["days_not_counted"] == 20  # today is the day of acceptance, which never counts
    assert "预计自2020年3月30日起恢复" in text(practice, number, "pause_notice")


def test_more_time_that_the_provider_took_was_approved_by_its_head_not_by_ours(
    practice: Practice,
) -> None:
    number = asked_of_the_provider(practice)
    wanted = {"reply": "extend", "extension_reason": "卷宗在档案馆。"}
    practice.answer(number, "answer_inquiry", wanted)
    approved = {"extension": "approve", "extension_reason": "同意。"}
    practice.answer(number, "approve_extension", approved)
    said = text(practice, number, "extension_notice")
    assert "经市市场监管局负责人" in said
    assert "本机关负责人" not in said


def test_a_clock_is_called_by_its_own_name_and_a_passed_limit_is_not_said_to_move(
    practice: Practice,
) -> None:
    number = at_court(practice)
    told(practice, number, "court_notice", **NOTICE)
    practice.move_to(day(3, 4, 9))
    practice.answer(number, "match", {"match": "mismatch", "difference": "代码末位不同。"})
    practice.move_to(day(3, 9, 9))
    told(practice, number, "court_reply", document="复1号", result="clarified")
    assert "撤下期限自2020年3月4日起暂停计算" in text(practice, number, "pause_notice")
    said = text(practice, number, "resume_notice")
    assert "撤下期限在暂停以前已于2020年3月3日届满" in said
    assert "顺延至" not in said


def ask(practice: Practice, number: str, amount: int) -> Any:
    return clock_actions.ask_for_extension(
        practice.office,
        practice["zhou"],
        number,
        amount=amount,
        reason="情况复杂，须多方核对。",
        now=practice.now,
    )


def test_an_objection_is_extended_once_and_never_beyond_twenty_days(practice: Practice) -> None:
    number = asked_of_the_provider(practice)
    with pytest.raises(Invalid):
        ask(practice, number, 11)
    key = ask(practice, number, 10)
    clock_actions.decide_extension(
        practice.office,
        practice["xu"],
        number,
        key,
        approved=True,
        opinion="同意。",
        now=practice.now,
    )
    handling = next(c for c in practice.of_case(models.Clock, number) if c.key == "handling")
    assert handling.due_at is not None
    assert practice.office.calendar().local_date(handling.due_at) == date(2020, 3, 25)  # 7 + 10
    with pytest.raises(Conflict):
        ask(practice, number, 1)


def test_the_decision_is_announced_for_the_end_of_handling_whatever_else_is_due_before(
    practice: Practice,
) -> None:
    number = asked_of_the_provider(practice)  # its answer is due on 5 March
    seen = cases.get(practice.office, practice.firm, number, now=practice.now)
    due = {stage.key: stage.until for stage in seen.stages if stage.state == "todo"}
    assert due["decision"] == seen.decide_by
    assert seen.decide_by is not None
    assert practice.office.calendar().local_date(seen.decide_by) == date(2020, 3, 11)


def test_no_day_is_announced_for_what_a_court_decides(practice: Practice) -> None:
    number = cases.file(
        practice.office,
        practice.firm,
        "court_repair",
        FIRM,
        [practice.import_court_default()],
        CLAIM,
        now=practice.now,
    ).number
    practice.answer(number, "review_filing", ACCEPT)
    seen = cases.get(practice.office, practice.firm, number, now=practice.now)
    assert [s.until for s in seen.stages if s.key == "decision"] == [None]
