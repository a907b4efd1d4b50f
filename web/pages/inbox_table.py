"""The inbox as a table over the whole width: its heads, and its rows in the order of one of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from engine.domain.views import TaskView
from web.locale import words
from web.pages.inbox_columns import Cell, Column, cells, chosen


@dataclass(frozen=True, slots=True)
class Head:
    """A head by which rows are sorted. `is_by`: they are; `turned`: what a click asks for next."""

    key: str
    title: str
    is_by: str  # ascending | descending | ""
    turned: str


#: Key -> what of a task it is sorted by. What always stands in the table; the chosen columns follow.
KEYS: Mapping[str, Callable[[TaskView], Any]] = {
    "due": lambda task: (task.due_at is None, task.due_at.timestamp() if task.due_at else 0),
    "subject": lambda task: task.case_title,
    "number": lambda task: task.case_number,
    "procedure": lambda task: words(task.procedure_title),
    "step": lambda task: words(task.title),
    "who": lambda task: task.assignee_name or "",
}


def _titles() -> Mapping[str, str]:
    return {
        "due": _("本步到期"),
        "subject": _("企业"),
        "number": _("案号"),
        "procedure": _("程序"),
        "step": _("环节"),
        "who": _("在谁手里"),
    }


def table(by: str, tasks: Sequence[TaskView], *, is_table: bool) -> dict[str, object]:
    """What the templates need: the chosen cells of each task; of a table also heads and rows."""
    of_task = cells(tasks)
    if not is_table:
        return {"cells": of_task, "is_table": False}
    more = chosen()
    key, is_down = by.removeprefix("-"), by.startswith("-")
    return {
        "cells": {task: {cell.key: cell.text for cell in held} for task, held in of_task.items()},
        "is_table": True,
        "heads": tuple(_head(column, key, is_down=is_down) for column in (*_always(), *more)),
        "more_columns": more,
        "rows": _sorted(tasks, of_task, key, is_down=is_down),
    }


def _always() -> tuple[Column, ...]:
    return tuple(Column(key, title) for key, title in _titles().items())


def _head(column: Column, key: str, *, is_down: bool) -> Head:
    if column.key != key:
        return Head(column.key, column.title, "", column.key)
    if is_down:
        return Head(column.key, column.title, "descending", "")
    return Head(column.key, column.title, "ascending", f"-{column.key}")


def _sorted(
    tasks: Sequence[TaskView], of_task: Mapping[UUID, tuple[Cell, ...]], key: str, *, is_down: bool
) -> tuple[TaskView, ...]:
    """The rows of the page in the order asked for; in the order of the list when none is known."""
    if key in KEYS:
        return tuple(sorted(tasks, key=KEYS[key], reverse=is_down))
    texts = {task: cell.order for task, held in of_task.items() for cell in held if cell.key == key}
    if not texts:
        return tuple(tasks)
    return tuple(sorted(tasks, key=lambda task: texts.get(task.id, ""), reverse=is_down))
