"""Oracle queries about rows that must agree with themselves and with their neighbours: each must find nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from engine.persistence import models
from engine.services import decisions

#: (where, what in Chinese, what in English)
Found = Iterator[tuple[str, str, str]]

#: Series of numbers without gaps: how the keys of their counters begin, and who bears the numbers.
SERIES: tuple[tuple[str, Any], ...] = (
    ("case", models.Case.number),
    ("letter", models.Letter.number),
    ("supervision", models.Supervision.number),
    ("course", models.CourseCertificate.number),
    ("commitment", models.Commitment.code),
    ("incident", models.Incident.number),
)
#: So far the clock of another machine may be ahead.
AHEAD = timedelta(hours=1)
#: Decisions that are in memory together.
AT_ONCE = 500


def flaws(session: Session, *, now: datetime) -> Found:
    yield from _half_closed(session)
    yield from _tasks_in_no_hand(session)
    yield from _numbers_missing(session)
    yield from _decisions_told_otherwise(session)
    yield from _doors_of_disabled(session)
    yield from _lines_to_come(session, now)
    yield from _words_missing(session)


def _half_closed(session: Session) -> Found:
    """What is closed has ended at a moment; what was reopened keeps the moment of its first end."""
    case = models.Case
    half = and_(case.state != "open", case.closed_at.is_(None))
    for number in session.scalars(select(case.number).where(half)):
        yield number, "办结只写了一半", "closed by half"


def _tasks_in_no_hand(session: Session) -> Found:
    """What is claimed is somebody's, what is ready nobody's, and what is completed has its moment."""
    task, case = models.Task, models.Case
    has_holder, is_completed = task.assignee.is_not(None), task.completed_at.is_not(None)
    wrong = or_(
        and_(task.state == "claimed", ~has_holder),
        and_(task.state == "ready", has_holder),
        and_(task.state == "completed", or_(~is_completed, task.completed_by.is_(None))),
        and_(task.state.in_(("ready", "claimed")), is_completed),
    )
    found = select(case.number).join(task, task.case_id == case.id).where(wrong)
    for number in session.scalars(found.distinct()):
        yield number, "任务的状态与经手人不符", "a task is in another hand than its state says"


def _numbers_missing(session: Session) -> Found:
    """As many rows bear a number as numbers were given."""
    counter = models.Counter
    for series, column in SERIES:
        given = select(func.coalesce(func.sum(counter.value), 0))
        told = int(session.scalar(given.where(counter.key.startswith(f"{series}:"))) or 0)
        bearers = select(func.count()).where(column.is_not(None), column != "")
        if column is models.Letter.number:  # a supervision and its letter are of one number
            bearers = bearers.where(column.not_in(select(models.Supervision.number)))
        borne = session.scalar(bearers)
        if told != borne:
            yield (
                series,
                f"编号发出 {told} 个而有 {borne} 行，有缺号",
                f"{told} numbers were given and {borne} rows bear one: a number is missing",
            )


def _decisions_told_otherwise(session: Session) -> Found:
    """Each answer of a table is kept as the history's hash covers it."""
    row, event, case = models.DecisionMade, models.Event, models.Case
    line = and_(
        event.case_id == row.case_id,
        event.sequence == row.sequence,
        event.kind == "decision_made",
    )
    found = (
        select(row, event, case.number)
        .join(case, case.id == row.case_id)
        .join(event, line)
        .execution_options(yield_per=AT_ONCE)
    )
    for kept, told, number in session.execute(found):
        if not decisions.is_untouched(kept, told):
            place = f"{number}#{kept.sequence}"
            yield place, "决策留痕与历史不符", "a decision is kept otherwise than it was made"
    alone = (
        select(case.number, event.sequence)
        .join(event, event.case_id == case.id)
        .where(event.kind == "decision_made", ~select(row.id).where(line).exists())
        .union_all(
            select(case.number, row.sequence)
            .join(row, row.case_id == case.id)
            .where(~select(event.sequence).where(line).exists())
        )
    )
    for number, sequence in session.execute(alone):
        yield (
            f"{number}#{sequence}",
            "决策留痕与历史对不上",
            "a decision is told of or kept, not both",
        )


def _doors_of_disabled(session: Session) -> Found:
    """Nothing opens for an account that was disabled."""
    person = models.Person
    for door in (models.WebSession, models.Token):
        found = select(person.username).join(door, door.person_id == person.id)
        for username in session.scalars(found.where(person.is_active.is_(False)).distinct()):
            yield username, "账号已停用而仍有登录或令牌", "a door is open for a disabled account"


def _lines_to_come(session: Session, now: datetime) -> Found:
    """Nobody has done yet what is to come: a machine's clock ran ahead when it was written."""
    event, case = models.Event, models.Case
    found = select(case.number).join(event, event.case_id == case.id)
    for number in session.scalars(found.where(event.at > now + AHEAD).distinct()):
        yield number, "历史写在将来的时刻", "a line of history is of a time to come"


def _words_missing(session: Session) -> Found:
    """What an open case says is found in the inbox; `kunxin upgrade` writes what is lacking."""
    case, task, said = models.Case, models.Task, models.OpenWords
    filing = ~select(said.id).where(said.case_id == case.id, said.id == case.id).exists()
    form = and_(
        task.case_id == case.id,
        task.state == "completed",
        ~select(said.id).where(said.case_id == case.id, said.id == task.id).exists(),
    )
    silent = or_(filing, select(task.id).where(form).exists())
    for number in session.scalars(select(case.number).where(case.state == "open", silent)):
        yield (
            number,
            "在办案件有表单在收件箱里搜不到，请再运行 kunxin upgrade",
            "a form of an open case is not found in the inbox: run `kunxin upgrade` again",
        )
