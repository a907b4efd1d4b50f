"""Puts one case onto another version, and takes it back while it has not moved since."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import Conflict
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.declarative import table_of
from engine.runtime.migration import Course, Outcome
from engine.runtime.stepper import Step
from engine.services.access import OPEN
from engine.services.calendar_application import catch_up
from engine.services.casework import Casework
from engine.services.holders import holders
from engine.services.migration_survey import Carried, Survey, renamed
from engine.services.office import Office
from engine.services.stepping import mirror_timers, open_casework

_TASK = ("process_id", "element_id", "candidate_group", "department", "whose", "assignee", "state")
_WAIT = ("process_id", "element_id", "whose")
_MOMENTS = ("armed_at", "due_at", "fired_at")


_NO_STEP = Step(opened=(), closed=(), armed=(), disarmed=(), passed=(), finished=False)


@dataclass(frozen=True)
class Order:
    """What an administrator decided, for one case of many."""

    office: Office
    actor: Actor
    course: Course
    from_id: UUID
    to_id: UUID
    reason: str
    now: datetime


def carry_locked(session: Session, order: Order, case: models.Case) -> Carried:
    """How the case, which is locked, stands now; its dates rest on the calendar of today."""
    row = models.ProcessInstance
    found = select(row).where(row.case_id == case.id, row.is_finished.is_(False))
    work = open_casework(order.office, session, case, order.actor, order.now)
    for each in session.scalars(found.with_for_update()):
        catch_up(work, each)
    return Survey(order.office, session, order.course, case, order.now).carry()


def apply(
    session: Session, order: Order, case: models.Case, held: models.MigratedCase, carried: Carried
) -> None:
    """Store the carried case. The caller holds its lock and has found nothing against it."""
    origin = _version(session, order.from_id)
    target = _version(session, order.to_id)
    case.definition_id = order.to_id
    work = open_casework(order.office, session, case, order.actor, order.now)
    for row, outcome in carried.instances:
        session.add(_kept(session, held, row))
        _store(work, row, outcome, order)
    _rename_step(case, carried)
    told = Words(
        f"流程改版：第 {origin} 次发布 → 第 {target} 次发布",
        f"moved from release {origin} of the procedure to release {target}",
    )
    changes = {
        "from": str(order.from_id),
        "to": str(order.to_id),
        "findings": [each.told.zh for each in carried.findings],
    }
    work.note("case_migrated", told, detail=order.reason, changes=changes)
    session.flush()
    for row, _ in carried.instances:
        row.next_due_at = _next_due(session, row.id)
    session.flush()


def _version(session: Session, definition_id: UUID) -> int:
    return session.get_one(models.ProcessDefinition, definition_id).version


def _store(work: Casework, row: models.ProcessInstance, outcome: Outcome, order: Order) -> None:
    assert outcome.state is not None  # noqa: S101 - a case that breaks is not applied
    row.state, row.definition_id = outcome.state, order.to_id
    row.version += 1
    for task in _open_tasks(work.session, row.id):
        _rewrite_task(work, task, renamed(outcome, task))
    for wait in _open_waits(work.session, row.id):
        wait.element_id = renamed(outcome, wait)
        wait.whose = work.procedure.element(wait.process_id, wait.element_id).whose
    for timer in _armed(work.session, row.id):
        timer.element_id = renamed(outcome, timer)
    _arm(work, row, outcome, order.now)


def _rewrite_task(work: Casework, task: models.Task, element_id: str) -> None:
    """The task at its new element: claim, draft and due moment stay as they are."""
    before = task.candidate_group
    element = work.procedure.element(task.process_id, element_id)
    task.element_id, task.whose = element_id, element.whose
    group, department = holders(work, element.group or "")
    if group == before:
        return
    task.candidate_group, task.department = group, department
    if task.assignee is not None and not _is_member(work.session, task.assignee, group):
        task.assignee, task.state, task.claimed_at = None, "ready", None
    task.version += 1


def _is_member(session: Session, username: str, group: str) -> bool:
    person = models.Person
    groups = session.scalar(select(person.groups).where(person.username == username))
    return group in (groups or [])


def _arm(work: Casework, row: models.ProcessInstance, outcome: Outcome, now: datetime) -> None:
    """Rows of what the new version times besides, counted from when the step began."""
    mirror_timers(work, row, replace(_NO_STEP, disarmed=outcome.disarmed))
    for timer in outcome.armed:
        work.now_at = outcome.began.get(timer.task_id, row.started_at)
        mirror_timers(work, row, replace(_NO_STEP, armed=(timer,)))
    work.now_at = now


def _rename_step(case: models.Case, carried: Carried) -> None:
    process_id, _, element_id = (case.step or ":").partition(":")
    for _, outcome in carried.instances:
        fresh = outcome.renamed.get((process_id, element_id))
        if fresh:
            case.step = f"{process_id}:{fresh}"


def _next_due(session: Session, instance_id: UUID) -> datetime | None:
    timer = models.Timer
    armed = select(func.min(timer.due_at)).where(
        timer.instance_id == instance_id, timer.fired_at.is_(None)
    )
    return session.scalar(armed)


# ── undoing ─────────────────────────────────────────────────────────────────────────────────────


def _kept(
    session: Session, held: models.MigratedCase, row: models.ProcessInstance
) -> models.MigratedInstance:
    return models.MigratedInstance(
        id=uuid4(),
        migrated_case_id=held.id,
        instance_id=row.id,
        state=row.state,
        version_after=row.version + 1,
        calendar_edition=row.calendar_edition,
        rows={
            "tasks": {str(t.id): _values(t, _TASK) for t in _open_tasks(session, row.id)},
            "waits": {str(w.id): _values(w, _WAIT) for w in _open_waits(session, row.id)},
            "timers": {str(t.id): _timer_values(t) for t in _armed(session, row.id)},
        },
    )


def _values(row: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _timer_values(row: models.Timer) -> dict[str, Any]:
    values = {c.key: getattr(row, c.key) for c in table_of(models.Timer).columns if c.key != "id"}
    return {
        key: value.isoformat() if isinstance(value, datetime) else str(value)
        if isinstance(value, UUID) else value
        for key, value in values.items()
    }  # fmt: skip


def take_back(session: Session, order: Order, case: models.Case, held: models.MigratedCase) -> None:
    """The old bytes and rows again. Conflict when the case has moved since."""
    kept = session.scalars(
        select(models.MigratedInstance).where(models.MigratedInstance.migrated_case_id == held.id)
    ).all()
    rows = {each.instance_id: _instance(session, each) for each in kept}
    is_unmoved = all(rows[each.instance_id].version == each.version_after for each in kept)
    begun_since = _count_instances(session, case.id) != len(kept)
    if case.definition_id != order.to_id or not is_unmoved or begun_since:
        raise Conflict(
            f"办件 {case.number} 迁移后已有进展，不能撤销。",
            f"{case.number} has moved since: it cannot be taken back",
        )
    case.definition_id = order.from_id
    for each in kept:
        row = rows[each.instance_id]
        row.state, row.definition_id = each.state, order.from_id
        row.version += 1
        row.calendar_edition = each.calendar_edition
        _restore_rows(session, row, each.rows)
        row.next_due_at = _next_due(session, row.id)
    _restore_step(case, kept)
    work = open_casework(order.office, session, case, order.actor, order.now)
    told = Words("撤销流程改版", "the move to another release was undone")
    work.note("case_migrated", told, detail=order.reason)
    held.state = "undone"


def _instance(session: Session, kept: models.MigratedInstance) -> models.ProcessInstance:
    return session.get_one(models.ProcessInstance, kept.instance_id, with_for_update=True)


def _count_instances(session: Session, case_id: UUID) -> int:
    row = models.ProcessInstance
    open_now = select(func.count()).where(row.case_id == case_id, row.is_finished.is_(False))
    return session.scalar(open_now) or 0


def _restore_rows(
    session: Session, row: models.ProcessInstance, rows: Mapping[str, Mapping[str, Any]]
) -> None:
    for task in _open_tasks(session, row.id):
        for name, value in rows["tasks"].get(str(task.id), {}).items():
            if name not in ("assignee", "state"):  # who took it since keeps it
                setattr(task, name, value)
    for wait in _open_waits(session, row.id):
        for name, value in rows["waits"].get(str(wait.id), {}).items():
            setattr(wait, name, value)
    known = {str(timer.id): timer for timer in _armed(session, row.id)}
    gone = [timer.id for key, timer in known.items() if key not in rows["timers"]]
    session.execute(delete(models.Timer).where(models.Timer.id.in_(gone)))
    for key, values in rows["timers"].items():
        if key in known:
            known[key].element_id = values["element_id"]
        else:
            session.add(models.Timer(id=UUID(key), **_timer_of(values)))
    session.flush()


def _timer_of(values: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(values)
    for name in _MOMENTS:
        made[name] = datetime.fromisoformat(made[name]) if made.get(name) else None
    for name in ("instance_id", "case_id"):
        made[name] = UUID(made[name]) if made.get(name) else None
    return made


def _restore_step(case: models.Case, kept: Any) -> None:
    places = [
        (values["process_id"], values["element_id"])
        for each in kept
        for values in each.rows["tasks"].values()
    ]
    process_id, _, element_id = (case.step or ":").partition(":")
    if (process_id, element_id) in places or not element_id:
        return
    same = [element for process, element in places if process == process_id]
    case.step = f"{process_id}:{same[0]}" if same else case.step


def _open_tasks(session: Session, instance_id: UUID) -> list[models.Task]:
    task = models.Task
    found = select(task).where(task.instance_id == instance_id, task.state.in_(OPEN))
    return list(session.scalars(found))


def _open_waits(session: Session, instance_id: UUID) -> list[models.Wait]:
    wait = models.Wait
    return list(
        session.scalars(
            select(wait).where(wait.instance_id == instance_id, wait.ended_at.is_(None))
        )
    )


def _armed(session: Session, instance_id: UUID) -> list[models.Timer]:
    timer = models.Timer
    found = select(timer).where(timer.instance_id == instance_id, timer.fired_at.is_(None))
    return list(session.scalars(found))
