"""The supervisor's board on a million cases: rows made set-wise by the database, pages asked as people do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from benchmarks import installation
from benchmarks.city import NAMES, copy, without_index
from benchmarks.figures import Figure
from engine.domain.actor import Actor
from engine.persistence import copies, models
from engine.services import charts, closed_figures, supervision
from engine.services.board_pass import DIMENSIONS
from engine.services.office import Office

#: Monday afternoon: some of what was due before is over.
NOW = installation.NOW + timedelta(hours=6)
#: One case in ten is open. A city of 200,000 cases a year that takes ten days has 8,000.
OPEN_SHARE = 10
DAYS = 900  # over which the closed ones were filed
REPEATS = 5
#: So many closed cases, the newest first, are summed up before charts are drawn: their whole period.
SUMMED = 120_000
SUPERVISOR = Actor(uuid4(), "supervisor", "督办员", "credit_office", frozenset({"supervisor"}))
STEPS = ("review_filing", "give_opinion", "first_review", "second_review")


def measure(office: Office, cases: int) -> Iterator[Figure]:
    """The board by each of its dimensions, its lists, the heat map and the charts."""
    (case_id,) = installation.file_cases(office, 1, "看板")
    _fill(office, case_id, cases)
    seen = supervision.board(office, SUPERVISOR, now=NOW)
    assert seen.open_cases >= cases // OPEN_SHARE, seen.open_cases
    assert seen.lights.red
    assert seen.lights.yellow
    assert seen.silent_count == 0
    how = f"{seen.open_cases:,} open"
    for by in DIMENSIONS:
        taken = _timed(partial(supervision.board, office, SUPERVISOR, now=NOW, by=by))
        yield Figure(f"board by {by} on {cases:,} cases", taken, "ms", at_most=500, note=how)
    breaches = _timed(lambda: supervision.breaches(office, SUPERVISOR, now=NOW))
    yield Figure(f"first page of {seen.lights.red:,} breaches", breaches, "ms", note=how)
    begun = perf_counter()
    summed = closed_figures.sum_up(office, rounds=SUMMED // closed_figures.AT_ONCE)
    yield Figure("closed cases summed up by the job", summed / (perf_counter() - begun), "/s")
    heat = _timed(
        lambda: supervision.heatmap(office, SUPERVISOR, "credit_repair", now=NOW), repeats=3
    )
    yield Figure("heat map of 30 days", heat, "ms", note="medians and 90th percentiles by SQL")
    drawn = _timed(lambda: charts.charts(office, SUPERVISOR, now=NOW), repeats=3)
    of = f"of {cases:,} cases; what was closed in the period is summed up already"
    yield Figure("charts of 12 weeks", drawn, "ms", at_most=1000, note=of)


def _timed(ask: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median of several, in milliseconds."""
    taken = []
    for _ in range(repeats):
        begun = perf_counter()
        ask()
        taken.append((perf_counter() - begun) * 1000)
    return median(taken)


def _fill(office: Office, case_id: UUID, count: int) -> None:
    """Copies of one case: the older ones closed with the tasks they had, the newest open at one."""
    with office.uow.begin() as session:
        # the rows refer to each other by construction; checking each would take an hour
        session.execute(text("SET LOCAL session_replication_role = replica"))
        given: dict[str, Any] = {
            "case": case_id,
            "n": count,
            "open": count - count // OPEN_SHARE,
            "now": NOW,
        }
        with without_index(session, NAMES):
            copy(session, models.Case, _CASE, "id = :case", given)
        # the n-th copy of a case has an id that says n, so that its tasks find it
        task = "case_id = :case AND completed_at IS NULL"
        for number, step in enumerate(STEPS):
            closed = {**_TASK, **_closed(number, step)}
            copy(session, models.Task, closed, task, {**given, "n": given["open"]})
        copy(session, models.Task, {**_TASK, **_OPEN}, task, given, first=given["open"] + 1)
        # without figures of its own rows the planner compares each with each
        session.execute(text("ANALYZE case_file, task"))
        copies.mend(session.connection())  # a replica's triggers rest
    with office.uow.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.execute(text("VACUUM ANALYZE"))


_ID = "('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
#: How long before now the n-th case was filed: the closed ones over years, the open ones of late.
_FILED = (
    f":now - CASE WHEN n <= :open THEN interval '1 day' * (20 + {DAYS} * (1 - n::float / :open))"
    " ELSE interval '1 hour' * (n % 400) END"
)
_CASE: Mapping[str, str] = {
    "id": _ID,
    "number": "'B-' || n",
    "idempotency_key": "NULL",
    "state": "CASE WHEN n <= :open THEN 'closed' ELSE 'open' END",
    "filed_at": _FILED,
    "received_at": _FILED,
    "closed_at": f"CASE WHEN n <= :open THEN {_FILED} + interval '1 day' * (4 + n % 12) END",
    "due_at": "CASE WHEN n > :open THEN :now + interval '1 day' * (n % 21 - 2) END",
    "warn_at": "CASE WHEN n > :open THEN :now + interval '1 day' * (n % 21 - 4) END",
}
_TASK: Mapping[str, str] = {"id": "gen_random_uuid()", "case_id": _ID}
_OPEN: Mapping[str, str] = {
    "element_id": f"(ARRAY{list(STEPS)})[1 + n % 4]",
    "process_id": "(ARRAY['intake', 'credit_repair_examination'])[1 + least(n % 4, 1)]",
    "department": "(ARRAY['credit_office', 'service_window', 'market_regulation', 'emergency', 'water',"
    " 'credit_centre', 'transport', 'health'])[1 + n % 8]",
    "assignee": "CASE WHEN n % 3 > 0 THEN 'officer_' || n % 120 END",
    "state": "CASE WHEN n % 3 > 0 THEN 'claimed' ELSE 'ready' END",
    "created_at": _FILED,
    "due_at": ":now + interval '1 day' * (n % 9 - 1)",
    "warn_at": ":now + interval '1 day' * (n % 9 - 2)",
}


def _closed(number: int, step: str) -> Mapping[str, str]:
    begun = f"{_FILED} + interval '1 day' * {number}"
    return {
        "element_id": f"'{step}'",
        "process_id": "'intake'" if step == "review_filing" else "'credit_repair_examination'",
        "state": "'completed'",
        "whose": "'department'" if step == "give_opinion" else "'office'",
        "created_at": begun,
        "claimed_at": f"{begun} + interval '1 hour' * (n % 7)",
        "completed_at": f"{begun} + interval '1 hour' * (8 + n % 40)",
        "completed_by": "'officer_' || n % 120",
        "due_at": f"{begun} + interval '1 day'",
        "warn_at": "NULL",
        "mark_at": "NULL",
    }
