"""Passwords: how they are kept and compared."""

import secrets
from datetime import datetime
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.persistence import models
from engine.services.office import Office

#: OWASP's profile for Argon2id with 19 MiB: a tenth of a second, not a quarter.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
#: Verified against when nobody has the name, so that the answer takes as long.
_nobody = _hasher.hash(secrets.token_hex(16))
#: Stands where an account has no password: no password has this hash.
NONE = "none"


def hashed(password: str, *, salt: bytes | None = None) -> str:
    return _hasher.hash(password, salt=salt)


def matches(kept: str | None, password: str) -> bool:
    """Whether it is the password; takes as long when there is none."""
    try:
        return _hasher.verify(kept if kept and kept != NONE else _nobody, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether it was made with less effort than is usual now."""
    return _hasher.check_needs_rehash(kept)


def close_doors(session: Session, person_id: UUID) -> None:
    """End the sessions and tokens of somebody, and forget from where they used to come."""
    for table in (models.WebSession, models.Token, models.KnownPlace):
        session.execute(delete(table).where(table.person_id == person_id))


def rehash(office: Office, person_id: UUID, outdated: str, password: str) -> None:
    """Keep the password with today's effort, when nobody has changed it meanwhile."""
    renewed = hashed(password)
    with office.uow.begin() as session:
        found = select(models.Person).where(models.Person.id == person_id).with_for_update()
        person = session.scalar(found)
        if person is not None and person.password_hash == outdated:
            person.password_hash = renewed


def has_expired(temporary_until: datetime | None, real: datetime) -> bool:
    """Whether it was a temporary password whose time is over."""
    return temporary_until is not None and temporary_until <= real
