"""Where two persons are asked for: who counts as another, and how an office does without the second again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.account import Happening
from engine.domain.actor import Actor, Permission
from engine.domain.errors import NotPermitted
from engine.persistence import models
from engine.services.office import Office

ADMINISTRATORS = "administrator"
#: Real time for which who gave an account its password could still be who uses it. After so long its
#: owner, or whoever reads the audit, has seen that it is there.
HELD_FOR = timedelta(days=30)
#: What puts an account into the hands of who does it.
_OPENING = (Happening.ADDED, Happening.PASSWORD_SET, Happening.SECOND_FACTOR_OFF)


@dataclass(frozen=True, slots=True)
class SecondPersonRule:
    """`dropped_by`: who asked to do without a second person, which another has to agree to."""

    needs_second: bool
    dropped_by: str = ""


def must_be_another(office: Office, session: Session, actor: Actor, first: str) -> None:
    """NotPermitted when one person may hold both accounts: one of the two has lately opened the other,
    or the same administrator both, be it by way of further accounts."""
    since = office.real_now() - HELD_FOR
    event = models.AccountEvent
    asked = select(event.username, event.actor).where(
        event.kind.in_([each.value for each in _OPENING]),
        event.at > since,
        event.actor.not_in(("", event.username)),
    )
    openers: dict[str, set[str]] = {}
    for opened, by in session.execute(asked):
        openers.setdefault(opened, set()).add(by)
    if _hands(actor.username, openers) & _hands(first, openers):
        raise NotPermitted(
            f"两个账号在 {HELD_FOR.days} 天内由同一人开设或重设过密码，不能算两个人；请另一位管理员办理。",
            f"within {HELD_FOR.days} days the same person has opened both accounts or set their "
            "passwords: they do not count as two, another administrator has to do it",
        )


def _hands(username: str, openers: Mapping[str, set[str]]) -> set[str]:
    """In whose hands an account may be: its own, and of whoever opened it or one that opened it."""
    found, left = {username}, [username]
    while left:
        fresh = openers.get(left.pop(), set()) - found
        found |= fresh
        left += fresh
    return found


def rule(session: Session, setting: str) -> SecondPersonRule:
    """What the office has set under this key."""
    held = session.get(models.Setting, setting)
    return _read(held.value if held is not None else {})


def _read(told: Mapping[str, object]) -> SecondPersonRule:
    return SecondPersonRule(bool(told.get("second_person")), str(told.get("dropped_by", "")))


def require(
    office: Office, actor: Actor, setting: str, *, is_required: bool, now: datetime
) -> SecondPersonRule:
    """Ask for two persons at once, or to do without: that counts when another administrator asks
    for it too, or there is no other. Errors: NotPermitted for who has asked for it already."""
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        row = session.get(models.Setting, setting, with_for_update=True)
        if row is None:
            row = models.Setting(key=setting, value={})
            session.add(row)
        held, changed = _read(row.value), SecondPersonRule(is_required)
        if held.needs_second and not is_required and not _is_alone(office, session, actor):
            changed = _dropped(office, session, actor, held)
        row.value = {
            "second_person": changed.needs_second,
            "dropped_by": changed.dropped_by,
            "by": actor.username,
            "at": now.isoformat(),
        }
        return changed


def _dropped(
    office: Office, session: Session, actor: Actor, held: SecondPersonRule
) -> SecondPersonRule:
    if not held.dropped_by:
        return SecondPersonRule(needs_second=True, dropped_by=actor.username)
    if held.dropped_by == actor.username:
        raise NotPermitted(
            "取消两人办理，须另一位管理员也同意。",
            "another administrator has to agree to do without a second person",
        )
    must_be_another(office, session, actor, held.dropped_by)
    return SecondPersonRule(needs_second=False)


def _is_alone(office: Office, session: Session, actor: Actor) -> bool:
    """Whether nobody else could agree: there is no other, nor one whom this one has lately shut out."""
    person, event = models.Person, models.AccountEvent
    shut_out = select(event.username).where(
        event.kind == Happening.DISABLED.value,
        event.actor == actor.username,
        event.at > office.real_now() - HELD_FOR,
    )
    asked = select(person.groups).where(
        person.username != actor.username,
        person.is_active | person.username.in_(shut_out),
    )
    return not any(ADMINISTRATORS in groups for groups in session.scalars(asked))
