"""The columns of the inbox that its reader chose: their titles, and what each says of a task."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import g
from flask_babel import gettext as _

from engine.domain.errors import EngineError
from engine.domain.views import Matter, TaskView
from engine.services import inbox_columns, procedures
from engine.services.inbox_columns import Arrangement
from web import forms
from web.locale import day, due_weekday, language, moment, words
from web.office import current_office
from web.questions import Schema

FORM = "form."
#: Kinds of answer that fit a cell.
SHORT = {"text", "date", "number", "select", "radio", "tel", "email"}


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Cell:
    key: str
    title: str
    text: str


def _channel(channel: str) -> str:
    if channel == "credit_china":
        return str(_("信用中国转来"))
    return str(_("网上") if channel == "web" else _("窗口"))


OF_CASE: Mapping[str, Callable[[TaskView, Matter], str]] = {
    "code": lambda task, matter: matter.subject_code,
    "applicant": lambda task, matter: matter.applicant_name,
    "channel": lambda task, matter: _channel(matter.channel),
    "filed": lambda task, matter: day(matter.filed_at),
    "accepted": lambda task, matter: day(matter.accepted_at) if matter.accepted_at else "",
    "case_due": lambda task, matter: due_weekday(matter.due_at) if matter.due_at else "",
    "stage": lambda task, matter: words(matter.stage_title),
    "since": lambda task, matter: moment(task.created_at),
    "assignee": lambda task, matter: task.assignee_name or _("未领"),
    "unit": lambda task, matter: words(task.department_title) or words(task.group_title),
}


def of_case() -> tuple[Column, ...]:
    titles = {
        "code": _("统一社会信用代码"),
        "applicant": _("经办人"),
        "channel": _("渠道"),
        "filed": _("申请日"),
        "accepted": _("受理日"),
        "case_due": _("全案最迟"),
        "stage": _("阶段"),
        "since": _("到本步"),
        "assignee": _("在谁手里"),
        "unit": _("岗位"),
    }
    return tuple(Column(key, titles[key]) for key in OF_CASE)


def of_forms() -> tuple[Column, ...]:
    """What the applications of all procedures ask, each title once."""
    found: dict[str, str] = {}
    for schema in _schemas().values():
        for asked in forms.questions(schema, language=language()):
            if asked.widget in SHORT:
                found.setdefault(FORM + asked.name, asked.title)
    return tuple(Column(key, title) for key, title in found.items())


def _schemas() -> dict[str, Schema]:
    return dict(_each_schema())


def _each_schema() -> Iterator[tuple[str, Schema]]:
    office = current_office()
    for one in procedures.open_procedures(office, g.actor, now=g.now):
        try:
            yield one.key, procedures.application_form(office, g.actor, one.key, now=g.now)
        except EngineError:
            continue  # closed to this actor, or only in an emergency


def arranged() -> Arrangement:
    """How the reader's inbox looks; asked once a request."""
    if "arranged" not in g:
        g.arranged = inbox_columns.arrangement(current_office(), g.actor)
    held: Arrangement = g.arranged
    return held


def chosen() -> tuple[Column, ...]:
    """The chosen columns by their titles, in their order."""
    keys = arranged().columns
    known = {column.key: column for column in of_case()}
    if any(key.startswith(FORM) for key in keys):
        known |= {column.key: column for column in of_forms()}
    return tuple(known[key] for key in keys if key in known)


def cells(tasks: Sequence[TaskView]) -> Mapping[UUID, tuple[Cell, ...]]:
    """Of each task: its cells in the order in which the columns were chosen."""
    keys = arranged().columns
    if not keys or not tasks:
        return {}
    matters = inbox_columns.matters(current_office(), g.actor, [task.id for task in tasks])
    titles = {column.key: column.title for column in of_case()}
    schemas = _schemas() if any(key.startswith(FORM) for key in keys) else {}
    return {
        task.id: tuple(
            cell
            for key in keys
            if (cell := _cell(key, task, matters[task.id], titles, schemas)) is not None
        )
        for task in tasks
        if task.id in matters
    }


def _cell(
    key: str,
    task: TaskView,
    matter: Matter,
    titles: Mapping[str, str],
    schemas: Mapping[str, Schema],
) -> Cell | None:
    if key in OF_CASE:
        return Cell(key, titles[key], OF_CASE[key](task, matter))
    name = key.removeprefix(FORM)
    schema = schemas.get(task.procedure, {})
    if name not in schema.get("properties", {}):
        return None  # another procedure's question
    (asked,) = forms.questions(schema, matter.answers, language=language(), only=[name])
    return Cell(key, asked.title, asked.shown_value)
