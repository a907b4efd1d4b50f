"""Leave cover 请假代理: who is away, who stands in, and for whom somebody acts on a day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from engine.domain.errors import Conflict, Invalid
from engine.domain.words import Words

#: Nobody is away for longer under one cover.
LONGEST = 180


@dataclass(frozen=True, slots=True)
class Cover:
    """Somebody's absence, both days included. Without `substitute` nobody stands in."""

    username: str
    substitute: str | None
    starts_on: date
    ends_on: date

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on

    def overlaps(self, other: "Cover") -> bool:
        return self.starts_on <= other.ends_on and other.starts_on <= self.ends_on


def is_away(username: str, covers: Iterable[Cover], on: date) -> bool:
    return any(cover.username == username and cover.holds_on(on) for cover in covers)


def substitute_of(username: str, covers: Iterable[Cover], on: date) -> str | None:
    """Who does the work of `username` on that day: itself when present, else the end of the chain
    of substitutes. None when somebody in the chain is away without one."""
    held = {cover.username: cover for cover in covers if cover.holds_on(on)}
    seen: set[str] = set()
    here: str | None = username
    while here in held:
        if here in seen:
            return None
        seen.add(here)
        here = held[here].substitute
    return here


def acting_for(username: str, covers: Iterable[Cover], on: date) -> frozenset[str]:
    """For whom somebody acts on a day, through every chain that ends with them."""
    known = tuple(covers)
    if is_away(username, known, on):
        return frozenset()
    away = {cover.username for cover in known if cover.holds_on(on)}
    return frozenset(one for one in away if substitute_of(one, known, on) == username)


def check(new: Cover, covers: Iterable[Cover], *, today: date) -> None:
    """Whether this cover may be entered beside the others.

    Errors: Invalid for dates or a substitute that cannot be; Conflict where it overlaps another
    absence of the same person, or where the chain of substitutes leads back.
    """
    known = tuple(covers)
    _check_dates(new, today)
    if new.substitute == new.username:
        raise Invalid(
            "不能由本人代理。",
            "nobody stands in for oneself",
            fields={"substitute": Words("另选一人", "choose another")},
        )
    if any(one.username == new.username and one.overlaps(new) for one in known):
        raise Conflict("这段时间已经登记过请假。", "this time is entered already")
    if new.username in _led_to(new, known):
        raise Conflict(
            "代理人同期请假，又由您代理：请另选一人。",
            "the substitute is away too, and you stand in: choose another",
        )


def _check_dates(new: Cover, today: date) -> None:
    if new.ends_on < new.starts_on:
        raise Invalid(
            "结束日早于开始日。",
            "it ends before it begins",
            fields={"ends_on": Words("早于开始日", "before the first day")},
        )
    if new.ends_on < today:
        raise Invalid(
            "这段时间已经过去。", "this time is past", fields={"ends_on": Words("已经过去", "past")}
        )
    if (new.ends_on - new.starts_on).days > LONGEST:
        raise Invalid(
            f"一次最多 {LONGEST} 天。",
            f"at most {LONGEST} days",
            fields={"ends_on": Words("太长", "too long")},
        )


def _led_to(new: Cover, known: tuple[Cover, ...]) -> Iterator[str]:
    """Everybody to whom the work may come while `new` lasts, by any chain of overlapping covers."""
    seen: set[str] = set()
    waiting = [new.substitute]
    while waiting:
        here = waiting.pop()
        if here is None or here in seen:
            continue
        seen.add(here)
        yield here
        waiting.extend(c.substitute for c in known if c.username == here and c.overlaps(new))
