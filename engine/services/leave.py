"""Leave cover: entered by the officer or a supervisor, shown with what would go wrong meanwhile."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.domain.leave import Cover, check, is_away, substitute_of
from engine.domain.leave_views import Candidate, LeavePreview, LeaveView
from engine.domain.supervision_views import Standing
from engine.domain.words import Words
from engine.persistence import models
from engine.services import access, covers, standing
from engine.services.office import Office
from engine.services.places import Narrowed, Places
from engine.services.stepping import open_casework


def enter(
    office: Office, actor: Actor, new: Cover, *, now: datetime, reason: str = ""
) -> LeaveView:
    """Enter an absence: one's own, or, as a supervisor, anybody's. The cases in hand note it.

    Errors: NotPermitted for another's; Invalid and Conflict as `domain.leave.check` says, and
    Invalid for a substitute of another department.
    """
    _must_be_theirs(actor, new.username)
    with office.uow.begin() as session:
        person = _person(session, new.username)
        check(new, _known(session), today=covers.today_of(office, now))
        if new.substitute is not None:
            _check_substitute(person, _person(session, new.substitute))
        row = _row(new, reason, actor, now)
        session.add(row)
        session.flush()
        view = _views(office, session, [row], now)[0]
        told = Words(f"{person.name}请假{_span(new)}", f"{person.name} is on leave {_span_en(new)}")
        _note(office, session, actor, new.username, told, view, now)
    office.covers.forget()
    return view


def _row(new: Cover, reason: str, actor: Actor, now: datetime) -> models.LeaveCover:
    return models.LeaveCover(
        id=uuid4(),
        username=new.username,
        substitute=new.substitute,
        starts_on=new.starts_on,
        ends_on=new.ends_on,
        reason=reason,
        entered_by=actor.username,
        entered_at=now,
    )


def end(office: Office, actor: Actor, leave_id: UUID, *, now: datetime) -> LeaveView:
    """Back earlier than entered, or not gone at all; without this it ends by itself."""
    with office.uow.begin() as session:
        row = session.get(models.LeaveCover, leave_id, with_for_update=True)
        if row is None or (row.username != actor.username and not actor.may(Permission.SUPERVISE)):
            raise NotFound("没有这条请假。", "there is no such leave")
        if row.ended_at is not None or row.ends_on < covers.today_of(office, now):
            raise Conflict("这次请假已经结束。", "this leave is over")
        row.ended_at, row.ended_by = now, actor.username
        person = _person(session, row.username)
        view = _views(office, session, [row], now)[0]
        told = Words(f"{person.name}销假", f"{person.name} is back from leave")
        _note(office, session, actor, row.username, told, view, now)
    office.covers.forget()
    return view


def mine(office: Office, actor: Actor, *, now: datetime) -> tuple[LeaveView, ...]:
    """One's own absences, and those during which one stands in; the newest first."""
    _must_be_staff(actor)
    leave = models.LeaveCover
    return _listed(
        office, now, or_(leave.username == actor.username, leave.substitute == actor.username)
    )


def overview(office: Office, actor: Actor, *, now: datetime) -> tuple[LeaveView, ...]:
    """Who is away or will be, for supervisors."""
    actor.must(Permission.INSPECT)
    leave, today = models.LeaveCover, covers.today_of(office, now)
    return _listed(office, now, and_(leave.ended_at.is_(None), leave.ends_on >= today))


def preview(office: Office, actor: Actor, new: Cover, *, now: datetime) -> LeavePreview:
    """What an absence would do: what is in hand, what falls due before the return, who could
    stand in and what they have in hand; nothing is entered."""
    _must_be_theirs(actor, new.username)
    calendar = office.calendar()
    places = Places(calendar, now)
    with office.uow.read() as session:
        person = _person(session, new.username)
        found = standing.first(session, places, Narrowed(person=new.username), 500)
        in_hand = standing.shown(office, session, found, now=now)
        candidates = _candidates(session, person, new)
        problem = _problem(session, person, new, covers.today_of(office, now))
    back = calendar.closing(new.ends_on)
    return LeavePreview(
        person=person.username,
        person_name=person.name,
        in_hand=in_hand,
        breaching=tuple(one for one in in_hand if _ends_before(one, back)),
        back_on=calendar.after(new.ends_on, 1),
        candidates=candidates,
        problem=problem,
    )


def _ends_before(one: Standing, back: datetime) -> bool:
    ends = [due for due in (one.due_at, one.case_due_at) if due is not None]
    return any(due <= back for due in ends)


def _problem(session: Session, person: models.Person, new: Cover, today: date) -> Words | None:
    """Why it could not be entered as it is."""
    try:
        check(new, _known(session), today=today)
        if new.substitute:
            _check_substitute(person, _person(session, new.substitute))
    except (Invalid, Conflict) as refusal:
        return Words(str(refusal), refusal.english)
    return None


def _candidates(session: Session, person: models.Person, new: Cover) -> tuple[Candidate, ...]:
    """The colleagues of the department, the least loaded first; who is away too comes last."""
    held, known = models.Person, _known(session)
    found = session.scalars(
        select(held).where(
            held.department == person.department,
            held.username != person.username,
            held.is_active.is_(True),
            held.subject_code.is_(None),
        )
    ).all()
    loads = _in_hand(session, [one.username for one in found])
    candidates = [
        Candidate(
            username=one.username,
            name=one.name,
            shares_groups=bool(set(one.groups) & set(person.groups)),
            in_hand=loads.get(one.username, 0),
            is_away=any(c.username == one.username and c.overlaps(new) for c in known),
        )
        for one in found
    ]
    return tuple(
        sorted(candidates, key=lambda c: (c.is_away, not c.shares_groups, c.in_hand, c.username))
    )


def _in_hand(session: Session, usernames: Iterable[str]) -> dict[str, int]:
    task = models.Task
    found = select(task.assignee).where(access.is_open(), task.assignee.in_(list(usernames)))
    counted: dict[str, int] = {}
    for name in session.scalars(found):
        counted[name or ""] = counted.get(name or "", 0) + 1
    return counted


def _must_be_staff(actor: Actor) -> None:
    if not actor.is_staff:
        raise NotPermitted("只有工作人员可以登记请假。", "for the staff only")


def _must_be_theirs(actor: Actor, username: str) -> None:
    _must_be_staff(actor)
    if username != actor.username:
        actor.must(Permission.SUPERVISE)


def _person(session: Session, username: str) -> models.Person:
    person = session.scalar(select(models.Person).where(models.Person.username == username))
    if person is None or not person.is_active or person.subject_code is not None:
        raise Invalid(
            "没有这个人。",
            "there is no such person",
            fields={"substitute": Words("没有这个人", "no such person")},
        )
    return person


def _check_substitute(person: models.Person, substitute: models.Person) -> None:
    """A department answers for its own steps: nobody of another one stands in."""
    if person.department != substitute.department:
        raise Invalid(
            "代理人须是同一部门的人。",
            "the substitute must be of the same department",
            fields={"substitute": Words("须同一部门", "of the same department")},
        )


def _known(session: Session) -> tuple[Cover, ...]:
    leave = models.LeaveCover
    found = session.scalars(select(leave).where(leave.ended_at.is_(None)))
    return tuple(_cover(row) for row in found)


def _cover(row: models.LeaveCover) -> Cover:
    return Cover(row.username, row.substitute, row.starts_on, row.ends_on)


def _note(
    office: Office,
    session: Session,
    actor: Actor,
    username: str,
    told: Words,
    view: LeaveView,
    now: datetime,
) -> None:
    """A line in the history of every case that the absent one has in hand."""
    task, held = models.Task, models.Case
    in_hand = select(task.case_id).where(access.is_open(), task.assignee == username)
    found = select(held).where(held.id.in_(in_hand)).order_by(held.id).with_for_update()
    acts = f"由{view.substitute_name}代办" if view.substitute_name else "未设代理人"
    for case in session.scalars(found).all():
        work = open_casework(office, session, case, actor, now)
        work.note(
            "leave_cover",
            told,
            detail=acts,
            changes={"person": username, "substitute": view.substitute, "until": str(view.ends_on)},
        )


def _span(cover: Cover) -> str:
    first, last = cover.starts_on, cover.ends_on
    return f"（{first.month}月{first.day}日至{last.month}月{last.day}日）"


def _span_en(cover: Cover) -> str:
    return f"from {cover.starts_on:%d %B} to {cover.ends_on:%d %B %Y}"


def _listed(office: Office, now: datetime, condition: object) -> tuple[LeaveView, ...]:
    leave = models.LeaveCover
    with office.uow.read() as session:
        found = select(leave).where(condition).order_by(leave.starts_on.desc(), leave.id).limit(200)  # type: ignore[arg-type]
        return _views(office, session, session.scalars(found).all(), now)


def _views(
    office: Office, session: Session, rows: Sequence[models.LeaveCover], now: datetime
) -> tuple[LeaveView, ...]:
    today, known = covers.today_of(office, now), _known(session)
    people = {row.username for row in rows} | {row.substitute for row in rows if row.substitute}
    found = session.scalars(select(models.Person).where(models.Person.username.in_(people)))
    held = {person.username: person for person in found}
    loads = _in_hand(session, people)
    return tuple(
        LeaveView(
            id=row.id,
            person=row.username,
            person_name=held[row.username].name,
            department=office.directory().department(held[row.username].department),
            substitute=row.substitute,
            substitute_name=held[row.substitute].name if row.substitute else None,
            acting=_acting(row, known, today, held),
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            reason=row.reason,
            state=_state(row, today),
            in_hand=loads.get(row.username, 0),
            entered_by=row.entered_by,
            entered_at=row.entered_at,
            ended_at=row.ended_at,
        )
        for row in rows
    )


def _acting(
    row: models.LeaveCover,
    known: Sequence[Cover],
    today: date,
    held: dict[str, models.Person],
) -> str | None:
    """Who really does the work today, at the end of the chain; None when nobody does."""
    on = min(max(today, row.starts_on), row.ends_on)
    if row.substitute is None or not is_away(row.username, known, on):
        return row.substitute and held[row.substitute].name
    name = substitute_of(row.username, known, on)
    return held[name].name if name in held else name


def _state(row: models.LeaveCover, today: date) -> str:
    if row.ended_at is not None:
        return "ended"
    if today < row.starts_on:
        return "planned"
    return "over" if row.ends_on < today else "running"
