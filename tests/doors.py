"""An office with people and passwords and nothing else: for what happens at its doors."""

from __future__ import annotations

from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from engine.domain.actor import Actor
from engine.domain.sign_in import Place
from engine.persistence import models
from engine.services import passwords, people, training
from tests.offices import MONDAY, Practice, open_practice

PASSWORD = "corkscrew lantern ridge"
#: With hardly any effort: what is tried here is who gets in, not how long a guess takes.
_CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
HASH = _CHEAP.hash(PASSWORD)
HERE, ELSEWHERE = Place("203.0.113.7"), Place("198.51.100.9")
#: username -> groups
STAFF = {
    "wang": ("credit_clerk",),
    "feng": ("administrator",),
    "qin": ("administrator",),
    "lin": ("credit_centre",),
}


def hash_cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", _CHEAP)
    monkeypatch.setattr(passwords, "_nobody", _CHEAP.hash("nobody"))


def open_doors(database_url: str, folder: Path) -> Practice:
    """The office, at rest on Monday 2 March 2020; its clock stands still."""
    practice = open_practice(database_url, folder, deployed=False)
    training.anchor(practice.office, MONDAY)
    for username, groups in STAFF.items():
        hire(practice, username, *groups)
    hire(practice, "court", "court_service", is_service=True)
    return practice


def hire(practice: Practice, username: str, *groups: str, is_service: bool = False) -> Actor:
    """One more account, whose password is PASSWORD; a program has none."""
    people.add_person(practice.office, username, "", username, now=MONDAY, groups=groups)
    with practice.office.uow.begin() as session:
        held = session.scalars(
            select(models.Person).where(models.Person.username == username)
        ).one()
        held.password_hash = passwords.NONE if is_service else HASH
        held.is_service = is_service
    practice.cast[username] = people.actor_of_username(practice.office, username)
    return practice.cast[username]


def events(practice: Practice, username: str) -> list[str]:
    """The kinds of what was written down of an account, the oldest first."""
    row = models.AccountEvent
    found = select(row.kind).where(row.username == username).order_by(row.at, row.id)
    return practice.all(found)
