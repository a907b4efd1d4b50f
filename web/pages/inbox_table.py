"""The inbox as a table over the whole width: its heads, by which the whole list is sorted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from engine.domain.views import TaskView
from engine.services import inbox_order
from web.pages.inbox_columns import Column, cells, chosen


@dataclass(frozen=True, slots=True)
class Head:
    """A head. `is_by`: rows are in its order; `turned`: what a click asks for next, None where the
    list is not sorted by it."""

    key: str
    title: str
    is_by: str  # ascending | descending | ""
    turned: str | None


def _titles() -> Mapping[str, str]:
    """What always stands in the table; the chosen columns follow."""
    return {
        "due": _("本步到期"),
        "subject": _("企业"),
        "number": _("案号"),
        "procedure": _("程序"),
        "step": _("环节"),
        "who": _("在谁手里"),
    }


def table(
    by: str, scope: str, tasks: Sequence[TaskView], *, is_table: bool, is_short: bool
) -> dict[str, object]:
    """What the templates need: the chosen cells of each task; of a table also heads and rows.
    `is_short`: the list is read whole, and any head that sorts is offered."""
    of_task = cells(tasks)
    if not is_table:
        return {"cells": of_task, "is_table": False}
    more = chosen()
    return {
        "cells": {task: {cell.key: cell.text for cell in held} for task, held in of_task.items()},
        "is_table": True,
        "heads": tuple(
            _head(column, by, is_offered=_sorts(column, scope, is_short=is_short))
            for column in (*_always(), *more)
        ),
        "more_columns": more,
        "rows": tasks,
        "is_short": is_short,
    }


def _always() -> tuple[Column, ...]:
    return tuple(Column(key, title) for key, title in _titles().items())


def _sorts(column: Column, scope: str, *, is_short: bool) -> bool:
    known = inbox_order.read(column.key)
    return known is not None and (is_short or not known.needs_whole(scope))


def _head(column: Column, by: str, *, is_offered: bool) -> Head:
    if not is_offered:
        return Head(column.key, column.title, "", None)
    if by == column.key:
        return Head(column.key, column.title, "ascending", f"-{by}")
    if by == f"-{column.key}":
        return Head(column.key, column.title, "descending", "")
    return Head(column.key, column.title, "", column.key)
