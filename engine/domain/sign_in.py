"""How long whoever guesses passwords has to wait, so that nobody can be locked out by others."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address


@dataclass(frozen=True, slots=True)
class Place:
    """From where somebody signs in. `device`: what this browser has kept since an earlier time."""

    address: str
    device: str = ""
    browser: str = ""

    @property
    def network(self) -> str:
        """The address; of IPv6 the /64, of which one subscriber has all."""
        try:
            found = ip_address(self.address)
        except ValueError:
            return self.address
        if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
            return f"{IPv6Address(int(found) >> 64 << 64)}/64"
        return str(getattr(found, "ipv4_mapped", None) or found)


@dataclass(frozen=True, slots=True)
class Patience:
    """So many failures are free; then the wait begins with `first`, doubles, and ends at `longest`."""

    free: int
    first: timedelta
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        """How long after the last failure nothing is tried."""
        if failures < self.free:
            return timedelta(0)
        return min(self.first * (1 << min(failures - self.free, 30)), self.longest)


#: One name from one address, or from one known browser.
OF_PAIR = Patience(5, timedelta(seconds=5), timedelta(minutes=15))
#: All names from one address: who tries one password on everybody.
OF_ADDRESS = Patience(50, timedelta(seconds=5), timedelta(minutes=15))
#: One name from everywhere: many machines guess at somebody. Its owner, on a machine never seen
#: before, waits no longer than a minute; on one seen before, not at all.
OF_NAME = Patience(20, timedelta(seconds=1), timedelta(minutes=1))
#: After so long without a failure nothing is held against anybody.
FORGOTTEN_AFTER = timedelta(hours=1)


def is_forgotten(last_at: datetime, now: datetime) -> bool:
    """Whether a failure is long ago, or of a time that is yet to come: the machine's clock ran ahead
    and was put right, and nobody shall wait until it is there again."""
    return abs(now - last_at) >= FORGOTTEN_AFTER


@dataclass(frozen=True, slots=True)
class Count:
    """What failures are counted by. `ends`: a right password ends this count, others lose one."""

    key: str
    patience: Patience
    ends: bool = False

    def waits_until(self, failures: int, last_at: datetime, now: datetime) -> datetime | None:
        """When the next attempt may be made; None when at once."""
        if is_forgotten(last_at, now):
            return None
        until = last_at + self.patience.wait(failures)
        return until if until > now else None


def counts(username: str, place: Place, known: frozenset[str]) -> Iterator[Count]:
    """What an attempt is counted by. `known`: places (`keys_of`) where this name has signed in.

    A browser that this name has used before answers for itself alone: whatever others try, at the
    same address or elsewhere, does not reach it. A known address is spared what others try elsewhere.
    """
    name = username.strip().lower()
    device, network = keys_of(place)
    if device and device in known:
        yield Count(_digest("device", name, device), OF_PAIR, ends=True)
        return
    yield Count(_digest("pair", name, network), OF_PAIR, ends=True)
    yield Count(_digest("address", network), OF_ADDRESS)
    if network not in known:
        yield Count(_digest("name", name), OF_NAME)


def keys_of(place: Place) -> tuple[str, str]:
    """Device ("" when it brought nothing) and network, as they are stored: not to be read back."""
    device = _digest("device", place.device) if place.device else ""
    return device, _digest("network", place.network)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
