"""An emergency response (应急响应): declared, raised or lowered, ended; what rests on it goes with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from engine.domain.choice import Choice
from engine.domain.words import Words


class EmergencyKind(Choice):
    """The four kinds of 突发事件应对法 (2007) art. 3."""

    PUBLIC_HEALTH = "public_health", "突发公共卫生事件", "public health emergency"
    NATURAL_DISASTER = "natural_disaster", "自然灾害", "natural disaster"
    ACCIDENT = "accident", "事故灾难", "accident"
    SOCIAL_SECURITY = "social_security", "社会安全事件", "public security incident"


class Level(Choice):
    """Levels of response, the gravest first."""

    FIRST = "I", "一级响应", "level I"
    SECOND = "II", "二级响应", "level II"
    THIRD = "III", "三级响应", "level III"
    FOURTH = "IV", "四级响应", "level IV"


class Act(Choice):
    """What an entry does."""

    DECLARE = "declare", "启动响应", "response declared"
    LEVEL = "level", "调整级别", "level changed"
    END = "end", "终止响应", "response ended"


@dataclass(frozen=True, slots=True)
class Entry:
    """A confirmed act. `on`: first day of a response or level, last day of a response that ends."""

    act: Act
    on: date
    level: Level | None
    document: str


@dataclass(frozen=True, slots=True)
class Emergency:
    """A response from its first day to its last; `ends_on` None while no end is known."""

    id: UUID
    kind: EmergencyKind
    title: str
    starts_on: date
    ends_on: date | None
    levels: tuple[tuple[date, Level], ...]
    document: str

    def is_in_force(self, on: date) -> bool:
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)

    def level_on(self, on: date) -> Level | None:
        """The level that holds on a day; None when the response does not."""
        reached = [level for since, level in self.levels if since <= on]
        return reached[-1] if reached and self.is_in_force(on) else None

    @property
    def span(self) -> Words:
        """From when to when, for a sentence."""
        if self.ends_on is None:
            return Words(f"自{_zh(self.starts_on)}起", f"from {self.starts_on.isoformat()}")
        return Words(
            f"自{_zh(self.starts_on)}至{_zh(self.ends_on)}",
            f"from {self.starts_on.isoformat()} to {self.ends_on.isoformat()}",
        )


def folded(
    emergency_id: UUID, kind: EmergencyKind, title: str, entries: Iterable[Entry]
) -> Emergency | None:
    """A response as its confirmed entries, in their order, leave it; None while none declares it.
    A later entry about the end takes the place of an earlier one."""
    held = list(entries)
    declared = next((each for each in held if each.act is Act.DECLARE), None)
    if declared is None:
        return None
    ends = [each.on for each in held if each.act is Act.END]
    levels = sorted(
        ((each.on, each.level) for each in held if each.level is not None),
        key=lambda pair: pair[0],
    )
    return Emergency(
        emergency_id,
        kind,
        title,
        declared.on,
        ends[-1] if ends else None,
        tuple(levels),
        declared.document,
    )


def closed_because(kind: EmergencyKind, known: Iterable[Emergency], on: date) -> Words | None:
    """Why what rests on a response of that kind is not open on a day; None when it is.

    The sentence says when the response was in force (昆信用办〔2020〕2号, last paragraph: the notice
    ends by itself with the measures it serves).
    """
    of_kind = sorted((each for each in known if each.kind is kind), key=lambda each: each.starts_on)
    if any(each.is_in_force(on) for each in of_kind):
        return None
    name = kind.words
    begun = [each for each in of_kind if each.starts_on <= on]
    if begun:
        last = begun[-1]
        return Words(
            f"本事项只在{name.zh}应急响应期间办理。该响应{last.span.zh}，现已终止，不再接收新的申请；"
            "终止前已提交的继续办理。",
            f"this is only open while the response to a {name.en} is in force. It was in force "
            f"{last.span.en} and has ended: nothing new is taken; what was filed before goes on.",
        )
    if of_kind:
        first = of_kind[0]
        return Words(
            f"本事项只在{name.zh}应急响应期间办理。该响应{first.span.zh}，现在尚未启动。",
            f"this is only open while the response to a {name.en} is in force: "
            f"{first.span.en}, not yet today.",
        )
    return Words(
        f"本事项只在{name.zh}应急响应期间办理，现在没有启动响应。",
        f"this is only open while the response to a {name.en} is in force; none has been declared.",
    )


def _zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
