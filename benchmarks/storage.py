"""What a closed case leaves in the database and in the store of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Figure
from benchmarks.watch import Watch
from engine.services import audit, job_keeping, notices
from engine.services.retention_kinds import KINDS
from tests.faults.city import WHO, City
from tests.offices import steps_of

#: A case of ten tasks: granted, once sent back by the second review, looked at by site, and rated.
TASKS = 10
MOST = 20  # kB
OFFICERS = "told_officers"  # the rule by which nudges go
RELATIONS = """
SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
#: What is there without a case too, or belongs to the record that the case is about.
OF_RECORDS = frozenset(
    (
        *("record", "record_clock", "record_clock_entry", "record_event"),
        *("record_import", "record_report", "obligation", "obligation_act"),
    )
)
#: Bytes in rows, TOAST included, and in indexes.
Sizes = tuple[int, int]


def measure(city: City, cases: int) -> Iterator[Figure]:
    """`cases` from the filing to the rating, jobs included, after VACUUM FULL before and after."""
    watch = Watch(city.database_url)
    try:
        _close_case(city)
        before, held = _sizes(watch), _files(city.folder)
        for _ in range(cases):
            _close_case(city)
        after = _sizes(watch)
        _a_month_passes(city)
        kept = _sizes(watch)
        archived = _read_and_forgotten(city, watch)
    finally:
        watch.close()
    now = _each(before, after, cases)
    yield Figure("database, of a case of ten tasks on the day it is closed", _sum(now), "kB")
    later = _each(before, kept, cases)
    largest = sorted(later.items(), key=lambda item: -sum(item[1]))[:10]
    note = ", ".join(f"{name} {rows:.1f} + {index:.1f}" for name, (rows, index) in largest)
    yield Figure(
        "database, of the same a month later",
        _sum(later),
        "kB",
        at_most=MOST,
        note=f"rows + indexes: {note}",
    )
    yield Figure(
        "… and when officers have read what they were told, after a few months more",
        _sum(_each(before, archived, cases)),
        "kB",
        at_most=MOST,
        note=f"rule {OFFICERS} of workflows/retention.toml; history, letters and registers stay",
    )
    of_records = {name: size for name, size in later.items() if name in OF_RECORDS}
    yield Figure("… of which its record's: clocks, sites, changes", _sum(of_records), "kB")
    papers = (_files(city.folder) - held) / cases / 1000
    yield Figure("store of files, of the same: its letters", papers, "kB")
    office = city.practice.office
    for what, check in (("doctor", audit.examine), ("audit verify", audit.verify_history)):
        began = perf_counter()
        assert list(check(office)) == []
        taken = (perf_counter() - began) / (cases + 1) * 1000
        note = "its files are read whole" if what == "doctor" else ""
        yield Figure(f"kunxin {what}, of a closed case", taken, "ms", note=note)


def _each(
    before: Mapping[str, Sizes], after: Mapping[str, Sizes], cases: int
) -> Mapping[str, tuple[float, float]]:
    """kB of each case in rows and in indexes, by table."""
    nothing = (0, 0)
    return {
        name: (
            (rows - before.get(name, nothing)[0]) / cases / 1000,
            (index - before.get(name, nothing)[1]) / cases / 1000,
        )
        for name, (rows, index) in after.items()
    }


def _sum(each: Mapping[str, tuple[float, float]]) -> float:
    return sum(map(sum, each.values()))


def _a_month_passes(city: City) -> None:
    """Kept promises are forgotten, as every process does by the way."""
    office = city.practice.office
    then = office.real_now() + job_keeping.REMEMBERED + timedelta(days=1)
    later = replace(office, real_now=lambda: then)
    while job_keeping.forget(later):
        later.sweeps.clear()


def _read_and_forgotten(city: City, watch: Watch) -> Mapping[str, Sizes]:
    """Whoever works here has seen their notices, and the daily job has passed by since."""
    office, now = city.practice.office, city.practice.now
    for actor in city.practice.cast.values():
        notices.read_all(office, actor, now=now)
    due = KINDS[OFFICERS]
    with office.uow.begin() as session:
        while found := due.some(session, now + timedelta(days=1)):
            due.erase(session, found)
    return _sizes(watch)


def _close_case(city: City) -> None:
    practice = city.practice
    number, done = practice.file_case().number, 0
    while (open_now := practice.open_tasks(number)) or practice.case(number).state == "open":
        if not open_now:
            practice.acknowledge(number)
            continue
        element = open_now[0].element_id
        by = practice.firm if element == "rate" else practice[WHO[element]]
        if element == "second_review" and done == 3:
            practice.answer(number, element, _sent_back(), by=by)
        else:
            practice.complete(number, element, by=by)
        done += 1
    assert done == TASKS, done
    practice.run_jobs()


def _sent_back() -> Mapping[str, object]:
    answers: Mapping[str, object] = next(
        step["answers"]
        for step in steps_of("returned_twice")
        if step.get("task") == "second_review"
    )
    return answers


def _sizes(watch: Watch) -> Mapping[str, Sizes]:
    watch.run("VACUUM (FULL)")
    return {str(name): (int(rows), int(index)) for name, rows, index in watch.rows(RELATIONS)}


def _files(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "files").rglob("*") if path.is_file())
