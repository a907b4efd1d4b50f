"""Two persons are two: not two accounts that one administrator has opened, nor the rule dropped by one alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from engine.domain.account import NewAccount
from engine.domain.actor import Actor
from engine.domain.emergency import Act, EmergencyKind, Level
from engine.domain.errors import NotPermitted
from engine.domain.sign_in import Place
from engine.services import (
    accounts,
    calendar_changes,
    deployment_rule,
    emergency_acts,
    incidents,
    people,
    second_person,
)
from engine.services.calendar_drafts import Request
from tests.offices import MONDAY, Practice

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HERE = Place("203.0.113.7")
CLOSED = Request(source="day", on=date(2020, 6, 4), name="防汛", document="通知", reason="停课停工")


@pytest.fixture
def qin(practice: Practice) -> Actor:
    return hired(practice, "qin")


def hired(practice: Practice, name: str) -> Actor:
    """An administrator whom the command line let in."""
    people.add_person(
        practice.office, name, "a long enough password", name, now=MONDAY, groups=["administrator"]
    )
    return people.actor_of_username(practice.office, name)


def opened(practice: Practice, by: Actor, name: str) -> Actor:
    """An administrator whom another one let in."""
    new = NewAccount(name, name, None, ("administrator",))
    accounts.add(practice.office, by, new, place=HERE, now=practice.now)
    return people.actor_of_username(practice.office, name)


def calendar_change(practice: Practice, by: Actor) -> Callable[[Actor], Any]:
    change = calendar_changes.propose(practice.office, by, CLOSED, now=practice.now)
    return lambda who: calendar_changes.approve(practice.office, who, change, now=practice.now)


def emergency(practice: Practice, by: Actor) -> Callable[[Actor], Any]:
    flood = emergency_acts.Proposal(
        Act.DECLARE, date(2020, 3, 1), "公告", "防汛", Level.FIRST,
        kind=EmergencyKind.NATURAL_DISASTER, title="防汛",
    )  # fmt: skip
    act = emergency_acts.propose(practice.office, by, flood, now=practice.now)
    return lambda who: emergency_acts.decide(
        practice.office, who, act, confirmed=True, note="", now=practice.now
    )


def rule_of_deployments(practice: Practice, by: Actor) -> Callable[[Actor], Any]:
    def drop(who: Actor) -> Any:
        return deployment_rule.require(
            practice.office, who, is_required=False, now=practice.now
        )  # fmt: skip

    deployment_rule.require(practice.office, by, is_required=True, now=practice.now)
    drop(by)
    return drop


def rule_of_moves(practice: Practice, by: Actor) -> Callable[[Actor], Any]:
    incidents.require_second(practice.office, by, is_required=True)
    incidents.require_second(practice.office, by, is_required=False)
    return lambda who: incidents.require_second(practice.office, who, is_required=False)


@pytest.mark.parametrize(
    "proposal",
    [calendar_change, emergency, rule_of_deployments, rule_of_moves],
    ids=lambda each: each.__name__,
)
def test_who_lets_an_administrator_in_is_not_seconded_by_that_one(
    practice: Practice, qin: Actor, proposal: Callable[[Practice, Actor], Callable[[Actor], Any]]
) -> None:
    other = hired(practice, "zhengshu")
    puppet = opened(practice, qin, "mu")
    agree = proposal(practice, qin)
    with pytest.raises(NotPermitted):
        agree(qin)
    with pytest.raises(NotPermitted, match="同一人开设"):
        agree(puppet)
    agree(other)


def may_second(practice: Practice, who: Actor, first: Actor) -> bool:
    try:
        with practice.reading() as session:
            second_person.must_be_another(practice.office, session, who, first.username)
    except NotPermitted:
        return False
    return True


def test_accounts_of_one_hand_are_one_person_however_they_came_into_it(
    practice: Practice, qin: Actor
) -> None:
    office, zheng = practice.office, hired(practice, "zhengshu")
    first, second = opened(practice, qin, "mu"), opened(practice, qin, "lin2")
    further = opened(practice, first, "further")
    assert not may_second(practice, second, first)  # both of qin
    assert not may_second(practice, further, qin)  # by way of another
    assert not may_second(practice, qin, first)  # nor the other way round
    assert may_second(practice, zheng, further)
    accounts.set_temporary_password(office, qin, "zhengshu", place=HERE)
    assert not may_second(practice, zheng, qin)
    practice.clock.pass_by(second_person.HELD_FOR + timedelta(minutes=1))
    assert may_second(practice, zheng, qin)
    assert may_second(practice, second, first)


def test_who_shuts_the_others_out_is_not_alone(practice: Practice, qin: Actor) -> None:
    office, now = practice.office, practice.now
    hired(practice, "zhengshu")
    deployment_rule.require(office, qin, is_required=True, now=now)
    incidents.require_second(office, qin, is_required=True)
    for other in ("zhengshu", "feng"):
        accounts.disable(office, qin, other, place=HERE)
    assert deployment_rule.require(office, qin, is_required=False, now=now).needs_second
    assert incidents.require_second(office, qin, is_required=False).needs_second
    with pytest.raises(NotPermitted):
        incidents.require_second(office, qin, is_required=False)
