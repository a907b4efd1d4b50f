"""督办单: its ground with the ledger, answered, contested, decided, escalated; all of it in the history."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.domain.supervision_views import NoticeView, SupervisionNoticeView
from engine.persistence import models
from engine.services import cases, letters, notices, supervision, tasks
from tests.offices import Practice, day

ANSWER: dict[str, Any] = {
    "delay_cause": "workload",
    "reply": "当日集中收件 40 件。",
    "measures": "增派一人。",
    "finish_by": date(2020, 3, 10),
}


def late_opinion(practice: Practice) -> tuple[str, UUID]:
    """A case whose second review is over its limit: nothing is drawn for that, so no notice exists."""
    number, task = practice.at("second_review")
    tasks.claim(practice.office, practice["gu"], task.id, now=practice.now)
    practice.move_to(day(3, 5, 9))
    return number, task.id


def issue(practice: Practice, place: UUID, **given: Any) -> SupervisionNoticeView:
    return supervision.issue_notice(
        practice.office,
        practice["fang"],
        place,
        ground="复审超期，请说明。",
        now=practice.now,
        **given,
    )


def whole(practice: Practice, who: str, notice: UUID) -> NoticeView:
    return supervision.notice(practice.office, practice[who], notice, now=practice.now)


def responsible(practice: Practice) -> str:
    """Somebody who answers for the credit office."""
    with practice.office.uow.begin() as session:
        person = session.scalars(select(models.Person).where(models.Person.username == "han")).one()
        person.groups = [*person.groups, "responsible_unit"]
    actor = practice["han"]
    practice.cast["han"] = type(actor)(
        actor.id, actor.username, actor.name, actor.department, actor.groups | {"responsible_unit"}
    )
    return "han"


def test_a_notice_carries_the_ledger_its_officer_and_two_working_days(practice: Practice) -> None:
    number, place = late_opinion(practice)
    made = issue(practice, place)
    assert (made.case_number, made.officer_name, made.origin) == (number, "gu", "breach")
    assert made.over_days > 0
    assert made.answer_by == day(3, 9, 17)  # Thursday + 2 working days
    seen = whole(practice, "fang", made.id)
    assert "“复审”自 2020年3月2日" in seen.lines[0].text.zh
    assert f"已超 {made.over_days} 个工作日" in seen.lines[0].text.zh
    assert seen.lines[1].text.zh.startswith("办理期限：")
    assert "起算" in seen.lines[2].text.zh
    assert all(line.text.en for line in seen.lines)
    assert all(line.basis for line in seen.lines[:2])


def test_the_letter_prints_the_ledger(practice: Practice) -> None:
    _, place = late_opinion(practice)
    made = issue(practice, place)
    practice.run_jobs()
    letter = whole(practice, "fang", made.id).letter_id
    assert letter is not None
    _, pdf = letters.open_letter(practice.office, practice["fang"], letter)
    text = "".join("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())
    assert "期限台账" in text
    assert "办理期限" in text
    assert "复审超期" in text


def test_an_answer_found_sufficient_lifts_the_notice(practice: Practice) -> None:
    number, place = late_opinion(practice)
    made = issue(practice, place)
    who = responsible(practice)
    seen = supervision.answer(practice.office, practice[who], made.id, now=practice.now, **ANSWER)
    assert (seen.notice.state, seen.notice.answer) == (
        "answered", "人手不足；当日集中收件 40 件；增派一人",
    )  # fmt: skip
    with pytest.raises(NotPermitted):
        supervision.decide(
            practice.office,
            practice[who],
            made.id,
            finding="settled",
            opinion="好",
            now=practice.now,
        )
    seen = supervision.decide(
        practice.office,
        practice["fang"],
        made.id,
        finding="settled",
        opinion="已整改。",
        now=practice.now,
    )
    assert (seen.notice.state, seen.decision) == ("lifted", "已整改。")
    assert [one.title.zh for one in reversed(seen.timeline)] == [
        "签发督办单：市信用办", "答复督办单", "督办解除",
    ]  # fmt: skip
    assert all(one.title.en for one in seen.timeline)
    assert {"supervision_opened", "supervision_answered", "supervision_closed"} <= set(
        practice.kinds(number)
    )


def test_a_contest_upheld_lifts_and_a_contest_rejected_has_to_be_answered(
    practice: Practice,
) -> None:
    _, place = late_opinion(practice)
    made = issue(practice, place)
    who = responsible(practice)

    def contested(notice: UUID) -> NoticeView:
        return supervision.contest(
            practice.office, practice[who], notice, ground="3月3日停电。", now=practice.now
        )

    def decided(notice: UUID, finding: str) -> NoticeView:
        return supervision.decide(
            practice.office,
            practice["xu"],
            notice,
            finding=finding,
            opinion="已查。",
            now=practice.now,
        )

    seen = contested(made.id)
    assert (seen.notice.state, seen.contest, seen.step) == (
        "contested",
        "3月3日停电。",
        "decide_contest",
    )
    to_decide = whole(practice, "xu", made.id).task_id
    assert to_decide is not None
    page = tasks.get(practice.office, practice["xu"], to_decide, now=practice.now)
    assert page.notice is not None  # the leader reads beside the question what is contested
    assert (page.notice.number, page.notice.contest) == (made.number, "3月3日停电。")
    with pytest.raises(Conflict):
        contested(made.id)
    assert decided(made.id, "accepted").notice.state == "lifted"

    again = issue(practice, place)
    contested(again.id)
    practice.move_to(day(3, 6, 10))
    seen = decided(again.id, "rejected")
    assert (seen.notice.state, seen.step) == ("open", "answer_again")
    assert seen.notice.answer_by == day(3, 10, 17)  # two days from the decision
    with pytest.raises(Conflict):
        contested(again.id)
    seen = supervision.answer(practice.office, practice[who], again.id, now=practice.now, **ANSWER)
    assert seen.notice.state == "answered"


def test_an_unanswered_notice_goes_to_the_leader(practice: Practice) -> None:
    number, place = late_opinion(practice)
    made = issue(practice, place)
    assert made.answer_by
    practice.move_to(made.answer_by + timedelta(minutes=1))
    seen = whole(practice, "fang", made.id)
    assert (seen.notice.state, seen.step) == ("escalated", "handle")
    assert seen.timeline[0].detail == "逾期未答复"
    seen = supervision.decide(
        practice.office,
        practice["xu"],
        made.id,
        finding="talk",
        opinion="约谈。",
        finish_by=date(2020, 3, 12),
        now=practice.now,
    )
    assert seen.notice.state == "upheld"
    assert practice.kinds(number).count("supervision_escalated") == 1


def test_unit_officer_and_leader_hear_of_each_turn_once(practice: Practice) -> None:
    _, place = late_opinion(practice)
    who = responsible(practice)
    made = issue(practice, place)

    def heard(name: str) -> list[str]:
        practice.run_jobs()
        found = notices.mine(practice.office, practice[name], limit=50).items
        told = [each.kind.removeprefix("supervision_") for each in reversed(found)]
        return sorted(kind for kind in told if kind not in ("yellow", "red", "digest"))

    def decide(finding: str, **more: Any) -> None:
        told = {"finding": finding, "opinion": "已查。", **more}
        supervision.decide(practice.office, practice["xu"], made.id, now=practice.now, **told)

    assert heard(who) == heard("gu") == ["supervision"]
    assert heard("xu") == []
    supervision.contest(
        practice.office, practice[who], made.id, ground="3月3日停电。", now=practice.now
    )
    assert heard("xu") == ["contested"]
    decide("rejected")
    assert heard(who) == heard("gu") == ["supervision", "upheld"]
    practice.move_to(day(3, 9, 18))  # nobody answers
    assert heard("xu") == ["contested", "escalated"]
    decide("talk", finish_by=date(2020, 3, 12))
    assert heard(who) == heard("gu") == ["closed", "supervision", "upheld"]


def test_no_second_notice_while_one_is_open_and_the_preview_says_so(practice: Practice) -> None:
    _, place = late_opinion(practice)
    _, other = practice.at("first_review")

    def drafts() -> dict[UUID, Any]:
        found = supervision.draft_notices(
            practice.office, practice["fang"], [place, other.id, uuid4()], now=practice.now
        )
        return {one.place.id: one for one in found}

    before = drafts()
    assert [one.refusal for one in before.values()] == [None, None]
    assert "复审已超期" in before[place].ground.zh
    assert before[place].unit == "credit_office"
    outcomes = supervision.issue_several(
        practice.office,
        practice["fang"],
        {place: "复审超期", other.id: "请加快", uuid4(): "没有的"},
        now=practice.now,
        origin="order",
    )
    assert [one.notice.origin if one.notice else None for one in outcomes] == [
        "order",
        "order",
        None,
    ]
    assert outcomes[2].refusal is not None
    refusal = drafts()[place].refusal
    assert refusal is not None
    assert outcomes[0].notice is not None
    assert outcomes[0].notice.number in refusal.zh
    with pytest.raises(Conflict):
        issue(practice, place)


def test_a_case_that_waits_for_an_outside_body_is_chased_by_the_office(practice: Practice) -> None:
    number, _ = practice.at("second_review")
    practice.complete(number, "second_review")
    for _ in range(8):
        open_now = [t for t in practice.open_tasks(number) if t.process_id != "supervision"]
        waits = [w for w in practice.of_case(models.Wait, number) if w.ended_at is None]
        if waits:
            break
        practice.complete(number, open_now[0].element_id)
    made = issue(practice, waits[0].id, origin="complaint")
    assert (made.unit.zh, made.origin_title.zh) == ("市信用办", "投诉督办")


def test_a_notice_needs_a_ground_and_a_known_origin(practice: Practice) -> None:
    _, place = late_opinion(practice)
    with pytest.raises(Invalid):
        supervision.issue_notice(
            practice.office, practice["fang"], place, ground=" ", now=practice.now
        )
    with pytest.raises(Invalid):
        issue(practice, place, origin="mood")


def test_notices_are_paged_narrowed_and_kept_from_who_has_no_part(practice: Practice) -> None:
    _, place = late_opinion(practice)
    made = issue(practice, place)
    other = issue(practice, practice.at("first_review")[1].id, origin="order")

    def listed(**given: Any) -> list[UUID]:
        page = supervision.notices(practice.office, practice["fang"], now=practice.now, **given)
        return [one.id for one in page.items]

    first = supervision.notices(practice.office, practice["fang"], now=practice.now, limit=1)
    rest = listed(cursor=first.next_cursor)
    assert {first.items[0].id, *rest} == {made.id, other.id}
    assert set(listed(state="unsettled", unit="credit_office")) == {made.id, other.id}
    assert listed(state="lifted") == []
    for who in ("zheng", "firm"):
        with pytest.raises(NotFound):
            whole(practice, who, made.id)


def test_the_enterprise_is_told_nothing_of_a_contest(practice: Practice) -> None:
    number, place = late_opinion(practice)
    made = issue(practice, place)
    supervision.contest(
        practice.office, practice[responsible(practice)], made.id, ground="停电。", now=practice.now
    )
    told = cases.history(practice.office, practice.firm, number, now=practice.now)
    assert not [one for one in told if one.kind.startswith("supervision")]
    seen = cases.get(practice.office, practice.firm, number, now=practice.now)
    assert not [card for card in seen.waiting if "申辩" in card.sentence.zh]
