"""Commitments: registered as cases are accepted, shown to the public, kept or broken."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.domain.views import CommitmentView
from engine.persistence import models
from engine.services import cases, commitment_sheets, commitments
from tests.offices import FIRM, Practice, day, steps_of

ACCEPT = {"acceptance": "accept"}
CONDITIONAL = {
    "acceptance": "conditional",
    "promised_papers": ["rectification"],
    "promised_on": "2020-03-06",
}
REFUSE = {
    "acceptance": "refuse",
    "refusal_reason": "not_repairable",
    "refusal_note": "属于公示期间不予修复的信息。",
}


def shown(practice: Practice, q: str = "") -> tuple[CommitmentView, ...]:
    return commitments.published(practice.office, q=q, now=practice.now).items


def of(practice: Practice, number: str) -> list[CommitmentView]:
    found = commitments.find(practice.office, practice["wang"], now=practice.now).items
    return [each for each in found if each.case_number == number]


def test_a_commitment_is_registered_on_acceptance_and_not_before(practice: Practice) -> None:
    number = practice.file_case().number
    assert shown(practice) == ()
    practice.answer(number, "review_filing", ACCEPT)
    (row,) = shown(practice)
    assert row.code == "32058320200302000001"
    assert (row.kind, row.openness, row.performance) == ("repair", "public", "running")
    assert (row.subject_code, row.accepted_by_code) == (FIRM, "11320583MB1X00010G")
    assert row.made_on.isoformat() == "2020-03-02"
    record = practice.record(UUID(practice.case(number).record_ids[0]))
    assert row.valid_until == record.ends_on
    assert record.number in row.reason


def test_codes_of_a_day_have_no_gaps(practice: Practice) -> None:
    for _ in range(3):
        number = practice.file_case().number
        practice.answer(number, "review_filing", ACCEPT)
    serials = sorted(row.code[14:] for row in shown(practice))
    assert serials == ["000001", "000002", "000003"]


def test_what_is_not_accepted_makes_no_commitment(practice: Practice) -> None:
    number = practice.file_case().number
    practice.answer(number, "review_filing", REFUSE)
    assert of(practice, number) == []


def test_a_commitment_goes_on_with_a_granted_repair(practice: Practice) -> None:
    number, _ = practice.at("rate")
    assert [row.performance for row in of(practice, number)] == ["running"]


def test_a_commitment_lapses_with_a_case_that_is_withdrawn_and_is_shown_no_more(
    practice: Practice,
) -> None:
    number, _ = practice.at("give_opinion")
    assert len(shown(practice)) == 1
    cases.withdraw(practice.office, practice.firm, number, reason="不办了", now=practice.now)
    (row,) = of(practice, number)
    assert row.performance == "lapsed"
    assert shown(practice) == ()
    _, events = commitments.get(practice.office, practice["wang"], row.code, now=practice.now)
    assert [event.after.zh for event in events] == ["已失效", "履行中"]


def test_false_papers_break_the_commitment_and_the_breach_is_published(practice: Practice) -> None:
    number = practice.file_case().number
    for step in steps_of("refused_false_papers")[:5]:
        practice.answer(number, step["task"], step["answers"])
    (row,) = shown(practice, FIRM)
    assert row.performance == "broken"
    assert row.consequence == row.sanction
    assert "公示到最长期限" in row.consequence


def test_the_missing_paper_of_a_conditional_acceptance_is_a_commitment_of_its_own(
    practice: Practice,
) -> None:
    number = practice.file_case().number
    practice.answer(number, "review_filing", CONDITIONAL)
    held = {row.kind: row for row in of(practice, number)}
    assert held.keys() == {"repair", "conditional"}
    promise = held["conditional"]
    assert "整改情况说明" in promise.content
    assert promise.valid_until is not None
    assert promise.valid_until.isoformat() == "2020-03-06"
    assert [row.kind for row in shown(practice)] == ["repair"]


def test_a_department_records_a_breach_before_itself_with_its_basis(practice: Practice) -> None:
    number, _ = practice.at("rate")
    (row,) = of(practice, number)
    commitments.judge(
        practice.office,
        practice["wu"],
        row.code,
        "broken",
        basis="昆市监罚〔2020〕31号",
        unfulfilled="2020年3月再次违反标识规定。",
        consequence="行政处罚信息公示到最长期限。",
        now=practice.now,
    )
    told, events = commitments.get(practice.office, practice.firm, row.code, now=practice.now)
    assert (told.performance, told.found_by) == ("broken", "市市场监管局")
    assert (events[0].basis, events[0].actor_name) == ("昆市监罚〔2020〕31号", "wu")
    assert shown(practice, told.subject_name)[0].performance == "broken"


def test_another_department_may_not_judge_it_and_nobody_without_a_basis(practice: Practice) -> None:
    number, _ = practice.at("rate")
    (row,) = of(practice, number)
    said = {"unfulfilled": "甲", "consequence": "乙"}
    for who in ("zheng", "zhou", "firm"):
        with pytest.raises(NotPermitted):
            commitments.judge(
                practice.office,
                practice[who],
                row.code,
                "broken",
                basis="丙",
                now=day(3, 2),
                **said,
            )
    with pytest.raises(Invalid) as refused:
        commitments.judge(
            practice.office, practice["wang"], row.code, "broken", basis=" ", now=day(3, 2), **said
        )
    assert "basis" in refused.value.fields
    assert [each.performance for each in of(practice, number)] == ["running"]


def test_history_is_only_added_to(practice: Practice) -> None:
    number, _ = practice.at("rate")
    (row,) = of(practice, number)
    office, clerk = practice.office, practice["wang"]
    commitments.judge(office, clerk, row.code, "kept", basis="核查", now=practice.now)
    with pytest.raises(Conflict):
        commitments.judge(office, clerk, row.code, "kept", basis="核查", now=practice.now)
    commitments.judge(
        office,
        clerk,
        row.code,
        "broken",
        basis="举报核实",
        unfulfilled="甲",
        consequence="乙",
        now=practice.now,
    )
    lines = practice.all(select(models.CommitmentEvent).order_by(models.CommitmentEvent.sequence))
    assert [(line.sequence, line.before, line.after) for line in lines] == [
        (1, "", "running"),
        (2, "running", "kept"),
        (3, "kept", "broken"),
    ]


def test_a_commitment_whose_time_is_over_waits_for_a_finding(practice: Practice) -> None:
    number, _ = practice.at("rate")
    (row,) = of(practice, number)
    assert row.valid_until is not None
    practice.show(day(3, 2) + timedelta(days=400))
    (later,) = of(practice, number)
    assert (row.is_over, later.is_over, later.performance) == (False, True, "running")


def test_the_export_has_the_columns_of_the_standard_and_every_commitment(
    practice: Practice,
) -> None:
    number = practice.file_case().number
    practice.answer(number, "review_filing", CONDITIONAL)
    content = commitment_sheets.as_csv(practice.office, practice["wang"], now=practice.now)
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(lines[0]) == 20
    assert [line["承诺类型"] for line in lines] == ["信用修复型", "容缺受理型"]
    assert lines[1]["承诺有效期"] == "2020/03/06"
    assert [line["公开类型"] for line in lines] == ["可向社会公开", "特定范围内公开"]
    book = commitment_sheets.as_workbook(practice.office, practice["wang"], now=practice.now)
    with zipfile.ZipFile(io.BytesIO(book)) as package:
        texts = package.read("xl/sharedStrings.xml").decode()
    assert lines[0]["承诺编码"] in texts
    assert "违诺责任追究内容" in texts
    for who in ("firm", "zhou", "wu"):
        with pytest.raises(NotPermitted):
            commitment_sheets.as_csv(practice.office, practice[who], now=practice.now)


def test_an_enterprise_sees_its_own_commitments_only(practice: Practice) -> None:
    number = practice.file_case().number
    practice.answer(number, "review_filing", ACCEPT)
    (row,) = commitments.find(practice.office, practice.firm, now=practice.now).items
    assert commitments.find(practice.office, practice.other_firm, now=practice.now).items == ()
    with pytest.raises(NotFound):
        commitments.get(practice.office, practice.other_firm, row.code, now=practice.now)
