"""The emergency response as a dated switch: what rests on it opens and closes with it, and says why."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.domain.actor import Actor
from engine.domain.emergency import Act, EmergencyKind, Level
from engine.domain.errors import Conflict, EmergencyNotInForce, Invalid, NotFound, NotPermitted
from engine.persistence import models
from engine.services import applications, cases, emergencies, emergency_acts, procedures
from engine.services.emergency_acts import Proposal
from tests.offices import Practice, application, day

SECOND = Actor(UUID(int=999), "second", "second", groups=frozenset({"administrator"}))


def act(practice: Practice, kind: Act, on: date, level: Level | None = None) -> UUID:
    """An act on the response in force, confirmed by the second administrator."""
    (running,) = emergencies.known(practice.office)
    proposal = Proposal(kind, on, "公告", "理由充分", level, running.id)
    return emergency_acts.declare_at_once(
        practice.office, proposal, by=practice["feng"], confirmed_by=SECOND, now=practice.now
    )


def test_a_response_is_in_force_from_its_first_day_to_its_last(practice: Practice) -> None:
    act(practice, Act.END, date(2020, 3, 27))
    office = practice.office
    days = (date(2020, 1, 24), date(2020, 1, 25), date(2020, 3, 27), date(2020, 3, 28))
    found = [emergencies.emergency_in_force(office, each) is not None for each in days]
    assert found == [False, True, True, False]
    flood = emergencies.emergency_in_force(office, days[1], EmergencyKind.NATURAL_DISASTER)
    assert flood is None


def test_the_level_is_that_of_the_last_change_before_the_day(practice: Practice) -> None:
    act(practice, Act.LEVEL, date(2020, 2, 25), Level.SECOND)
    act(practice, Act.END, date(2020, 3, 27))
    (told,) = emergencies.known(practice.office)
    days = (date(2020, 2, 24), date(2020, 2, 25), date(2020, 3, 28))
    assert [told.level_on(each) for each in days] == [Level.FIRST, Level.SECOND, None]


def test_nothing_holds_before_a_second_person_has_confirmed(practice: Practice) -> None:
    (running,) = emergencies.known(practice.office)
    end = Proposal(Act.END, date(2020, 3, 27), "公告", "疫情平稳", None, running.id)
    proposed = emergency_acts.propose(practice.office, practice["feng"], end, now=practice.now)
    assert emergencies.known(practice.office)[0].ends_on is None
    with pytest.raises(NotPermitted, match="另一人"):
        emergency_acts.decide(
            practice.office, practice["feng"], proposed, confirmed=True, note="", now=practice.now
        )
    emergency_acts.decide(
        practice.office, SECOND, proposed, confirmed=True, note="与公告一致", now=practice.now
    )
    assert emergencies.known(practice.office)[0].ends_on == date(2020, 3, 27)
    with pytest.raises(Conflict, match="已经有了决定"):
        emergency_acts.decide(
            practice.office, SECOND, proposed, confirmed=False, note="", now=practice.now
        )


def test_a_rejected_act_changes_nothing_and_stays_on_record(practice: Practice) -> None:
    (running,) = emergencies.known(practice.office)
    end = Proposal(Act.END, date(2020, 3, 2), "传言", "听说已经结束", None, running.id)
    proposed = emergency_acts.propose(practice.office, practice["feng"], end, now=practice.now)
    emergency_acts.decide(
        practice.office, SECOND, proposed, confirmed=False, note="没有公告", now=practice.now
    )
    (told,) = emergencies.listed(practice.office, practice["feng"], now=practice.now)
    assert (told.state, told.ends_on) == ("in_force", None)
    assert [(each.act, each.state, each.decision_note) for each in told.entries] == [
        ("end", "rejected", "没有公告"),
        ("declare", "confirmed", ""),
    ]


def test_an_act_must_say_what_it_rests_on(practice: Practice) -> None:
    empty = Proposal(Act.DECLARE, date(2020, 3, 1), " ", "", None, None)
    with pytest.raises(Invalid) as refused:
        emergency_acts.propose(practice.office, practice["feng"], empty, now=practice.now)
    assert set(refused.value.fields) == {"document", "reason", "title", "level"}
    stray = Proposal(Act.END, date(2020, 3, 1), "公告", "平稳", None, UUID(int=5))
    with pytest.raises(NotFound):
        emergency_acts.propose(practice.office, practice["feng"], stray, now=practice.now)
    with pytest.raises(Invalid, match="日期"):
        act(practice, Act.END, date(2020, 1, 1))


def test_two_responses_of_a_kind_never_overlap(practice: Practice) -> None:
    again = Proposal(Act.DECLARE, date(2020, 3, 1), "公告", "又一波", Level.THIRD, title="又一次")
    with pytest.raises(Conflict, match="请先登记其终止"):
        emergency_acts.declare_at_once(
            practice.office, again, by=practice["feng"], confirmed_by=SECOND, now=practice.now
        )


def test_what_rests_on_the_notice_is_refused_outside_it_with_its_dates(practice: Practice) -> None:
    act(practice, Act.END, date(2020, 3, 2))
    office = practice.office
    draft = applications.start(office, practice.firm, "force_majeure", [], now=practice.now)
    practice.move_to(day(3, 3))
    with pytest.raises(EmergencyNotInForce, match="自2020年1月25日至2020年3月2日"):
        applications.start(office, practice.firm, "force_majeure", [], now=practice.now)
    with pytest.raises(EmergencyNotInForce) as refused:
        applications.submit(office, practice.firm, draft, now=practice.now)
    assert "from 2020-01-25 to 2020-03-02" in refused.value.english
    assert practice.all(select(models.Incident)) == []
    shown = {each.key: each for each in procedures.open_procedures(office, None, now=practice.now)}
    closed = shown["force_majeure"].closed
    assert closed is not None
    assert "现已终止" in closed.zh
    assert shown["credit_repair"].closed is None


def test_only_the_epidemic_line_of_repair_closes_and_what_was_filed_goes_on(
    practice: Practice,
) -> None:
    record, office = practice.import_penalty(), practice.office
    filed = practice.file_case(record, **application("granted_epidemic")).number
    act(practice, Act.END, date(2020, 3, 2))
    practice.move_to(day(3, 3))
    practice.drive_to(filed, "first_review")  # filed while it was in force
    with pytest.raises(EmergencyNotInForce) as refused:
        practice.file_case(**application("granted_epidemic"))
    assert set(refused.value.fields) == {"epidemic_cause"}
    assert practice.file_case().number  # without the epidemic as its cause
    assert cases.find(office, practice["feng"], now=practice.now, procedure="credit_repair").items


def test_a_response_to_come_says_from_when(practice: Practice) -> None:
    practice.show(day(1, 24))
    with pytest.raises(EmergencyNotInForce, match="自2020年1月25日起，现在尚未启动"):
        emergencies.must_be_open(
            practice.office,
            _edition(practice),
            {},
            date(2020, 1, 24),
        )


def _edition(practice: Practice):  # type: ignore[no-untyped-def]
    with practice.office.uow.read() as session:
        return practice.office.in_force(session, "force_majeure", date(2020, 3, 2))[1]


def test_what_rests_on_a_response_is_listed_with_its_open_cases(practice: Practice) -> None:
    practice.file_case(**application("granted_epidemic"))
    found = emergencies.resting(practice.office, practice["feng"], now=practice.now)
    told = {each.procedure: (each.is_open, each.open_cases) for each in found}
    assert told["credit_repair"] == (True, 1)
    assert told["force_majeure"] == (True, 0)
    assert "objection" not in told
