"""Oracle queries about steps and numbers: what no order of faults may leave in the tables."""

from collections.abc import Iterator

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from engine.persistence import models
from engine.services.access import OPEN
from engine.services.ratings import ANSWER, CONTACT, RATE
from engine.services.stepping import BESIDE

#: (where, what in Chinese, what in English)
Found = Iterator[tuple[str, str, str]]

#: What people still do on a closed case: rate it, and follow up a bad rating.
AFTERWARDS = (RATE, CONTACT, ANSWER)
#: Numbers and codes that are given once.
GIVEN_ONCE = (
    models.Case.number,
    models.Letter.number,
    models.Supervision.number,
    models.Certificate.number,
    models.CourseCertificate.number,
    models.Commitment.code,
    models.Incident.number,
)


def flaws(session: Session) -> Found:
    yield from _tasks_of_closed(session)
    yield from _places_of_finished(session)
    yield from _timers_fired_twice(session)
    yield from _steps_told_otherwise(session)
    yield from _letters_nobody_prints(session)
    yield from _numbers_given_twice(session)


def _tasks_of_closed(session: Session) -> Found:
    """A follow-up begins on a closed case, so its instance is younger than the closing."""
    task, held, row = models.Task, models.Case, models.ProcessInstance
    found = (
        select(held.number)
        .join(task, task.case_id == held.id)
        .join(row, row.id == task.instance_id)
        .where(
            task.state.in_(OPEN),
            held.state == "closed",
            row.started_at < held.closed_at,
            task.process_id.not_in(BESIDE),
            task.element_id.not_in(AFTERWARDS),
        )
    )
    for number in session.scalars(found.distinct()):
        yield number, "办件已办结而任务仍开着", "a task open on a closed case"


def _places_of_finished(session: Session) -> Found:
    """Nothing rests, waits or is armed in an instance that is over."""
    row, task, wait, timer = models.ProcessInstance, models.Task, models.Wait, models.Timer
    places = (
        (select(task.id, task.instance_id).where(task.state.in_(OPEN)), "任务", "a task"),
        (select(wait.id, wait.instance_id).where(wait.ended_at.is_(None)), "等待", "a wait"),
        (select(timer.id, timer.instance_id).where(timer.fired_at.is_(None)), "计时", "a timer"),
    )
    for asked, zh, en in places:
        held = asked.subquery()
        found = select(held.c.id).join(row, row.id == held.c.instance_id).where(row.is_finished)
        for each in session.scalars(found):
            yield str(each), f"流程已结束而{zh}仍开着", f"{en} open on a finished instance"


def _timers_fired_twice(session: Session) -> Found:
    """History tells of no more firings at an element than timers have fired there."""
    event, held, row, timer = models.Event, models.Case, models.ProcessInstance, models.Timer
    told = (
        select(event.case_id, event.element_id, func.count().label("times"))
        .where(event.kind == "timer_fired")
        .group_by(event.case_id, event.element_id)
        .subquery()
    )
    fired = (
        select(func.count())
        .select_from(timer)
        .join(row, row.id == timer.instance_id)
        .where(
            row.case_id == told.c.case_id,
            timer.element_id == told.c.element_id,
            timer.fired_at.is_not(None),
        )
        .scalar_subquery()
    )
    found = select(held.number).join(told, told.c.case_id == held.id).where(told.c.times > fired)
    for number in session.scalars(found.distinct()):
        yield number, "计时触发了两次", "a timer fired twice"


def _steps_told_otherwise(session: Session) -> Found:
    """Each completed task has its line of history, and each such line its task."""
    event, task, held = models.Event, models.Task, models.Case
    lines = select(event.case_id, event.element_id, literal(1).label("one"))
    rows = select(task.case_id, task.element_id, literal(-1).label("one"))
    both = union_all(
        lines.where(event.kind == "task_completed"), rows.where(task.state == "completed")
    ).subquery()
    wrong = (
        select(both.c.case_id)
        .group_by(both.c.case_id, both.c.element_id)
        .having(func.sum(both.c.one) != 0)
    )
    for number in session.scalars(select(held.number).where(held.id.in_(wrong))):
        yield number, "办结的任务与历史不符", "other tasks were completed than the history tells of"


def _letters_nobody_prints(session: Session) -> Found:
    """A letter without its PDF has a job that will print it, or that failed and is an incident."""
    letter, job = models.Letter, models.Job
    unprinted = select(letter).where(letter.issued_at.is_not(None), letter.sha256.is_(None))
    letters = session.scalars(unprinted).all()
    promised = select(job.arguments).where(
        job.operation == "print_letter",
        job.state != "done",
        job.case_id.in_([each.case_id for each in letters]),
    )
    kept = {told["letter_id"] for told in session.scalars(promised)} if letters else set()
    for each in letters:
        if str(each.id) not in kept:
            yield str(each.number), "文书已发而无人制作", "a letter was issued that nobody prints"


def _numbers_given_twice(session: Session) -> Found:
    for column in GIVEN_ONCE:
        twice = select(column).where(column != "").group_by(column).having(func.count() > 1)
        for number in session.scalars(twice):
            yield str(number), "编号用了两次", "a number used twice"
