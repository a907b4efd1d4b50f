"""The administrator's pages of incidents, versions and migrations."""

from __future__ import annotations

import re
from dataclasses import replace
from http import HTTPStatus

import pytest

from engine.domain.errors import Invalid, StepFailed
from engine.domain.views import Proposal
from engine.domain.words import Words
from engine.services.incidents import Correction, Move
from tests.web import board_samples as board
from tests.web import desk_samples as desk
from tests.web import sample_pages
from tests.web.sample_office import SampleOffice
from tests.web.sample_pages import Browser
from tests.web.test_desk import GRANT, OPEN

office, open_as = sample_pages.office, sample_pages.open_as
PLACE = f"/admin/incidents/{board.STUCK.incident.id}"
VERSION = f"/admin/procedures/{desk.sample_id('definition')}"


def test_an_incident_tells_its_cause_what_was_tried_and_what_can_be_done(open_as: Browser) -> None:
    html = open_as(desk.ADMINISTRATOR).get(PLACE).text
    assert "没有一条去路的条件成立" in html
    assert "GZ2020-0002" in html
    for heading in ("原样再试", "改正后再试", "移到别的位置"):
        assert heading in html
    assert 'value="credit_repair:close"' in html
    assert 'name="v.grade" value="general"' in html


def test_what_would_happen_is_shown_before_it_is_done(
    open_as: Browser, office: SampleOffice
) -> None:
    sent = {"contact": "王芳", "v.grade": "general", "why": "打错了", "act": "preview"}
    html = open_as(desk.ADMINISTRATOR).post(f"{PLACE}/answer", data=sent).text
    assert "照这样做会发生的事" in html
    assert "复审" in html
    assert 'value="apply"' in html
    (asked,) = office.asked("incidents.answer")
    correction = asked["given"][2]
    assert isinstance(correction, Correction)
    assert correction.answers is not None
    assert correction.answers["contact"] == "王芳"
    assert (correction.variables, correction.reason, asked["is_preview"]) == ({}, "打错了", True)


def test_a_changed_variable_alone_keeps_the_answers_as_they_were(
    open_as: Browser, office: SampleOffice
) -> None:
    answers = {"contact": "陈一苇"}
    form = {"properties": {"contact": {"type": "string", "title": "经办人"}}}
    stuck = replace(board.STUCK, form=form, answers=answers)
    browser = open_as(desk.ADMINISTRATOR, incidents__get=stuck)
    browser.post(f"{PLACE}/answer", data={**answers, "v.grade": "grave", "act": "apply"})
    (asked,) = office.asked("incidents.answer")
    assert (asked["given"][2].answers, asked["given"][2].variables) == (None, {"grade": "grave"})
    assert asked["is_preview"] is False


def test_a_move_carries_where_from_where_to_and_why(open_as: Browser, office: SampleOffice) -> None:
    sent = {
        "wait": str(board.WAIT),
        "target": "credit_repair:close",
        "why": "纸面办结",
        "alone": "1",
    }
    open_as(desk.ADMINISTRATOR).post(f"{PLACE}/move", data={**sent, "act": "apply"})
    (asked,) = office.asked("incidents.move")
    assert asked["given"][2] == Move(board.WAIT, "credit_repair", "close", "纸面办结", alone=True)
    assert asked["is_preview"] is False


def test_a_refused_repair_says_why_on_the_page(open_as: Browser, office: SampleOffice) -> None:
    office.refusals["incidents.move"] = Invalid("移到那里以后流程走不完。", "it could never end")
    sent = {"wait": str(board.WAIT), "target": "credit_repair:close", "why": "x"}
    answer = open_as(desk.ADMINISTRATOR).post(f"{PLACE}/move", data=sent)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "移到那里以后流程走不完。" in answer.text


def test_who_proposed_a_move_is_not_offered_to_confirm_it(open_as: Browser) -> None:
    told = Proposal(
        "somebody", desk.NOW, board.WAIT, Words("初审"), "credit_repair", "close", Words("办结"),
        False, "纸面办结",
    )  # fmt: skip
    theirs = replace(board.STUCK, proposal=told)
    html = open_as(desk.ADMINISTRATOR, incidents__get=theirs).get(PLACE).text
    assert "确认移动" in html
    mine = replace(theirs, proposal=replace(told, by=desk.ADMINISTRATOR.username))
    html = open_as(desk.ADMINISTRATOR, incidents__get=mine).get(PLACE).text
    assert "确认移动" not in html
    assert "提议的人不能自己确认" in html


def test_a_caseworker_whose_step_got_stuck_reads_the_number(
    open_as: Browser, office: SampleOffice
) -> None:
    office.refusals["tasks.complete"] = StepFailed(
        "系统在“初审”处出了故障（编号 GZ2020-0007）。", "stuck (GZ2020-0007)",
        cause=Words("x"), title=Words("初审"), incident="GZ2020-0007",
    )  # fmt: skip
    answer = open_as(desk.CLERK).post(OPEN, data=GRANT)
    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert "GZ2020-0007" in answer.text


def test_two_versions_stand_side_by_side_with_marks_and_words(open_as: Browser) -> None:
    html = open_as(desk.ADMINISTRATOR).get(f"{VERSION}/diff?with={board.OLD.id}").text
    assert html.count("data-diagram>") == 2
    assert '"marks": {"a": "removed"}' in html
    assert "时限：a → b" in html
    assert re.search(r"<del[^>]*>3 个工作日</del>.*<ins[^>]*>4 个工作日</ins>", html, re.DOTALL)


def test_a_file_of_a_version_is_shown_as_text_only(open_as: Browser) -> None:
    answer = open_as(desk.ADMINISTRATOR).get(f"{VERSION}/files/credit_repair/process.bpmn")
    assert answer.mimetype == "text/plain"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "credit_repair/process.bpmn" in open_as(desk.ADMINISTRATOR).get(f"{VERSION}/files").text


def test_a_dry_run_lists_every_case_and_asks_for_successors(
    open_as: Browser, office: SampleOffice
) -> None:
    to = board.NEW.id
    browser = open_as(desk.ADMINISTRATOR)
    html = browser.get(f"/admin/procedures/{board.OLD.id}/migration?to={to}&m.x=y").text
    assert desk.NUMBER in html
    assert "新版本没有这个计时。" in html
    assert 'name="m.credit_repair:first_review"' in html
    assert office.asked("migrations.preview")[0]["given"][3] == {"x": "y"}


def test_a_migration_is_ordered_with_its_mapping_and_reason(
    open_as: Browser, office: SampleOffice
) -> None:
    sent = {"to": str(board.NEW.id), "m.a": "b", "why": "改图", "losses": "1"}
    answer = open_as(desk.ADMINISTRATOR).post(
        f"/admin/procedures/{board.OLD.id}/migration", data=sent
    )
    assert answer.headers["Location"] == f"/admin/migrations/{desk.sample_id('migration')}"
    (asked,) = office.asked("migrations.start")
    assert asked["given"][3] == {"a": "b"}
    assert (asked["reason"], asked["accepts_losses"]) == ("改图", True)


def test_a_running_migration_shows_how_far_it_is_and_can_be_undone(
    open_as: Browser, office: SampleOffice
) -> None:
    address = f"/admin/migrations/{desk.sample_id('migration')}"
    html = open_as(desk.ADMINISTRATOR).get(address).text
    assert 'http-equiv="refresh"' in html
    assert f'name="case" value="{desk.NUMBER}"' in html
    sent = {"case": desk.NUMBER, "why": "弄错了"}
    open_as(desk.ADMINISTRATOR).post(f"{address}/undo", data=sent)
    assert office.asked("migrations.undo")[0]["given"][2] == [desk.NUMBER]


@pytest.mark.parametrize(
    "path", [PLACE, f"{VERSION}/diff", f"{VERSION}/files", f"{VERSION}/migration"]
)
def test_only_administrators_enter(open_as: Browser, path: str) -> None:
    assert open_as(desk.SUPERVISOR).get(path).status_code == HTTPStatus.FORBIDDEN
    assert open_as(desk.ADMINISTRATOR).get(path).status_code == HTTPStatus.OK
