"""What happened to accounts: written down in the transaction in which it happens, read by page."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.account import AccountEventView, Happening
from engine.domain.actor import Actor, Permission
from engine.domain.words import Words
from engine.persistence import models
from engine.services.office import Office


def note(
    session: Session,
    kind: Happening,
    username: str,
    *,
    real: datetime,
    actor: str = "",
    address: str = "",
    **detail: Any,
) -> None:
    """One more line. Never a password, a token or a secret among `detail`."""
    session.add(
        models.AccountEvent(
            id=uuid4(),
            at=real,
            kind=kind.value,
            username=username,
            actor=actor,
            address=address,
            detail=detail,
        )
    )


def of(session: Session, username: str, *, limit: int = 50) -> tuple[AccountEventView, ...]:
    """The newest lines of an account."""
    event = models.AccountEvent
    found = select(event).where(event.username == username).order_by(event.at.desc(), event.id)
    return tuple(view(row) for row in session.scalars(found.limit(limit)))


def listed(
    office: Office, actor: Actor, *, kind: str = "", q: str = "", limit: int = 200
) -> tuple[AccountEventView, ...]:
    """The newest lines of all accounts; for administrators."""
    actor.must(Permission.ADMINISTER)
    event = models.AccountEvent
    found = select(event).order_by(event.at.desc(), event.id)
    if kind:
        found = found.where(event.kind == kind)
    if q:
        found = found.where((event.username == q) | (event.actor == q) | (event.address == q))
    with office.uow.read() as session:
        return tuple(view(row) for row in session.scalars(found.limit(limit)))


def view(row: models.AccountEvent) -> AccountEventView:
    """One line as it is shown."""
    known = {each.value: each.words for each in Happening}
    what = known.get(row.kind, Words(row.kind))
    return AccountEventView(row.at, what, row.username, row.actor, row.address, dict(row.detail))
