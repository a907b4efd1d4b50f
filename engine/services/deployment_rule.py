"""Whether a version is deployed by one administrator or by two; two are needed to do without two."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import NotPermitted
from engine.persistence import models
from engine.services.office import Office

SETTING, ADMINISTRATORS = "deployments", "administrator"


@dataclass(frozen=True, slots=True)
class DeploymentRule:
    """`dropped_by`: who asked to do without a second person, which another has to agree to."""

    needs_second: bool
    dropped_by: str = ""


def needs_second(session: Session) -> bool:
    """Whether a version is put before another administrator than who proposes it."""
    return _read(session).needs_second


def _read(session: Session) -> DeploymentRule:
    held = session.get(models.Setting, SETTING)
    told = held.value if held is not None else {}
    return DeploymentRule(bool(told.get("second_person")), str(told.get("dropped_by", "")))


def shown(office: Office, actor: Actor) -> DeploymentRule:
    actor.must(Permission.ADMINISTER)
    with office.uow.read() as session:
        return _read(session)


def require(office: Office, actor: Actor, *, is_required: bool, now: datetime) -> DeploymentRule:
    """Ask for two persons at once, or to do without: that counts when another administrator asks
    for it too, or there is no other. Errors: NotPermitted for who has asked for it already."""
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        row = session.get(models.Setting, SETTING, with_for_update=True)
        if row is None:
            row = models.Setting(key=SETTING, value={})
            session.add(row)
        held = _read(session) if row.value else DeploymentRule(needs_second=False)
        rule = DeploymentRule(needs_second=is_required)
        if held.needs_second and not is_required and not _alone(session, actor):
            if held.dropped_by == actor.username:
                raise NotPermitted(
                    "取消两人部署，须另一位管理员也同意。",
                    "another administrator has to agree to do without a second person",
                )
            if not held.dropped_by:
                rule = DeploymentRule(needs_second=True, dropped_by=actor.username)
        row.value = {
            "second_person": rule.needs_second,
            "dropped_by": rule.dropped_by,
            "by": actor.username,
            "at": now.isoformat(),
        }
        return rule


def _alone(session: Session, actor: Actor) -> bool:
    """Whether nobody else could agree."""
    person = models.Person
    asked = select(person.groups).where(person.username != actor.username, person.is_active)
    return not any(ADMINISTRATORS in groups for groups in session.scalars(asked))
