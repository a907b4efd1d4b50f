"""How long each kind of data is kept, and by which law (workflows/retention.toml)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from engine.domain.calendar import SHANGHAI
from engine.domain.errors import Invalid
from engine.domain.words import Words


class By(StrEnum):
    """Who has it erased when its time is over."""

    JOB = "job"
    PERSON = "person"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of data. `months` after `after` it goes; 0: it is kept."""

    key: str
    title: Words
    by: By
    basis: str
    after: str = ""
    months: int = 0

    def before(self, now: datetime) -> datetime:
        """What is older than this moment is due: so many calendar months back, at the same hour.

        Source: 民法典第二百零二条 — a month without that day ends on its last.
        """
        local = now.astimezone(SHANGHAI)
        years, month = divmod(local.year * 12 + local.month - 1 - self.months, 12)
        first = local.replace(year=years, month=month + 1, day=1)
        last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return first.replace(day=min(local.day, last.day)).astimezone(now.tzinfo)

    def told(self) -> dict[str, Any]:
        """As the ledger of erasures keeps it."""
        return {"key": self.key, "months": self.months, "after": self.after, "basis": self.basis}


@dataclass(frozen=True, slots=True)
class Due:
    """A rule with what it would erase now: how many of its kind, none for what is kept."""

    rule: Rule
    count: int


@dataclass(frozen=True, slots=True)
class ErasureView:
    """One line of the ledger: what went, when, by whose order and which rule, as it was that day."""

    kind: str
    title: Words
    at: datetime
    actor: str  # `system`: by itself
    actor_name: str
    rows: int
    months: int
    basis: str
    are_files_gone: bool


@dataclass(frozen=True, slots=True)
class RetentionView:
    """The rules with what is due now, and the newest erasures, the newest first."""

    rules: tuple[Due, ...]
    erasures: tuple[ErasureView, ...]


def read_rules(told: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules of the file. Invalid for an entry that does not say how long and by which law."""
    return tuple(map(_rule, told.get("kinds", ())))


def _rule(told: Mapping[str, Any]) -> Rule:
    rule = Rule(
        told["key"],
        Words(told["zh"], told["en"]),
        By(told["by"]),
        told["basis"],
        told.get("after", ""),
        told.get("months", 0),
    )
    if (rule.by is By.NEVER) != (rule.months == 0) or not rule.basis or rule.months < 0:
        raise Invalid(
            f"保存规则 {rule.key} 不完整。", f"the rule of retention {rule.key} is not whole"
        )
    return rule
