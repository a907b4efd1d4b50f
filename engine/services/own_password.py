"""One's own password: asked for again before what opens the account is changed, and changed itself.

Who sits at somebody else's open browser, or has copied its cookie, guesses here no faster than at the door.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.account import Happening
from engine.domain.actor import Actor
from engine.domain.errors import Conflict, Invalid, NotAuthenticated
from engine.domain.sign_in import Place, keys_of
from engine.domain.words import Words
from engine.persistence import models
from engine.services import account_log, breached, passwords, sign_ins
from engine.services.office import Office

FIELD = "old_password"


def prove(office: Office, actor: Actor, password: str, *, place: Place) -> None:
    """That it is the person who is signed in.

    Errors: TooManyAttempts before anything is compared; Invalid, naming `old_password`; Conflict for
    an account that has none.
    """
    with office.uow.read() as session:
        person = session.get_one(models.Person, actor.id)
    if person.password_hash == passwords.NONE:
        raise Conflict(
            "这个账号由统一身份认证登录，没有密码。",
            "the account is opened by the identity provider and has no password",
        )
    tried = sign_ins.reserve(office, person.username, place, step="present ")
    if not passwords.matches(person.password_hash, password):
        wrong = Words("现在的密码不对。", "the present password is not right")
        raise Invalid(wrong.zh, wrong.en, fields={FIELD: wrong})
    sign_ins.forgive(office, person.id, tried, place)


def has_one(session: Session, actor: Actor) -> bool:
    """Whether the account opens by a password at all."""
    return session.get_one(models.Person, actor.id).password_hash != passwords.NONE


def change(office: Office, actor: Actor, old: str, new: str, *, place: Place) -> None:
    """Every session and every token ends, this session too: begin a new one.

    Errors: as `prove`; as `breached.check_new`.
    """
    prove(office, actor, old, place=place)
    if old == new:
        same = Words("新密码和现在的一样。", "the new password is the present one")
        raise Invalid(same.zh, same.en, fields={"new_password": same})
    breached.check_new(office, new, username=actor.username, name=actor.name)
    renewed, real = passwords.hashed(new), office.real_now()
    with office.uow.begin() as session:
        person = _locked(session, actor)
        person.password_hash, person.temporary_until = renewed, None
        person.password_changed_at = real
        passwords.close_doors(session, person.id)
        for key in filter(None, keys_of(place)):
            session.add(models.KnownPlace(person_id=person.id, place=key, seen_at=real))
        account_log.note(
            session,
            Happening.PASSWORD_CHANGED,
            person.username,
            real=real,
            actor=person.username,
            address=place.address,
        )


def _locked(session: Session, actor: Actor) -> models.Person:
    found = select(models.Person).where(models.Person.id == actor.id).with_for_update()
    person = session.scalar(found)
    if person is None or not person.is_active:
        raise NotAuthenticated("请重新登录。", "sign in again")
    return person
