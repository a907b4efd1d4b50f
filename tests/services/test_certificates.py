"""Certificates: the register that counts them, what the public is told, who may look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.domain.errors import NotPermitted
from engine.persistence import models
from engine.services import cases, certificates, letters
from tests.offices import FIRM, Practice, open_practice

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


@pytest.fixture
def practice(database_url: str, tmp_path: Path) -> Iterator[Practice]:
    with closing(open_practice(database_url, tmp_path)) as opened:
        yield opened


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
    return str(held[0].number)


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


def test_a_revoked_certificate_stays_visible_and_leaves_the_sums(practice: Practice) -> None:
    number = certified(practice)
    assert letters.certificate(practice.office, number, now=practice.now).state == "valid"
    with practice.office.uow.begin() as session:
        row = session.scalar(select(models.Certificate).where(models.Certificate.number == number))
        assert row is not None
        row.state, row.ended_because = "revoked", "材料虚假，撤销证明"
    told = certificates.register(practice.office, practice["yuan"], now=practice.now)
    assert (told.by_currency, [row.state for row in told.items]) == ((), ["revoked"])
    assert letters.certificate(practice.office, number, now=practice.now).state == "revoked"


def test_the_certificate_is_signed_by_the_bureau_and_prints_both_languages(
    practice: Practice,
) -> None:
    number = certified(practice)
    assert number == "昆商证〔2020〕1号"
    told = letters.certificate(practice.office, number, now=practice.now)
    assert told.issuer == "昆山市商务局"
    (letter,) = practice.all(select(models.Letter).where(models.Letter.number == number))
    assert letter.data["certificate"]["facts_en"] == "Closed from 25 January to 17 February 2020."


def test_an_enterprise_or_another_department_may_not_read_the_register(
    practice: Practice,
) -> None:
    for actor in (practice.firm, practice["wu"]):
        with pytest.raises(NotPermitted):
            certificates.register(practice.office, actor, now=practice.now)
