"""The second factor of a local account: codes of a device that is in one's hand, and codes for the day it is lost."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from engine.domain.errors import NotAuthenticated, NotPermitted

#: RFC 6238 as every authenticator has it: six digits, a new one every 30 seconds.
DIGITS, STEP = 6, 30
#: Codes of so many steps before and after are taken: clocks differ.
TOLERANCE = 1
#: Seconds from the password to the code.
PATIENCE = 300
RECOVERY_CODES = 10
#: Without letters and digits that are taken for one another; ten of them are 49 bits.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH = 10


class SecondFactorNeeded(NotAuthenticated):
    """The password was right; the account wants a code besides."""

    slug = "second-factor-needed"

    def __init__(self) -> None:
        super().__init__("还要验证码。", "the account wants a code of its authenticator besides")


class SecondFactorMissing(NotPermitted):
    """The installation wants a second factor of this person's groups: nothing else is done before."""

    slug = "second-factor-missing"

    def __init__(self) -> None:
        super().__init__("请先设置两步验证。", "set up two-step sign-in first")


@dataclass(frozen=True, slots=True)
class SecondFactorView:
    """`since` None: there is none. `is_demanded`: it cannot be removed."""

    since: datetime | None
    codes_left: int
    is_demanded: bool


@dataclass(frozen=True, slots=True)
class Beginning:
    """What an authenticator is told, once: as text, as an address, and as a picture of that (SVG)."""

    secret: str
    address: str
    picture: str


def recovery_codes() -> tuple[str, ...]:
    """New ones, each to be used once."""
    return tuple(
        "-".join(
            "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH // 2)) for _half in range(2)
        )
        for _code in range(RECOVERY_CODES)
    )


def normalised(code: str) -> str:
    """A code as it is compared: people type it with spaces and dashes, and in capitals."""
    return "".join(code.split()).replace("-", "").lower()


def may_be_recovery(code: str) -> bool:
    """Whether it has the length of one: comparing costs as much as a password."""
    return len(normalised(code)) == _LENGTH


def step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP
