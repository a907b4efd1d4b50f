"""Texts are packed and read again, whatever they say; bytes that nobody packed are told from text."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy.dialects import sqlite

from engine.domain.notice import Catalogue, fill
from engine.persistence import packing
from engine.persistence.packed import DAMAGED, Digest, PackedDocument, PackedText
from engine.persistence.packing import Unreadable, pack, unpack
from engine.settings import ROOT

BASIS = "发改办财金〔2019〕527号：信用修复后 3 个工作日内同步更新；其他情形参照，为本地参数"
#: What each dictionary was when rows were first packed with it: they can be read with no other.
DICTIONARIES = {
    1: "a172cd7bb20ba4727f6538b178f0d8c703359e9ce069a533eff167c5f6dfbe84",
    2: "44c3f9f0a741937a3e71bcbe8b4fd3a7ab84602025f2a1b7ee10f4302d12627f",
}
#: BASIS as it was packed with the first.
PACKED_FIRST = bytes.fromhex("011b988a0100")


@given(some.text())
def test_every_text_comes_back(text: str) -> None:
    assert unpack(pack(text)) == text


def test_nothing_is_ever_longer_than_itself_and_a_byte() -> None:
    for text in ("", "x", "=", "\x01", "办", BASIS, BASIS * 40):
        assert len(pack(text)) <= len(text.encode()) + 1, text
    assert pack("") == b""


def test_what_every_case_says_takes_a_few_bytes() -> None:
    assert len(pack(BASIS)) < len(BASIS.encode()) / 5


def test_what_an_earlier_release_stored_plainly_is_read() -> None:
    assert unpack(b"=" + BASIS.encode()) == BASIS


@pytest.mark.parametrize(
    "damaged",
    [b"\x09abc", pack(BASIS)[:-1], pack(BASIS) + b"x", b"=\xff", b"\x01", b"x"],
    ids=["no such dictionary", "cut", "longer", "no text", "nothing", "no mark"],
)
def test_bytes_that_nobody_packed_are_unreadable_and_a_row_shows_them(damaged: bytes) -> None:
    with pytest.raises(Unreadable):
        unpack(damaged)
    dialect = sqlite.dialect()
    assert PackedText().process_result_value(damaged, dialect) == DAMAGED + damaged.hex()
    assert PackedDocument().process_result_value(damaged, dialect) == {DAMAGED: damaged.hex()}


def test_a_dictionary_is_never_edited() -> None:
    found = {number: sha256(held).hexdigest() for number, held in packing._KNOWN.items()}
    assert found == DICTIONARIES


def test_what_was_packed_with_the_first_dictionary_is_read_and_packed_with_the_last() -> None:
    assert unpack(PACKED_FIRST) == BASIS
    assert pack(BASIS)[0] == max(DICTIONARIES)


def test_what_notices_say_takes_little_more_than_half_of_its_bytes() -> None:
    told = Catalogue((ROOT / "workflows/common/notices.toml").read_text("utf-8"))
    facts = {"number": "KSXY-XF-20260310-000417", "document": "昆信用修〔2026〕417号"}
    for part in ("title", "body"):
        texts = [fill(getattr(kind, part), facts) for kind in told.kinds.values()]
        said = [text for each in texts for text in (each.zh, each.en)]
        assert sum(map(len, map(pack, said))) < sum(len(text.encode()) for text in said) * 0.6


def test_documents_and_hashes_come_back_as_they_were() -> None:
    dialect = sqlite.dialect()
    documents: tuple[object, ...] = ({"limit": {"days": 10}, "papers": []}, [], {}, "x", None)
    for document in documents:
        kind = PackedDocument()
        stored = kind.process_bind_param(document, dialect)
        assert kind.process_result_value(stored, dialect) == document
    stored = Digest().process_bind_param("ab" * 32, dialect)
    assert stored is not None
    assert len(stored) == 32
    assert Digest().process_result_value(stored, dialect) == "ab" * 32
