"""Days in a form: which lie behind or ahead of today, and which follow on a day that is known already."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.domain.words import Words, written

#: On a date: `past` for one that cannot lie ahead, `future` for one that cannot lie behind.
DAY = "x-day"
DAYS = ("past", "future")
#: On a date: the name of a day before which it cannot lie.
NOT_BEFORE = "x-not-before"
#: What may be named so. Of several records the first decision counts.
KNOWN = {
    "record.decided_on": Words("处罚决定作出之日", "the day of the decision"),
    "case.filed_on": Words("申请之日", "the day of the application"),
    "letter.issued_on": Words("文书签发之日", "the day on which the letter was issued"),
}

_SENTENCES = {
    "past": Words("{zh}不能晚于今天", "{en} cannot be later than today"),
    "future": Words("{zh}不能早于今天", "{en} cannot be earlier than today"),
}
_EARLY = Words("不能早于{name}（{day}）", "cannot be earlier than {name} ({day})")


def asked_for(schema: Mapping[str, Any]) -> frozenset[str]:
    """The names of the days that the questions of a form are held to."""
    questions = schema.get("properties", {}).values()
    return frozenset(part[NOT_BEFORE] for part in questions if NOT_BEFORE in part)


def what_is_wrong(
    question: Mapping[str, Any], value: Any, today: date, known: Mapping[str, date]
) -> Words | None:
    """A sentence with `{zh}` and `{en}` for the title of the question; None when the day is well.

    known: name -> day, as in `KNOWN`; a day that is not known holds nothing back.
    """
    try:
        on = date.fromisoformat(str(value))
    except ValueError:  # said by its format
        return None
    kind = question.get(DAY)
    if (kind == "past" and on > today) or (kind == "future" and on < today):
        return _SENTENCES[kind]
    name = question.get(NOT_BEFORE, "")
    first = known.get(name)
    return _too_early(KNOWN[name], first) if first is not None and on < first else None


def _too_early(name: Words, first: date) -> Words:
    zh = _EARLY.zh.format(name=name.zh, day=written(first).zh)
    en = _EARLY.en.format(name=name.en, day=written(first).en)
    return Words("{zh}" + zh, "{en} " + en)
