"""A city's cases: a million rows made set-wise by the database, and some that are driven for real."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks import installation
from engine.persistence import copies, models, words
from engine.persistence.declarative import table_of
from engine.services.office import Office

#: Monday afternoon.
NOW = installation.NOW + timedelta(hours=6)
#: One case in ten is open, as on the board; an open case has two tasks done and one to do.
OPEN_SHARE = 10
DAYS = 900
SUBJECTS_SHARE = 20  # one subject for so many cases
#: Element -> (group, department) in the order in which a case meets them.
STEPS: Mapping[str, tuple[str, str]] = {
    "review_filing": ("window", "service_window"),
    "give_opinion": ("authority", ""),
    "first_review": ("credit_clerk", "credit_office"),
    "second_review": ("credit_chief", "credit_office"),
}
#: The index of what cases are called by pairs of characters.
NAMES = "ix_case_file_called"
#: Departments of this city that give opinions, of equal work.
AUTHORITIES = ("market_regulation", "emergency", "water", "transport", "health", "environment")


def fill(office: Office, case_id: UUID, count: int, officers: Mapping[str, list[str]]) -> None:
    """Copies of one case that stands at its first task. `officers`: group -> who holds one open task
    in three; the rest lie unclaimed."""
    with office.uow.begin() as session:
        # the rows refer to each other by construction; checking each would take an hour
        session.execute(text("SET LOCAL session_replication_role = replica"))
        given: dict[str, Any] = {
            "case": case_id,
            "n": count,
            "open": count - count // OPEN_SHARE,
            "now": NOW,
        }
        _subjects(session, case_id, count // SUBJECTS_SHARE)
        subject = {"subject_code": f"'S' || n % {count // SUBJECTS_SHARE}"}
        name = {"subject_name": f"'昆山第' || n % {count // SUBJECTS_SHARE} || '有限公司'"}
        with without_index(session, NAMES):
            copy(session, models.Case, {**_CASE, **subject, **name}, "id = :case", given)
        template = "case_id = :case AND completed_at IS NULL"
        for number in range(3):
            until = given["open"] if number == 2 else count
            done = _done(number, officers)
            copy(session, models.Task, done, template, {**given, "n": until})
        waiting = _waiting(officers)
        copy(session, models.Task, waiting, template, given, first=given["open"] + 1)
        # without figures of its own rows the planner compares each with each
        session.execute(text("ANALYZE case_file, task"))
        copies.mend(session.connection())  # a replica's triggers rest
        words.mend(session.connection())
    with office.uow.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.execute(text("VACUUM ANALYZE"))


@contextmanager
def without_index(session: Session, name: str) -> Iterator[None]:
    """An index that is built once over all rows instead of row by row."""
    made = session.scalar(text("SELECT pg_get_indexdef(CAST(:name AS regclass))"), {"name": name})
    session.execute(text(f"DROP INDEX {name}"))
    yield
    session.execute(text(str(made)))


def _subjects(session: Session, case_id: UUID, count: int) -> None:
    changed = {"code": "'S' || n", "name": "'昆山第' || n || '有限公司'"}
    of_case = "code = (SELECT subject_code FROM case_file WHERE id = :case)"
    copy(session, models.Subject, changed, of_case, {"case": case_id, "n": count - 1}, first=0)


_ID = "('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
_FILED = (
    f":now - CASE WHEN n <= :open THEN interval '1 day' * (20 + {DAYS} * (1 - n::float / :open))"
    " ELSE interval '1 hour' * (n % 400) END"
)
_CASE: Mapping[str, str] = {
    "id": _ID,
    "number": "'KSXY-XF-' || to_char(" + _FILED + ", 'YYYYMMDD') || '-' || lpad(n::text, 7, '0')",
    "query_code": "'Q' || n",
    "idempotency_key": "NULL",
    "state": "CASE WHEN n <= :open THEN 'closed' ELSE 'open' END",
    "filed_at": _FILED,
    "received_at": _FILED,
    "closed_at": f"CASE WHEN n <= :open THEN {_FILED} + interval '1 day' * (4 + n % 12) END",
    "due_at": "CASE WHEN n > :open THEN :now + interval '1 day' * (n % 21 - 2) END",
    "warn_at": "CASE WHEN n > :open THEN :now + interval '1 day' * (n % 21 - 4) END",
}
_GROUPS = [group for group, _ in STEPS.values()]
_ELEMENTS = list(STEPS)


def _element(number: str) -> Mapping[str, str]:
    """The columns of a task at the number-th step, as SQL."""
    departments = ", ".join(
        f"(ARRAY{list(AUTHORITIES)})[1 + n / 4 % {len(AUTHORITIES)}]" if not one else f"'{one}'"
        for _, one in STEPS.values()
    )
    return {
        "id": "gen_random_uuid()",
        "case_id": _ID,
        "element_id": f"(ARRAY{_ELEMENTS})[{number}]",
        "candidate_group": f"(ARRAY{_GROUPS})[{number}]",
        "department": f"(ARRAY[{departments}])[{number}]",
        "process_id": f"(ARRAY['intake', 'credit_repair_examination'])[least({number}, 2)]",
    }


def _holder(number: str, officers: Mapping[str, list[str]]) -> str:
    """Who of the step's group, in turn."""
    each = " ".join(
        f"WHEN {place} THEN (ARRAY{officers[group]})[1 + n / 12 % {len(officers[group])}]"
        for place, group in enumerate(_GROUPS, 1)
    )
    return f"CASE {number} {each} END"


def _done(number: int, officers: Mapping[str, list[str]]) -> Mapping[str, str]:
    begun = f"{_FILED} + interval '1 day' * {number}"
    who = _holder(str(number + 1), officers)
    return {
        **_element(str(number + 1)),
        "state": "'completed'",
        "created_at": begun,
        "claimed_at": begun,
        "completed_at": f"least({begun} + interval '1 hour' * (1 + n % 40), :now)",
        "completed_by": who,
        "assignee": who,
        "due_at": f"{begun} + interval '2 day'",
        "warn_at": "NULL",
        "mark_at": "NULL",
    }


def _waiting(officers: Mapping[str, list[str]]) -> Mapping[str, str]:
    number = "1 + n % 4"
    # an officer holds a few dozen; who is modelled holds as many as anybody
    is_held = "n % 12 < 4 AND n / 48 % 16 = 0"
    return {
        **_element(number),
        "assignee": f"CASE WHEN {is_held} THEN {_holder(number, officers)}"
        " WHEN n % 3 = 0 THEN 'officer_' || n % 900 END",
        "state": f"CASE WHEN {is_held} OR n % 3 = 0 THEN 'claimed' ELSE 'ready' END",
        "created_at": _FILED,
        "due_at": ":now + interval '1 hour' * (n % 216 - 24)",
        "warn_at": ":now + interval '1 hour' * (n % 216 - 48)",
    }


def copy(
    session: Session,
    model: Any,
    changed: Mapping[str, str],
    template: str,
    given: Mapping[str, Any],
    *,
    first: int = 1,
) -> None:
    """n rows like the template's, with some columns of their own."""
    table = table_of(model)
    names = [column.name for column in table.columns]
    values = ", ".join(changed.get(name, f"t.{name}") for name in names)
    session.execute(
        text(
            f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {values}"  # noqa: S608 - our own
            " FROM generate_series(CAST(:first AS int), CAST(:n AS int)) AS n,"
            f" (SELECT * FROM {table.name} WHERE {template}) AS t"
        ),
        {**given, "first": first},
    )
