"""Hand-overs 转办: what Credit China passes on becomes one case, and Credit China hears what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from engine.domain.actor import Actor
from engine.domain.errors import AlreadyOpen, Invalid, NotEligible, NotFound, NotPermitted
from engine.persistence import models
from engine.services import applications, cases, hand_overs
from engine.services.hand_overs import Brought, HandOver
from tests.offices import FIRM, MONDAY, Practice
from tests.services.test_objection import CLAIM, OWN_ERROR

#: A Monday, 09:00 in Shanghai, after 36号令 has come into force.
LATER = datetime(2026, 5, 11, 1, tzinfo=UTC)
DECIDED = "2026-01-16"
PDF = b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"
OBJECTED = {k: v for k, v in CLAIM.items() if k != "ground"} | {"ground": "repair_result"}


@pytest.fixture
def program(practice: Practice) -> Actor:
    """The service account of Credit China."""
    person = uuid4()
    with practice.office.uow.begin() as session:
        session.add(
            models.Person(
                id=person,
                username="credit-china",
                password_hash="nobody signs in",
                name="信用中国",
                department=None,
                groups=["platform"],
                subject_code=None,
                created_at=MONDAY,
                is_service=True,
            )
        )
    groups = frozenset({"platform"})
    return Actor(person, "credit-china", "信用中国", None, groups, is_service=True)


def handed_over(number: str = "XYZG-2026-0118", **changes: Any) -> HandOver:
    told: dict[str, Any] = {
        "procedure": "objection",
        "number": number,
        "subject": FIRM,
        "decisions": ("昆市监罚[2019]1号",),  # as the platform spells it
        "answers": OBJECTED,
        "papers": (Brought("evidence", "决定书.pdf", PDF),),
    }
    return HandOver(**{**told, **changes})


def taken(practice: Practice, program: Actor, told: HandOver) -> str:
    return hand_overs.take(practice.office, program, told, now=practice.now).number


def told_above(practice: Practice, number: str) -> list[Mapping[str, Any]]:
    """What the platform is told of the case, in order."""
    jobs = sorted(practice.of_case(models.Job, number), key=lambda job: job.created_at)
    notices = [job.arguments["notice"] for job in jobs if job.operation == "push_to_platform"]
    return [each for each in notices if each["notice"].startswith("case_")]


def counted(practice: Practice, model: type[Any]) -> int:
    with practice.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def record(practice: Practice) -> UUID:
    practice.show(LATER)
    return practice.import_penalty(CF_JDRQ=DECIDED)


def test_it_becomes_a_case_of_the_firm_with_its_papers_and_once(
    practice: Practice, program: Actor, record: UUID
) -> None:
    number = taken(practice, program, handed_over())
    assert taken(practice, program, handed_over()) == number
    case = practice.case(number)
    assert (case.channel, case.record_ids) == ("credit_china", [str(record)])
    seen = cases.get(practice.office, practice.firm, number, now=practice.now)
    assert (seen.edition, seen.answers["entrance"]) == ("2026", "credit_china")
    assert [each.kind for each in seen.documents] == ["evidence"]
    (receipt,) = practice.of_case(models.Letter, number)
    assert receipt.data["case"]["channel"] == "信用中国"


def test_credit_china_hears_of_the_acceptance_and_of_the_end(
    practice: Practice, program: Actor, record: UUID
) -> None:
    number = taken(practice, program, handed_over())
    assert told_above(practice, number) == []
    practice.answer(number, "review_filing", {"acceptance": "accept"})
    (accepted,) = told_above(practice, number)
    assert (accepted["notice"], accepted["national_number"]) == ("case_accepted", "XYZG-2026-0118")
    assert accepted["decide_by"] is not None
    practice.answer(number, "check_source", OWN_ERROR)
    deleted = {"measure": "delete", "source_document": "归集批次 3", "opinion": "应当终止公示。"}
    practice.answer(number, "correct", deleted)
    _, decided, ended = told_above(practice, number)
    assert (decided["notice"], decided["outcome"]) == ("case_decided", "corrected")
    assert (ended["notice"], ended["outcome"]) == ("case_closed", "corrected")
    assert ended["subject"]["code"] == FIRM


def test_a_refusal_and_a_withdrawal_are_told_as_well(
    practice: Practice, program: Actor, record: UUID
) -> None:
    number = taken(practice, program, handed_over())
    cases.withdraw(practice.office, practice.firm, number, reason="", now=practice.now)
    assert [each["outcome"] for each in told_above(practice, number)] == ["withdrawn"]
    again = taken(practice, program, handed_over("XYZG-2026-0119"))
    refused = {"acceptance": "refuse", "refusal_reason": "repeated", "refusal_note": "没有新证据。"}
    practice.answer(again, "review_filing", refused)
    assert [each["outcome"] for each in told_above(practice, again)] == ["not_accepted"]


def test_what_the_firm_files_here_itself_is_not_told_above(
    practice: Practice, record: UUID
) -> None:
    own = {**OBJECTED, "entrance": "direct"}
    number = cases.file(
        practice.office, practice.firm, "objection", FIRM, [record], own, now=practice.now
    ).number
    practice.answer(number, "review_filing", {"acceptance": "accept"})
    assert told_above(practice, number) == []


def test_a_hand_over_that_is_refused_leaves_nothing(
    practice: Practice, program: Actor, record: UUID
) -> None:
    with pytest.raises(NotFound):
        taken(practice, program, handed_over(decisions=("昆市监罚〔2019〕99号",)))
    with pytest.raises(Invalid):
        taken(practice, program, handed_over(answers={**OBJECTED, "wanted": "money"}))
    with pytest.raises(Invalid):
        taken(practice, program, handed_over(papers=(Brought("nothing", "x.pdf", PDF),)))
    assert counted(practice, models.Application) == 0
    assert counted(practice, models.Case) == 0
    number = taken(practice, program, handed_over())
    with pytest.raises(AlreadyOpen):  # another application about the record
        taken(practice, program, handed_over("XYZG-2026-0120"))
    assert practice.kinds(number)[-1] == "duplicate_filed"
    assert counted(practice, models.Case) == 1


def test_only_the_platform_hands_over_and_only_under_the_law_that_knows_it(
    practice: Practice, program: Actor
) -> None:
    practice.import_penalty()
    with pytest.raises(NotEligible):  # 2020: the city decides by itself
        taken(practice, program, handed_over())
    for who in ("firm", "zhou", "lin"):
        with pytest.raises(NotPermitted):
            taken(practice, practice[who], handed_over())
    with pytest.raises(NotPermitted):
        applications.start(
            practice.office, practice["lin"], "objection", [], subject=FIRM, now=practice.now
        )


def test_the_day_of_application_chooses_the_law_of_an_objection(practice: Practice) -> None:
    def edition(year: int, month: int, day: int) -> tuple[str, str]:
        moment = datetime(year, month, day, 1, tzinfo=UTC)
        with practice.reading() as session:
            _, drawn = practice.office.in_force(
                session, "objection", practice.office.calendar().local_date(moment)
            )
        return drawn.edition, drawn.basis[0]

    assert edition(2021, 12, 31)[0] == "2020"
    assert edition(2022, 1, 1) == ("2022", "江苏省社会信用条例（信息主体权益保护）")
    assert edition(2026, 3, 31)[0] == "2022"
    assert edition(2026, 4, 1)[0] == "2026"
    assert "国办发〔2025〕22号" in edition(2026, 4, 1)[1]
