"""Browsers that are signed in: begun anew at each sign-in, ended on the server."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from engine.domain.account import Happening, SessionView
from engine.domain.actor import Actor
from engine.domain.errors import Conflict, NotAuthenticated, NotFound, Unavailable
from engine.domain.sign_in import Place
from engine.persistence import models
from engine.services import account_log, covers, own_password, people
from engine.services.office import Office

#: From the sign-in to the end, whatever is done meanwhile; and without any request.
LIFE, IDLE = timedelta(hours=12), timedelta(hours=2)
#: How long a sign-in at the provider stands for a password that is asked for again.
FRESH = timedelta(minutes=10)
#: How often a session that is used says so in its row.
NOTED_EVERY = timedelta(minutes=5)

_ROW = models.WebSession
_BY_HASH = (
    people.ACTOR.add_columns(
        models.Person.temporary_until,
        _ROW.id.label("session_id"),
        _ROW.seen_at,
        _ROW.id_token,
    )
    .join(_ROW, _ROW.person_id == models.Person.id)
    .where(_ROW.hash == bindparam("hash"), _ROW.expires_at > bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Opened:
    """Who a session stands for. `must_change_password`: nothing else may be done before.
    `by_provider`: it was begun by single sign-on, whose provider asks for what it wants to see."""

    actor: Actor
    id: UUID
    must_change_password: bool
    by_provider: bool = False


def begin(
    office: Office, actor: Actor, *, place: Place, id_token: str = "", by_provider: bool = False
) -> str:
    """A new session for who has just proved who they are; what the browser keeps is answered."""
    token, real = secrets.token_urlsafe(32), office.real_now()
    with office.uow.begin() as session:
        session.execute(delete(_ROW).where(_ROW.person_id == actor.id, _ROW.expires_at <= real))
        session.add(
            models.WebSession(
                hash=digest(token),
                id=uuid4(),
                person_id=actor.id,
                address=place.address,
                browser=place.browser[:200],
                created_at=real,
                seen_at=real,
                expires_at=real + LIFE,
                id_token=id_token,
            )
        )
        kind = Happening.SIGNED_IN_OVER if by_provider else Happening.SIGNED_IN
        _note(session, kind, actor, real, place)
    return token


def open_session(office: Office, token: str, *, now: datetime) -> Opened:
    """Who the session stands for; one query. NotAuthenticated when it has ended or never was."""
    real = office.real_now()
    with office.uow.glance() as connection:
        found = connection.execute(_BY_HASH, {"hash": digest(token), "now": real}).first()
    # what was last seen in hours to come was begun while the clock ran ahead: it would last too long
    if found is None or not found.is_active or abs(real - found.seen_at) >= IDLE:
        raise NotAuthenticated("请重新登录。", "sign in again")
    if real - found.seen_at >= NOTED_EVERY:
        _note_sign_of_life(office, found.session_id, real)
    actor = covers.standing_in(office, people.actor_of(found), now=now)
    # who came by single sign-on has not used the temporary password
    must_change = found.temporary_until is not None and not found.id_token
    return Opened(actor, found.session_id, must_change, bool(found.id_token))


def _note_sign_of_life(office: Office, session_id: UUID, real: datetime) -> None:
    # a database that takes no writing now can still be read
    with suppress(Unavailable), office.uow.begin() as session:
        session.execute(update(_ROW).where(_ROW.id == session_id).values(seen_at=real))


def end(office: Office, token: str, *, place: Place) -> str:
    """Sign out: what the browser, or whoever copied it, still holds opens nothing any more.

    The ID token of single sign-on, "" when it was begun otherwise.
    """
    found = select(_ROW.id, _ROW.id_token, models.Person.username).join(
        models.Person, models.Person.id == _ROW.person_id
    )
    with office.uow.begin() as session:
        held = session.execute(found.where(_ROW.hash == digest(token))).first()
        if held is None:
            return ""
        session.execute(delete(_ROW).where(_ROW.id == held.id))
        real = office.real_now()
        account_log.note(
            session,
            Happening.SIGNED_OUT,
            held.username,
            real=real,
            actor=held.username,
            address=place.address,
        )
        return str(held.id_token)


def mine(office: Office, actor: Actor, *, this: UUID | None = None) -> tuple[SessionView, ...]:
    with office.uow.read() as session:
        return of(session, actor.id, real=office.real_now(), this=this)


def of(
    session: Session, person_id: UUID | None, *, real: datetime, this: UUID | None = None
) -> tuple[SessionView, ...]:
    """The live sessions of somebody, the newest first."""
    alive = (_ROW.expires_at > real, _ROW.seen_at > real - IDLE)
    found = select(_ROW).where(_ROW.person_id == person_id, *alive)
    return tuple(
        SessionView(
            row.id,
            row.address,
            row.browser,
            row.created_at,
            row.seen_at,
            row.expires_at,
            row.id == this,
        )
        for row in session.scalars(found.order_by(_ROW.seen_at.desc()))
    )


def end_one(
    office: Office,
    actor: Actor,
    session_id: UUID,
    *,
    this: UUID | None,
    password: str,
    place: Place,
) -> None:
    """End one of one's own sessions. NotFound for anybody else's; other errors as `end_others`."""
    with office.uow.read() as session:
        found = select(_ROW.id).where(_ROW.id == session_id, _ROW.person_id == actor.id)
        if session.scalar(found) is None:
            raise NotFound("没有这次登录。", "there is no such session")
    _prove_again(office, actor, this, password, place)
    with office.uow.begin() as session:
        mine = session.scalar(select(_ROW).where(_ROW.id == session_id))
        if mine is None or mine.person_id != actor.id:
            raise NotFound("没有这次登录。", "there is no such session")
        session.delete(mine)
        _note(session, Happening.SESSIONS_ENDED, actor, office.real_now(), place)


def end_others(
    office: Office, actor: Actor, *, this: UUID | None, password: str, place: Place
) -> None:
    """End all of one's own sessions but this one. Errors: those of `own_password.prove`; Conflict for who
    has no password here and did not sign in at the provider just now."""
    _prove_again(office, actor, this, password, place)
    with office.uow.begin() as session:
        session.execute(delete(_ROW).where(_ROW.person_id == actor.id, _ROW.id != this))
        _note(session, Happening.SESSIONS_ENDED, actor, office.real_now(), place)


def _prove_again(
    office: Office, actor: Actor, this: UUID | None, password: str, place: Place
) -> None:
    """Who has copied a session is not to throw its owner out, and then be the only one within."""
    if this is None or not _is_fresh_from_provider(office, actor, this):
        own_password.prove(office, actor, password, place=place)


def _is_fresh_from_provider(office: Office, actor: Actor, this: UUID) -> bool:
    """Whether an account without a password was vouched for within minutes. Conflict when it was longer ago."""
    with office.uow.read() as session:
        if own_password.has_one(session, actor):
            return False
        begun = session.scalar(select(_ROW.created_at).where(_ROW.id == this))
    if begun is None or abs(office.real_now() - begun) > FRESH:
        raise Conflict(
            "请先退出，再用统一身份认证登录一次，十分钟内回来结束其他登录。",
            "sign out, sign in again at the identity provider, and come back within ten minutes",
        )
    return True


def _note(session: Session, kind: Happening, actor: Actor, real: datetime, place: Place) -> None:
    account_log.note(
        session, kind, actor.username, real=real, actor=actor.username, address=place.address
    )


def digest(token: str) -> str:
    """What is kept of 256 random bits: they need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
