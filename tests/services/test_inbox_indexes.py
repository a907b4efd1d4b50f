"""The inbox asks so that PostgreSQL can serve it from the narrow indexes of open tasks."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from engine.services import tasks
from tests.offices import Practice

SERVED = {"mine": "ix_task_assignee", "group": "ix_task_candidate_group_due_at"}


def asked(practice: Practice, username: str, scope: str) -> tuple[str, Any]:
    """The statement that lists a scope of the inbox, with its values."""
    seen: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        if "FROM task" in statement and "LIMIT" in statement:
            seen.append((statement, values))

    engines = practice.office.uow.engines
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        tasks.inbox(practice.office, practice[username], now=practice.now, scope=scope)
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
    (only,) = seen
    return only


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("scope", SERVED)
def test_a_scope_of_the_inbox_is_served_by_its_index(practice: Practice, scope: str) -> None:
    practice.at("review_filing")
    statement, values = asked(practice, "zhou", scope)
    with practice.office.uow.engine.connect() as connection:
        connection.exec_driver_sql("SET enable_seqscan = off")
        # of one row any index of open tasks is as good: that of places stands aside, and is back
        # when this is rolled back
        connection.exec_driver_sql("DROP INDEX ix_task_element_id_department")
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", values).scalars().all()
    assert any(SERVED[scope] in line for line in plan), "\n".join(plan)
