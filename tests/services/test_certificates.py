"""Certificates: the register that counts them, what the public is told, who may look."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any
from urllib.parse import unquote

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from engine.domain.clock import Whose
from engine.domain.errors import Invalid, NotPermitted
from engine.domain.views import CaseView, CertificateView
from engine.persistence import models
from engine.services import (
    cases,
    certificate_sheets,
    certificates,
    follow_ups,
    letters,
    standing,
    tellings,
)
from engine.settings import ROOT
from tests.letter_pages import code_on
from tests.offices import FIRM, Practice, day, open_practice

WORKFLOWS = ROOT / "workflows"
CLAIM: dict[str, Any] = {
    "representative": "legal_representative",
    "handler_name": "陈一苇",
    "handler_phone": "13800000027",
    "contract_number": "CY-2019-118",
    "counterparty": "Nordlicht Handels GmbH",
    "country": "德国",
    "goods": "瓦楞包装材料",
    "amount": "126000.50",
    "currency": "EUR",
    "delivery_on": "2020-02-20",
    "industry": "包装",
    "hindrance": "按疫情防控要求停工至2月17日，不能按期交付。",
    "base_proof": "complete",
    "electronic_service": True,
    "truth": True,
}
STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("review_filing", {"acceptance": "accept"}),
    ("precheck", {"checks": ["truth"], "precheck": "pass", "issuing_mode": "local"}),
    (
        "draft",
        {
            "facts_zh": "该企业自2020年1月25日至2月17日停工。",
            "facts_en": "Closed from 25 January to 17 February 2020.",
            "evidence": "停工证明",
        },
    ),
    ("proofread", {"proofreading": "clean"}),
    ("sign", {"certificate": "issue"}),
)


def certified(practice: Practice, **changes: Any) -> str:
    """A certificate issued to the firm: its number."""
    answers = {**CLAIM, **changes}
    filed = cases.file(
        practice.office, practice.firm, "force_majeure", FIRM, [], answers, now=practice.now
    )
    for task, given in STEPS:
        practice.answer(filed.number, task, given)
    practice.run_jobs()
    held = practice.all(
        select(models.Certificate)
        .join(models.Case, models.Case.id == models.Certificate.case_id)
        .where(models.Case.number == filed.number)
    )
    return str(held[-1].number)


def test_the_register_adds_up_by_currency_and_by_country(practice: Practice) -> None:
    certified(practice)
    certified(practice, amount="1000", contract_number="2")
    certified(practice, amount="7", currency="USD", country="美国", contract_number="3")
    told = certificates.register(practice.office, practice["yuan"], now=practice.now)
    assert [(s.currency, s.count, s.amount) for s in told.by_currency] == [
        ("EUR", 2, Decimal("127000.50")),
        ("USD", 1, Decimal("7.00")),
    ]
    assert [(s.country, s.currency, s.count) for s in told.by_country] == [
        ("德国", "EUR", 2),
        ("美国", "USD", 1),
    ]
    assert len(told.items) == 3


def case_of(practice: Practice, number: str) -> str:
    certificate, case = models.Certificate, models.Case
    asked = select(case).join(certificate, certificate.case_id == case.id)
    return str(practice.all(asked.where(certificate.number == number))[0].number)


def closed(practice: Practice, **changes: Any) -> tuple[str, str]:
    """A case closed with its certificate: their numbers."""
    certificate = certified(practice, **changes)
    return case_of(practice, certificate), certificate


def taken_up(practice: Practice, number: str, finding: str, *, by: str = "applicant") -> None:
    """The case is open again and the bureau has found what is the matter."""
    answers = {"change_ground": "other", "change_statement": "合同编号有误，应为 119。"}
    actor = practice.of_group(by)
    follow_ups.start(practice.office, actor, number, "change", answers, now=practice.now)
    told = {"finding": finding, "reason": "与合同原件和园区管委会核对的结果。"}
    practice.answer(number, "investigate_change", told)


def issued_anew(practice: Practice, number: str) -> None:
    taken_up(practice, number, "typing_error")
    practice.answer(number, "redraft", {**STEPS[2][1], "correction": "合同编号更正。"})
    practice.answer(number, "reread", {"proofreading": "clean"})
    practice.answer(number, "sign_again", {"signature": "issue"})
    practice.run_jobs()


def revoked(practice: Practice, number: str) -> None:
    taken_up(practice, number, "false_papers", by="commerce_clerk")
    practice.answer(number, "defend", {"defence": "停工通知由园区代发。"})
    told = {"decision": "revoke", "reason": "停工通知系伪造。"}
    practice.answer(number, "decide_revocation", told)
    practice.run_jobs()


def public(practice: Practice, number: str) -> CertificateView:
    return letters.certificate(practice.office, number, now=practice.now)


def test_a_revoked_certificate_stays_visible_and_leaves_the_sums(practice: Practice) -> None:
    number, certificate = closed(practice)
    assert public(practice, certificate).state == "valid"
    revoked(practice, number)
    told = certificates.register(practice.office, practice["yuan"], now=practice.now)
    assert (told.by_currency, [row.state for row in told.items]) == ((), ["revoked"])
    seen = public(practice, certificate)
    assert (seen.state, seen.replaced_by) == ("revoked", None)
    assert seen.ended_at == practice.now
    case = practice.case(number)
    assert (case.state, case.outcome, case.tags) == (
        "closed",
        "certificate_revoked",
        ["false_papers"],
    )


def test_a_certificate_issued_anew_takes_a_new_number_and_the_old_one_is_void(
    practice: Practice,
) -> None:
    number, old = closed(practice)
    issued_anew(practice, number)
    seen = public(practice, old)
    assert (seen.state, seen.replaced_by) == ("void", "昆商证〔2020〕2号")
    assert public(practice, "昆商证〔2020〕2号").state == "valid"
    (letter,) = practice.all(select(models.Letter).where(models.Letter.number == seen.replaced_by))
    assert letter.data["certificate"]["replaces"] == old
    told = certificates.register(practice.office, practice["yuan"], now=practice.now)
    assert {row.number: row.state for row in told.items} == {
        "昆商证〔2020〕2号": "valid",
        old: "void",
    }
    assert [(s.currency, s.count) for s in told.by_currency] == [("EUR", 1)]


def test_the_old_certificate_holds_until_the_new_one_is_signed(practice: Practice) -> None:
    number, old = closed(practice)
    taken_up(practice, number, "typing_error")
    practice.answer(number, "redraft", {**STEPS[2][1], "correction": "合同编号更正。"})
    assert public(practice, old).state == "valid"


def test_who_drafted_the_new_certificate_does_not_sign_it(practice: Practice) -> None:
    drawn = practice.office.procedure
    number, _ = closed(practice)
    with practice.reading() as session:
        procedure = drawn(session, practice.case(number).definition_id)
    signing = procedure.element("force_majeure_change", "sign_again")
    assert signing.other_than == ("redraft", "reread")


@pytest.fixture
def copying(database_url: str, tmp_path: Path) -> Iterator[Practice]:
    """An office whose certificates are copied into open objections of the same enterprise."""
    folders = tmp_path / "workflows"
    copytree(WORKFLOWS, folders)
    told = folders / "force_majeure" / "procedure.toml"
    text = told.read_text("utf-8")
    rule = re.compile(r'(?m)^to = \["deferral".*$')
    assert rule.search(text)
    told.write_text(rule.sub('to = ["objection"]', text), "utf-8")
    with closing(open_practice(database_url, tmp_path, workflows=folders)) as opened:
        yield opened


def objection(practice: Practice, firm: str = FIRM) -> str:
    steps = WORKFLOWS / "objection" / "scenarios" / "own_error_corrected.json"
    answers = json.loads(steps.read_text("utf-8"))["filing"]["application"]
    actor = practice.firm if firm == FIRM else practice.other_firm
    record = practice.import_penalty()
    return cases.file(
        practice.office, actor, "objection", firm, [record], answers, now=practice.now
    ).number


def copies(practice: Practice, number: str) -> list[models.Paper]:
    return [
        paper for paper in practice.of_case(models.Paper, number) if paper.kind == "force_majeure"
    ]


def test_a_certificate_is_copied_into_the_enterprise_s_open_cases_that_rest_on_it(
    copying: Practice,
) -> None:
    number = objection(copying)
    certificate = certified(copying)
    (paper,) = copies(copying, number)
    assert paper.sha256 == public(copying, certificate).sha256
    assert paper.filename == f"{certificate}.pdf"
    assert copying.office.files.get(paper.sha256).startswith(b"%PDF")
    (line,) = [each for each in copying.history(number) if each.kind == "certificate_copied"]
    assert line.changes == {"number": certificate, "sha256": paper.sha256}


def test_the_case_that_holds_a_copy_is_told_when_the_certificate_ends(copying: Practice) -> None:
    number = objection(copying)
    issuing, old = closed(copying)
    issued_anew(copying, issuing)
    told = [(e.kind, e.detail) for e in copying.history(number) if "certificate" in e.kind]
    assert sorted(told) == [
        ("certificate_copied", f"{old}，昆山市商务局"),
        ("certificate_copied", "昆商证〔2020〕2号，昆山市商务局"),
        ("certificate_copy_ended", old),
    ]
    assert len(copies(copying, number)) == 2
    copying.run_jobs()
    notices = copying.all(
        select(models.Notice).where(models.Notice.kind == "certificate_copy_ended")
    )
    assert notices  # whoever decides on the strength of it is told
    assert all(old in each.body for each in notices)


def test_a_case_opened_later_gets_no_copy_and_is_not_told(copying: Practice) -> None:
    issuing, _ = closed(copying)
    number = objection(copying)
    revoked(copying, issuing)
    assert copies(copying, number) == []
    assert not [e for e in copying.history(number) if "certificate" in e.kind]


def test_the_certificate_is_signed_by_the_bureau_and_prints_both_languages(
    practice: Practice,
) -> None:
    number = certified(practice)
    assert number == "昆商证〔2020〕1号"
    told = letters.certificate(practice.office, number, now=practice.now)
    assert told.issuer == "昆山市商务局"
    (letter,) = practice.all(select(models.Letter).where(models.Letter.number == number))
    assert letter.data["certificate"]["facts_en"] == "Closed from 25 January to 17 February 2020."


def test_the_workbook_holds_every_certificate_and_the_sums_of_the_valid_ones(
    practice: Practice,
) -> None:
    number, old = closed(practice)
    certified(practice, amount="7", currency="USD", country="美国", contract_number="3")
    issued_anew(practice, number)
    content = certificate_sheets.as_workbook(practice.office, practice["yuan"], now=practice.now)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = {each: book.get_sheet_by_name(each).to_python()[3:] for each in book.sheet_names}
    listed = [(row[0], row[7], row[8], row[11]) for row in rows["证明台账"]]
    assert listed == [
        (old, 126000.5, "EUR", "已作废"),
        ("昆商证〔2020〕2号", 7.0, "USD", "有效"),
        ("昆商证〔2020〕3号", 126000.5, "EUR", "有效"),
    ]
    assert rows["按币种"] == [["EUR", 1.0, 126000.5], ["USD", 1.0, 7.0]]
    assert rows["按国家或地区"] == [["德国", "EUR", 1.0, 126000.5], ["美国", "USD", 1.0, 7.0]]


def test_an_enterprise_or_another_department_may_not_read_the_register(
    practice: Practice,
) -> None:
    for actor in (practice.firm, practice["wu"]):
        with pytest.raises(NotPermitted):
            certificates.register(practice.office, actor, now=practice.now)
        with pytest.raises(NotPermitted):
            certificate_sheets.as_workbook(practice.office, actor, now=practice.now)


def test_the_code_on_the_printed_page_leads_to_what_was_issued(practice: Practice) -> None:
    number = certified(practice)
    seen = public(practice, number)
    address = code_on(practice.office.files.get(seen.sha256))
    start = f"{practice.office.public_url}/verify/"
    assert address.startswith(start)
    assert unquote(address.removeprefix(start)) == number
    assert seen.addressee == "昆山澄远包装材料有限公司"  # a certificate is made to be shown
    (receipt,) = [
        each for each in practice.all(select(models.Letter)) if each.key == "filing_receipt"
    ]
    assert public(practice, str(receipt.number)).addressee == "昆山********公司"


# ── forwarded to the body above ─────────────────────────────────────────────────────────────────


def forwarded(practice: Practice) -> str:
    """A case that the bureau has passed on to the trade promotion body: its number."""
    filed = cases.file(
        practice.office, practice.firm, "force_majeure", FIRM, [], CLAIM, now=practice.now
    )
    practice.answer(filed.number, *STEPS[0])
    practice.answer(filed.number, "precheck", {**STEPS[1][1], "issuing_mode": "forward"})
    practice.run_jobs()
    return filed.number


def seen(practice: Practice, number: str, by: str = "") -> CaseView:
    return cases.get(
        practice.office, practice[by] if by else practice.firm, number, now=practice.now
    )


def test_the_firm_reads_who_has_a_forwarded_case_and_that_another_limit_applies(
    practice: Practice,
) -> None:
    number = forwarded(practice)
    told = seen(practice, number)
    (waiting,) = told.waiting
    assert (waiting.who.zh, waiting.who.en) == ("贸促机构", "Trade promotion body")
    assert waiting.headline.zh == "贸促机构出证，您不用做什么。"
    assert standing.holder_title(practice.office, "outside:superior").zh == "上级平台和机构"
    assert told.contact is not None
    assert told.contact.unit.zh == "市商务局"
    notices = practice.all(select(models.Notice).where(models.Notice.kind == "limit_changed"))
    assert [(each.recipient, each.case_number) for each in notices] == [
        (practice.firm.username, number)
    ]
    (sent,) = (
        each.arguments["notice"]
        for each in practice.of_case(models.Job, number)
        if each.operation == "push_to_platform"
    )
    assert sent["subject"] == {"code": FIRM, "name": seen(practice, number).subject.name}


def test_the_bureau_enters_what_the_body_above_decided(practice: Practice) -> None:
    number = forwarded(practice)
    clerk = practice.of_group("commerce_clerk")
    offered = seen(practice, number, clerk.username).follow_ups
    assert [each.key for each in offered] == ["ccpit_result"]
    assert seen(practice, number).follow_ups == ()

    def enter(answers: dict[str, Any]) -> None:
        tellings.act(practice.office, clerk, number, "ccpit_result", answers, now=practice.now)

    with pytest.raises(Invalid):
        enter({"result": "issued"})
    enter({"result": "issued", "number": "203205A0/000001"})
    assert practice.case(number).outcome == "issued"
    assert "certificate_forwarded" in {each.key for each in seen(practice, number).letters}


def test_history_names_the_wait_that_ran_out_not_the_decision_that_did_not_come(
    practice: Practice,
) -> None:
    number = forwarded(practice)
    practice.move_to(day(3, 4, 17))
    (fired,) = (each for each in practice.history(number) if each.kind == "timer_fired")
    assert (fired.title, fired.element_id) == ("满2个工作日", "ccpit_late")


def test_what_the_case_was_taken_up_for_stands_before_the_rating(practice: Practice) -> None:
    number, _ = closed(practice)
    follow_ups.start(
        practice.office,
        practice.firm,
        number,
        "change",
        {"change_ground": "other", "change_statement": "合同编号有误，应为 119。"},
        now=practice.now,
    )
    told = seen(practice, number)
    assert [card.step.zh for card in told.waiting] == ["核查", "服务评价"]
    (now,) = (stage for stage in told.stages if stage.state == "now")
    assert now.note is not None
    assert now.note.zh == "核查"
    # and the days of the follow-up are whose they are, not of who had the case before it was closed
    practice.answer(
        number, "investigate_change", {"finding": "false_papers", "reason": "与原件不符。"}
    )
    practice.move_to(day(3, 4))
    clock = seen(practice, number).clocks[0]
    assert clock.key == "change"
    (yesterday,) = (each for each in clock.reading.working if each.on == date(2020, 3, 3))
    assert yesterday.whose is Whose.APPLICANT
