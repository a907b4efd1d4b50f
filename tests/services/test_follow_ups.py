"""Follow-ups: a closed case is taken up again by those who may, and closed when that has ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted, StepFailed
from engine.persistence import models
from engine.services import board, cases, follow_ups, incidents, messages
from engine.services.operations import OPERATIONS
from tests.offices import FIRM, Practice, open_practice
from tests.oracle import contradictions
from tests.runtime.sketches import Sketch
from tests.services.sample_folders import sharing, write

WORDS = """
[outcomes.granted]
zh = "准予"
en = "granted"
[outcomes.refused]
zh = "不予"
en = "refused"
[outcomes.revoked]
zh = "撤销"
en = "revoked"
[follow_up.revocation]
process = "sample_revocation"
form = "clue"
who = ["credit_clerk"]
outcomes = ["granted"]
zh = "撤销"
en = "revocation"
button = { zh = "启动撤销", en = "Begin the revocation" }
[follow_up.copy]
process = "sample_copy"
form = "ask"
who = ["applicant", "window"]
message = "copy_wanted"
zh = "补发"
en = "another copy"
"""
CLUE = {"source": "complaint"}


def granting() -> Sketch:
    return (
        Sketch()
        .start()
        .task("take")
        .task("decide", group="credit_clerk")
        .asks("decide", result=["granted", "refused"])
        .service("record", "record_outcome", outcome="result", letter="''")
        .service("close", "close_case")
        .end()
        .flow("start > take > decide > record > close > end")
    )


def revoking() -> Sketch:
    return (
        Sketch("sample_revocation")
        .start("clue_in")
        .exclusive("whence", default="look_into")
        .task("look_into", "hear", group="credit_clerk")
        .asks("clue", source=["complaint", "check"])
        .service("revoke", "record_outcome", outcome="'revoked'", letter="''")
        .end("revoked")
        .flow("clue_in > whence")
        .flow("whence > hear", when='source == "complaint"')
        .flow("whence > look_into > hear > revoke > revoked")
    )


def copying() -> Sketch:
    return (
        Sketch("sample_copy")
        .start("asked")
        .service("look", "find_pending_letter")
        .task("copy")
        .asks("ask")
        .end("copied")
        .flow("asked > look > copy > copied")
    )


@pytest.fixture
def practice(database_url: str, tmp_path: Path) -> Iterator[Practice]:
    workflows = sharing(tmp_path, "decisions")
    write(workflows, granting(), revoking(), copying())
    with (workflows / "sample" / "procedure.toml").open("a", encoding="utf-8") as told:
        told.write(WORDS)
    with closing(open_practice(database_url, tmp_path, workflows=workflows)) as opened:
        yield opened
        assert contradictions(opened.office) == []


def closed(practice: Practice, result: str = "granted") -> str:
    number = cases.file(
        practice.office, practice.firm, "sample", FIRM, [], {}, now=practice.now
    ).number
    practice.answer(number, "take", {})
    practice.answer(number, "decide", {"result": result})
    return number


def begin(practice: Practice, number: str, key: str = "revocation", by: str = "wang") -> None:
    answers = CLUE if key == "revocation" else {}
    follow_ups.start(practice.office, practice[by], number, key, answers, now=practice.now)


def test_a_closed_case_is_open_until_its_follow_up_has_ended(practice: Practice) -> None:
    number = closed(practice)
    before = practice.case(number)
    begin(practice, number)
    taken_up = practice.case(number)
    assert (taken_up.state, taken_up.closed_at) == ("open", before.closed_at)
    assert taken_up.step == "sample_revocation:hear"
    practice.answer(number, "hear", {})
    after = practice.case(number)
    assert (after.state, after.outcome, after.closed_at) == ("closed", "revoked", before.closed_at)
    seen = cases.get(practice.office, practice["wang"], number, now=practice.now)
    assert seen.followed_up is not None
    assert (seen.followed_up.title.zh, seen.followed_up.at) == ("撤销", practice.now)
    tracked = cases.track(practice.office, number, seen.query_code, now=practice.now)
    assert tracked.followed_up == seen.followed_up
    told = ["follow_up_begun", "task_completed", "decided", "follow_up_ended"]
    assert [kind for kind in practice.kinds(number) if kind in told][-4:] == told


def test_what_begins_it_is_told_by_the_history_and_read_by_its_diagram(practice: Practice) -> None:
    number = closed(practice)
    follow_ups.start(
        practice.office,
        practice["wang"],
        number,
        "revocation",
        {"source": "check"},
        now=practice.now,
    )
    assert [task.element_id for task in practice.open_tasks(number)] == ["look_into"]
    (line,) = [event for event in practice.history(number) if event.kind == "follow_up_begun"]
    assert (line.actor, line.changes) == ("wang", {"follow_up": "revocation", "source": "check"})


def test_only_those_named_may_begin_it_and_only_they_are_offered_it(practice: Practice) -> None:
    number = closed(practice)

    def offered(username: str) -> list[str]:
        case = cases.get(practice.office, practice[username], number, now=practice.now)
        return [each.key for each in case.follow_ups]

    assert offered("wang") == ["revocation"]
    assert offered("firm") == offered("zhou") == ["copy"]
    assert offered("feng") == []
    with pytest.raises(NotPermitted):
        begin(practice, number, by="firm")
    with pytest.raises(NotFound):
        begin(practice, number, by="other_firm")
    with pytest.raises(NotFound, match="后续办理"):
        begin(practice, number, "nothing")


def test_it_is_not_begun_on_an_open_case_nor_twice_nor_after_another_outcome(
    practice: Practice,
) -> None:
    unfinished = cases.file(
        practice.office, practice.firm, "sample", FIRM, [], {}, now=practice.now
    ).number
    with pytest.raises(Conflict, match="尚未办结"):
        begin(practice, unfinished, "copy", by="firm")
    refused = closed(practice, "refused")
    with pytest.raises(Conflict, match="结果"):
        begin(practice, refused)
    number = closed(practice)
    begin(practice, number)
    with pytest.raises(Conflict, match="尚未办结"):
        begin(practice, number, "copy", by="zhou")
    with pytest.raises(Invalid):
        follow_ups.start(
            practice.office,
            practice["wang"],
            closed(practice),
            "revocation",
            {"source": "dream"},
            now=practice.now,
        )


def test_a_message_from_outside_begins_the_follow_up_that_names_it(practice: Practice) -> None:
    number = closed(practice)
    messages.receive(practice.office, practice["lin"], number, "copy_wanted", {}, now=practice.now)
    assert [task.element_id for task in practice.open_tasks(number)] == ["copy"]
    (message,) = practice.of_case(models.InboundMessage, number)
    assert (message.delivered_at, practice.case(number).waiting_messages) == (practice.now, 0)


def test_a_running_follow_up_is_on_the_board_and_in_nobody_s_silence(practice: Practice) -> None:
    number = closed(practice)
    assert board.board(practice.office, practice["fang"], now=practice.now).open_cases == 0
    begin(practice, number)
    assert board.board(practice.office, practice["fang"], now=practice.now).open_cases == 1
    seen = cases.get(practice.office, practice["wang"], number, now=practice.now)
    assert (seen.follow_up is not None and seen.follow_up.zh, seen.follow_ups) == ("撤销", ())
    assert [card.sentence for card in seen.waiting]


def test_one_that_cannot_begin_leaves_the_case_closed_and_an_incident_that_begins_it_later(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = closed(practice)

    def out_of_order(*_: object) -> str:
        raise RuntimeError("out of order")

    with monkeypatch.context() as broken:
        broken.setitem(OPERATIONS, "find_pending_letter", out_of_order)
        with pytest.raises(StepFailed) as failed:
            begin(practice, number, "copy", by="zhou")
    assert practice.case(number).state == "closed"
    (stuck,) = incidents.incidents(practice.office, practice["feng"])
    assert (stuck.number, stuck.kind) == (failed.value.incident, "follow_up")
    incidents.retry(practice.office, practice["feng"], stuck.id, now=practice.now)
    assert [task.element_id for task in practice.open_tasks(number)] == ["copy"]
