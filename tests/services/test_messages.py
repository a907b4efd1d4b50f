"""Messages from outside: kept, delivered once to whoever waits, refused when they fit nothing."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import select

from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.persistence import models
from engine.services import cases, messages
from tests.offices import Practice, day, steps_of
from tests.services.crowds import refusals, together

REVOKED = {"document": "昆市监撤〔2020〕1号", "date": "2020-03-02"}


def send(practice: Practice, number: str, message: str, **payload: Any) -> None:
    cases.message(practice.office, practice["lin"], number, message, payload, now=practice.now)


def test_a_message_that_somebody_waits_for_is_delivered_at_once(practice: Practice) -> None:
    number, _ = practice.at("give_opinion")
    send(practice, number, "penalty_revoked", **REVOKED)
    assert practice.case(number).outcome == "revoked"
    (message,) = practice.of_case(models.InboundMessage, number)
    assert message.delivered_at == practice.now
    assert practice.case(number).waiting_messages == 0


def test_a_message_before_anybody_waits_is_kept_and_delivered_later(practice: Practice) -> None:
    number = practice.file_case().number
    send(practice, number, "subject_changed", name="昆山澄远新材料有限公司")
    (message,) = practice.of_case(models.InboundMessage, number)
    assert message.delivered_at is None  # at the window nobody waits for it
    assert [task.element_id for task in practice.open_tasks(number)] == ["review_filing"]
    assert practice.case(number).waiting_messages == 1
    practice.complete(number, "review_filing")
    assert practice.case(number).subject_name == "昆山澄远新材料有限公司"
    assert practice.case(number).waiting_messages == 0
    (message,) = practice.of_case(models.InboundMessage, number)
    assert message.delivered_at is not None


def test_of_messages_that_came_too_early_each_waits_for_its_own_step(
    practice: Practice,
) -> None:
    number = practice.file_case().number
    send(practice, number, "takedown_acknowledged", site="credit_china")
    send(practice, number, "subject_changed", name="昆山澄远新材料有限公司")
    practice.complete(number, "review_filing")
    told = practice.of_case(models.InboundMessage, number)
    assert {m.name: m.delivered_at is not None for m in told} == {
        "takedown_acknowledged": False,
        "subject_changed": True,
    }
    assert practice.case(number).waiting_messages == 1
    assert practice.case(number).subject_name == "昆山澄远新材料有限公司"
    assert [task.element_id for task in practice.open_tasks(number)] == ["give_opinion"]


def test_the_same_message_under_one_key_counts_once(
    practice: Practice, another_process: Practice
) -> None:
    number, _ = practice.at("give_opinion")

    def receive(where: Practice) -> Any:
        return messages.receive(
            where.office,
            practice["lin"],
            number,
            "subject_changed",
            {"name": "昆山澄远新材料有限公司"},
            now=practice.now,
            key="their number 7",
        )

    outcomes = together(*(lambda w=w: receive(w) for w in (practice, another_process, practice)))
    assert refusals(outcomes) == []
    assert len(practice.of_case(models.InboundMessage, number)) == 1
    assert practice.kinds(number).count("subject_corrected") == 1


def test_a_message_that_no_diagram_knows_is_refused(practice: Practice) -> None:
    number = practice.file_case().number
    before = practice.everything()
    with pytest.raises(Invalid, match="nonsense"):
        send(practice, number, "nonsense")
    with pytest.raises(NotFound):
        send(practice, "KSXY-XF-20200302-999999", "withdrawal")
    assert practice.everything() == before


def test_who_may_send_what(practice: Practice) -> None:
    number = practice.file_case().number
    office, now = practice.office, practice.now
    for sender, name, refusal in (
        (practice.firm, "takedown_acknowledged", NotPermitted),
        (practice.firm, "penalty_revoked", NotPermitted),
        (practice.other_firm, "reconsideration_request", NotFound),
        (practice["wu"], "penalty_revoked", NotPermitted),
    ):
        with pytest.raises(refusal):
            cases.message(office, sender, number, name, {}, now=now)
    assert practice.of_case(models.InboundMessage, number) == []


# ── withdrawal ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("element_id", ["review_filing", "give_opinion", "second_review"])
def test_a_case_may_be_withdrawn_until_it_is_decided(practice: Practice, element_id: str) -> None:
    number, _ = practice.at(element_id)
    cases.withdraw(practice.office, practice.firm, number, reason="另行申请", now=practice.now)
    case = practice.case(number)
    assert (case.state, case.outcome) == ("closed", "withdrawn")
    (told,) = [e for e in practice.history(number) if e.kind == "withdrawn"]
    assert told.detail == "另行申请"


def test_a_decided_case_is_not_withdrawn_and_nothing_of_the_attempt_stays(
    practice: Practice,
) -> None:
    number, _ = practice.at("take_down")
    before = practice.everything()
    with pytest.raises(Conflict):
        cases.withdraw(practice.office, practice.firm, number, reason="", now=practice.now)
    assert practice.everything() == before


def test_nobody_withdraws_the_case_of_another(practice: Practice) -> None:
    number, _ = practice.at("give_opinion")
    for who, refusal in ((practice.other_firm, NotFound), (practice["wu"], NotPermitted)):
        with pytest.raises(refusal):
            cases.withdraw(practice.office, who, number, reason="", now=practice.now)
    cases.withdraw(practice.office, practice["zhou"], number, reason="来电", now=practice.now)


def test_two_withdrawals_in_the_same_instant_withdraw_once(
    practice: Practice, another_process: Practice
) -> None:
    number, _ = practice.at("give_opinion")
    outcomes = together(
        *(
            lambda w=where: cases.withdraw(
                w.office, practice.firm, number, reason="", now=practice.now
            )
            for where in (practice, another_process)
        )
    )
    assert [type(each) for each in refusals(outcomes)] == [Conflict]
    assert practice.kinds(number).count("withdrawn") == 1


# ── too late ────────────────────────────────────────────────────────────────────────────────────


def test_a_request_after_its_time_is_over_comes_too_late_also_before_the_next_sweep(
    practice: Practice,
) -> None:
    number, _ = practice.at("first_review")
    refuse(practice, number)
    practice.show(day(4, 30))  # the ten working days are over, and nobody has swept
    send_as_firm(practice, number)
    kinds = practice.kinds(number)
    assert "final" in kinds
    assert "reconsider" not in {task.element_id for task in practice.open_tasks(number)}
    assert practice.case(number).outcome == "refused"


def test_a_request_in_time_is_heard(practice: Practice) -> None:
    number, _ = practice.at("first_review")
    refuse(practice, number)
    send_as_firm(practice, number)
    assert [task.element_id for task in practice.open_tasks(number)] == ["reconsider"]


def send_as_firm(practice: Practice, number: str) -> None:
    grounds = {"grounds": "标识已全部更换"}
    cases.message(
        practice.office,
        practice.firm,
        number,
        "reconsideration_request",
        grounds,
        now=practice.now,
    )


def refuse(practice: Practice, number: str) -> None:
    """From the first review to the decision not to repair, served electronically."""
    for step in steps_of("refused_then_upheld_on_review"):
        if step.get("task") in ("first_review", "second_review", "approve"):
            practice.answer(number, step["task"], step["answers"])


# ── the platform's folder ───────────────────────────────────────────────────────────────────────


def test_an_acknowledgement_in_the_folder_reaches_its_case_once(practice: Practice) -> None:
    number, _ = practice.at("take_down")
    practice.complete(number, "take_down")
    practice.complete(number, "verify")
    practice.run_jobs()
    folder = practice.folder / "exchange"
    (notice,) = [p for p in (folder / "out").glob("*.json") if number in p.read_text("utf-8")]
    answer = {"case_number": number, "message": "takedown_acknowledged", "payload": {}}
    for _ in range(2):
        (folder / "in").mkdir(exist_ok=True)
        (folder / "in" / notice.name).write_bytes(orjson.dumps(answer))
        messages.collect_acknowledgements(practice.office)
    assert len(practice.of_case(models.InboundMessage, number)) == 1
    assert [task.element_id for task in practice.open_tasks(number)] == ["verify_sites"]
    assert list((folder / "in").glob("*.json")) == []


def test_an_acknowledgement_for_no_case_is_kept_as_an_incident_and_stops_nothing(
    practice: Practice,
) -> None:
    folder = practice.folder / "exchange" / "in"
    folder.mkdir(parents=True)
    stray = {"case_number": "KSXY-XF-20200302-999999", "message": "takedown_acknowledged"}
    (folder / "a.json").write_bytes(orjson.dumps(stray))
    (folder / "b.json").write_bytes(b"{ not json")
    messages.collect_acknowledgements(practice.office)
    (incident,) = practice.all(select(models.Incident))
    assert "a" in incident.cause
    assert messages.collect_acknowledgements(practice.office) == 0
    assert len(practice.all(select(models.Incident))) == 1
