"""Words of lines that are stored as a letter or two."""

from __future__ import annotations

import pytest
from sqlalchemy import String, select, type_coerce

from engine.persistence import models
from engine.persistence.known_words import CODES, KNOWN, begins, coded, spelt
from tests.offices import Practice


@pytest.mark.parametrize("word", [*KNOWN, "calendar_changed", "a", "0", "zz", "=", "=a", "市监局"])
def test_a_word_comes_back_as_it_was(word: str) -> None:
    assert spelt(coded(word)) == word


def test_no_two_words_are_stored_alike() -> None:
    others = ["a", "0", "00", "=", "=0", "==0", "history_erased"]
    assert len({coded(word) for word in (*KNOWN, *others)}) == len(KNOWN) + len(others)


def test_a_word_keeps_its_code() -> None:
    """Rows say the code: whoever puts a word before others changes what all of them say."""
    told = {"task_completed": "0", "paper_received": "f", "market_regulation": "j", "void": "G"}
    assert {word: CODES[word] for word in told} == told
    assert CODES["correction_allowed"] == "1r"


def test_the_database_s_own_functions_and_indexes_find_their_words_spelt_out() -> None:
    assert {"calendar_changed", "history_erased"}.isdisjoint(KNOWN)


def test_lines_are_found_by_how_their_kind_begins_known_or_not(practice: Practice) -> None:
    number, _ = practice.at("give_opinion")
    kept = models.Event.kind
    with practice.office.uow.begin() as session:
        first = session.scalars(select(models.Event).order_by(models.Event.sequence)).first()
        assert first is not None
        stored = set(session.scalars(select(type_coerce(kept, String()))))
        for beginning in ("task_", "letter_", "file", "superv"):
            found = session.scalars(select(kept).where(begins(kept, beginning))).all()
            told = [each for each in practice.kinds(number) if each.startswith(beginning)]
            assert sorted(found) == sorted(told)
    assert stored <= set(CODES.values())
    assert practice.kinds(number)[0] == "filed"
