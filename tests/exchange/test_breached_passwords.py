"""The list of breached passwords: found where it lies, and a broken one is no list."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from engine.exchange.breached_passwords import BreachedPasswords, ListBroken

HELD = [f"password {number}" for number in range(3000)]


def hash_of(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def lines(passwords: list[str] = HELD) -> list[str]:
    return [f"{each}:{len(each)}" for each in sorted(map(hash_of, passwords))]


def written(folder: Path, text: str) -> BreachedPasswords:
    path = folder / "breached.txt"
    path.write_bytes(text.encode())
    return BreachedPasswords(path)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("closing", [True, False], ids=["closed", "cut"])
@pytest.mark.parametrize("is_lower", [False, True], ids=["upper", "lower"])
def test_every_password_of_the_list_is_found_and_no_other(
    tmp_path: Path, end: str, closing: bool, is_lower: bool
) -> None:
    text = end.join(lines()) + (end if closing else "")
    held = written(tmp_path, text.lower() if is_lower else text)
    held.check()
    assert held.read_whole() == len(HELD)
    assert [each for each in HELD if not held.holds(each)] == []
    assert [each for each in HELD if held.holds(f"{each}x")] == []


def test_a_list_of_one_line_is_a_list(tmp_path: Path) -> None:
    held = written(tmp_path, lines(["only"])[0])
    held.check()
    assert (held.holds("only"), held.holds("another"), held.read_whole()) == (True, False, 1)


BROKEN = {
    "empty": "",
    "no hashes": "letmein\n" * 40,
    "hashes of something else": "0" * 64 + ":1\n",
    "counts away": "\n".join(each.split(":")[0] for each in lines()),
    "ordered by count": "\n".join(reversed(lines())),
    "two lists one after the other": "\n".join(lines() * 2),
    "a line that never ends": lines()[0] + "0" * 100_000,
    "packed": "PK\x03\x04" + "\x00" * 5000,
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_list_is_said_at_the_start(tmp_path: Path, text: str) -> None:
    held = written(tmp_path, text)
    with pytest.raises(ListBroken):
        held.check()
    with pytest.raises(ListBroken):
        held.read_whole()


def test_two_lines_that_changed_places_are_found_when_it_is_read_whole(tmp_path: Path) -> None:
    astray = lines()
    astray[1500], astray[1501] = astray[1501], astray[1500]
    with pytest.raises(ListBroken, match="line 1502"):
        written(tmp_path, "\n".join(astray)).read_whole()


def test_garbage_met_on_the_way_is_no_pass(tmp_path: Path) -> None:
    middle = lines()
    middle[1400:1600] = ["#" * 45] * 200
    held = written(tmp_path, "\n".join(middle))
    with pytest.raises(ListBroken):
        held.holds("whatever")


def test_a_list_that_is_not_there_is_no_pass(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        BreachedPasswords(tmp_path / "none").holds("whatever")
