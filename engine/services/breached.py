"""Whether a password stands on the office's list of breached ones: refused as a new one, told of at the door."""

import structlog

from engine.domain import password as rules
from engine.domain.account import Happening
from engine.domain.actor import Actor
from engine.domain.errors import Unavailable
from engine.domain.sign_in import Place
from engine.exchange.breached_passwords import ListBroken
from engine.services import account_log
from engine.services.office import Office

_log = structlog.get_logger()


def check_new(office: Office, password: str, *, username: str, name: str = "") -> None:
    """Whether it may become the password of that account.

    Errors: Invalid, naming `new_password`; Unavailable while the list cannot be read, for nothing is let
    through that nobody has looked at.
    """
    rules.check(
        password, username=username, name=name, is_breached=lambda each: _stands(office, each)
    )


def tell(office: Office, actor: Actor, password: str, *, place: Place) -> bool:
    """Whether who has just signed in is to be told to change the password; then it is on record too.

    NIST SP 800-63B asks for the list when a password is chosen; one that came on it later is used up, yet
    nobody has shown that this account was entered by it: who is in the middle of something is not stopped.
    A list that cannot be read stops nobody either, and is told to who runs the office.
    """
    try:
        is_known = _stands(office, password)
    except Unavailable:
        return False
    if is_known:
        with office.uow.begin() as session:
            account_log.note(
                session,
                Happening.BREACHED,
                actor.username,
                real=office.real_now(),
                actor=actor.username,
                address=place.address,
            )
    return is_known


def _stands(office: Office, password: str) -> bool:
    if office.breached is None:
        return False
    try:
        return office.breached.holds(password)
    except (OSError, ListBroken) as problem:
        _log.error("list of breached passwords", problem=f"{type(problem).__name__}: {problem}")
        raise Unavailable(
            "泄露密码名单现在读不出来，不能改密码，请告知系统管理员。",
            "the list of breached passwords cannot be read now, so no password is changed:"
            " tell an administrator",
        ) from problem
