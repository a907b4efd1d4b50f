"""Numbers of letters: one series a kind and year, without gaps, whoever fails or hurries."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from engine.domain.actor import SYSTEM
from engine.domain.errors import Conflict
from engine.persistence import models
from engine.persistence.numbering import next_number
from engine.services import correspondence, filing
from engine.services.stepping import open_casework
from tests.offices import Practice, day

FILERS = 8
NUMBER = re.compile(r"^(.+)〔(\d{4})〕(\D*)(\d+)号$")


def series(practice: Practice, key: str) -> list[int]:
    """The serial numbers of the letters of a kind, sorted."""
    letter = models.Letter
    asked = select(letter.number).where(letter.key == key, letter.number.is_not(None))
    found = [NUMBER.match(str(number)) for number in practice.all(asked)]
    return sorted(int(match[4]) for match in found if match)


def test_those_who_file_at_the_same_moment_get_numbers_without_a_gap(practice: Practice) -> None:
    records = [practice.import_penalty() for _ in range(FILERS)]
    with ThreadPoolExecutor(FILERS) as crowd:
        list(crowd.map(practice.file_case, records))
    assert series(practice, "filing_receipt") == list(range(1, FILERS + 1))


def test_a_filing_that_fails_leaves_no_hole(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.file_case()
    record = practice.import_penalty()

    class Broken(Exception):
        pass

    def fail(*told: object) -> None:
        raise Broken

    with monkeypatch.context() as patched:
        patched.setattr(filing, "settle", fail)
        with pytest.raises(Broken):
            practice.file_case(record)
    practice.file_case(record)
    assert series(practice, "filing_receipt") == [1, 2]


def test_a_number_taken_in_a_transaction_that_ends_in_nothing_is_taken_again(
    practice: Practice,
) -> None:
    def take(*, fails: bool = False) -> int:
        with practice.office.uow.begin() as session:
            taken = next_number(session, "letter:2020:试")
            if fails:
                raise RuntimeError
            return taken

    assert take() == 1
    with pytest.raises(RuntimeError):
        take(fails=True)
    assert take() == 2


def test_every_kind_and_every_year_counts_from_one(practice: Practice) -> None:
    number = practice.file_case().number
    practice.complete(number, "review_filing")
    practice.move_to(day(3, 3).replace(year=2021))
    practice.file_case()
    asked = select(models.Letter.number).where(models.Letter.number.is_not(None))
    assert {"昆信用修〔2020〕收1号", "昆信用修〔2020〕受1号", "昆信用修〔2021〕收1号"} <= set(
        practice.all(asked)
    )


def issue_again(practice: Practice, letter: models.Letter) -> None:
    with practice.office.uow.begin() as session:
        row = session.get_one(models.Letter, letter.id)
        case = session.get_one(models.Case, row.case_id)
        work = open_casework(practice.office, session, case, SYSTEM, practice.now)
        correspondence.issue(work, row)


def test_what_is_issued_is_never_written_again(practice: Practice) -> None:
    number = practice.file_case().number
    practice.run_jobs()
    (before,) = practice.of_case(models.Letter, number)
    with pytest.raises(Conflict):
        issue_again(practice, before)
    practice.run_jobs()
    (after,) = practice.of_case(models.Letter, number)
    assert (after.number, after.data, after.sha256) == (before.number, before.data, before.sha256)


def test_whom_to_ask_is_an_officer_never_the_enterprise_itself(practice: Practice) -> None:
    number = practice.file_case().number
    practice.complete(number, "review_filing")
    asked = {each.key: each.data["contact"] for each in practice.of_case(models.Letter, number)}
    assert "person" not in asked["filing_receipt"]
    assert asked["filing_receipt"]["phone"]
    assert asked["acceptance"]["person"] in practice.cast
    assert practice[asked["acceptance"]["person"]].is_staff
