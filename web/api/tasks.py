"""Tasks: the inbox, and what one does with a task."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import g

from engine.domain.views import Completed, InboxCounts, Page, PersonView, TaskPage, TaskView
from engine.services import people, tasks
from web.api.calls import Call, Noun
from web.api.reading import Body
from web.api.schemas.office import FormSchema, PersonPage
from web.api.schemas.task import (
    Answers,
    CompletedTask,
    CompleteTask,
    Counts,
    DraftSaved,
    HandOver,
    Inbox,
    TaskDetail,
    TaskQuery,
)
from web.auth import current_actor
from web.office import current_office

noun = Noun("tasks", "The inbox and its tasks")


@noun.call(Call("GET", "/tasks", query=TaskQuery, answer=Inbox))
def index(query: Body) -> Page[TaskView]:
    """The inbox, least time left first"""
    return tasks.inbox(current_office(), current_actor(), now=g.now, **query)


@noun.call(Call("GET", "/tasks/counts", answer=Counts))
def counts() -> InboxCounts:
    """How many tasks stand behind each filter of the inbox"""
    return tasks.counts(current_office(), current_actor(), now=g.now)


@noun.call(Call("GET", "/tasks/<uuid:task_id>", answer=TaskDetail, refuses=(404,)))
def show(task_id: UUID) -> TaskPage:
    """One task with its form, the draft, what the system checked, and the case"""
    return tasks.get(current_office(), current_actor(), task_id, now=g.now)


@noun.call(Call("GET", "/tasks/<uuid:task_id>/form", answer=FormSchema, refuses=(404,)))
def form(task_id: UUID) -> Mapping[str, Any]:
    """The form of a task as JSON Schema 2020-12"""
    return tasks.form(current_office(), current_actor(), task_id, now=g.now)


@noun.call(Call("GET", "/tasks/<uuid:task_id>/colleagues", answer=PersonPage, refuses=(404,)))
def colleagues(task_id: UUID) -> Page[PersonView]:
    """Who could take this task"""
    return Page(people.colleagues(current_office(), current_actor(), task_id))


@noun.call(Call("POST", "/tasks/<uuid:task_id>/claim", refuses=(404, 409)))
def claim(task_id: UUID) -> None:
    """Take a task; 409 when somebody else was faster"""
    tasks.claim(current_office(), current_actor(), task_id, now=g.now)


@noun.call(Call("POST", "/tasks/<uuid:task_id>/unclaim", refuses=(404, 409)))
def unclaim(task_id: UUID) -> None:
    """Give a task back to its group"""
    tasks.unclaim(current_office(), current_actor(), task_id, now=g.now)


@noun.call(Call("POST", "/tasks/<uuid:task_id>/reassign", body=HandOver, refuses=(404, 409)))
def reassign(body: Body, task_id: UUID) -> None:
    """Hand a task over for good"""
    tasks.reassign(current_office(), current_actor(), task_id, **body, now=g.now)


@noun.call(Call("POST", "/tasks/<uuid:task_id>/delegate", body=HandOver, refuses=(404, 409)))
def delegate(body: Body, task_id: UUID) -> None:
    """Hand a task over, expecting it back"""
    tasks.delegate(current_office(), current_actor(), task_id, **body, now=g.now)


@noun.call(
    Call("PUT", "/tasks/<uuid:task_id>/draft", body=Answers, answer=DraftSaved, refuses=(404, 409))
)
def save_draft(body: Body, task_id: UUID) -> dict[str, object]:
    """Keep answers that are not finished"""
    saved_at = tasks.save_draft(
        current_office(), current_actor(), task_id, body["answers"], now=g.now
    )
    return {"saved_at": saved_at}


@noun.call(
    Call(
        "POST",
        "/tasks/<uuid:task_id>/complete",
        body=CompleteTask,
        answer=CompletedTask,
        refuses=(404, 409),
    )
)
def complete(body: Body, task_id: UUID) -> Completed:
    """Finish a task; the case moves on to where it waits next

    422 with `fields` where answers are missing or wrong, 409 on a lost race. The answer names the
    case and my next task.
    """
    return tasks.complete(
        current_office(),
        current_actor(),
        task_id,
        body["answers"],
        now=g.now,
        version=body.get("version"),
    )
