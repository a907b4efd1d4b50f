"""Whether a version is deployed by one administrator or by two; two are needed to do without two."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.services import second_person
from engine.services.office import Office
from engine.services.second_person import SecondPersonRule

SETTING = "deployments"


def needs_second(session: Session) -> bool:
    """Whether a version is put before another administrator than who proposes it."""
    return second_person.rule(session, SETTING).needs_second


def shown(office: Office, actor: Actor) -> SecondPersonRule:
    actor.must(Permission.ADMINISTER)
    with office.uow.read() as session:
        return second_person.rule(session, SETTING)


def require(office: Office, actor: Actor, *, is_required: bool, now: datetime) -> SecondPersonRule:
    """As second_person.require."""
    return second_person.require(office, actor, SETTING, is_required=is_required, now=now)
