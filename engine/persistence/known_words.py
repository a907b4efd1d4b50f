"""Columns that say one of a few words, stored as a letter or two each.

Which kind of line, whose department: each of a case's lines says it, and spelt out it is longer than
what the line adds. A word that is not known here is stored as it is, so nobody waits for this list.
It is part of what is stored: a word keeps its place for ever, and one that rows say already is added
by a migration that writes these anew.
"""

from collections.abc import Mapping
from string import ascii_letters, digits
from typing import Any

from sqlalchemy import ColumnElement, Dialect, String, or_, type_coerce
from sqlalchemy.types import TypeDecorator

_LETTERS = digits + ascii_letters
#: Most frequent first: the first ones take one letter. What the database's own functions and indexes
#: name (calendar_changed, history_erased) is not here.
KNOWN = (
    # kinds of lines
    *("task_completed", "letter_issued", "record_changed", "served", "task_claimed", "filed"),
    *("decision_made", "closed", "decided", "archived", "rating_invited", "notice_sent"),
    *("message_received", "commitment_registered", "timer_fired", "paper_received"),
    # whose
    *("service_window", "credit_office", "credit_centre", "market_regulation"),
    # what is done about an obligation, and how far it has come
    *("opened", "open", "pushed", "asked", "acknowledged", "confirmed", "checked", "done"),
    *("seen_done", "rechecked", "platform", "web", "phone", "letter", "on_site"),
    # lines of ledgers
    *("start", "stop", "pause", "resume", "restart", "extension", "recount", "void"),
    # from here on two letters
    *("told", "refused", "not_yet", "returned", "undone", "contested", "answered", "claimed"),
    *("released", "dropped", "task_unclaimed", "task_reassigned", "clock_paused"),
    *("clock_resumed", "clock_extended", "clock_corrected", "clock_changed"),
    *("extension_requested", "extension_approved", "extension_refused", "extension_lapsed"),
    *("certificate_issued", "certificate_copied", "certificate_verified", "certificate_refused"),
    *("certificate_ended", "certificate_recorded", "deferral_registered", "deferral_ended"),
    *("follow_up_begun", "follow_up_ended", "incident_raised", "incident_resolved"),
    *("leave_cover", "note_added", "reconsidered", "refused_at_intake", "silence_noted"),
    *("sent_to_court", "token_moved", "case_migrated", "withdrawn", "deemed_accepted"),
    *("record_amended", "record_annotated", "hold_lapsed", "correction_allowed"),
)


def _code(place: int) -> str:
    count = len(_LETTERS)
    return _LETTERS[place] if place < count else _LETTERS[place // count] + _LETTERS[place % count]


CODES: Mapping[str, str] = {word: _code(place) for place, word in enumerate(KNOWN)}
_WORDS = {code: word for word, code in CODES.items()}
#: Before what could be taken for a code, or for nothing.
PLAIN = "="
#: No code is longer.
_LONGEST = 2


def coded(word: str) -> str:
    """As it is stored. `word`: not empty."""
    if word in CODES:
        return CODES[word]
    return PLAIN + word if len(word) <= _LONGEST or word.startswith(PLAIN) else word


def spelt(stored: str) -> str:
    """The word of a code. A code of a later release, or of nobody, is told as it is."""
    if stored.startswith(PLAIN):
        return stored[len(PLAIN) :]
    return _WORDS.get(stored, stored)


class Word(TypeDecorator[str]):
    """A word in its shortest form; SQL compares it as a whole only, see `begins`. `empty`: what an
    empty text stands for. None is stored as one, as a row with a gap begins eight bytes later."""

    impl = String(200)
    cache_ok = True

    def __init__(self, empty: str | None = "") -> None:
        super().__init__()
        self.empty = empty

    @staticmethod
    def stored(value: str | None) -> str:
        return coded(value) if value else ""

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str:
        return self.stored(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return spelt(value) if value else self.empty


def begins(column: Any, beginning: str) -> ColumnElement[bool]:
    """Whether a column of words says one that begins so (with more than two letters)."""
    known = [word for word in KNOWN if word.startswith(beginning)]
    as_it_is = type_coerce(column, String()).startswith(beginning, autoescape=True)
    return or_(column.in_(known), as_it_is) if known else as_it_is
