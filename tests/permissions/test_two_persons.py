"""What needs two people needs them also in the same instant: on a real PostgreSQL, in two threads."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.domain.actor import Actor
from engine.domain.downstream import Act as SiteAct
from engine.domain.emergency import Act, EmergencyKind, Level
from engine.domain.errors import Conflict, NotPermitted
from engine.persistence import models
from engine.services import (
    calendar_changes,
    cases,
    clock_actions,
    deployment_rule,
    emergencies,
    emergency_acts,
    folder_uploads,
    site_work,
    tasks,
)
from engine.services.calendar_drafts import Request
from tests.offices import FIRM, Practice, usual_answers
from tests.services.crowds import refusals, together
from tests.services.test_certificates import CLAIM, STEPS
from tests.services.test_folder_uploads import changed, versions, zipped
from tests.services.test_folder_uploads import practice as small
from tests.services.test_sites import granted, owed

__all__ = ["small"]
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

SECOND, THIRD = (
    Actor(UUID(int=900 + n), name, name, groups=frozenset({"administrator"}))
    for n, name in enumerate(("second", "third"))
)


def only_the_other_was_let_in(outcomes: list[Any]) -> None:
    """The first of the two is who did the step before: told so, or that the other was faster."""
    assert isinstance(outcomes[0], NotPermitted | Conflict), outcomes
    assert not isinstance(outcomes[1], Exception), outcomes


def one_was_let_in(outcomes: list[Any]) -> None:
    (refused,) = refusals(outcomes)
    assert isinstance(refused, Conflict), outcomes


def done_by(practice: Practice, number: str, element_id: str) -> list[str | None]:
    rows = practice.of_case(models.Task, number)
    return [row.completed_by for row in rows if row.element_id == element_id]


def completing(practice: Practice, who: str, task: models.Task, answers: dict[str, Any]) -> Any:
    return lambda: tasks.complete(
        practice.office, practice[who], task.id, answers, now=practice.now
    )


def also_in(practice: Practice, who: str, *groups: str) -> None:
    """Somebody who sits in two groups, and could do both steps by their post."""
    held = practice[who]
    practice.cast[who] = Actor(
        held.id, held.username, held.name, held.department, held.groups | {*groups}
    )


def test_who_examined_a_case_does_not_review_it(practice: Practice) -> None:
    also_in(practice, "wang", "credit_chief")
    number, _ = practice.at("first_review")
    practice.complete(number, "first_review", by=practice["wang"])
    task, answers = practice.open_task(number, "second_review"), usual_answers("second_review")
    only_the_other_was_let_in(
        together(*(completing(practice, who, task, answers) for who in ("wang", "gu")))
    )
    assert done_by(practice, number, "second_review") == ["gu"]


def test_who_took_a_record_down_does_not_confirm_it(practice: Practice) -> None:
    number, task = practice.at("verify")
    (before,) = done_by(practice, number, "take_down")
    other = {"lin": "he", "he": "lin"}[str(before)]
    answers = usual_answers("verify")
    only_the_other_was_let_in(
        together(*(completing(practice, who, task, answers) for who in (str(before), other)))
    )
    assert done_by(practice, number, "verify") == [other]


def test_who_drafted_a_certificate_does_not_read_it_over(practice: Practice) -> None:
    also_in(practice, "yuan", "commerce_reader")
    filed = cases.file(
        practice.office, practice.firm, "force_majeure", FIRM, [], CLAIM, now=practice.now
    )
    given = dict(STEPS)
    for step in ("review_filing", "precheck"):
        practice.answer(filed.number, step, given[step])
    practice.answer(filed.number, "draft", given["draft"], by=practice["yuan"])
    task = practice.open_task(filed.number, "proofread")
    only_the_other_was_let_in(
        together(*(completing(practice, who, task, given["proofread"]) for who in ("yuan", "cen")))
    )
    assert done_by(practice, filed.number, "proofread") == ["cen"]


def test_who_asked_for_an_extension_does_not_grant_it(practice: Practice) -> None:
    also_in(practice, "wang", "leader")
    number, _ = practice.at("second_review")
    key = clock_actions.ask_for_extension(
        practice.office, practice["wang"], number, amount=2, reason="案情复杂，须核对。",
        now=practice.now,
    )  # fmt: skip

    def decide(who: str) -> Any:
        return lambda: clock_actions.decide_extension(
            practice.office, practice[who], number, key, approved=True, opinion="同意。",
            now=practice.now,
        )  # fmt: skip

    outcomes = together(decide("wang"), decide("xu"))
    assert isinstance(outcomes[0], NotPermitted | Conflict), outcomes  # Conflict: xu was faster
    assert outcomes[1] is None
    (row,) = practice.of_case(models.Extension, number)
    assert row.decided_by == "xu"


def test_who_saw_a_site_done_does_not_confirm_it(practice: Practice) -> None:
    record, _ = granted(practice)
    row = owed(practice, record)["enterprise_publicity"]

    def log(who: str, act: SiteAct) -> Any:
        return lambda: site_work.log(
            practice.office, practice[who], row.id, act.value, link="https://example.org",
            now=practice.now,
        )  # fmt: skip

    seen = together(log("lin", SiteAct.SEEN_DONE), log("he", SiteAct.SEEN_DONE))
    assert len(refusals(seen)) == 1
    first, second = ("he", "lin") if seen[0] else ("lin", "he")
    only_the_other_was_let_in(
        together(log(first, SiteAct.CONFIRMED), log(second, SiteAct.CONFIRMED))
    )
    held = models.ObligationAct
    asked = select(held).where(held.obligation_id == row.id).order_by(held.sequence)
    acts = {each.act: each.actor for each in practice.all(asked)}
    assert (acts["seen_done"], acts["confirmed"]) == (first, second)


CLOSED = Request(source="day", on=date(2020, 6, 4), name="防汛", document="通知", reason="停课停工")


def test_a_change_of_the_calendar_is_approved_once_and_by_another(practice: Practice) -> None:
    office, feng, now = practice.office, practice["feng"], practice.now
    change = calendar_changes.propose(office, feng, CLOSED, now=now)

    def approve(who: Actor) -> Any:
        return lambda: calendar_changes.approve(office, who, change, now=now)

    outcomes = together(approve(feng), approve(SECOND), approve(THIRD))
    assert isinstance(outcomes[0], NotPermitted | Conflict), (
        outcomes
    )  # decided already, or not by feng
    one_was_let_in(outcomes[1:])
    row = models.CalendarChange
    (held,) = practice.all(select(row).where(row.id == change))
    assert held.decided_by in {"second", "third"}


def test_two_changes_of_the_calendar_do_not_come_into_force_in_one_edition(
    practice: Practice,
) -> None:
    office, feng, now = practice.office, practice["feng"], practice.now
    changes = [calendar_changes.propose(office, feng, CLOSED, now=now) for _ in range(2)]
    outcomes = together(
        *(
            partial(calendar_changes.approve, office, who, change, now=now)
            for change, who in zip(changes, (SECOND, THIRD), strict=True)
        )
    )
    one_was_let_in(outcomes)


def declared(practice: Practice) -> UUID:
    flood = emergency_acts.Proposal(
        Act.DECLARE, date(2020, 3, 1), "公告", "防汛", Level.FIRST,
        kind=EmergencyKind.NATURAL_DISASTER, title="防汛",
    )  # fmt: skip
    return emergency_acts.propose(practice.office, practice["feng"], flood, now=practice.now)


def confirming(practice: Practice, who: Actor, act: UUID) -> Any:
    return lambda: emergency_acts.decide(
        practice.office, who, act, confirmed=True, note="与公告一致", now=practice.now
    )


def test_an_emergency_is_switched_on_once_and_by_another(practice: Practice) -> None:
    act = declared(practice)
    outcomes = together(
        *(confirming(practice, who, act) for who in (practice["feng"], SECOND, THIRD))
    )
    assert isinstance(outcomes[0], NotPermitted | Conflict), outcomes
    one_was_let_in(outcomes[1:])


def test_two_responses_of_one_kind_are_not_switched_on_together(practice: Practice) -> None:
    acts = [declared(practice), declared(practice)]
    outcomes = together(
        *(confirming(practice, who, act) for who, act in zip((SECOND, THIRD), acts, strict=True))
    )
    one_was_let_in(outcomes)
    held = [
        each
        for each in emergencies.known(practice.office)
        if each.kind is EmergencyKind.NATURAL_DISASTER
    ]
    assert len(held) == 1


def proposed_version(practice: Practice) -> UUID:
    """A version of a small procedure that the first of the two proposed."""
    office, now = practice.office, practice.now
    deployment_rule.require(office, SECOND, is_required=True, now=now)
    folder = folder_uploads.unpacked(office, zipped(changed()), "sample.zip")
    seen = folder_uploads.deploy_handed(office, SECOND, folder, now=now)
    assert seen.id is not None
    return seen.id


def approving(practice: Practice, who: Actor, upload: UUID) -> Any:
    return lambda: folder_uploads.approve(practice.office, who, upload, now=practice.now)


def test_who_proposed_a_version_does_not_deploy_it(small: Practice) -> None:
    upload = proposed_version(small)
    only_the_other_was_let_in(together(*(approving(small, who, upload) for who in (SECOND, THIRD))))


def test_a_version_is_deployed_by_one_of_two_who_approve_it_at_once(small: Practice) -> None:
    upload = proposed_version(small)
    fourth = Actor(UUID(int=903), "fourth", "fourth", groups=frozenset({"administrator"}))
    one_was_let_in(together(*(approving(small, who, upload) for who in (THIRD, fourth))))
    assert [version for version, _ in versions(small)] == [1, 2]
