"""A procedure cites only law that there was in the time of its edition: the gate, and letters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from engine.domain.gate_report import Finding, Severity
from engine.runtime import catalog
from engine.runtime.gate.citations import check_citations
from engine.runtime.gate.reading import read_folder
from engine.runtime.letters import render
from engine.runtime.procedure import Procedure
from tests.runtime.test_letters import FONTS, WORKFLOWS, full, words

EDITIONS = [
    (key, edition)
    for key in catalog.procedure_keys(WORKFLOWS)
    for edition in catalog.editions(WORKFLOWS, key)
]
GRANTED = "credit_repair/letters/repair_granted.typ"


def findings(files: Mapping[str, bytes], key: str) -> list[Finding]:
    return list(check_citations(read_folder(files, key)[0]))


def changed(name: str, old: str, new: str) -> dict[str, bytes]:
    files = catalog.read_folder(WORKFLOWS, "credit_repair")
    text = files[name].decode()
    assert old in text
    return {**files, name: text.replace(old, new).encode()}


@pytest.mark.parametrize(("key", "edition"), EDITIONS)
def test_every_shipped_edition_cites_law_that_is_known_and_of_its_time(
    key: str, edition: str
) -> None:
    told = findings(catalog.read_folder(WORKFLOWS, key, edition), key)
    assert [f"{each.place} {each.zh}" for each in told] == []


def test_a_law_of_another_time_in_a_letter_keeps_the_folder_out() -> None:
    files = changed(GRANTED, "决定。", "决定。依照江苏省社会信用条例第三十条，")
    (found,) = findings(files, "credit_repair")
    assert (found.code, found.severity, found.file) == ("law-not-yet", Severity.REFUSAL, GRANTED)
    files = changed(GRANTED, "决定。", "决定。依照《信用修复管理办法》，")
    assert "law-not-of-its-time" in {each.code for each in findings(files, "credit_repair")}


def test_a_basis_that_lies_wholly_outside_the_edition_keeps_the_folder_out() -> None:
    basis = (
        "《国家发展改革委办公厅关于进一步完善“信用中国”网站及地方信用门户网站"
        "行政处罚信息信用修复机制的通知》（发改办财金〔2019〕527号）"
    )
    files = changed(GRANTED, basis, "《信用修复管理办法》")
    (found,) = findings(files, "credit_repair")
    assert (found.code, found.file) == ("law-not-of-its-time", GRANTED)
    both = changed(GRANTED, basis, f"{basis}；《信用修复管理办法》")
    assert findings(both, "credit_repair") == []


def test_an_edition_that_outlives_its_law_is_warned_of() -> None:
    name = "credit_repair/procedure.toml"
    files = changed(name, "effective_to = 2023-04-30", "effective_to = 2024-04-30")
    told = findings(files, "credit_repair")
    assert {each.code for each in told} == {"law-outlived"}
    assert {each.severity for each in told} == {Severity.WARNING}
    assert GRANTED in {each.file for each in told}


def test_a_citation_that_nobody_entered_is_warned_of() -> None:
    files = changed(GRANTED, "决定。", "决定。依照《昆山市信用修复办法》，")
    assert [each.code for each in findings(files, "credit_repair")] == ["law-unknown"]


@pytest.fixture(scope="module")
def procedure() -> Procedure:
    return catalog.load(catalog.read_folder(WORKFLOWS, "credit_repair"), "credit_repair")


def test_public_notice_lasts_thirty_days_since_the_law_says_so(procedure: Procedure) -> None:
    before = procedure.limit("public_notice", {}, date(2021, 12, 31))
    since = procedure.limit("public_notice", {}, date(2022, 1, 1))
    assert before.budget is not None
    assert since.budget is not None
    assert (before.budget.amount, since.budget.amount) == (60, 30)


def test_a_letter_leaves_out_what_was_not_in_force_on_the_day_of_issue() -> None:
    files = catalog.read_folder(WORKFLOWS, "objection")
    told: dict[str, object] = {"basis": None, "records": []}
    printed = [
        words(
            render(
                files, "acceptance", full(issued_on=day, **told), procedure="objection", fonts=FONTS
            )
        )
        for day in ("2020-02-27", "2020-02-28")
    ]
    assert ["昆信用办〔2020〕2号" in each for each in printed] == [False, True]
    assert all("优化营商环境条例" in each for each in printed)
