"""Folders handed in as zips: what is plainly a folder is taken, everything else is named and refused."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exchange import folder_archive
from engine.exchange.folder_archive import ArchiveRefused, read_archive, read_files


def zipped(*entries: tuple[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return held.getvalue()


def test_the_files_of_a_zip_come_out_by_their_names() -> None:
    raw = zipped(
        ("repair/procedure.toml", b"a"), ("repair/说明.bpmn", b"b"), ("repair/empty/", b"")
    )
    assert read_archive(raw, "x.zip") == {"repair/procedure.toml": b"a", "repair/说明.bpmn": b"b"}


def test_what_file_managers_add_is_left_out() -> None:
    raw = zipped(("a/b", b"1"), ("__MACOSX/a/._b", b""), ("a/.DS_Store", b""), ("a/Thumbs.db", b""))
    assert read_archive(raw, "x.zip") == {"a/b": b"1"}


def named_by_gbk() -> bytes:
    return zipped(("a/name.txt", b"1")).replace(b"a/name", "a/名x".encode("gbk") + b"_")


def linked() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        entry = zipfile.ZipInfo("a/link")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return held.getvalue()


def encrypted() -> bytes:
    raw = bytearray(zipped(("a/b", b"1")))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = raw.index(mark) + at
        raw[place : place + 2] = struct.pack("<H", 1)
    return bytes(raw)


def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return zipped(("a/b", b"1"), ("a/b", b"2"))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "no zip": (lambda: b"nonsense", "x.zip"),
    "cut short": (lambda: zipped(("a/b", b"1" * 999))[:60], "x.zip"),
    "out of the folder": (lambda: zipped(("../../etc/passwd", b"1")), "../../etc/passwd"),
    "out of it in the middle": (lambda: zipped(("a/../../b", b"1")), "a/../../b"),
    "from the root": (lambda: zipped(("/etc/passwd", b"1")), "/etc/passwd"),
    "drive": (lambda: zipped(("C:/b", b"1")), "C:/b"),
    "control sign": (lambda: zipped(("a/\x07b", b"1")), "a/?b"),
    "direction sign": (lambda: zipped(("a/\u202etxt.b", b"1")), "a/?txt.b"),
    "a name in another encoding": (named_by_gbk, "a/"),
    "a link": (linked, "a/link"),
    "a password": (encrypted, "a/b"),
    "twice": (twice, "a/b"),
    "twice but for its letters": (lambda: zipped(("a/b", b"1"), ("A/B", b"2")), "A/B"),
    "a bomb": (lambda: zipped(("a/b", b"\0" * 40_000_000)), "a/b"),
    "many small bombs": (
        lambda: zipped(*((f"a/{number}", b"\0" * 4_900_000) for number in range(8))),
        "a/6",
    ),
    "too many": (lambda: zipped(*((f"a/{number}", b"") for number in range(601))), "x.zip"),
    "a long name": (lambda: zipped(("a/" + "b" * 300, b"1")), "a/b"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_zip_that_could_do_harm_is_refused_and_its_entry_named(what: str) -> None:
    make, name = HOSTILE[what]
    with pytest.raises(ArchiveRefused) as refused:
        read_archive(make(), "x.zip")
    (field,) = refused.value.named
    assert field.startswith(name)
    assert refused.value.named[field].zh
    assert refused.value.named[field].en


def test_an_entry_that_lies_about_its_size_is_read_no_further_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw = bytearray(zipped(("a/b", b"\0" * 6_000_000)))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = raw.index(mark) + at
        raw[place : place + 4] = struct.pack("<I", 10)
    monkeypatch.setattr(folder_archive, "LARGEST_FILE", 100)
    with pytest.raises(ArchiveRefused):
        read_archive(bytes(raw), "x.zip")


def test_files_sent_one_by_one_are_looked_at_in_the_same_way() -> None:
    assert read_files([("a/b", b"1"), ("a/.DS_Store", b"")]) == {"a/b": b"1"}
    for name in ("../b", "/b", "a\\b", ""):
        with pytest.raises(ArchiveRefused):
            read_files([(name, b"1")])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_is_done_to_its_bytes_a_zip_is_read_or_refused(data: st.DataObject) -> None:
    raw = bytearray(zipped(("a/b.txt", b"some text" * 9), ("a/c/d", b"\x00\x01")))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=6))
    try:
        read = read_archive(bytes(raw), "x.zip")
    except ArchiveRefused:
        return
    assert all(".." not in name and not name.startswith("/") for name in read)
