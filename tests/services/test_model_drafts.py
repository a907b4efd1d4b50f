"""Drafts of administrators: resumed anywhere, one for each, brought to a newer version without undoing it."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from engine.domain.actor import Actor
from engine.domain.errors import Conflict, Invalid, NotFound
from engine.persistence import models
from engine.runtime import catalog
from engine.services import deploying, folder_uploads, model_drafts, model_previews, people
from tests.offices import MONDAY, Practice
from tests.runtime.sketches import folder
from tests.services.test_folder_uploads import changed, handed, practice, two_steps

__all__ = ["practice"]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DRAWN, FORM = "sample/sample.bpmn", "sample/forms/look.json"


def hire(practice: Practice, name: str) -> Actor:
    office = practice.office
    people.add_person(
        office, name, "a long enough password", name, now=MONDAY, groups=["administrator"]
    )
    return people.actor_of_username(office, name)


@pytest.fixture
def qin(practice: Practice) -> Actor:
    return hire(practice, "qin")


@pytest.fixture
def first(practice: Practice) -> UUID:
    (found,) = practice.all(select(models.ProcessDefinition.id))
    assert isinstance(found, UUID)
    return found


def keep(practice: Practice, who: Actor, version: UUID, name: str, text: str, seen: int = 0) -> int:
    return model_drafts.keep(practice.office, who, version, name, text, seen, now=MONDAY)


def test_each_has_a_draft_of_their_own(practice: Practice, qin: Actor, first: UUID) -> None:
    other = hire(practice, "zhengshu")
    keep(practice, qin, first, FORM, "{}")
    assert model_drafts.get(practice.office, qin, first).texts == {FORM: "{}"}
    assert model_drafts.get(practice.office, other, first).texts == {}
    (line,) = model_drafts.mine(practice.office, qin)
    assert (line.procedure, line.version, line.files) == ("sample", 1, 1)
    assert model_drafts.mine(practice.office, other) == ()


def test_a_file_that_says_again_what_the_version_says_leaves_the_draft(
    practice: Practice, qin: Actor, first: UUID
) -> None:
    own = folder(two_steps())[FORM].decode()
    assert keep(practice, qin, first, FORM, "{}") == 1
    assert keep(practice, qin, first, FORM, own, 1) == 0
    assert model_drafts.get(practice.office, qin, first).texts == {}


def test_what_the_gate_said_stays_with_the_draft_until_it_changes(
    practice: Practice, qin: Actor, first: UUID
) -> None:
    keep(practice, qin, first, FORM, "{")
    assert not model_drafts.judge(practice.office, qin, first, now=MONDAY).report.is_accepted
    held = model_drafts.get(practice.office, qin, first)
    assert held.report is not None
    assert held.report["findings"][0]["file"] == FORM
    assert not held.is_stale
    keep(practice, qin, first, FORM, "{}", 1)
    assert model_drafts.get(practice.office, qin, first).is_stale


def newer(practice: Practice, files: dict[str, bytes]) -> UUID:
    seen = folder_uploads.deploy_handed(
        practice.office, practice.cast["lead"], handed(practice, files), now=MONDAY
    )
    assert seen.definition_id is not None
    return seen.definition_id


def test_a_draft_goes_to_a_newer_version_with_what_only_one_side_changed(
    practice: Practice, qin: Actor, first: UUID
) -> None:
    practice.cast["lead"] = hire(practice, "zhengshu")
    keep(practice, qin, first, FORM, "{}")
    assert model_drafts.get(practice.office, qin, first).newer is None
    second = newer(practice, changed())  # another diagram, the same form
    seen = model_drafts.get(practice.office, qin, first).newer
    assert seen is not None
    assert (seen.definition_id, seen.both) == (second, ())
    assert model_drafts.carry(practice.office, qin, first, {}, now=MONDAY) == second
    assert model_drafts.get(practice.office, qin, second).texts == {FORM: "{}"}
    files = model_drafts.handed(practice.office, qin, second).files
    assert files[DRAWN] == changed()[DRAWN]  # what was deployed meanwhile is not undone
    with pytest.raises(Conflict):
        model_drafts.carry(practice.office, qin, first, {}, now=MONDAY)


@pytest.mark.parametrize("side", ["mine", "theirs"])
def test_what_both_sides_changed_is_chosen_for(
    practice: Practice, qin: Actor, first: UUID, side: str
) -> None:
    practice.cast["lead"] = hire(practice, "zhengshu")
    mine = folder(two_steps(english="mine"))[DRAWN].decode()
    keep(practice, qin, first, DRAWN, mine)
    second = newer(practice, changed())
    for choices in ({}, {DRAWN: "both"}):
        with pytest.raises(Conflict):
            model_drafts.carry(practice.office, qin, first, choices, now=MONDAY)
    model_drafts.carry(practice.office, qin, first, {DRAWN: side}, now=MONDAY)
    kept = model_drafts.handed(practice.office, qin, second).files[DRAWN]
    assert kept == (mine.encode() if side == "mine" else changed()[DRAWN])


@pytest.mark.parametrize("kind", ["bpmn", "dmn", "json", "typ"])
def test_a_new_file_is_one_that_the_gate_can_read(
    practice: Practice, qin: Actor, first: UUID, kind: str
) -> None:
    name = model_drafts.add(practice.office, qin, first, kind, "another", now=MONDAY)
    files = model_drafts.handed(practice.office, qin, first).files
    assert name in files
    report = deploying.judged(catalog.kept(files), "sample").report
    wrong = [each for each in report.refusals if each.file == name]
    assert [each.code for each in wrong if "schema" in each.code or "read" in each.code] == []
    for key in ("another", "Upper", "../up", "", "a" * 70):
        with pytest.raises(Invalid):
            model_drafts.add(practice.office, qin, first, kind, key, now=MONDAY)


def test_a_handed_in_draft_is_gone_and_its_folder_is_kept(
    practice: Practice, qin: Actor, first: UUID
) -> None:
    keep(practice, qin, first, DRAWN, changed()[DRAWN].decode())
    name = model_drafts.add(practice.office, qin, first, "json", "check", now=MONDAY)
    assert name in changed()
    upload = model_drafts.hand_in(practice.office, qin, first, now=MONDAY)
    assert model_drafts.mine(practice.office, qin) == ()
    folder_uploads.deploy_upload(practice.office, qin, upload, reason="试", now=MONDAY)
    held = models.ProcessDefinition
    assert practice.all(select(held.version).order_by(held.version)) == [1, 2]


def test_a_letter_is_tried_on_a_sample_or_says_what_is_missing(
    practice: Practice, qin: Actor, first: UUID
) -> None:
    assert model_previews.samples(practice.office, qin, first, "sample/letters/x.typ") == ()
    with pytest.raises(NotFound):
        model_previews.letter(practice.office, qin, first, "sample/letters/x.typ", "x", uuid4())
