"""Exemption of a minor default: a folder without a line of Python that acts on the record."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.domain.errors import Conflict, NotEligible
from engine.persistence import models
from engine.services import cases, procedures, records
from engine.settings import ROOT
from tests.offices import FIRM, Practice, day
from tests.services.test_certificates import certified

KEY = "minor_default_exemption"
FOLDER = ROOT / "workflows" / KEY
STEPS = json.loads((FOLDER / "scenarios/granted_force_majeure.json").read_text("utf-8"))


def asked(practice: Practice, record: UUID) -> str:
    answers: dict[str, Any] = STEPS["filing"]["application"]
    return cases.file(
        practice.office, practice.firm, KEY, FIRM, [record], answers, now=practice.now
    ).number


def work(practice: Practice, number: str, until: str) -> None:
    """The steps of the scenario in which it is granted, up to and with the one named."""
    for step in STEPS["steps"]:
        practice.answer(number, step["task"], step["answers"])
        if step["task"] == until:
            return


def outcome(practice: Practice, record: UUID) -> tuple[str, str]:
    told = records.eligibility(
        practice.office, practice.firm, FIRM, procedure=KEY, now=practice.now
    )
    (found,) = [each.eligibility for each in told if each.id == record]
    assert found is not None
    return found.outcome, found.rule.rpartition(" ")[2]


def test_the_folder_holds_no_python() -> None:
    endings = {path.suffix for path in FOLDER.rglob("*") if path.is_file()}
    assert endings == {".toml", ".bpmn", ".dmn", ".json", ".typ"}
    mentioned = [
        path.name
        for room in ("engine/runtime", "engine/services", "engine/domain", "web")
        for path in (ROOT / room).rglob("*.py")
        if KEY in path.read_text("utf-8")
    ]
    assert mentioned == []


def test_a_condition_that_is_not_met_is_named_in_words_that_say_so() -> None:
    """The letter prints the titles behind 经审查: the check's own title would say that it is met."""
    for path in sorted((ROOT / "workflows").rglob("forms/*.json")):
        asked = json.loads(path.read_text("utf-8"))["properties"]
        met, failed = (asked.get(name, {}) for name in ("checks", "failed_conditions"))
        if met and failed:
            titles = [
                {each[word] for each in of["items"]["oneOf"]}
                for word in ("title", "x-title-en")
                for of in (met, failed)
            ]
            assert not titles[0] & titles[1], path.name
            assert not titles[2] & titles[3], path.name


def test_of_a_default_that_is_not_reported_nothing_is_said_that_holds_of_penalties_only(
    practice: Practice,
) -> None:
    record = practice.enter_default()
    told = records.eligibility(
        practice.office, practice.firm, FIRM, procedure=KEY, now=practice.now
    )
    (found,) = [each.eligibility for each in told if each.id == record]
    assert found is not None
    assert found.outcome == "eligible"
    assert [way.zh for way in found.routes] == [
        "尚未上报、没有公示；按期整改，或者向认定单位说明情况。"
    ]


def test_an_exempted_default_is_never_shown_and_never_reported(practice: Practice) -> None:
    record = practice.enter_default()
    number = asked(practice, record)
    work(practice, number, "approve_exemption")
    held = practice.record(record)
    assert (held.publication, held.reporting, held.holds) == ("exempt", "exempt", {})
    with pytest.raises(Conflict):
        records.report(practice.office, practice["wu"], record, now=practice.now)
    told = models.RecordEvent
    changes = practice.all(select(told).where(told.record_id == record).order_by(told.sequence))
    assert {(each.axis, each.after) for each in changes if each.case_number == number} == {
        ("publication", "exempt"),
        ("reporting", "exempt"),
    }
    assert {each.document for each in changes if each.case_number == number} == {
        "昆信用豁〔2020〕1号"
    }


def test_the_department_cannot_report_it_while_the_case_is_open(practice: Practice) -> None:
    record = practice.enter_default()
    number = asked(practice, record)
    with pytest.raises(Conflict, match=number):
        records.report(practice.office, practice["wu"], record, now=practice.now)
    assert outcome(practice, record) == ("pending", "H-01")


def test_what_was_reported_or_exempted_is_not_open_to_it(practice: Practice) -> None:
    free, reported, exempted = (practice.enter_default() for _ in range(3))
    records.report(practice.office, practice["wu"], reported, now=practice.now)
    practice.run_jobs()
    work(practice, asked(practice, exempted), "approve_exemption")
    assert outcome(practice, free) == ("eligible", "H-06")
    assert outcome(practice, reported) == ("not_open", "H-04")
    assert outcome(practice, exempted) == ("not_open", "H-03")


def test_a_default_in_another_procedure_waits_for_its_end(practice: Practice) -> None:
    record = practice.enter_default()
    with practice.office.uow.begin() as session:
        session.get_one(models.Record, record).holds = {"deferral": "KSXY-ZH-20200302-000001"}
    assert outcome(practice, record) == ("not_open", "H-07")


def test_a_penalty_is_never_exempted(practice: Practice) -> None:
    with pytest.raises(NotEligible):
        asked(practice, practice.import_penalty())


def test_a_force_majeure_certificate_is_copied_into_the_open_case(practice: Practice) -> None:
    number = asked(practice, practice.enter_default())
    certificate = certified(practice)
    (paper,) = [p for p in practice.of_case(models.Paper, number) if p.kind == "force_majeure"]
    assert paper.filename == f"{certificate}.pdf"


def test_it_is_open_on_the_portal_while_the_response_lasts(practice: Practice) -> None:
    shown = procedures.open_procedures(practice.office, practice.firm, now=practice.now)
    assert KEY in [each.key for each in shown]


def test_what_is_left_after_a_silent_department_is_due_with_the_case_at_the_latest(
    practice: Practice,
) -> None:
    """Silence uses five of seven days: the leader's two would end a day after the decision is due."""
    record = practice.enter_default()
    number = asked(practice, record)
    practice.answer(number, "review_filing", {"acceptance": "accept"})
    practice.move_to(day(3, 9, 17))
    settling = practice.open_task(number, "settle_recognition")
    assert settling.due_at == practice.clock_of(number, "handling").due_at == day(3, 11, 17)


def test_what_most_enterprises_come_for_is_named_first(practice: Practice) -> None:
    shown = procedures.open_procedures(practice.office, practice.firm, now=practice.now)
    keys = [each.key for each in shown]
    assert keys[0] == "credit_repair"
    assert keys != sorted(keys)
