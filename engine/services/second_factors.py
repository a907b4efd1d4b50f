"""Two-step sign-in of local accounts: an authenticator is set up, asked, replaced by codes on paper, taken away."""

import secrets
from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.domain import second_factor as rules
from engine.domain.account import Happening
from engine.domain.actor import Actor, Permission
from engine.domain.errors import Conflict, Invalid, NotAuthenticated, NotFound, NotPermitted
from engine.domain.second_factor import Beginning, SecondFactorMissing, SecondFactorView
from engine.domain.sign_in import Place
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.seal import quick_response
from engine.services import account_log, own_password, passwords, people, sign_ins
from engine.services.office import Office

ISSUER = "Kunxin"
_ROW = models.SecondFactor
#: What guesses by who is signed in already are counted under: not those at the door.
_OWN = "own code "


def is_asked(office: Office, actor: Actor) -> bool:
    """Whether this account opens with a code besides its password."""
    found = select(_ROW.person_id).where(_ROW.person_id == actor.id, _ROW.confirmed_at.is_not(None))
    with office.uow.read() as session:
        return session.scalar(found) is not None


def lacks(office: Office, actor: Actor) -> bool:
    """Whether the installation wants a second factor of these groups and there is none."""
    return _is_demanded(office, actor) and not is_asked(office, actor)


def _is_demanded(office: Office, actor: Actor) -> bool:
    return not actor.is_service and not actor.groups.isdisjoint(office.second_factor_for)


def of(office: Office, actor: Actor) -> SecondFactorView:
    with office.uow.read() as session:
        row = session.get(_ROW, actor.id)
    is_on = row is not None and row.confirmed_at is not None
    return SecondFactorView(
        since=row.confirmed_at if row else None,
        codes_left=len(row.recovery) if row and is_on else 0,
        is_demanded=_is_demanded(office, actor),
    )


def begin(office: Office, actor: Actor, password: str, *, place: Place) -> Beginning:
    """A new secret, told only now; it counts once a code of it has come.

    Errors: those of `own_password.prove`; Conflict when one counts already.
    """
    own_password.prove(office, actor, password, place=place)
    secret = pyotp.random_base32()
    with office.uow.begin() as session:
        row = session.get(_ROW, actor.id, with_for_update=True)
        if row is not None and row.confirmed_at is not None:
            raise Conflict("两步验证已经设好。", "two-step sign-in is set up already")
        if row is not None:
            session.delete(row)
            session.flush()
        session.add(
            models.SecondFactor(
                person_id=actor.id,
                secret=office.sealer.seal(secret),
                confirmed_at=None,
                last_step=0,
                recovery=[],
                salt=b"",
                created_at=office.real_now(),
            )
        )
    address = pyotp.TOTP(secret).provisioning_uri(name=actor.username, issuer_name=ISSUER)
    return Beginning(secret, address, quick_response(address).decode())


def confirm(office: Office, actor: Actor, code: str, *, place: Place) -> tuple[str, ...]:
    """The first code of the new authenticator: from now on it is asked. The recovery codes, told now.

    Every session and every token that the password alone has opened ends, this session too: begin a
    new one.
    Errors: Invalid for a code that does not fit; Conflict without a beginning.
    """
    real = office.real_now()
    with office.uow.begin() as session:
        row = session.get(_ROW, actor.id, with_for_update=True)
        if row is None or row.confirmed_at is not None:
            raise Conflict("请重新开始设置。", "begin again")
        step = _step(office, row, code, real)
        if step is None:
            raise _does_not_fit()
        row.confirmed_at, row.last_step = real, step
        codes = _give_codes(row)
        _end_what_a_password_opened(session, row.person_id)
        _note(session, Happening.SECOND_FACTOR_ON, actor, real, place)
    return codes


def _end_what_a_password_opened(session: Session, person_id: UUID) -> None:
    opened, token = models.WebSession, models.Token
    session.execute(delete(opened).where(opened.person_id == person_id))
    session.execute(delete(token).where(token.person_id == person_id, token.title == ""))


def renew_codes(office: Office, actor: Actor, code: str, *, place: Place) -> tuple[str, ...]:
    """New recovery codes; the old ones open nothing any more. Errors as `remove`."""
    tried = sign_ins.reserve(office, actor.username, place, step=_OWN)
    with office.uow.begin() as session:
        row = _proved(office, session, actor, code)
        codes = _give_codes(row)
        _note(session, Happening.RECOVERY_CODES, actor, office.real_now(), place)
        person_id = row.person_id
    sign_ins.forgive(office, person_id, tried, place)
    return codes


def remove(office: Office, actor: Actor, code: str, *, place: Place) -> None:
    """Sign in by password alone again.

    Errors: NotPermitted where the installation wants two steps; TooManyAttempts before a code is
    compared; Invalid for one that does not fit; Conflict when there is none.
    """
    if _is_demanded(office, actor):
        raise NotPermitted("您的岗位必须用两步验证。", "your group must sign in in two steps")
    tried = sign_ins.reserve(office, actor.username, place, step=_OWN)
    with office.uow.begin() as session:
        row = _proved(office, session, actor, code)
        session.delete(row)
        _note(session, Happening.SECOND_FACTOR_OFF, actor, office.real_now(), place)
        person_id = row.person_id
    sign_ins.forgive(office, person_id, tried, place)


def reset(office: Office, actor: Actor, username: str, *, place: Place) -> None:
    """For who has lost device and codes: an administrator takes the second factor away; its sessions
    end. NotFound when there is none; Conflict for one's own."""
    actor.must(Permission.ADMINISTER)
    if username == actor.username:
        raise Conflict("自己的请在账号页取消。", "remove your own on the page of your account")
    with office.uow.begin() as session:
        person = session.scalar(select(models.Person).where(models.Person.username == username))
        row = session.get(_ROW, person.id, with_for_update=True) if person else None
        if person is None or row is None:
            raise NotFound("没有设置两步验证。", "there is no second factor")
        session.delete(row)
        passwords.close_doors(session, person.id)
        account_log.note(
            session,
            Happening.SECOND_FACTOR_OFF,
            username,
            real=office.real_now(),
            actor=actor.username,
            address=place.address,
        )


def is_on(office: Office, actor: Actor, username: str) -> bool:
    """For the administrator's page of an account."""
    actor.must(Permission.ADMINISTER)
    person = models.Person
    found = select(person.id).join(_ROW, _ROW.person_id == person.id)
    with office.uow.read() as session:
        asked = found.where(person.username == username, _ROW.confirmed_at.is_not(None))
        return session.scalar(asked) is not None


def check(office: Office, person_id: UUID, code: str, *, place: Place) -> Actor:
    """Who gave the right password a moment ago, with the code of their authenticator or a recovery code.

    Errors: TooManyAttempts before anything is compared; NotAuthenticated.
    """
    with office.uow.read() as session:
        person = session.get(models.Person, person_id)
    if person is None or not sign_ins.may_enter(person, office.real_now()):
        raise NotAuthenticated("请重新登录。", "sign in again")
    tried = sign_ins.reserve(office, person.username, place, step="code ")
    with office.uow.begin() as session:
        row = session.get(_ROW, person_id, with_for_update=True)
        fits = (
            row is not None and row.confirmed_at is not None and _fits(office, session, row, code)
        )
    if not fits:
        raise NotAuthenticated("验证码不对或已用过。", "the code is wrong or was used already")
    sign_ins.forgive(office, person.id, tried, place)
    return people.actor_of(person)


def must_not_lack(office: Office, actor: Actor) -> None:
    """SecondFactorMissing for who must have one and has none."""
    if lacks(office, actor):
        raise SecondFactorMissing


def _proved(office: Office, session: Session, actor: Actor, code: str) -> models.SecondFactor:
    row = session.get(_ROW, actor.id, with_for_update=True)
    if row is None or row.confirmed_at is None:
        raise Conflict("没有设置两步验证。", "there is no second factor")
    if not _fits(office, session, row, code):
        raise _does_not_fit()
    return row


def _fits(office: Office, session: Session, row: models.SecondFactor, code: str) -> bool:
    """Whether it is a code of now that was not taken yet, or one on paper: that is used up by it."""
    real = office.real_now()
    if (step := _step(office, row, code, real)) is not None:
        row.last_step = step
        return True
    kept = _hashed(row, code) if rules.may_be_recovery(code) else ""
    if kept not in row.recovery:
        return False
    row.recovery = [each for each in row.recovery if each != kept]
    person = session.get_one(models.Person, row.person_id)
    account_log.note(
        session, Happening.RECOVERY_USED, person.username, real=real, left=len(row.recovery)
    )
    return True


def _step(office: Office, row: models.SecondFactor, code: str, real: datetime) -> int | None:
    """The step that the code is of, later than any that was taken; None for every other code."""
    given, now = rules.normalised(code), rules.step_of(real)
    if len(given) != rules.DIGITS or not given.isascii() or not given.isdigit():
        return None
    told = pyotp.TOTP(office.sealer.open(row.secret), digits=rules.DIGITS, interval=rules.STEP)
    for step in range(now - rules.TOLERANCE, now + rules.TOLERANCE + 1):
        if step > row.last_step and pyotp.utils.strings_equal(told.generate_otp(step), given):
            return step
    return None


def _give_codes(row: models.SecondFactor) -> tuple[str, ...]:
    codes = rules.recovery_codes()
    row.salt = secrets.token_bytes(16)
    row.recovery = [_hashed(row, each) for each in codes]
    return codes


def _hashed(row: models.SecondFactor, code: str) -> str:
    """As a password: of 49 bits a fast hash could be searched by who has read the table."""
    return passwords.hashed(rules.normalised(code), salt=row.salt)


def _does_not_fit() -> Invalid:
    why = Words(
        "验证码不对或已用过，请等下一个再试。",
        "the code is wrong or was used: wait for the next one",
    )
    return Invalid(why.zh, why.en, fields={"code": why})


def _note(session: Session, kind: Happening, actor: Actor, real: datetime, place: Place) -> None:
    account_log.note(
        session, kind, actor.username, real=real, actor=actor.username, address=place.address
    )


def sealed_anew(office: Office, session: Session) -> None:
    """After the installation's key was changed."""
    for row in session.scalars(select(_ROW)):
        if renewed := office.sealer.renewed(row.secret):
            row.secret = renewed
