"""Oracle queries about versions, migrations and incidents: each must find nothing."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engine.persistence import models
from engine.runtime import stepper
from engine.services.access import OPEN
from engine.services.office import Office

#: (where, what in Chinese, what in English)
Found = Iterator[tuple[str, str, str]]


def flaws(office: Office, session: Session) -> Found:
    yield from _instances(office, session)
    yield from _halves(session)
    yield from _incidents(session)
    yield from _migrations(session)


def _instances(office: Office, session: Session) -> Found:
    """Open instances that their version cannot read, or that rest elsewhere than their rows say."""
    row, case = models.ProcessInstance, models.Case
    found = select(row, case.number).join(case, case.id == row.case_id)
    for each, number in session.execute(found.where(row.is_finished.is_(False))):
        try:
            drawn = office.procedure(session, each.definition_id)
            live = stepper.load(drawn, each.process_id, each.state)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the case is named
            what = f"{type(problem).__name__}: {problem}"
            zh, en = "办件的状态无法按其版本读出", "its version cannot read the state"
            yield number, f"{zh}：{what}", f"{en}: {what}"
            continue
        task, timer, wait = models.Task, models.Timer, models.Wait
        tasks = select(task.id).where(task.instance_id == each.id, task.state.in_(OPEN))
        armed = select(timer.id).where(timer.instance_id == each.id, timer.fired_at.is_(None))
        resting = {key for key, wait in live.waits.items() if wait.kind == "user"}
        if resting != set(session.scalars(tasks)):
            yield number, "任务与流程所在不一致", "it rests elsewhere than its tasks say"
        waits = select(wait.id).where(wait.instance_id == each.id, wait.ended_at.is_(None))
        if live.waits.keys() - resting != set(session.scalars(waits)):
            yield number, "等待与流程不一致", "it waits for something else than its rows say"
        if live.timers.keys() != set(session.scalars(armed)):
            yield number, "计时与流程不一致", "it has other timers armed than its rows say"


def _halves(session: Session) -> Found:
    """A case whose open instances are not all of its own version: a migration half done."""
    row, case = models.ProcessInstance, models.Case
    found = (
        select(case.number)
        .join(row, row.case_id == case.id)
        .where(row.is_finished.is_(False), row.definition_id != case.definition_id)
    )
    for number in session.scalars(found.distinct()):
        yield number, "迁移只做了一半", "a migration half done"


def _incidents(session: Session) -> Found:
    incident, case = models.Incident, models.Case
    closed = (
        select(incident.number)
        .join(case, case.id == incident.case_id)
        .where(
            case.state != "open",
            incident.resolved_at.is_(None),
            incident.kind.in_(("step", "timer")),
            ~_is_open(),
        )
    )
    for number in session.scalars(closed):
        yield number, "办件已办结而故障仍开着", "an incident open on a closed case"
    counted = select(func.count()).where(
        incident.case_id == case.id, incident.resolved_at.is_(None)
    )
    wrong = select(case.number).where(case.open_incidents != counted.scalar_subquery())
    for number in session.scalars(wrong):
        yield number, "故障数与故障不符", "the count of its incidents is wrong"


def _is_open() -> ColumnElement[bool]:
    """A closed case may still ask for a rating: its task is open for that."""
    task = models.Task
    return select(task.id).where(task.id == models.Incident.task_id, task.state.in_(OPEN)).exists()


def _migrations(session: Session) -> Found:
    held, row, job = models.Migration, models.MigratedCase, models.Job
    kept = select(job.id).where(job.operation == "migrate_cases", job.state == "waiting")
    if session.scalar(kept.limit(1)) is None:
        for migration_id in session.scalars(select(held.id).where(held.state == "running")):
            yield (
                str(migration_id),
                "迁移停在半路，没有任务在办",
                "a migration that nobody carries on",
            )
    waiting = (
        select(row.id)
        .join(held, held.id == row.migration_id)
        .where(held.state == "done", row.state == "waiting")
    )
    for row_id in session.scalars(waiting):
        yield str(row_id), "迁移已办完而还有件等着", "a case waits in a migration that is done"
