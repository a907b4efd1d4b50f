"""What is filed twice is linked to the open case: at the portal, at the window, by program."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.domain.errors import AlreadyOpen
from engine.persistence import models
from engine.services import applications, cases
from tests.offices import FIRM, Practice, application

PDF = b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"


def linked(practice: Practice, number: str) -> list[models.Event]:
    return [each for each in practice.history(number) if each.kind == "duplicate_filed"]


def all_cases(practice: Practice) -> int:
    return len(practice.all(select(models.Case)))


@pytest.mark.parametrize(("who", "channel"), [("firm", "web"), ("zhou", "window"), ("zhou", "api")])
def test_a_second_filing_goes_to_the_open_case(practice: Practice, who: str, channel: str) -> None:
    record = practice.import_penalty()
    number = practice.file_case(record).number
    with pytest.raises(AlreadyOpen) as refused:
        cases.file(
            practice.office,
            practice[who],
            "credit_repair",
            FIRM,
            (record,),
            application(),
            now=practice.now,
            channel=channel,
        )
    assert refused.value.case_number == number
    assert refused.value.extra == {"case": number}
    assert all_cases(practice) == 1
    (line,) = linked(practice, number)
    assert line.changes == {"channel": channel, "papers": 0}
    assert practice[who].name in line.detail


def test_an_application_begun_before_brings_its_papers_to_the_open_case(
    practice: Practice,
) -> None:
    record = practice.import_penalty()
    office, firm, now = practice.office, practice.firm, practice.now
    draft = applications.start(office, firm, "credit_repair", [record], now=now)
    applications.save(office, firm, draft, application(), now=now)
    applications.attach(office, firm, draft, "performance_proof", "凭证.pdf", PDF, now=now)
    number = practice.file_case(record).number
    with pytest.raises(AlreadyOpen):
        applications.submit(office, firm, draft, now=now)
    assert all_cases(practice) == 1
    (line,) = linked(practice, number)
    assert line.changes["papers"] == 1
    (paper,) = practice.of_case(models.Paper, number)
    assert (paper.filename, paper.receipt) == ("凭证.pdf", f"{number[-6:]}-1")
    assert applications.mine(office, firm, now=now) == ()


def test_nobody_begins_an_application_for_what_is_being_dealt_with(practice: Practice) -> None:
    record = practice.import_penalty()
    number = practice.file_case(record).number
    with pytest.raises(AlreadyOpen, match=number):
        applications.start(
            practice.office, practice.firm, "credit_repair", [record], now=practice.now
        )


def test_a_record_that_is_free_again_is_filed_again(practice: Practice) -> None:
    record = practice.import_penalty()
    number = practice.file_case(record).number
    cases.withdraw(practice.office, practice.firm, number, reason="", now=practice.now)
    assert practice.file_case(record).number != number
