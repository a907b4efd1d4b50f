"""Repair under 36号令 (国办发〔2025〕22号): ten working days from the application, three things at the end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.domain.actor import Actor
from engine.domain.errors import Invalid
from engine.persistence import models
from engine.services import cases, follow_ups, hand_overs
from engine.services.hand_overs import Brought, HandOver
from tests.offices import FIRM, Practice
from tests.services.test_hand_overs import program, told_above  # noqa: F401 - a fixture
from tests.test_procedures import WORKFLOWS, read

TOLD = read(WORKFLOWS / "credit_repair/editions/36/scenarios/granted_general.json")


def at(day: int, hour: int = 9) -> datetime:
    """A moment of May 2026 by the clock in Shanghai, in UTC; the 11th is a Monday."""
    return datetime(2026, 5, day, hour - 8, tzinfo=UTC)


def filed(practice: Practice) -> str:
    practice.show(at(11))
    record = practice.import_penalty(CF_JDRQ="2026-01-12", CF_WSH="昆市监罚〔2026〕1号")
    answers = TOLD["filing"]["application"]
    return cases.file(
        practice.office,
        practice.firm,
        "credit_repair",
        practice.firm.subject or "",
        (record,),
        answers,
        now=practice.now,
    ).number


def step(practice: Practice, number: str, element: str, **changes: object) -> None:
    usual = next(each["answers"] for each in TOLD["steps"] if each.get("task") == element)
    practice.answer(number, element, {**usual, **changes})


def handling(practice: Practice, number: str) -> models.Clock:
    return next(c for c in practice.of_case(models.Clock, number) if c.key == "handling")


def test_the_ten_days_count_from_the_application_and_not_from_its_acceptance(
    practice: Practice,
) -> None:
    number = filed(practice)
    practice.show(at(12, 16))
    step(practice, number, "review_filing")
    clock = handling(practice, number)
    assert clock.due_at == at(25, 17)
    (begun,) = (e for e in practice.of_case(models.ClockEntry, number) if e.clock_id == clock.id)
    assert (begun.reason, begun.effective_at) == ("收件", at(11))


def test_what_was_not_carried_out_or_put_right_cannot_be_granted(practice: Practice) -> None:
    number = filed(practice)
    for element in ("review_filing", "assist_filing", "decide_admission"):
        step(practice, number, element)
    for missing in ("performed", "corrected"):
        with pytest.raises(Invalid):
            step(practice, number, "give_decision", **{missing: "no"})
    assert practice.open_task(number, "give_decision").state == "ready"


def test_who_is_late_with_the_measures_is_supervised_though_the_removal_is_later_still(
    practice: Practice,
) -> None:
    number = filed(practice)
    for element in ("review_filing", "assist_filing", "decide_admission", "give_decision"):
        step(practice, number, element)
    practice.move_to(at(14, 18))  # removal was due on the 12th, the measures on the 14th
    noticed = {s.ground: s for s in practice.of_case(models.Supervision, number)}
    assert noticed["takedown"].unit == "credit_centre"
    assert (noticed["measures"].unit, noticed["measures"].element_id) == (
        "market_regulation",
        "confirm_measures",
    )


def test_credit_china_hears_of_the_correction_the_decision_and_a_later_revocation(
    practice: Practice,
    program: Actor,  # noqa: F811
) -> None:
    practice.show(at(11))
    practice.import_penalty(CF_JDRQ="2026-01-12", CF_WSH="昆市监罚〔2026〕1号")
    kept = ("entrance", "national_number")
    answers = {k: v for k, v in TOLD["filing"]["application"].items() if k not in kept}
    paper = Brought("performance_proof", "回单.pdf", b"%PDF-1.4\n1 0 obj << >> endobj\n%%EOF\n")
    brought = HandOver(
        "credit_repair", "XYZG-2026-0500", FIRM, ("昆市监罚〔2026〕1号",), answers, (paper,)
    )
    number = hand_overs.take(practice.office, program, brought, now=practice.now).number

    def told(last: str) -> dict[str, object]:
        found = dict(told_above(practice, number)[-1])
        assert found["notice"] == last
        return found

    missing = [{"paper": "performance_proof", "reason": "看不清缴款日期", "form": "清晰照片"}]
    practice.answer(number, "review_filing", {"acceptance": "supplement", "missing": missing})
    assert told("case_supplement_asked")["missing"] == ["义务履行完毕的证明"]
    practice.complete(number, "supplement")
    for element in ("review_filing", "assist_filing", "decide_admission", "give_decision"):
        step(practice, number, element)
    assert told("case_decided")["outcome"] == "granted"
    for element in ("take_down", "verify", "confirm_sharing", "confirm_measures"):
        step(practice, number, element)
    practice.acknowledge(number)
    step(practice, number, "verify_sites")
    assert told("case_closed")["outcome"] == "granted"
    clue = {"clue_source": "report", "suspicion": "false_papers", "clue": "凭证系他案凭证改制。"}
    clerk = practice.of_group("credit_clerk")
    follow_ups.start(practice.office, clerk, number, "revocation", clue, now=practice.now)
    founded = {"clue_finding": "founded", "second_person": "沈静", "opinion": "凭证号属另一案件。"}
    practice.answer(number, "investigate", founded)
    practice.answer(number, "defend", {"defence": "系经办人误传，罚款确已缴清。"})
    revoke = {"revocation": "revoke", "reason": "凭证虚假，申辩没有证据。"}
    practice.answer(number, "decide_revocation", revoke)
    assert told("case_repair_revoked")["outcome"] == "repair_revoked"
