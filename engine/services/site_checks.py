"""What people found on other sites while they worked on a case, written to what those sites owe.

Any form may ask for it: `takedown_found` (clean | still_shown) for this city's own site, and
`sites_checked`, `sites_found`, `shown_on` (keys of workflows/common/sites.toml) for all of them.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from engine.domain.actor import Actor
from engine.domain.downstream import RUNNING, Act, Progress, Way
from engine.persistence import models
from engine.services import obligations
from engine.services.casework import Casework
from engine.services.obligations import Told
from engine.services.writing import Writing

CLEAN = "clean"


def note_own_site(work: Casework) -> None:
    """The record was taken off this city's site and seen gone by a second person before it counted
    as taken down: both stand in the case's tasks."""
    task = models.Task
    done = work.session.scalars(
        select(task)
        .where(task.case_id == work.case.id, task.state == "completed")
        .order_by(task.completed_at)
    ).all()
    second = next((t for t in reversed(done) if _answer(t, "takedown_found") == CLEAN), None)
    first = next((t for t in reversed(done) if _answer(t, "channels")), None)
    if first is None or second is None:
        return
    by, check = _hand(work, first), _hand(work, second)
    for row in _own(work):
        seen_at = max(first.completed_at or work.now_at, row.opened_at)
        told = Told(channel="web", note=_note(first))
        obligations.act(by, row, Act.SEEN_DONE, told, seen_at=seen_at)
        if row.state == Progress.CHECKED.value and by.actor.username != check.actor.username:
            obligations.act(check, row, Act.CONFIRMED, Told(channel="web", note=_note(second)))


def note_answers(work: Casework, answers: Mapping[str, Any]) -> None:
    """After a task that looked at other sites: what it saw, site by site."""
    checked = answers.get("sites_checked")
    if not isinstance(checked, list) or not work.records:
        return
    shown = set(answers.get("shown_on") or ())
    told = Told(channel="web", note=str(answers.get("note") or ""))
    for row in _of_case(work):
        if row.site in shown and row.state in _RUNNING:
            obligations.act(work.writing, row, Act.NOT_YET, told)
        elif row.site in checked and row.site not in shown:
            _seen_gone(work, row, told)


_RUNNING = tuple(each.value for each in RUNNING)


def _seen_gone(work: Casework, row: models.Obligation, told: Told) -> None:
    """The step is a second person's look at what the platform and the centre have done."""
    if row.state in _RUNNING and row.state != Progress.CHECKED.value:
        obligations.act(work.writing, row, Act.SEEN_DONE, told)
    if row.state == Progress.CHECKED.value:
        obligations.act(work.writing, row, Act.CONFIRMED, told)


def note_acknowledged(work: Casework, site: str) -> None:
    """The platform's word on the records of a case also stands with what its sites owe."""
    ids = [record.id for record in work.records]
    obligations.note_acknowledged(work.writing, ids, site)


def _of_case(work: Casework) -> list[models.Obligation]:
    ids = [record.id for record in work.records]
    rows = obligations.of_records(work.session, ids)
    return [row for row in rows if row.case_number == work.case.number]


def _own(work: Casework) -> list[models.Obligation]:
    sites = work.office.sites
    return [
        row
        for row in _of_case(work)
        if sites.site(row.site).way is Way.OWN and row.state == Progress.OPEN.value
    ]


def _answer(task: models.Task, name: str) -> Any:
    return (task.answers or {}).get(name)


def _note(task: models.Task) -> str:
    return str(_answer(task, "job") or _answer(task, "note") or "")


def _hand(work: Casework, task: models.Task) -> Writing:
    """Written now in the name of who completed the task."""
    username = task.completed_by or ""
    person = models.Person
    named = work.session.scalar(select(person.name).where(person.username == username))
    return replace(work.writing, actor=Actor(None, username, named or username))
