"""Single sign-on: whose account it is that a provider vouches for, and what a role there opens here."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.domain.errors import NotPermitted
from engine.domain.words import Words


class SignOnRefused(NotPermitted):
    """The provider vouches for somebody who has no account here, or none that may be opened so."""

    slug = "sign-on-refused"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at a provider: for ever by issuer and subject; `claims` may change."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]
    id_token: str = ""


@dataclass(frozen=True, slots=True)
class SecondStep:
    """How a provider says that it asked for more than a password: `acr` is one of those values, or `amr` (a
    list of methods, RFC 8176) holds one. Nothing named: the provider is relied upon without asking."""

    acr: frozenset[str] = frozenset()
    amr: frozenset[str] = frozenset()

    @classmethod
    def read(cls, words: Iterable[str]) -> "SecondStep":
        """From `acr=VALUE` and `amr=VALUE`. ValueError for anything else."""
        pairs = [each.partition("=") for each in words]
        if any(name not in ("acr", "amr") or not value for name, _, value in pairs):
            raise ValueError("acr=VALUE or amr=VALUE, with spaces between")
        found = {kind: frozenset(v for n, _, v in pairs if n == kind) for kind in ("acr", "amr")}
        return cls(**found)

    def was_made(self, claims: Mapping[str, Any]) -> bool:
        """Whether these claims of an ID token say so; claims of another shape say nothing."""
        if not self.acr and not self.amr:
            return True
        acr, amr = claims.get("acr"), claims.get("amr")
        methods = (
            {each for each in amr if isinstance(each, str)} if isinstance(amr, list) else set()
        )
        return (isinstance(acr, str) and acr in self.acr) or not methods.isdisjoint(self.amr)


@dataclass(frozen=True, slots=True)
class Started:
    """What a browser keeps from the way out to the way back: none of it is used twice."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Role:
    """What a role at the provider opens here."""

    groups: tuple[str, ...]
    department: str | None


@dataclass(frozen=True, slots=True)
class RoleMap:
    """Roles of the provider, told by `claim`; without any, accounts are made by hand only."""

    claim: str = "roles"
    roles: Mapping[str, Role] = field(default_factory=dict)

    @classmethod
    def read(cls, source: str) -> "RoleMap":
        """From TOML: `claim = "roles"`, then tables `[roles.NAME]` with `groups` and `department`."""
        told = tomllib.loads(source)
        roles = {
            name: Role(tuple(each["groups"]), each.get("department"))
            for name, each in told.get("roles", {}).items()
        }
        return cls(told.get("claim", "roles"), roles)

    def opened(self, claims: Mapping[str, Any]) -> Role | None:
        """All groups of the roles held; the department of the first that names one; None for no role."""
        given = claims.get(self.claim)
        held = given if isinstance(given, list | tuple) else (given,)
        found = [role for name, role in self.roles.items() if name in held]
        if not found:
            return None
        groups = sorted({group for role in found for group in role.groups})
        department = next((role.department for role in found if role.department), None)
        return Role(tuple(groups), department)


#: Letters and digits of any script, and what stands in names of accounts and addresses: nothing that is not
#: seen, or turns the reading round.
_NAME = re.compile(r"[^\W_][\w.@+-]{0,99}")


def account_name(claims: Mapping[str, Any], claim: str) -> str:
    """What the claim says of the account. SignOnRefused when it says nothing one may rest on."""
    told = claims.get(claim)
    if not isinstance(told, str) or not told.strip():
        raise refused(
            Words(f"统一身份没有给出 {claim}。", f"the provider does not tell the claim {claim}")
        )
    if claim == "email" and claims.get("email_verified") is not True:
        raise refused(
            Words(
                "统一身份里的邮箱没有核验过。", "the provider has not verified the e-mail address"
            )
        )
    name = told.strip()
    if not _NAME.fullmatch(name) or unicodedata.normalize("NFKC", name) != name:
        raise refused(
            Words(
                "统一身份给出的账号名不能用。", "what the provider tells is no name of an account"
            )
        )
    return name


def shown_name(claims: Mapping[str, Any], otherwise: str) -> str:
    """How the provider calls the person, as far as it can be printed."""
    told = claims.get("name")
    seen = "".join(filter(str.isprintable, told)) if isinstance(told, str) else ""
    return (seen.strip() or otherwise)[:60]


def refused(why: Words) -> SignOnRefused:
    return SignOnRefused(why.zh, why.en)
