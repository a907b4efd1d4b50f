"""A stored state is packed with a dictionary that never changes, and read however it was packed."""

from __future__ import annotations

import zlib

import pytest

from engine.runtime.packing import pack, unpack
from tests.runtime import golden


def stored(number: int) -> bytes:
    return (golden.held(number) / "state.bin").read_bytes()


@pytest.mark.parametrize("raw", [b"", b"[]", b"x" * 100_000, bytes(range(256)) * 300])
def test_what_was_packed_is_unpacked_as_it_was(raw: bytes) -> None:
    assert unpack(pack(raw)) == raw


def test_what_was_packed_without_a_dictionary_is_read_too() -> None:
    assert unpack(zlib.compress(b"of an earlier release")) == b"of an earlier release"


def test_a_state_takes_less_than_without_the_dictionary() -> None:
    raw = unpack(stored(3))
    assert len(pack(raw)) < 0.95 * len(zlib.compress(raw, 6))


def test_the_dictionary_of_the_format_is_the_one_that_its_first_release_had() -> None:
    named = int.from_bytes(stored(3)[2:6])
    assert int.from_bytes(pack(b"")[2:6]) == named


def test_a_stream_that_is_cut_or_names_another_dictionary_is_refused() -> None:
    packed = pack(b"a state" * 50)
    for wrong in (packed[:-1], packed[:10], packed[:2] + bytes(4) + packed[6:], packed[:5]):
        with pytest.raises(zlib.error):
            unpack(wrong)
