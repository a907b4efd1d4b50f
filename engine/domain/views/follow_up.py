"""What may follow on a closed case, and what has followed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class FollowedUp:
    """What followed on the closed case, and when that ended."""

    title: Words
    at: datetime


@dataclass(frozen=True, slots=True)
class FollowUpView:
    """What may be begun on the closed case now: its form as JSON Schema, its button."""

    key: str
    title: Words
    button: Words
    form: Mapping[str, Any]
