"""Notices: which are told when and to whom, and their words, from workflows/common/notices.toml."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from engine.domain.words import Words


class Channel(StrEnum):
    """How a notice reaches somebody. `INBOX` is always on."""

    INBOX = "inbox"
    EMAIL = "email"
    SMS = "sms"
    WECHAT = "wechat"


#: The last byte of a notice's id: never change one.
_NUMBERS = {Channel.INBOX: 0, Channel.EMAIL: 1, Channel.SMS: 2, Channel.WECHAT: 3}


def id_of(kind: str, event: str, recipient: str, channel: Channel) -> UUID:
    """The same for the same kind, event, recipient and channel, and for no other."""
    told = f"{kind}:{event}:{recipient}"[:200]
    return id_by(UUID(bytes=hashlib.sha256(told.encode()).digest()[:16]), channel)


def id_by(notice_id: UUID, channel: Channel) -> UUID:
    """The id of the same notice by another channel."""
    return UUID(bytes=notice_id.bytes[:-1] + bytes((_NUMBERS[channel],)))


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind of notice. The title goes outside and names the case by its number only.

    on, letter, publication: the line of a case's history that tells it; "" for one told otherwise.
    once: only the first such line of a case.
    """

    key: str
    to: tuple[str, ...]
    title: Words
    body: Words
    on: str = ""
    letter: str = ""
    publication: frozenset[str] = frozenset()
    once: bool = False

    def is_told_by(self, event: str, changes: Mapping[str, Any]) -> bool:
        return (
            self.on == event
            and (not self.letter or changes.get("letter") == self.letter)
            and (not self.publication or changes.get("publication") in self.publication)
        )


class Catalogue:
    """All kinds of notices of an installation."""

    def __init__(self, source: str) -> None:
        told = tomllib.loads(source)
        self.kinds = {key: _kind(key, each) for key, each in told["kinds"].items()}
        self.named: Mapping[str, str] = told.get("notify", {})
        self.mail = Words(told["mail"]["zh"], told["mail"]["en"])
        self._by_event: dict[str, list[NoticeKind]] = {}
        for kind in self.kinds.values():
            self._by_event.setdefault(kind.on, []).append(kind)

    def told_by(self, event: str, changes: Mapping[str, Any]) -> Iterator[NoticeKind]:
        """The kinds that a line of a case's history tells; most lines tell none."""
        held = self._by_event.get(event)
        if held:
            yield from (kind for kind in held if kind.is_told_by(event, changes))

    def of_diagram(self, name: str) -> NoticeKind:
        """The kind that a diagram's `notify` names; one that it does not know says: there is news."""
        return self.kinds[self.named.get(name, "message")]


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def fill(words: Words, facts: Mapping[str, object]) -> Words:
    """The words with their blanks filled; a fact may be `Words`. A blank without a fact is empty."""
    return Words(
        words.zh.format_map(_within(facts, "zh")).strip(),
        words.en.format_map(_within(facts, "en")).strip(),
    )


def _within(facts: Mapping[str, object], language: str) -> _Facts:
    return _Facts(
        (key, each.within(language) if isinstance(each, Words) else str(each))
        for key, each in facts.items()
    )


def _kind(key: str, told: Mapping[str, Any]) -> NoticeKind:
    return NoticeKind(
        key=key,
        to=tuple(told["to"]),
        title=Words(told["zh"], told["en"]),
        body=Words(told["body_zh"], told["body_en"]),
        on=told.get("on", ""),
        letter=told.get("letter", ""),
        publication=frozenset(told.get("publication", ())),
        once=told.get("once", False),
    )


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice in somebody's inbox."""

    id: UUID
    kind: str
    case_number: str | None
    title: Words
    body: Words
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticeChoices:
    """How somebody wants to be told beside the inbox."""

    email: str
    phone: str
    channels: tuple[str, ...]
    language: str
