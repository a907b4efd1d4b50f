"""The lists of the inbox that a caseworker comes back to, with how much is in each now."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select

from engine.domain.actor import Actor
from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.domain.form import can_be_kept
from engine.domain.views import SavedFilterView
from engine.domain.words import Words
from engine.persistence import models
from engine.services import inbox_view
from engine.services.office import Office

#: Each is counted on every page of the inbox.
MOST, LONGEST = 12, 40
PARTS = ("scope", "light", "procedure", "q", "sort")


def mine(office: Office, actor: Actor, *, now: datetime) -> tuple[SavedFilterView, ...]:
    """The actor's own, in the order in which they were saved, with live counts."""
    row = models.SavedFilter
    asked = select(row).where(row.owner == actor.username).order_by(row.created_at, row.id)
    with office.uow.read() as session:
        rows = session.scalars(asked).all()
    return tuple(
        SavedFilterView(
            each.id,
            each.name,
            each.query,
            inbox_view.number(office, actor, _asked(each.query), now=now),
        )
        for each in rows
    )


def save(
    office: Office, actor: Actor, name: str, query: Mapping[str, str], *, now: datetime
) -> UUID:
    """Keep a list under a name; the same name again is the list that it now means.

    Errors: Invalid for no name, a long one, or a query that asks for nothing known; Conflict for
    more than MOST.
    """
    if not actor.is_staff:
        raise NotPermitted("只有工作人员可以存筛选。", "for the staff only")
    name, kept = name.strip(), {key: value for key, value in query.items() if value}
    _check(name, kept)
    row = models.SavedFilter
    own = row.owner == actor.username
    with office.uow.begin() as session:
        held = session.scalar(select(row).where(own, row.name == name))
        if held is not None:
            held.query = kept
            return held.id
        if (session.scalar(select(func.count()).where(own)) or 0) >= MOST:
            raise Conflict(f"最多存 {MOST} 个筛选。", f"at most {MOST} filters can be kept")
        made = row(id=uuid4(), owner=actor.username, name=name, query=kept, created_at=now)
        session.add(made)
    return made.id


def _check(name: str, query: Mapping[str, str]) -> None:
    if not name or len(name) > LONGEST or not can_be_kept(name):
        told = Words(
            f"请填名称，最多 {LONGEST} 个字", f"give it a name of at most {LONGEST} characters"
        )
        raise Invalid("名称有误。", "that is no name", fields={"name": told})
    is_known = query.keys() <= set(PARTS) and can_be_kept(dict(query))
    if not is_known or query.get("scope", "mine") not in inbox_view.SCOPES:
        raise Invalid("没有这种筛选。", "there is no such filter")


def remove(office: Office, actor: Actor, filter_id: UUID) -> None:
    """NotFound for another's."""
    with office.uow.begin() as session:
        held = session.get(models.SavedFilter, filter_id)
        if held is None or held.owner != actor.username:
            raise NotFound("没有这个筛选。", "there is no such filter")
        session.delete(held)


def _asked(query: Mapping[str, str]) -> inbox_view.Asked:
    return inbox_view.Asked(
        scope=query.get("scope", "mine"),
        procedure=query.get("procedure"),
        light=query.get("light"),
        q=query.get("q", ""),
        sort=query.get("sort", "slack"),
        cursor=None,
        limit=0,
    )
