"""好差评: a rating given by query code without an account, and what ratings add up to."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Conflict, NotFound
from engine.domain.identifiers import case_number_key, normalise_query_code
from engine.domain.views import BadRating, RatingBoard, RatingRow
from engine.persistence import models
from engine.services import access, tasks
from engine.services.office import Office

#: The five grades of 国办发〔2019〕51号, the best first.
GRADES = (
    *("very_satisfied", "satisfied", "fairly_satisfied"),
    *("dissatisfied", "very_dissatisfied"),
)
BAD = frozenset(GRADES[3:])
RATE, CONTACT, ANSWER = "rate", "contact_rater", "answer_bad_rating"
PERIOD = timedelta(days=365)
#: Bad ratings listed one by one.
LISTED = 50


def form(office: Office, number: str, code: str, *, now: datetime) -> Mapping[str, Any]:
    """The questions of the rating, for who holds number and query code.

    Errors: NotFound for a wrong pair; Conflict where nothing may be rated (any more).
    """
    rater, task_id = _open_rating(office, number, code)
    return tasks.form(office, rater, task_id, now=now)


def rate(
    office: Office, number: str, code: str, answers: Mapping[str, Any], *, now: datetime
) -> None:
    """A rating by who holds number and query code, as good as one given after signing in.

    Errors: as of `form`; Invalid with fields.
    """
    rater, task_id = _open_rating(office, number, code)
    tasks.complete(office, rater, task_id, answers, now=now)


def is_open(office: Office, number: str, code: str) -> bool:
    """Whether the case may be rated by who holds number and code."""
    try:
        _open_rating(office, number, code)
    except (Conflict, NotFound):
        return False
    return True


def _open_rating(office: Office, number: str, code: str) -> tuple[Actor, UUID]:
    case, task = models.Case, models.Task
    with office.uow.read() as session:
        held = session.scalar(select(case).where(case.number == case_number_key(number)))
        if held is None or held.query_code != normalise_query_code(code):
            raise NotFound("编号或查询码不对。", "the number or the query code is wrong")
        found = session.scalar(
            select(task.id).where(
                task.case_id == held.id, task.element_id == RATE, access.is_open()
            )
        )
        if found is None:
            raise Conflict(
                "现在不能评价：还没有办结，或者已经评过、过了评价期。", "nothing may be rated now"
            )
        groups = frozenset({"applicant"})
        return Actor(
            None, "query_code", "凭查询码", groups=groups, subject=held.subject_code
        ), found


def board(office: Office, actor: Actor, *, now: datetime) -> RatingBoard:
    """Ratings of the last year by procedure: grades, how many rated at all, how bad ones were answered."""
    actor.must(Permission.INSPECT)
    since = now - PERIOD
    with office.uow.read() as session:
        rated = _tasks(session, RATE, since)
        contacts = {row.case_id: row for row in _tasks(session, CONTACT, since)}
        answers = {row.case_id: row for row in _tasks(session, ANSWER, since)}
        closed = _closed(session, since)
        names = _names(session, [row.case_id for row in rated])
    grades: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rated:
        if row.state == "completed" and row.answers:
            grades[names[row.case_id][1]][str(row.answers["rating"])] += 1
    rows = tuple(
        RatingRow(
            procedure=key,
            closed=closed.get(key, 0),
            grades=tuple((grade, grades[key][grade]) for grade in GRADES),
        )
        for key in sorted(closed.keys() | grades.keys())
    )
    bad = [row for row in rated if row.answers and row.answers.get("rating") in BAD]
    listed = sorted(bad, key=lambda row: row.completed_at, reverse=True)[:LISTED]
    return RatingBoard(
        rows=rows,
        bad=tuple(
            _bad(row, names[row.case_id][0], contacts.get(row.case_id), answers.get(row.case_id))
            for row in listed
        ),
    )


def _tasks(session: Session, element: str, since: datetime) -> Sequence[Row[Any]]:
    task = models.Task
    found = select(task.case_id, task.state, task.answers, task.completed_at, task.due_at).where(
        task.element_id == element, task.created_at >= since
    )
    return session.execute(found).all()


def _closed(session: Session, since: datetime) -> dict[str, int]:
    case = models.Case
    counted = select(case.procedure, func.count()).where(case.closed_at >= since)
    return {row[0]: row[1] for row in session.execute(counted.group_by(case.procedure))}


def _names(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    case = models.Case
    found = select(case.id, case.number, case.procedure).where(case.id.in_(ids))
    return {row[0]: (row[1], row[2]) for row in session.execute(found)}


def _bad(
    rated: Row[Any], number: str, contact: Row[Any] | None, answer: Row[Any] | None
) -> BadRating:
    told = dict(answer.answers or {}) if answer and answer.state == "completed" else {}
    called = contact is not None and contact.state == "completed"
    return BadRating(
        case_number=number,
        grade=str(rated.answers["rating"]),
        comment=str(rated.answers.get("comment") or ""),
        rated_at=rated.completed_at,
        contact_due_at=contact.due_at if contact else None,
        contacted_at=contact.completed_at if contact and called else None,
        answer_due_at=answer.due_at if answer else None,
        answered_at=answer.completed_at if answer and told else None,
        finding=str(told.get("finding") or ""),
        measures=str(told.get("measures") or ""),
        revisit=str(told.get("revisit") or ""),
    )
