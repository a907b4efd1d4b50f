"""The history against who can write the tables: roots outside of them, and a verifier that needs no Kunxin."""

from __future__ import annotations

import hashlib
import json
import math
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import and_, delete, insert, select, update

from engine.domain import history as domain
from engine.domain.calendar import SHANGHAI
from engine.domain.canonical_json import canonical
from engine.domain.errors import Unavailable
from engine.domain.history import Head, first_broken, link, sm3
from engine.persistence import models
from engine.services import daily_jobs, duty, history_check, history_export, history_roots, jobs
from engine.settings import ROOT
from tests.offices import MONDAY, Practice

VERIFIER = ROOT / "deploy/verify_history.py"


@dataclass
class Audited:
    """Two cases, rooted twice: once as they were filed, once after a step of the first."""

    practice: Practice
    first: str
    second: str

    @property
    def roots(self) -> Path:
        return self.practice.folder / "roots"

    def change(self, *statements: Any) -> None:
        """Past the services, as who owns the tables could."""
        self.practice.is_tampered = True
        with self.practice.office.uow.begin() as session:
            for statement in statements:
                session.execute(statement)

    def case_id(self, number: str) -> UUID:
        return self.practice.case(number).id

    def inside(self) -> list[str]:
        """What `kunxin audit verify` says."""
        found = history_check.verify_history(self.practice.office)
        return [f"{flaw.where}: {flaw.en}" for flaw in found]

    def outside(self, number: str | None = None) -> list[str]:
        """What a bare Python says of an export, with the key written down before."""
        file = self.practice.folder / "export.jsonl"
        told = history_export.export(self.practice.office, number)
        file.write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in told))
        return verified(file, self.roots, self.practice.office.roots.public_key())


def verified(file: Path, roots: Path, key: str) -> list[str]:
    """Lines of the verifier, run by a Python that sees nothing but its standard library."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", VERIFIER, file, "--roots", roots, "--key", key],
        capture_output=True, text=True, check=False, cwd="/", env={},
    )  # fmt: skip
    *flaws, last = done.stdout.splitlines()
    assert (done.returncode, last) == (int(bool(flaws)), f"{len(flaws)} 处问题 flaws"), done.stderr
    return flaws


@pytest.fixture
def audited(practice: Practice) -> Audited:
    first, second = practice.file_case().number, practice.file_case().number
    root(practice)
    practice.drive_to(first, "give_opinion")
    root(practice)
    return Audited(practice, first, second)


def root(practice: Practice) -> None:
    with practice.office.uow.begin() as session:
        history_roots.write_some(practice.office, session, MONDAY.date())


one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_whole_history_passes_inside_and_outside(audited: Audited) -> None:
    assert audited.inside() == []
    assert audited.outside() == []
    assert audited.outside(audited.second) == []
    first, second = (json.loads(path.read_bytes()) for path in sorted(audited.roots.glob("*.json")))
    assert [head[0] for head in first["heads"]] == [audited.first, audited.second]
    assert [head[0] for head in second["heads"]] == [audited.first]  # only what grew
    assert second["lines"] == sum(
        len(audited.practice.history(n)) for n in (audited.first, audited.second)
    )


def _is(row: models.Event) -> Any:
    event = models.Event
    return and_(event.case_id == row.case_id, event.sequence == row.sequence)


def _one_byte(audited: Audited) -> str:
    row = audited.practice.history(audited.first)[3]
    audited.change(update(models.Event).where(_is(row)).values(detail=row.detail + "。"))
    return f"{audited.first}#4: "


def _one_row(audited: Audited) -> str:
    row = audited.practice.history(audited.first)[2]
    audited.change(delete(models.Event).where(_is(row)))
    return f"{audited.first}#3: "


def _the_tail(audited: Audited) -> str:
    """And the case's own row says that it was never longer."""
    *_, last, cut = rows = audited.practice.history(audited.first)
    *_, end = domain.ends(audited.first, rows[:-1])
    audited.change(
        delete(models.Event).where(_is(cut)),
        update(models.Case)
        .where(models.Case.number == audited.first)
        .values(event_count=last.sequence, event_hash=last.hash, event_sm3=end.sm3),
    )
    return f"{audited.first}#{cut.sequence}: "


def _the_end(audited: Audited) -> str:
    """The whole chain written anew by who knows how: it fits itself, but not what was signed."""
    rows, head = audited.practice.history(audited.first), Head()
    changed = []
    for row in rows:
        line = SimpleNamespace(**{c.name: getattr(row, c.name) for c in row.__table__.columns})
        line.title = "准予" if line.sequence == 4 else line.title
        head = link(audited.first, line, head)
        changed.append(
            update(models.Event).where(_is(row)).values(title=line.title, hash=head.sha256)
        )
    audited.change(
        *changed,
        update(models.Case)
        .where(models.Case.number == audited.first)
        .values(event_hash=head.sha256, event_sm3=head.sm3),
    )
    return f"{audited.first}#{len(rows)}: "


def _text_without_a_word(audited: Audited) -> str:
    row = audited.practice.history(audited.first)[3]
    audited.change(
        update(models.Event)
        .where(_is(row))
        .values(detail="", changes={}, actor_name="", salt=None, is_erased=True)
    )
    return f"{audited.first}#4: "


def _two_lines_swapped(audited: Audited) -> str:
    third, fourth = audited.practice.history(audited.first)[2:4]
    change, event = update(models.Event), models.Event
    audited.change(
        change.where(_is(third)).values(sequence=-1),
        change.where(_is(fourth)).values(sequence=third.sequence),
        change.where(event.case_id == third.case_id, event.sequence == -1).values(
            sequence=fourth.sequence
        ),
    )
    return f"{audited.first}#{third.sequence}: "


def _a_line_more(audited: Audited) -> str:
    """At the end, as a copy of the last: the case's own row does not know it."""
    last = audited.practice.history(audited.first)[-1]
    row = {name: getattr(last, name) for name in models.Event.__mapper__.columns.keys()}  # noqa: SIM118
    audited.change(insert(models.Event).values(**row | {"sequence": last.sequence + 1}))
    return f"{audited.first}#{last.sequence + 1}: "


def _lines_of_two_cases_swapped(audited: Audited) -> str:
    """The line of the same number of two cases, whole."""
    one, other = (audited.practice.history(n)[1] for n in (audited.first, audited.second))
    change, event = update(models.Event), models.Event
    audited.change(
        change.where(_is(one)).values(sequence=-1),
        change.where(_is(other)).values(case_id=one.case_id),
        change.where(event.case_id == one.case_id, event.sequence == -1).values(
            case_id=other.case_id, sequence=other.sequence
        ),
    )
    return f"{audited.first}#{one.sequence}: "


def _the_salts(audited: Audited) -> str:
    row = audited.practice.history(audited.first)[0]
    audited.change(update(models.Event).values(salt=None))
    return f"{audited.first}#{row.sequence}: "


def _a_root(audited: Audited) -> str:
    (audited.roots / "000001.json").unlink()
    return "root 000001: "


def _a_byte_of_a_root(audited: Audited) -> str:
    path = audited.roots / "000002.json"
    path.write_bytes(path.read_bytes().replace(b'"cases":2', b'"cases":3'))
    return "root 000002: "


def _a_root_signed_by_another(audited: Audited) -> str:
    path, other = audited.roots / "000002.json", Ed25519PrivateKey.generate()
    told = {
        "algorithm": "Ed25519",
        "key": other.public_key().public_bytes_raw().hex(),
        "signature": other.sign(path.read_bytes()).hex(),
    }
    path.with_name("000002.json.sig").write_text(json.dumps(told))
    return "root 000002: "


HARMS: list[Callable[[Audited], str]] = [
    _one_byte, _one_row, _the_tail, _the_end, _text_without_a_word,
    _two_lines_swapped, _a_line_more, _lines_of_two_cases_swapped, _the_salts, _a_root, _a_byte_of_a_root, _a_root_signed_by_another,
]  # fmt: skip


@one_database
def test_what_was_done_to_it_is_named_inside_and_outside(audited: Audited) -> None:
    folder, copy = audited.practice.folder, audited.practice.folder.with_name("before")
    shutil.copytree(folder, copy)
    database = Path(audited.practice.office.uow.engine.url.database or "")
    held = database.with_name("held")
    for harm in HARMS:
        _copy_database(database, held)
        place = harm(audited)
        inside, outside = audited.inside(), audited.outside()
        assert inside[0].startswith(place), (harm, inside)
        assert outside[0].startswith(place), (harm, outside)
        audited.practice.office.uow.engine.dispose()
        _copy_database(held, database)
        shutil.rmtree(audited.roots)
        shutil.copytree(copy / "roots", audited.roots)
        assert audited.inside() == []


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


@one_database
def test_a_case_that_was_taken_away_whole_is_named(practice: Practice, tmp_path: Path) -> None:
    """Its rows go from every table; what is left is whole in itself."""
    number = practice.file_case().number
    root(practice)
    office = practice.office
    told = list(history_export.export(office))
    assert [each["case"] for each in told if "case" in each] == [number]
    file = tmp_path / "export.jsonl"
    file.write_bytes(orjson.dumps(told[0]) + b"\n")
    lines = len(practice.history(number))
    (flaw,) = verified(file, practice.folder / "roots", office.roots.public_key())
    assert flaw.startswith(f"{number}: ")
    assert flaw.endswith(f"by root 000001 it had {lines} lines")
    practice.is_tampered = True
    with office.uow.begin() as session:
        session.execute(update(models.Case).values(number="KSXY-XF-20200302-000009"))
    found = [f"{flaw.where}: {flaw.en}" for flaw in history_check.verify_history(office)]
    assert (
        found[-1]
        == f"{number}: the whole case is gone; by root 000001 of 2020-03-02 it had {lines} lines"
    )


@one_database
def test_the_last_root_that_was_taken_away_is_missed_by_the_tables(audited: Audited) -> None:
    (audited.roots / "000002.json").unlink()
    assert audited.inside() == ["root 000002: its file is missing"]


@one_database
def test_a_day_that_was_lost_by_a_restore_is_named_until_its_roots_are_put_aside(
    practice: Practice,
) -> None:
    """As deploy/runbook.md says it."""
    number = practice.file_case().number
    root(practice)
    database = Path(practice.office.uow.engine.url.database or "")
    backup = database.with_name("backup")
    _copy_database(database, backup)
    practice.drive_to(number, "give_opinion")
    root(practice)
    lost = len(practice.history(number))
    practice.office.uow.engine.dispose()
    _copy_database(backup, database)

    audited = Audited(practice, number, number)
    kept = len(practice.history(number))
    told = f"{number}#{kept + 1}: the tail is cut off; by root 000002"
    assert any(flaw.startswith(told) and f" {lost} " in flaw for flaw in audited.inside())
    assert audited.outside()[0].startswith(f"{number}#{kept + 1}: ")
    aside = practice.folder / "lost"
    aside.mkdir()
    for file in audited.roots.glob("000002.*"):
        file.rename(aside / file.name)
    practice.drive_to(number, "give_opinion")
    root(practice)
    assert practice.office.roots.newest() == 2
    assert audited.inside() == audited.outside() == []


@one_database
def test_an_auditor_who_has_seen_a_root_finds_all_set_back_to_a_day_before(
    audited: Audited,
) -> None:
    """Rows and roots of an older backup are whole in themselves: only who was there before can tell."""
    practice, key = audited.practice, audited.practice.office.roots.public_key()
    assert audited.outside() == []
    earlier, export = practice.folder.with_name("earlier"), practice.folder / "export.jsonl"
    shutil.copytree(audited.roots, earlier)
    (earlier / "000002.json").unlink()
    lines = export.read_bytes().splitlines(keepends=True)

    def check(file: Path, roots: Path, *seen: str) -> subprocess.CompletedProcess[str]:
        told = [word for each in seen for word in ("--seen", each)]
        return subprocess.run(
            [sys.executable, "-I", "-S", VERIFIER, file, "--roots", roots, "--key", key, *told],
            capture_output=True, text=True, check=False, cwd="/", env={},
        )  # fmt: skip

    done = check(export, audited.roots)
    (seen,) = [word for word in done.stderr.split() if "=" in word]
    assert (check(export, audited.roots, seen).returncode, seen[:7]) == (0, "000002=")
    assert check(export, earlier).returncode == 0
    assert "root 000002: 以前见过" in check(export, earlier, seen).stdout
    assert "it is another" in check(export, audited.roots, "2=" + "0" * 64).stdout
    export.write_bytes(b"".join(lines)[:-20])
    cut = check(export, audited.roots)
    assert (cut.returncode, f"line {len(lines)} is cut off" in cut.stderr) == (2, True)


def test_a_root_is_written_once_a_day_by_whoever_sweeps(practice: Practice) -> None:
    number = practice.file_case().number
    for _ in range(3):
        duty.round_of(practice.office)
        practice.office.sweeps.clear()  # another process, which knows of nothing
    with practice.reading() as session:
        (kept,) = session.scalars(select(models.HistoryRoot)).all()
        (job,) = session.scalars(
            select(models.Job).where(models.Job.operation == history_roots.OPERATION)
        ).all()
    assert (job.state, kept.number, kept.cases) == ("done", 1, 1)
    assert kept.lines == len(practice.history(number))
    assert practice.office.roots.newest() == 1


@one_database
def test_a_day_that_a_clock_ran_ahead_of_gets_its_root_and_days_without_one_are_told(
    practice: Practice,
) -> None:
    office, real = practice.office, practice.clock.moment
    today = real.astimezone(SHANGHAI).date()

    def on(day: int) -> None:
        practice.clock.moment = real + timedelta(days=day)
        for _ in range(2):
            daily_jobs.promise(office)
            jobs.run_due(office)
            office.sweeps.clear()  # another process

    on(0)
    on(3)  # for an hour the clock is three days ahead
    practice.file_case()
    on(0)
    on(1)
    on(3)
    on(6)
    assert days_of_roots(practice) == [today + timedelta(days=day) for day in (0, 3, 0, 1, 3, 6)]
    told = list(history_roots.unrooted(office))
    assert told == [
        (today + timedelta(days=2), today + timedelta(days=2), 5),
        (today + timedelta(days=4), today + timedelta(days=5), 6),
    ]
    assert list(history_check.verify_history(office)) == []


def days_of_roots(practice: Practice) -> list[date]:
    row = models.HistoryRoot
    with practice.reading() as session:
        return list(session.scalars(select(row.day).order_by(row.number)))


@one_database
def test_a_folder_that_cannot_be_written_leaves_the_job_to_be_tried_again(
    practice: Practice,
) -> None:
    practice.file_case()
    folder = practice.folder / "roots"
    folder.write_text("in the way")
    daily_jobs.promise(practice.office)
    jobs.run_due(practice.office)
    with practice.reading() as session:
        job = session.scalars(
            select(models.Job).where(models.Job.operation == history_roots.OPERATION)
        ).one()
        assert (job.state, session.scalars(select(models.HistoryRoot)).all()) == ("waiting", [])
    assert "Unavailable" in job.last_error
    folder.unlink()
    practice.clock.pass_by(timedelta(minutes=5))
    jobs.run_due(practice.office)
    assert practice.office.roots.newest() == 1


@one_database
def test_a_root_is_never_replaced(audited: Audited) -> None:
    held = (audited.roots / "000002.json").read_bytes()
    with pytest.raises(Unavailable):
        audited.practice.office.roots.add(2, b"{}")
    assert (audited.roots / "000002.json").read_bytes() == held


# ── the pieces of the verifier, against libraries ───────────────────────────────────────────────


@pytest.fixture(scope="module")
def alone() -> SimpleNamespace:
    held: dict[str, Any] = {"__name__": "verifier"}
    exec(compile(VERIFIER.read_text("utf-8"), VERIFIER, "exec"), held)
    return SimpleNamespace(**held)


def test_its_sm3_is_that_of_the_standard_and_of_the_library(alone: SimpleNamespace) -> None:
    assert alone.sm3(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    for size in (0, 1, 54, 55, 56, 63, 64, 65, 200):
        content = os.urandom(size)
        assert alone.sm3(content) == sm3(content).hex()


def test_its_json_is_that_of_rfc_8785(alone: SimpleNamespace) -> None:
    dice = random.Random(2020)  # noqa: S311 - the same doubles every time
    doubles = [struct.unpack("d", dice.randbytes(8))[0] for _ in range(2000)]
    doubles += [dice.uniform(-1, 1) * 10 ** dice.randint(-9, 23) for _ in range(2000)]
    for value in doubles:
        if math.isfinite(value):
            assert alone.canonical(value).encode() == rfc8785.dumps(value)
    mixed: dict[str, Any] = {
        "昆": [1, None, True, -0.0],
        "😀": '\u2028\x7f\x01\n"\\/',
        "\uffff": {},
        "a": 1e21,
    }
    assert alone.canonical(mixed).encode() == rfc8785.dumps(mixed)


def test_its_signature_check_takes_what_was_signed_and_nothing_else(alone: SimpleNamespace) -> None:
    key = Ed25519PrivateKey.generate()
    public, content = key.public_key().public_bytes_raw(), b"root"
    signature = key.sign(content)
    assert alone.is_signed(public, content, signature)
    order = 2**252 + 27742317777372353535851937790883648493
    again = int.from_bytes(signature[32:], "little") + order  # the same point, written otherwise
    for bad in (
        (public, b"Root", signature),
        (public, content, bytes([signature[0] ^ 1]) + signature[1:]),
        (public, content, signature[:32] + again.to_bytes(32, "little")),
        (Ed25519PrivateKey.generate().public_key().public_bytes_raw(), content, signature),
        (b"", content, signature),
    ):
        assert not alone.is_signed(*bad)


def test_lines_of_the_first_format_are_still_believed_and_checked() -> None:
    """As they were written before there were commitments: covered whole, by SHA-256 alone."""
    line: Any = SimpleNamespace(
        sequence=1, at=MONDAY, actor="wu", actor_name="吴", department=None, kind="filed",
        element_id=None, title="收件", title_en="filed", detail="d", changes={"a": 1},
        format=1, salt=None, commitment=b"", sm3=b"", is_erased=False,
    )  # fmt: skip
    covered: dict[str, Any] = {
        "case": "N", "sequence": 1, "at": MONDAY.isoformat(), "actor": "wu", "kind": "filed",
        "element": None, "title": "收件", "detail": "d", "changes": {"a": 1},
    }  # fmt: skip
    line.hash = hashlib.sha256(rfc8785.dumps(covered)).hexdigest()
    assert first_broken("N", [line], Head(1, line.hash)) is None
    after: Any = SimpleNamespace(**{**vars(line), "sequence": 2})
    head = domain.seal("N", after, Head(1, line.hash), b"s" * 16)
    assert first_broken("N", [line, after], head) is None
    line.detail = "e"
    broken = first_broken("N", [line, after], head)
    assert broken is not None
    assert broken.sequence == 1


def test_the_second_chain_is_computed_where_no_line_holds_it_and_its_end_is_checked() -> None:
    """Lines of earlier releases hold it: either way the ends are the same, and what is wrong is named."""
    lines, heads, head = [], [], Head()
    for sequence in range(1, 5):
        line: Any = SimpleNamespace(
            sequence=sequence, at=MONDAY, actor="wu", actor_name="吴", department=None, kind="filed",
            element_id=None, title="收件", title_en="filed", detail="d", changes={"a": sequence},
        )  # fmt: skip
        before, head = head, domain.seal("N", line, head, b"s" * 16)
        assert (line.sm3, link("N", line, before)) == (b"", head)
        lines.append(line)
        heads.append(head)
    assert list(domain.ends("N", lines)) == heads
    assert first_broken("N", lines, head) is None
    other = Head(head.count, head.sha256, heads[0].sm3)
    broken = first_broken("N", lines, other)
    assert broken is not None
    assert broken.sequence == len(lines) + 1
    for line, end in zip(lines[:2], heads, strict=False):  # of an earlier release
        line.sm3 = end.sm3
    assert list(domain.ends("N", lines)) == heads
    assert first_broken("N", lines, head) is None
    lines[1].sm3 = heads[0].sm3
    broken = first_broken("N", lines, head)
    assert broken is not None
    assert broken.sequence == 2


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    )
)  # fmt: skip
def test_the_fast_writer_writes_what_the_standard_says(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_a_number_that_canonical_json_does_not_know_is_refused() -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical({"a": 2**53})
