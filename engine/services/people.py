"""People: who is who, and who could take a task."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from engine.domain.actor import GRANTS, Actor, Permission
from engine.domain.errors import Conflict, NotFound, NotPermitted
from engine.domain.views import DepartmentView, PersonView
from engine.persistence import models
from engine.services import covers, passwords
from engine.services.office import Office
from engine.services.task_access import excluded_from, seen

# What every request asks: only the columns of an actor.
ACTOR = select(
    models.Person.id,
    models.Person.username,
    models.Person.name,
    models.Person.department,
    models.Person.groups,
    models.Person.subject_code,
    models.Person.is_active,
    models.Person.is_service,
)


def actor_of_username(office: Office, username: str) -> Actor:
    """The actor of an account by name, for the command line. NotFound for an unknown one."""
    with office.uow.read() as session:
        person = session.scalar(select(models.Person).where(models.Person.username == username))
    if person is None:
        raise NotFound(f"没有账号 {username}。", f"there is no account {username}")
    return covers.standing_in(office, actor_of(person), now=office.now())


def actor_of(person: models.Person | Row[Any]) -> Actor:
    return Actor(
        id=person.id,
        username=person.username,
        name=person.name,
        department=person.department,
        groups=frozenset(person.groups),
        subject=person.subject_code,
        is_service=person.is_service,
    )


def must_be_known(office: Office, department: str | None, groups: Iterable[str]) -> None:
    """NotFound for a department or group that the office has not: nobody would be offered its tasks."""
    directory = office.directory()
    for group in groups:
        if group not in {*directory.groups, *GRANTS}:
            raise NotFound(f"没有岗位组 {group}。", f"there is no group {group}")
    if department is not None and department not in directory.departments:
        raise NotFound(f"没有部门 {department}。", f"there is no department {department}")


def add_person(
    office: Office,
    username: str,
    password: str,
    name: str,
    *,
    now: datetime,
    department: str | None = None,
    groups: Iterable[str] = (),
    subject: str | None = None,
    phone: str = "",
    address: str = "",
) -> UUID:
    """A new account. Conflict when the name is taken.

    `phone`, `address`: of the enterprise, kept where its own are not known yet.
    """
    person_id = uuid4()
    with office.uow.begin() as session:
        taken = select(models.Person.id).where(models.Person.username == username)
        if session.scalar(taken) is not None:
            raise Conflict("这个账号名已经有人用了。", "the username is taken")
        if subject is not None:
            _ensure_subject(session, subject, name, phone, address)
        session.add(
            models.Person(
                id=person_id,
                username=username,
                password_hash=passwords.hashed(password),
                name=name,
                department=department,
                groups=sorted(groups),
                subject_code=subject,
                created_at=now,
            )
        )
    return person_id


def _ensure_subject(session: Session, code: str, name: str, phone: str, address: str) -> None:
    held = session.get(models.Subject, code)
    if held is None:
        held = models.Subject(code=code, name=name, phone="", address="")
        session.add(held)
    held.phone, held.address = held.phone or phone, held.address or address
    session.flush()


def people(office: Office, actor: Actor) -> tuple[PersonView, ...]:
    """Every account; for administrators, supervisors and auditors."""
    actor.must(Permission.INSPECT)
    with office.uow.read() as session:
        rows = session.scalars(select(models.Person).order_by(models.Person.username)).all()
    return tuple(_view(office, row) for row in rows)


def colleagues(office: Office, actor: Actor, task_id: UUID) -> tuple[PersonView, ...]:
    """Who could take this task: active members of its group and department, four eyes kept."""
    if actor.is_enterprise:
        raise NotPermitted("只有工作人员可以查看。", "for the staff only")
    with office.uow.read() as session:
        task, case = seen(session, actor, task_id)
        excluded = excluded_from(office, session, task, case)
        rows = session.scalars(
            select(models.Person)
            .where(
                models.Person.is_active.is_(True),
                models.Person.is_service.is_(False),
                models.Person.subject_code.is_(None),
            )
            .order_by(models.Person.username)
        ).all()
    return tuple(
        _view(office, row)
        for row in rows
        if task.candidate_group in row.groups
        and row.username not in excluded
        and (task.department is None or row.department == task.department)
    )


def departments(office: Office) -> tuple[DepartmentView, ...]:
    """Those that take part in procedures, with the telephone and place that letters name."""
    directory = office.directory()
    with office.uow.read() as session:
        rows = session.scalars(select(models.Department)).all()
    return tuple(
        DepartmentView(
            key=row.key,
            title=directory.departments[row.key],
            kind=row.kind,
            groups=tuple(row.groups),
            phone=row.phone,
            place=row.place,
        )
        for row in rows
        if row.key in directory.departments
    )


def _view(office: Office, row: models.Person) -> PersonView:
    directory = office.directory()
    return PersonView(
        username=row.username,
        name=row.name,
        department=row.department,
        department_title=directory.department(row.department),
        groups=tuple(row.groups),
        group_titles=tuple(directory.group(group) for group in row.groups),
        subject=row.subject_code,
        is_active=row.is_active,
        is_service=row.is_service,
    )
