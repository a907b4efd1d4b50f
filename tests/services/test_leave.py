"""Leave cover at work: new and old tasks go to the substitute, in the open, and come back by themselves."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Invalid, NotPermitted
from engine.domain.leave import Cover
from engine.services import cases, leave, people, tasks
from tests.offices import Practice, day

MONDAY, FRIDAY = date(2020, 3, 2), date(2020, 3, 6)


def enter(practice: Practice, who: str, substitute: str | None, by: str = "", **given: Any) -> Any:
    spans = {"starts_on": MONDAY, "ends_on": FRIDAY, **given}
    new = Cover(who, substitute, **spans)
    return leave.enter(practice.office, practice[by or who], new, now=practice.now)


def actor(practice: Practice, username: str) -> Actor:
    """As whoever signs in with this name acts now."""
    return people.actor_of_username(practice.office, username)


def mine(practice: Practice, username: str, scope: str = "mine") -> dict[str, str | None]:
    found = tasks.inbox(practice.office, actor(practice, username), now=practice.now, scope=scope)
    return {one.element_id: one.covers_for for one in found.items}


def test_the_substitute_sees_what_the_absent_one_holds_marked_and_does_it(
    practice: Practice,
) -> None:
    number, task = practice.at("first_review")
    tasks.claim(practice.office, practice["wang"], task.id, now=practice.now)
    enter(practice, "wang", "shen")
    assert mine(practice, "shen") == {"first_review": "wang"}
    practice.complete(number, "first_review", by=actor(practice, "shen"))
    event = next(
        e
        for e in practice.history(number)
        if e.element_id == "first_review" and e.kind == "task_completed"
    )
    assert (event.actor, event.changes["for"], event.detail) == ("shen", "wang", "代wang办理")
    noted = next(e for e in practice.history(number) if e.kind == "leave_cover")
    assert "3月2日至3月6日" in noted.title
    assert noted.detail == "由shen代办"


def test_new_work_of_the_absent_ones_group_comes_to_a_substitute_of_another_group(
    practice: Practice,
) -> None:
    """Chief and clerk: the clerk stands in for the chief, the only one of his group."""
    enter(practice, "gu", "wang")
    number, _ = practice.at("first_review")
    practice.complete(number, "first_review", by=practice["shen"])
    assert mine(practice, "wang", "group") == {"second_review": "gu"}
    assert cases.get(practice.office, actor(practice, "wang"), number, now=practice.now).number
    practice.complete(number, "second_review", by=actor(practice, "wang"))
    done = [e for e in practice.history(number) if e.element_id == "second_review"]
    assert [e.changes.get("for") for e in done if e.kind == "task_completed"] == ["gu"]


def test_four_eyes_see_through_a_cover(practice: Practice) -> None:
    enter(practice, "gu", "wang")
    number, _ = practice.at("first_review")
    practice.complete(number, "first_review", by=practice["wang"])
    with pytest.raises(NotPermitted):
        practice.complete(number, "second_review", by=actor(practice, "wang"))


def test_a_cover_lends_tasks_and_no_permission(practice: Practice) -> None:
    enter(practice, "xu", "wang")
    stands_in = actor(practice, "wang")
    assert [one.username for one in stands_in.covers] == ["xu"]
    assert not stands_in.may(Permission.SUPERVISE)


def test_a_cover_ends_by_itself(practice: Practice) -> None:
    _, task = practice.at("first_review")
    tasks.claim(practice.office, practice["wang"], task.id, now=practice.now)
    enter(practice, "wang", "shen")
    practice.show(day(3, 6, 23))
    assert mine(practice, "shen") == {"first_review": "wang"}
    practice.show(day(3, 7, 1))
    assert mine(practice, "shen") == {}
    (told,) = leave.mine(practice.office, practice["wang"], now=practice.now)
    assert told.state == "over"


def test_a_substitute_on_leave_too_hands_on(practice: Practice) -> None:
    _, task = practice.at("first_review")
    tasks.claim(practice.office, practice["wang"], task.id, now=practice.now)
    enter(practice, "wang", "shen")
    enter(practice, "shen", "gu")
    assert mine(practice, "shen") == {}
    assert mine(practice, "gu") == {"first_review": "wang"}
    seen = leave.overview(practice.office, practice["fang"], now=practice.now)
    assert {one.person: one.acting for one in seen} == {"wang": "gu", "shen": "gu"}


def test_somebody_back_early_has_the_work_again(practice: Practice) -> None:
    number, task = practice.at("first_review")
    tasks.claim(practice.office, practice["wang"], task.id, now=practice.now)
    entered = enter(practice, "wang", "shen")
    leave.end(practice.office, practice["wang"], entered.id, now=practice.now)
    assert mine(practice, "shen") == {}
    assert practice.kinds(number).count("leave_cover") == 2
    assert enter(practice, "wang", "shen").state == "running"  # the same days again


def test_the_preview_lists_what_breaches_before_the_return_and_who_could_stand_in(
    practice: Practice,
) -> None:
    _, soon = practice.at("first_review")
    tasks.claim(practice.office, practice["wang"], soon.id, now=practice.now)
    enter(practice, "shen", None)

    def seen(last: date, substitute: str | None = None) -> Any:
        new = Cover("wang", substitute, MONDAY, last)
        return leave.preview(practice.office, practice["wang"], new, now=practice.now)

    assert [one.id for one in seen(FRIDAY).breaching] == [soon.id]
    assert seen(MONDAY).breaching == ()
    assert [one.id for one in seen(MONDAY).in_hand] == [soon.id]
    assert seen(FRIDAY).back_on == date(2020, 3, 9)
    candidates = {one.username: one for one in seen(FRIDAY).candidates}
    assert candidates["shen"].is_away
    assert candidates["shen"].shares_groups
    assert {"gu", "fang", "shen"} <= candidates.keys()
    assert not {"wang", "zhou", "lin"} & candidates.keys()
    assert "同一部门" in seen(FRIDAY, "zhou").problem.zh


def test_a_substitute_of_another_department_is_refused(practice: Practice) -> None:
    with pytest.raises(Invalid):
        enter(practice, "wang", "zhou")


def test_only_a_supervisor_enters_the_leave_of_another(practice: Practice) -> None:
    with pytest.raises(NotPermitted):
        enter(practice, "wang", "shen", by="gu")
    assert enter(practice, "wang", "shen", by="fang").entered_by == "fang"


def test_nothing_is_handed_to_somebody_away_without_cover(practice: Practice) -> None:
    _, task = practice.at("first_review")
    enter(practice, "shen", None)
    with pytest.raises(Invalid):
        tasks.reassign(practice.office, practice["wang"], task.id, "shen", now=practice.now)


def test_what_is_handed_to_somebody_away_comes_to_the_substitute(practice: Practice) -> None:
    _, task = practice.at("first_review")
    enter(practice, "shen", "wang")
    tasks.reassign(practice.office, practice["fang"], task.id, "shen", now=practice.now)
    assert mine(practice, "wang") == {"first_review": "shen"}
