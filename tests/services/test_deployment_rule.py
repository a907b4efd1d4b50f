"""Where the office wants two: who proposes a version does not approve it, and neither drops the rule alone."""

from __future__ import annotations

from uuid import UUID

import pytest

from engine.domain.actor import Actor
from engine.domain.errors import Conflict, NotPermitted
from engine.services import deployment_rule, folder_uploads, people
from tests.offices import MONDAY, Practice
from tests.runtime.sketches import folder
from tests.services.test_folder_uploads import changed, handed, practice, two_steps, versions

__all__ = ["practice"]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def two(practice: Practice) -> tuple[Actor, Actor]:
    """Two administrators of an office that wants two."""
    hired = []
    for name in ("qin", "zhengshu"):
        people.add_person(
            practice.office, name, "a long enough password", name, now=MONDAY,
            groups=["administrator"],
        )  # fmt: skip
        hired.append(people.actor_of_username(practice.office, name))
    deployment_rule.require(practice.office, hired[0], is_required=True, now=MONDAY)
    return hired[0], hired[1]


def proposed(practice: Practice, who: Actor) -> UUID:
    seen = folder_uploads.deploy_handed(
        practice.office, who, handed(practice, changed()), now=MONDAY
    )
    assert (seen.state, seen.version, seen.proposed_by) == ("proposed", None, who.username)
    assert seen.id is not None
    return seen.id


def test_what_one_proposes_another_deploys(practice: Practice, two: tuple[Actor, Actor]) -> None:
    office, (first, second) = practice.office, two
    upload = proposed(practice, first)
    assert [version for version, _ in versions(practice)] == [1]
    with pytest.raises(NotPermitted):
        folder_uploads.approve(office, first, upload, now=MONDAY)
    with pytest.raises(Conflict):  # nor by way of proposing it once more
        folder_uploads.deploy_upload(office, second, upload, now=MONDAY)
    seen = folder_uploads.approve(office, second, upload, now=MONDAY)
    assert (seen.state, seen.version) == ("deployed", 2)
    assert versions(practice)[-1] == (2, "zhengshu")
    with pytest.raises(Conflict):
        folder_uploads.approve(office, second, upload, now=MONDAY)


def test_what_is_rejected_is_not_deployed_until_it_is_proposed_again(
    practice: Practice, two: tuple[Actor, Actor]
) -> None:
    office, (first, second) = practice.office, two
    upload = proposed(practice, first)
    seen = folder_uploads.reject(office, second, upload, note="先改名称", now=MONDAY)
    assert (seen.state, seen.rejected_by, seen.rejection) == ("rejected", "zhengshu", "先改名称")
    with pytest.raises(Conflict):
        folder_uploads.approve(office, second, upload, now=MONDAY)
    folder_uploads.deploy_upload(office, first, upload, now=MONDAY)
    folder_uploads.reject(office, first, upload, now=MONDAY)  # one's own is taken back
    assert [version for version, _ in versions(practice)] == [1]


def test_what_was_seen_against_an_older_version_is_looked_at_again(
    practice: Practice, two: tuple[Actor, Actor]
) -> None:
    office, (first, second) = practice.office, two
    upload = proposed(practice, first)
    other = handed(practice, folder(two_steps(english="other")))
    between = folder_uploads.deploy_handed(office, second, other, now=MONDAY)
    assert between.id is not None
    folder_uploads.approve(office, first, between.id, now=MONDAY)
    with pytest.raises(Conflict, match="又部署了别的版本"):
        folder_uploads.approve(office, second, upload, now=MONDAY)
    folder_uploads.deploy_upload(office, first, upload, now=MONDAY)
    assert folder_uploads.approve(office, second, upload, now=MONDAY).version == 3


def test_the_rule_is_dropped_by_two_or_by_who_is_the_only_one(
    practice: Practice, two: tuple[Actor, Actor]
) -> None:
    office, (first, second) = practice.office, two

    def drop(who: Actor) -> bool:
        return deployment_rule.require(office, who, is_required=False, now=MONDAY).needs_second

    assert drop(first)
    with pytest.raises(NotPermitted):
        drop(first)
    assert deployment_rule.shown(office, first).dropped_by == "qin"
    assert not drop(second)
    assert folder_uploads.deploy_handed(
        office, first, handed(practice, changed()), now=MONDAY
    ).version == 2  # fmt: skip


def test_who_is_alone_may_do_without_a_second(practice: Practice) -> None:
    office, feng = practice.office, practice["feng"]
    assert deployment_rule.require(office, feng, is_required=True, now=MONDAY).needs_second
    assert not deployment_rule.require(office, feng, is_required=False, now=MONDAY).needs_second
