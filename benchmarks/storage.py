"""What a closed case leaves in the database and in the store of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Figure
from benchmarks.watch import Watch
from engine.services import audit
from tests.faults.city import WHO, City
from tests.offices import steps_of

#: A case of ten tasks: granted, once sent back by the second review, looked at by site, and rated.
TASKS = 10
MOST = 20  # kB
RELATIONS = """
SELECT relname, pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


def measure(city: City, cases: int) -> Iterator[Figure]:
    """`cases` from the filing to the rating, jobs included, after VACUUM FULL before and after."""
    watch = Watch(city.database_url)
    try:
        _close_case(city)
        before, held = _sizes(watch), _files(city.folder)
        for _ in range(cases):
            _close_case(city)
        after = _sizes(watch)
    finally:
        watch.close()
    each = {name: (size - before.get(name, 0)) / cases / 1000 for name, size in after.items()}
    largest = sorted(each.items(), key=lambda item: -item[1])[:8]
    note = ", ".join(f"{name} {size:.1f}" for name, size in largest)
    yield Figure(
        "database, of a closed case of ten tasks", sum(each.values()), "kB", at_most=MOST, note=note
    )
    papers = (_files(city.folder) - held) / cases / 1000
    yield Figure("store of files, of the same: its letters", papers, "kB")
    office = city.practice.office
    for what, check in (("doctor", audit.examine), ("audit verify", audit.verify_history)):
        began = perf_counter()
        assert list(check(office)) == []
        taken = (perf_counter() - began) / (cases + 1) * 1000
        note = "its files are read whole" if what == "doctor" else ""
        yield Figure(f"kunxin {what}, of a closed case", taken, "ms", note=note)


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


def _sizes(watch: Watch) -> Mapping[str, int]:
    watch.run("VACUUM (FULL)")
    return {str(name): int(size) for name, size in watch.rows(RELATIONS)}


def _files(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "files").rglob("*") if path.is_file())
