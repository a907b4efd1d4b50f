"""Signing in with name and password: counted before it is looked at, so that many at once gain nothing."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from uuid import UUID

from sqlalchemy import Executable, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.domain.account import Happening
from engine.domain.actor import Actor
from engine.domain.errors import NotAuthenticated, TooManyAttempts
from engine.domain.sign_in import Count, Place, counts, is_forgotten, keys_of
from engine.persistence import models
from engine.persistence.declarative import table_of
from engine.services import account_log, passwords, people
from engine.services.office import Office

_COUNT = table_of(models.SignInCount)
_NEW = {"key": bindparam("key"), "failures": 0, "last_at": bindparam("at")}
#: A row to lock, whoever made it.
_BEGIN: dict[str, Executable] = {
    "sqlite": sqlite.insert(_COUNT).values(**_NEW).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_COUNT).values(**_NEW).on_conflict_do_nothing(),
}


def sign_in(office: Office, username: str, password: str, *, place: Place) -> Actor:
    """The actor of a name and password.

    Errors: TooManyAttempts before anything is compared; NotAuthenticated, which says neither
    which was wrong nor whether there is such an account.
    """
    tried = reserve(office, username, place)
    with office.uow.read() as session:
        person = session.scalar(select(models.Person).where(models.Person.username == username))
    matched = passwords.matches(person.password_hash if person else None, password)
    if person is None or not matched or not may_enter(person, office.real_now()):
        raise NotAuthenticated("用户名或密码不对。", "wrong name or password")
    forgive(office, person.id, tried, place)
    if passwords.is_outdated(person.password_hash):
        passwords.rehash(office, person.id, person.password_hash, password)
    return people.actor_of(person)


def may_enter(person: models.Person, real: datetime) -> bool:
    """Whether the right password opens this account now."""
    is_over = passwords.has_expired(person.temporary_until, real)
    return person.is_active and not person.is_service and not is_over


def reserve(office: Office, username: str, place: Place, *, step: str = "") -> tuple[Count, ...]:
    """Count the attempt as failed already. TooManyAttempts, and nothing is counted, while it waits.

    `step`: what is guessed beside the password is counted by itself, or each right password would
    give new guesses of it.
    """
    real = office.real_now()
    with office.uow.begin() as session:
        tried = tuple(counts(f"{step}{username}", place, _known(session, username)))
        rows = _lock(session, tried, real)
        waits = [
            until
            for count, row in zip(tried, rows, strict=True)
            if (until := count.waits_until(row.failures, row.last_at, real))
        ]
        if waits:
            raise TooManyAttempts(max(1, ceil((max(waits) - real).total_seconds())))
        for count, row in zip(tried, rows, strict=True):
            if is_forgotten(row.last_at, real):
                row.failures = 0
            row.failures, row.last_at = row.failures + 1, real
            if row.failures == count.patience.free:
                _tell_slowed(session, username, place, real)
    return tried


def _tell_slowed(session: Session, username: str, place: Place, real: datetime) -> None:
    named = username.strip()[:100]
    account_log.note(session, Happening.SLOWED, named, real=real, address=place.address)


def _known(session: Session, username: str) -> frozenset[str]:
    known, person = models.KnownPlace, models.Person
    found = select(known.place).join(person, person.id == known.person_id)
    return frozenset(session.scalars(found.where(person.username == username)))


def _lock(session: Session, tried: Sequence[Count], real: datetime) -> list[models.SignInCount]:
    """The rows of these counts, in one order for all, made where there is none."""
    dialect = session.get_bind().dialect.name
    rows = {}
    for count in sorted(tried, key=lambda each: each.key):
        session.execute(_BEGIN[dialect], {"key": count.key, "at": real})
        found = select(models.SignInCount).where(models.SignInCount.key == count.key)
        rows[count.key] = session.scalars(found.with_for_update()).one()
    return [rows[count.key] for count in tried]


def forgive(office: Office, person_id: UUID, tried: Sequence[Count], place: Place) -> None:
    """The right password: what was counted for it is taken back, and the place is known from now on."""
    real = office.real_now()
    with office.uow.begin() as session:
        for count, row in zip(tried, _lock(session, tried, real), strict=True):
            row.failures = 0 if count.ends else max(row.failures - 1, 0)
        for key in keys_of(place):
            if key:
                remember_place(session, person_id, key, real)


def remember_place(session: Session, person_id: UUID, key: str, real: datetime) -> None:
    held = session.get(models.KnownPlace, (person_id, key))
    if held is None:
        session.add(models.KnownPlace(person_id=person_id, place=key, seen_at=real))
    else:
        held.seen_at = real
