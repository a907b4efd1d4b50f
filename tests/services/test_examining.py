"""Doctor and audit look at an office that works meanwhile: they see one moment, and name nothing that is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from engine.domain.flaw import Flaw
from engine.services import audit
from engine.services.office import Office
from tests.offices import Practice

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@contextmanager
def between(
    engines: tuple[Engine, ...], words: str, act: Callable[[], object]
) -> Iterator[list[str]]:
    """The act is done once, by somebody else, when a statement with these words is about to be sent."""
    done: list[str] = []

    def look(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if words in statement and not done:
            done.append(statement)
            act()

    for engine in engines:
        event.listen(engine, "before_cursor_execute", look)
    try:
        yield done
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", look)


Examination = Callable[[Office], Iterator[Flaw]]


@pytest.mark.parametrize(
    ("examination", "words"),
    [
        (audit.examine, "FROM task \nWHERE task.instance_id"),
        (audit.examine, "FROM timer \nWHERE timer.instance_id"),
        (audit.verify_history, "FROM event"),
    ],
)
def test_a_step_between_two_statements_is_no_flaw(
    practice: Practice, examination: Examination, words: str
) -> None:
    number, _ = practice.at("give_opinion")
    practice.run_jobs()
    with between(
        practice.office.uow.engines, words, lambda: practice.complete(number, "give_opinion")
    ) as done:
        assert list(examination(practice.office)) == []
    assert done
    assert "give_opinion" in {e.element_id for e in practice.history(number)}
    assert list(examination(practice.office)) == []
