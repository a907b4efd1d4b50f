"""Who plays in the practice office: people, enterprises, and their one password."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Person:
    """An official; `department` and `groups` are keys of workflows/common/departments.toml."""

    username: str
    name: str
    department: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Firm:
    """An enterprise; `key` is also the username of its handler."""

    key: str
    name: str
    code: str
    handler: str
    is_agent: bool
    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class Cast:
    password: str
    people: tuple[Person, ...]
    firms: Mapping[str, Firm]


@lru_cache(maxsize=1)
def cast() -> Cast:
    told = tomllib.loads((DATA / "cast.toml").read_text("utf-8"))
    people = (Person(**{**each, "groups": tuple(each["groups"])}) for each in told["people"])
    return Cast(
        password=told["password"],
        people=tuple(people),
        firms={each["key"]: Firm(**each) for each in told["firms"]},
    )
