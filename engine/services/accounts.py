"""What administrators do with accounts: add, disable, enable, set a temporary password, unlink."""

import re
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.domain import password as rules
from engine.domain.account import AccountView, Happening, NewAccount
from engine.domain.actor import Actor, Permission
from engine.domain.errors import Conflict, Invalid, NotFound
from engine.domain.sign_in import Place
from engine.domain.words import Words
from engine.persistence import models
from engine.services import account_log, messages, passwords, sessions, tokens
from engine.services.office import Office

#: How long a temporary password opens.
TEMPORARY_FOR = timedelta(days=3)
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
_ADMINISTRATOR = "administrator"


def get(office: Office, actor: Actor, username: str) -> AccountView:
    """An account with its sessions, tokens and what happened to it."""
    actor.must(Permission.ADMINISTER)
    directory, real = office.directory(), office.real_now()
    with office.uow.read() as session:
        person = _found(session, username)
        linked = select(models.LinkedIdentity.issuer).where(
            models.LinkedIdentity.person_id == person.id
        )
        return AccountView(
            username=person.username,
            name=person.name,
            department=person.department,
            department_title=directory.department(person.department),
            groups=tuple(person.groups),
            group_titles=tuple(directory.group(group) for group in person.groups),
            subject=person.subject_code,
            is_active=person.is_active,
            is_service=person.is_service,
            temporary_until=person.temporary_until,
            linked_to=tuple(session.scalars(linked)),
            sessions=sessions.of(session, person.id, real=real),
            tokens=tokens.of(session, person.id, real=real),
            events=account_log.of(session, username),
            is_own=person.id == actor.id,
        )


def _found(session: Session, username: str, *, lock: bool = False) -> models.Person:
    found = select(models.Person).where(models.Person.username == username)
    person = session.scalar(found.with_for_update() if lock else found)
    if person is None:
        raise NotFound("没有这个账号。", "there is no such account")
    return person


def add(office: Office, actor: Actor, new: NewAccount, *, place: Place, now: datetime) -> str:
    """A new account; the temporary password it opens with, "" for a program, which has none.

    Errors: Invalid by field; Conflict when the name is taken.
    """
    actor.must(Permission.ADMINISTER)
    _check(office, new)
    given, real = "" if new.is_service else rules.temporary(), office.real_now()
    kept = passwords.hashed(given) if given else passwords.NONE
    with office.uow.begin() as session:
        taken = select(models.Person.id).where(models.Person.username == new.username)
        if session.scalar(taken) is not None:
            raise Conflict("这个账号名已经有人用了。", "the username is taken")
        session.add(
            models.Person(
                id=uuid4(),
                username=new.username,
                password_hash=kept,
                name=new.name.strip(),
                department=new.department,
                groups=sorted(new.groups),
                subject_code=None,
                created_at=now,
                is_service=new.is_service,
                temporary_until=real + TEMPORARY_FOR if given else None,
            )
        )
        _note(session, Happening.ADDED, new.username, actor, real, place, groups=sorted(new.groups))
    return given


def _check(office: Office, new: NewAccount) -> None:
    directory = office.directory()
    wrong: dict[str, str | Words] = {}
    if not _USERNAME.fullmatch(new.username):
        wrong["username"] = Words(
            "小写字母开头，2 至 40 个小写字母、数字、点、横线。",
            "2 to 40 lower-case letters, digits, dots, dashes; a letter first",
        )
    if not 1 <= len(new.name.strip()) <= 60:
        wrong["name"] = Words("请填写姓名或系统名称。", "give a name")
    if new.department is not None and new.department not in directory.departments:
        wrong["department"] = Words("没有这个部门。", "there is no such department")
    known = frozenset(
        messages.OF_SERVICES if new.is_service else (*directory.groups, _ADMINISTRATOR)
    )
    if not new.groups or not known.issuperset(new.groups):
        wrong["groups"] = Words("请选岗位组。", "choose from the groups")
    if wrong:
        raise Invalid("账号填得不全或有误。", "the account is incomplete or wrong", fields=wrong)


def disable(office: Office, actor: Actor, username: str, *, place: Place) -> None:
    """The account opens nothing any more, its sessions and tokens are over at once.

    Errors: Conflict for one's own, and for the last administrator's.
    """
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        person = _found(session, username, lock=True)
        if person.id == actor.id:
            raise Conflict("不能停用自己的账号。", "nobody disables their own account")
        if _ADMINISTRATOR in person.groups and not _another_administrator(session, person):
            raise Conflict("这是最后一位系统管理员。", "this is the last administrator")
        person.is_active = False
        passwords.close_doors(session, person.id)
        _note(session, Happening.DISABLED, username, actor, office.real_now(), place)
    office.forget()


def _another_administrator(session: Session, person: models.Person) -> bool:
    row = models.Person
    others = select(row.groups).where(
        row.is_active.is_(True), row.is_service.is_(False), row.id != person.id
    )
    return any(_ADMINISTRATOR in groups for groups in session.scalars(others))


def enable(office: Office, actor: Actor, username: str, *, place: Place) -> None:
    """The account opens again, with the password it had; not the tokens it had."""
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        _found(session, username, lock=True).is_active = True
        _note(session, Happening.ENABLED, username, actor, office.real_now(), place)


def set_temporary_password(
    office: Office, actor: Actor, username: str, *, place: Place
) -> tuple[str, datetime]:
    """A new password, told only now, and until when it opens; it must be changed at the first sign-in.

    Sessions and tokens are over at once. Conflict for one's own, for a program, and for an account that
    follows roles at the provider: with a password it would keep for ever what a role has opened.
    """
    actor.must(Permission.ADMINISTER)
    given, real = rules.temporary(), office.real_now()
    kept = passwords.hashed(given)
    with office.uow.begin() as session:
        person = _found(session, username, lock=True)
        if person.id == actor.id:
            raise Conflict(
                "自己的密码请在账号页修改。", "change your own on the page of your account"
            )
        if person.is_service:
            raise Conflict(
                "服务账号没有密码，用令牌。", "a service account has tokens, no password"
            )
        if person.password_hash == passwords.NONE and _is_linked(session, person):
            raise Conflict(
                "这个账号随统一身份认证的角色开通和收回，不设密码。确要改为本地账号，请先取消关联。",
                "the account comes and goes with its roles at the identity provider and has no password:"
                " to make it one of this office, unlink it first",
            )
        person.password_hash, person.temporary_until = kept, real + TEMPORARY_FOR
        passwords.close_doors(session, person.id)
        _note(session, Happening.PASSWORD_SET, username, actor, real, place)
    return given, real + TEMPORARY_FOR


def _is_linked(session: Session, person: models.Person) -> bool:
    row = models.LinkedIdentity
    return (
        session.scalars(select(row.subject).where(row.person_id == person.id)).first() is not None
    )


def end_sessions(office: Office, actor: Actor, username: str, *, place: Place) -> None:
    """Sign somebody out everywhere; their tokens stay."""
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        person = _found(session, username)
        row = models.WebSession
        session.execute(delete(row).where(row.person_id == person.id))
        _note(session, Happening.SESSIONS_ENDED, username, actor, office.real_now(), place)


def unlink(office: Office, actor: Actor, username: str, *, place: Place) -> None:
    """Forget who this is at the provider of single sign-on; the next sign-in there links anew."""
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        person = _found(session, username)
        row = models.LinkedIdentity
        session.execute(delete(row).where(row.person_id == person.id))
        _note(session, Happening.UNLINKED, username, actor, office.real_now(), place)


def _note(
    session: Session,
    kind: Happening,
    username: str,
    actor: Actor,
    real: datetime,
    place: Place,
    **detail: object,
) -> None:
    account_log.note(
        session,
        kind,
        username,
        real=real,
        actor=actor.username,
        address=place.address,
        **detail,
    )
