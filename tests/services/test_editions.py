"""Editions of credit repair: the law of the day appraises a record, a case finishes under its own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.domain.errors import Invalid, NotFound
from engine.persistence import models
from engine.runtime import catalog
from engine.services import cases, public_eligibility, records
from engine.settings import ROOT
from tests.offices import FIRM, OTHER_FIRM, PENALTY, Practice, penalties

EMERGENCY_BUREAU = {
    "CF_CFJG": "昆山市应急管理局",
    "CF_CFJGDM": "11320583MB1X00096B",
    "CF_SJLY": "昆山市应急管理局",
    "CF_SJLYDM": "11320583MB1X00096B",
}
REVOKED = "处罚决定已撤销（昆市监撤〔2020〕1号）"


def morning(year: int, month: int, day: int) -> datetime:
    """Nine o'clock in Shanghai."""
    return datetime(year, month, day, 1, tzinfo=UTC)


def test_a_record_is_appraised_by_the_law_in_force_on_the_day(practice: Practice) -> None:
    practice.show(morning(2023, 4, 3))
    changes = {**EMERGENCY_BUREAU, "CF_WFXW": "消防设施未保持完好有效", "CF_JDRQ": "2023-02-06"}
    record = practice.import_penalty(**changes)

    def told(moment: datetime) -> tuple[str | None, date | None, str]:
        practice.show(moment)
        (found,) = records.eligibility(practice.office, practice.firm, FIRM, now=practice.now)
        assert found.id == record
        assert found.eligibility is not None
        return found.grade, found.earliest_on, found.eligibility.edition

    assert told(morning(2023, 4, 28)) == ("general", date(2023, 5, 6), "2020")
    assert told(morning(2023, 5, 4)) == ("key_field", date(2024, 2, 6), "2023")
    assert practice.record(record).grade == "general"  # as it was collected


def test_a_case_finishes_under_the_edition_of_its_filing_and_cites_its_law(
    practice: Practice,
) -> None:
    practice.show(morning(2023, 4, 28))
    record = practice.import_penalty(**EMERGENCY_BUREAU, CF_JDRQ="2022-12-12")
    number = practice.file_case(record, performed_on="2023-01-10").number
    practice.complete(number, "review_filing")
    practice.show(morning(2023, 5, 4))
    practice.drive_to(number, "verify_sites")
    assert cases.get(practice.office, practice.firm, number, now=practice.now).edition == "2020"
    with practice.reading() as session:
        drawn = practice.office.procedure(session, practice.case(number).definition_id)
    assert drawn.laws.is_current("发改办财金〔2019〕527号", date(2023, 5, 5))
    assert not drawn.laws.is_current("发改办财金〔2019〕527号", date(2019, 6, 30))


@pytest.mark.parametrize(
    ("day", "edition"),
    [
        (morning(2020, 3, 2), "2020"),
        (morning(2023, 4, 30), "2020"),
        (morning(2023, 5, 1), "2023"),
        (morning(2026, 3, 31), "2023"),
        (morning(2026, 4, 1), "2026"),
    ],
)
def test_the_day_of_application_chooses_the_edition(
    practice: Practice, day: datetime, edition: str
) -> None:
    with practice.reading() as session:
        _, drawn = practice.office.in_force(
            session, "credit_repair", practice.office.calendar().local_date(day)
        )
    assert drawn.edition == edition


def test_an_edition_takes_over_what_it_does_not_say_itself() -> None:
    workflows = ROOT / "workflows"
    first = catalog.read_folder(workflows, "credit_repair")
    later = catalog.read_folder(workflows, "credit_repair", "36")
    same, own = "credit_repair/takedown.bpmn", "credit_repair/examination.bpmn"
    assert later[same] == first[same]
    assert later[own] != first[own]
    assert "credit_repair/forms/assist.json" in first.keys() - later.keys()
    assert catalog.place_of(Path("w/credit_repair/editions/36")) == (
        Path("w"),
        "credit_repair",
        "36",
    )
    assert catalog.editions(workflows, "credit_repair") == ("", "36", "58")


def test_what_an_edition_leaves_out_must_have_been_there(tmp_path: Path) -> None:
    folder = tmp_path / "p" / "editions" / "2"
    folder.mkdir(parents=True)
    (tmp_path / "p" / "procedure.toml").write_text("key = 'p'")
    (folder / "procedure.toml").write_text("leaves_out = ['forms/nothing.json']")
    with pytest.raises(Invalid, match="nothing"):
        catalog.read_folder(tmp_path, "p", "2")


# ── without an account ──────────────────────────────────────────────────────────────────────────


def test_code_and_number_of_a_published_penalty_tell_when_it_may_be_repaired(
    practice: Practice,
) -> None:
    practice.import_penalty(CF_WSH="昆市监罚〔2020〕7号", CF_JDRQ="2020-01-08")
    found = public_eligibility.ask(practice.office, FIRM, "昆市监罚[2020] 7 号", now=practice.now)
    told = found.told
    assert (found.number, told.outcome) == ("昆市监罚〔2020〕7号", "not_yet")
    assert (told.earliest_on, told.edition) == (date(2020, 4, 8), "2020")
    assert told.article.startswith("发改办财金〔2019〕527号")
    assert "performance_proof" in [paper.key for paper in told.missing]
    assert len(told.routes) == 3


@pytest.mark.parametrize(
    ("subject", "number"), [(OTHER_FIRM, "昆市监罚〔2019〕1号"), (FIRM, "昆市监罚〔2019〕2号")]
)
def test_a_wrong_pair_and_a_record_that_is_not_shown_are_answered_alike(
    practice: Practice, subject: str, number: str
) -> None:
    practice.import_penalty()
    with pytest.raises(NotFound) as wrong:
        public_eligibility.ask(practice.office, subject, number, now=practice.now)
    expired = practice.import_penalty(CF_WSH="昆市监罚〔2018〕9号", CF_JDRQ="2018-02-08")
    assert practice.record(expired).publication == "withdrawn_expired"
    with pytest.raises(NotFound) as gone:
        public_eligibility.ask(practice.office, FIRM, "昆市监罚〔2018〕9号", now=practice.now)
    assert str(gone.value) == str(wrong.value)


def test_strangers_are_not_told_that_a_repair_is_under_way(practice: Practice) -> None:
    record = practice.import_penalty()
    number = practice.record(record).number
    before = public_eligibility.ask(practice.office, FIRM, number, now=practice.now)
    practice.file_case(record)
    assert public_eligibility.ask(practice.office, FIRM, number, now=practice.now) == before
    (own,) = records.eligibility(practice.office, practice.firm, FIRM, now=practice.now)
    assert own.eligibility is not None
    assert own.eligibility.outcome == "repair_pending"


def test_from_2023_on_a_penalty_of_the_market_regulator_is_repaired_there(
    practice: Practice,
) -> None:
    practice.show(morning(2023, 6, 5))
    practice.import_penalty(CF_WSH="昆市监罚〔2023〕7号", CF_JDRQ="2023-01-09")
    told = public_eligibility.ask(
        practice.office, FIRM, "昆市监罚〔2023〕7号", now=practice.now
    ).told
    assert told.outcome == "elsewhere"
    assert "国市监信规〔2021〕3号" in told.article


# ── the penalty is revoked meanwhile ────────────────────────────────────────────────────────────


def corrected(practice: Practice, number: str, **changes: str) -> str:
    """What is remarked on the line of a file that says the penalty is revoked."""
    row = {**PENALTY, "CF_WSH": number, "BZ": REVOKED, **changes}
    content = penalties(row)
    (line,) = records.import_file(
        practice.office, practice["lin"], "corrected.csv", content, now=practice.now
    ).lines
    assert line.outcome == "known", line.problems
    return line.remarks[-1].zh if line.remarks else ""


def test_a_corrected_file_ends_the_repair_that_is_open_with_a_letter(practice: Practice) -> None:
    record = practice.import_penalty()
    number = practice.file_case(record).number
    practice.complete(number, "review_filing")
    assert number in corrected(practice, practice.record(record).number)
    assert practice.case(number).outcome == "revoked"
    after = practice.record(record)
    assert (after.publication, after.flags, after.holds) == ("withdrawn_corrected", {}, {})
    keys = [letter.key for letter in practice.of_case(models.Letter, number)]
    assert keys[-1] == "takedown_receipt"
    corrected(practice, after.number)  # the same file again tells nobody anything
    assert practice.kinds(number).count("message_received") == 1


def test_a_corrected_file_takes_down_a_record_that_nobody_holds(practice: Practice) -> None:
    record = practice.import_penalty()
    told = corrected(practice, practice.record(record).number)
    assert told == "处罚已撤销，记录已撤下。"
    assert practice.record(record).publication == "withdrawn_corrected"
    _, events = records.get(practice.office, practice["lin"], record, now=practice.now)
    assert events[0].document == REVOKED


def test_another_remark_changes_nothing(practice: Practice) -> None:
    record = practice.import_penalty()
    corrected(practice, practice.record(record).number, BZ="更正地址")
    assert practice.record(record).publication == "shown"
