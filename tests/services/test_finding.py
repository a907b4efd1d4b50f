"""Cases are found by any part of what they are called; on PostgreSQL by an index of pairs of characters."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import event, select

from engine.domain.identifiers import document_number_key
from engine.persistence import models
from engine.persistence.pairs import may_be_called
from engine.services import cases
from tests.offices import Practice


def numbers(practice: Practice, q: str) -> list[str]:
    found = cases.find(practice.office, practice["fang"], now=practice.now, q=q)
    return sorted(row.number for row in found.items)


def said(practice: Practice, q: str) -> list[str]:
    """The same, read through by hand."""
    key, upper = document_number_key(q), q.upper()
    return sorted(
        each.number
        for each in practice.all(select(models.Case))
        if upper in each.number
        or q in each.subject_name
        or upper == each.subject_code
        or q in each.line
        or key in each.line
    )


def test_a_case_is_found_by_every_part_of_its_number_its_subject_and_its_line(
    practice: Practice,
) -> None:
    for _ in range(3):
        practice.file_case()
    chance = random.Random(20200302)  # noqa: S311 - which parts are tried
    texts = [
        *("一", "第", "ksxy-xf", "KSXY", "%", "_", "没有", "昆山没有", "\\", "'; --", "[2019]"),
        *(part for case in practice.all(select(models.Case)) for part in _parts(case, chance)),
    ]
    for text in texts:
        if text.strip():
            assert numbers(practice, text) == said(practice, text.strip()), text
    assert numbers(practice, "-000002") == [
        each for each in numbers(practice, "KSXY") if each.endswith("-000002")
    ]


def _parts(case: models.Case, chance: random.Random) -> list[str]:
    found = [case.subject_code, case.subject_code.lower(), case.line.replace("〔", "[")]
    for whole in (case.number, case.subject_name, case.line):
        found.append(whole)
        for _ in range(4):
            begin = chance.randrange(len(whole))
            found.append(whole[begin : begin + chance.randrange(1, 6)])
    return found


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_index_of_pairs_serves_the_search(practice: Practice) -> None:
    practice.file_case()
    seen: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        if "pairs_of" in statement:
            seen.append((statement, values))

    engine = practice.office.uow.engines[-1]
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert len(numbers(practice, "20200302-00")) == 1
    finally:
        event.remove(engine, "before_cursor_execute", note)
    ((statement, values),) = seen
    unordered = statement.partition("ORDER BY")[0]
    with practice.office.uow.engine.connect() as connection:
        connection.exec_driver_sql("SET enable_seqscan = off")
        connection.exec_driver_sql("SET enable_indexscan = off")
        plan = connection.exec_driver_sql(f"EXPLAIN {unordered}", values).scalars().all()
    assert any("ix_case_file_called" in line for line in plan), "\n".join(plan)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_too_short_for_a_pair_leaves_nothing_out(practice: Practice) -> None:
    practice.file_case()
    wanted = select(models.Case.id).where(may_be_called(("昆", "没有这样的")))
    assert len(practice.all(wanted)) == 1
