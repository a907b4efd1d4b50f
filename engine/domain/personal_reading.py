"""Personal data read whole: which texts hold some, what a reading writes down, who must say why.

Source: 个人信息保护法第五十一条 (去标识化、操作权限), 第五十四条 (合规审计), 第五十六条 (记录至少保存三年).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.domain.choice import Choice
from engine.domain.errors import Invalid
from engine.domain.personal_numbers import without_personal_numbers
from engine.domain.words import Words

LONGEST, SHORTEST = 200, 2


class Reading(Choice):
    """What was read."""

    CASE = "case", "查看办件里的完整号码", "Numbers in a case read whole"
    RECORD = "record", "查看记录里的完整号码", "Numbers in a record read whole"
    PAPER = "paper", "打开材料", "A paper opened"
    LETTER = "letter", "打开文书", "A letter opened"


@dataclass(frozen=True, slots=True)
class HeldText:
    """A text with numbers of people in it. `key`: its place, as answers.handler_phone."""

    key: str
    title: Words
    text: str

    @property
    def hidden(self) -> "HeldText":
        return HeldText(self.key, self.title, without_personal_numbers(self.text))


@dataclass(frozen=True, slots=True)
class ReadingView:
    """One line: who read what of it, when, why, from where."""

    at: datetime
    what: Words
    about: str
    actor: str
    actor_name: str
    department: Words | None
    fields: tuple[Words, ...]
    reason: str
    address: str


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What of a case or record holds numbers, hidden; what the reader may do about it; who read it."""

    place: str  # case | record
    number: str
    record_id: UUID | None
    texts: tuple[HeldText, ...]
    may_read: bool
    needs_reason: bool
    readings: tuple[ReadingView, ...] = ()


def chosen(held: tuple[HeldText, ...], keys: frozenset[str] | None) -> tuple[HeldText, ...]:
    """The texts of these keys; None asks for all. Invalid where nothing is chosen, or what is not there."""
    if keys is None and held:
        return held
    known = {each.key for each in held}
    if not keys or keys - known:
        told = Words("请选要查看的内容", "choose what is to be read")
        raise Invalid(told.zh, told.en, fields={"fields": told})
    return tuple(each for each in held if each.key in keys)


def checked_reason(reason: str, *, is_needed: bool) -> str:
    """Invalid where a reason is missing, or far too long; digits and signs alone are none."""
    reason = reason.strip()
    said = sum(sign.isalpha() for sign in reason)
    if len(reason) > LONGEST or (is_needed and said < SHORTEST):
        told = Words(
            f"请写明事由，{SHORTEST} 至 {LONGEST} 字",
            f"say why, in {SHORTEST} to {LONGEST} characters",
        )
        raise Invalid(told.zh, told.en, fields={"reason": told})
    return without_personal_numbers(reason)
