"""Signing in by the city's identity provider: whose account it is, made only where a role map says so."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.account import Happening
from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.domain.sign_in import Place
from engine.domain.single_sign_on import (
    Identity,
    Role,
    SignOnRefused,
    Started,
    account_name,
    refused,
    shown_name,
)
from engine.domain.words import Words
from engine.exchange.identity_provider import IdentityProvider
from engine.persistence import models
from engine.services import account_log, passwords, people
from engine.services.office import Office


def begin(office: Office, back: str) -> tuple[str, Started]:
    """Where to send the browser and what it keeps. NotFound where there is no single sign-on."""
    return _provider(office).begin(back, now=office.real_now())


def _provider(office: Office) -> IdentityProvider:
    if office.identity_provider is None:
        raise NotFound("没有开通单点登录。", "single sign-on is not set up")
    return office.identity_provider


def finish(
    office: Office, told: dict[str, str], started: Started, back: str, *, place: Place
) -> tuple[Actor, str]:
    """The actor of whom the provider vouches for, and the ID token.

    Errors: NotAuthenticated, Unavailable (IdentityProvider.finish); SignOnRefused when no account
    here is theirs.
    """
    identity = _provider(office).finish(told, started, back, now=office.real_now())
    return enter(office, identity, place=place), identity.id_token


def enter(office: Office, identity: Identity, *, place: Place) -> Actor:
    """The account linked to this identity; else the one that the claim names, linked from now on.

    SignOnRefused; when the provider names no role any more, whatever is open for the account ends first.
    """
    real = office.real_now()
    with office.uow.begin() as session:
        key = (identity.issuer, identity.subject)
        linked = session.get(models.LinkedIdentity, key, with_for_update=True)
        if linked is None:
            person = _link(office, session, identity, place, real)
        else:
            person, linked.used_at = session.get_one(models.Person, linked.person_id), real
        has_role = _keep_roles(office, person, identity)
        if has_role:
            _must_have_made_second_step(office, person, identity)
        if not person.is_active or person.is_service:
            raise refused(Words("这个账号不能登录。", "this account may not sign in"))
        if not has_role:
            person.groups = []
            passwords.close_doors(session, person.id)
            _note(session, Happening.SESSIONS_ENDED, person.username, place, real)
    if not has_role:
        raise _no_account()
    return people.actor_of(person)


def _must_have_made_second_step(office: Office, person: models.Person, identity: Identity) -> None:
    """Of whom a second step is demanded here, it is demanded there. SignOnRefused; nothing is kept then."""
    is_demanded = not office.second_factor_for.isdisjoint(person.groups)
    if is_demanded and not office.second_step.was_made(identity.claims):
        raise refused(
            Words(
                "您的岗位必须用两步验证，统一身份认证这次没有做第二步。请在那边开通两步验证后再登录。",
                "your group must sign in in two steps, and the identity provider did not ask for the second:"
                " set it up there and sign in again",
            )
        )


def _link(
    office: Office, session: Session, identity: Identity, place: Place, real: datetime
) -> models.Person:
    name = account_name(identity.claims, office.sign_on_claim)
    person = _named(session, office.sign_on_claim, name)
    if person is None:
        person = _make(office, session, identity, name, place, real)
    elif _is_taken(session, person, identity.issuer):
        raise refused(
            Words(
                "这个账号已经关联了另一个统一身份。", "the account is linked to somebody else there"
            )
        )
    session.add(
        models.LinkedIdentity(
            issuer=identity.issuer,
            subject=identity.subject,
            person_id=person.id,
            linked_at=real,
            used_at=real,
        )
    )
    _note(session, Happening.LINKED, person.username, place, real)
    return person


def _named(session: Session, claim: str, name: str) -> models.Person | None:
    """The one account of that name; by e-mail only where exactly one has the address."""
    row = models.Person
    column = row.email if claim == "email" else row.username
    found = session.scalars(select(row).where(column == name, row.is_service.is_(False))).all()
    return found[0] if len(found) == 1 else None


def _is_taken(session: Session, person: models.Person, issuer: str) -> bool:
    row = models.LinkedIdentity
    asked = select(row.subject).where(row.person_id == person.id, row.issuer == issuer)
    return session.scalar(asked) is not None


def _make(
    office: Office,
    session: Session,
    identity: Identity,
    name: str,
    place: Place,
    real: datetime,
) -> models.Person:
    role = _role(office, identity)
    taken = select(models.Person.id).where(func.lower(models.Person.username) == name.lower())
    # a program's, one of several with the address, or one that is told apart by capitals alone
    if session.scalars(taken).first() is not None:
        raise refused(Words("这个账号不能登录。", "this account may not sign in"))
    person = models.Person(
        id=uuid4(),
        username=name,
        password_hash=passwords.NONE,
        name=shown_name(identity.claims, name),
        department=role.department,
        groups=list(role.groups),
        subject_code=None,
        is_active=True,
        is_service=False,
        created_at=office.now(),
    )
    session.add(person)
    session.flush()
    _note(session, Happening.ADDED, name, place, real, groups=list(role.groups))
    return person


def _role(office: Office, identity: Identity) -> Role:
    role = office.sign_on_roles.opened(identity.claims)
    if role is None:
        raise _no_account()
    return role


def _no_account() -> SignOnRefused:
    return refused(
        Words(
            "统一身份认证通过了，但这里没有您的账号，请找系统管理员开通。",
            "you are known there, but have no account here: ask an administrator for one",
        )
    )


def _keep_roles(office: Office, person: models.Person, identity: Identity) -> bool:
    """An account that the role map made follows the roles at each sign-in; whether there is one left."""
    if person.password_hash != passwords.NONE or person.is_service:
        return True
    role = office.sign_on_roles.opened(identity.claims)
    if role is None:
        return False
    if (person.groups, person.department) != (list(role.groups), role.department):
        person.groups, person.department = list(role.groups), role.department
    return True


def _note(
    session: Session,
    kind: Happening,
    username: str,
    place: Place,
    real: datetime,
    **detail: object,
) -> None:
    account_log.note(
        session, kind, username, real=real, actor=username, address=place.address, **detail
    )


def sign_out_address(office: Office, id_token: str, back: str) -> str | None:
    """Where to sign out at the provider as well; None when this session did not come from there."""
    if not id_token or office.identity_provider is None:
        return None
    return office.identity_provider.sign_out_address(id_token, back, now=office.real_now())
