"""API tokens: made once, shown once, kept as a hash; each with scopes and an end."""

import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from engine.domain.account import Happening, TokenView
from engine.domain.actor import Actor, Permission
from engine.domain.errors import (
    Invalid,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    PasswordMustChange,
    Unavailable,
)
from engine.domain.scope import Scope, read_scopes
from engine.domain.second_factor import SecondFactorNeeded
from engine.domain.sign_in import Place
from engine.domain.words import Words
from engine.persistence import models
from engine.services import account_log, breached, covers, people, second_factors, sign_ins
from engine.services.office import Office
from engine.services.sessions import digest

#: Of a token that a password was exchanged for, and of those made by hand at most.
TOKEN_LIFE, LONGEST_DAYS = timedelta(hours=12), 366
#: So many of one person at once.
MOST = 20
#: How a token begins, so that it is known when it lies about.
MARK = "kx_"
NOTED_EVERY = timedelta(minutes=5)
#: So far the clock of another machine may be ahead. A token made later than that was made while a
#: clock was wrong, and would last longer than anybody allowed.
AHEAD = timedelta(hours=1)

_ROW = models.Token
_BY_TOKEN = (
    people.ACTOR.add_columns(
        models.Person.temporary_until,
        _ROW.id.label("token_id"),
        _ROW.scopes,
        _ROW.last_used_at,
    )
    .join(_ROW, _ROW.person_id == models.Person.id)
    .where(
        _ROW.hash == bindparam("hash"),
        _ROW.expires_at > bindparam("now"),
        _ROW.created_at <= bindparam("latest"),
    )
)


def issue(
    office: Office,
    username: str,
    password: str,
    *,
    place: Place,
    scopes: Iterable[str] | None = None,
    code: str = "",
) -> tuple[str, datetime]:
    """A token for a password, and the real moment at which it ends. `code`: of the authenticator.

    Errors: as sign_ins.sign_in; PasswordMustChange; SecondFactorNeeded, SecondFactorMissing; Invalid
    for a scope that is not known.
    """
    chosen = None if scopes is None else read_scopes(scopes)
    actor = sign_ins.sign_in(office, username, password, place=place)
    breached.tell(office, actor, password, place=place)
    second_factors.must_not_lack(office, actor)
    if second_factors.is_asked(office, actor):
        if not code:
            raise SecondFactorNeeded
        assert actor.id is not None  # noqa: S101 - it has just signed in
        second_factors.check(office, actor.id, code, place=place)
    with office.uow.begin() as session:
        person = session.get_one(models.Person, actor.id)
        if person.temporary_until is not None:
            raise PasswordMustChange
        return _add(office, session, person, "", chosen, TOKEN_LIFE, by=username, place=place)


def make(
    office: Office,
    actor: Actor,
    title: str,
    scopes: Iterable[str],
    days: int,
    *,
    place: Place,
    username: str | None = None,
) -> tuple[str, datetime]:
    """A token of one's own, or, as an administrator, of a service account. It is told only now.

    Errors: NotPermitted for another person's, and for who came with a token; Invalid by field.
    """
    if actor.scopes is not None:
        raise NotPermitted("令牌不能再建令牌。", "a token makes no tokens")
    chosen, title = read_scopes(scopes), title.strip()
    if not 1 <= len(title) <= 60:
        _refuse("title", Words("写明用途，最多 60 个字。", "say what it is for, in 60 characters"))
    if not 1 <= days <= LONGEST_DAYS:
        _refuse("days", Words("有效期 1 至 366 天。", "it lasts 1 to 366 days"))
    with office.uow.begin() as session:
        person = _holder(session, actor, username or actor.username)
        held = session.scalars(select(_ROW.id).where(_ROW.person_id == person.id, _ROW.title != ""))
        if len(held.all()) >= MOST:
            _refuse(
                "title", Words("令牌太多，先撤销不用的。", "too many tokens: revoke some first")
            )
        lasts = timedelta(days=days)
        return _add(office, session, person, title, chosen, lasts, by=actor.username, place=place)


def _refuse(field: str, why: Words) -> None:
    raise Invalid(why.zh, why.en, fields={field: why})


def _holder(session: Session, actor: Actor, username: str) -> models.Person:
    found = select(models.Person).where(models.Person.username == username).with_for_update()
    person = session.scalar(found)
    if person is None or not person.is_active:
        raise NotFound("没有这个账号。", "there is no such account")
    if person.id != actor.id and not (person.is_service and actor.may(Permission.ADMINISTER)):
        raise NotPermitted("只能为自己建令牌。", "tokens are made for oneself only")
    return person


def _add(
    office: Office,
    session: Session,
    person: models.Person,
    title: str,
    scopes: tuple[Scope, ...] | None,
    lasts: timedelta,
    *,
    by: str,
    place: Place,
) -> tuple[str, datetime]:
    token, real = MARK + secrets.token_urlsafe(32), office.real_now()
    names = None if scopes is None else [scope.value for scope in scopes]
    session.execute(delete(_ROW).where(_ROW.person_id == person.id, _ROW.expires_at <= real))
    session.add(
        models.Token(
            hash=digest(token),
            id=uuid4(),
            person_id=person.id,
            title=title,
            prefix=token[: len(MARK) + 6],
            scopes=names,
            created_at=real,
            created_by=by,
            expires_at=real + lasts,
            last_used_at=None,
        )
    )
    account_log.note(
        session,
        Happening.TOKEN_ISSUED,
        person.username,
        real=real,
        actor=by,
        address=place.address,
        title=title,
        scopes=names,
        expires_at=(real + lasts).isoformat(),
    )
    return token, real + lasts


def actor_of(office: Office, token: str, *, now: datetime) -> Actor:
    """The actor of a bearer token, with its scopes; one query. NotAuthenticated when it opens nothing."""
    real = office.real_now()
    with office.uow.glance() as connection:
        told = {"hash": digest(token), "now": real, "latest": real + AHEAD}
        found = connection.execute(_BY_TOKEN, told).first()
    if found is None or not found.is_active or found.temporary_until is not None:
        raise NotAuthenticated("令牌无效或已过期。", "the token is unknown or has expired")
    if found.last_used_at is None or real - found.last_used_at >= NOTED_EVERY:
        _note_use(office, found.token_id, real)
    scopes = None if found.scopes is None else frozenset(found.scopes)
    actor = replace(people.actor_of(found), scopes=scopes)
    return covers.standing_in(office, actor, now=now)


def _note_use(office: Office, token_id: UUID, real: datetime) -> None:
    # a database that takes no writing now can still be read
    with suppress(Unavailable), office.uow.begin() as session:
        session.execute(update(_ROW).where(_ROW.id == token_id).values(last_used_at=real))


def mine(office: Office, actor: Actor) -> tuple[TokenView, ...]:
    with office.uow.read() as session:
        return of(session, actor.id, real=office.real_now())


def of(session: Session, person_id: UUID | None, *, real: datetime) -> tuple[TokenView, ...]:
    """The live tokens of somebody, the newest first."""
    return _views(session, _ROW.person_id == person_id, real=real)


def listed(office: Office, actor: Actor) -> tuple[TokenView, ...]:
    """All live tokens; for administrators."""
    actor.must(Permission.ADMINISTER)
    with office.uow.read() as session:
        return _views(session, real=office.real_now())


def _views(session: Session, *which: object, real: datetime) -> tuple[TokenView, ...]:
    found = (
        select(_ROW, models.Person.username)
        .join(models.Person, models.Person.id == _ROW.person_id)
        .where(_ROW.expires_at > real, *which)  # type: ignore[arg-type]
        .order_by(_ROW.created_at.desc(), _ROW.prefix)
    )
    return tuple(
        TokenView(
            row.id,
            username,
            row.title,
            row.prefix,
            None if row.scopes is None else tuple(row.scopes),
            row.created_at,
            row.expires_at,
            row.last_used_at,
        )
        for row, username in session.execute(found)
    )


def revoke(office: Office, actor: Actor, token_id: UUID, *, place: Place) -> None:
    """End a token of one's own, or, as an administrator, anybody's; at once."""
    with office.uow.begin() as session:
        row = session.scalar(select(_ROW).where(_ROW.id == token_id).with_for_update())
        person = session.get_one(models.Person, row.person_id) if row else None
        is_theirs = person is not None and person.id == actor.id
        if row is None or person is None or not (is_theirs or actor.may(Permission.ADMINISTER)):
            raise NotFound("没有这个令牌。", "there is no such token")
        session.delete(row)
        account_log.note(
            session,
            Happening.TOKEN_REVOKED,
            person.username,
            real=office.real_now(),
            actor=actor.username,
            address=place.address,
            title=row.title,
            prefix=row.prefix,
        )
