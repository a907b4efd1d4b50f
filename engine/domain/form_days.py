"""Days in a form: which lie behind or ahead of today, and which follow on a day that is known already."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.domain.words import Words, written

#: Before and after these nothing of an office happens, and reckoning would leave what dates can say.
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
#: On a date: `past` for one that cannot lie ahead, `future` for one that cannot lie behind.
DAY = "x-day"
DAYS = ("past", "future")
#: On a date: the name of a day before which it cannot lie, or of another question of the form.
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


def asked_for(schema: Mapping[str, Any]) -> set[str]:
    """The names of the days beyond the form that its questions are held to."""
    questions = schema.get("properties", {}).values()
    return KNOWN.keys() & {part.get(NOT_BEFORE) for part in questions}


def what_is_wrong(
    schema: Mapping[str, Any],
    name: str,
    answers: Mapping[str, Any],
    today: date,
    known: Mapping[str, date],
) -> Words | None:
    """A sentence with `{zh}` and `{en}` for the title of the question; None when the day is well.

    known: name -> day, as in `KNOWN`; a day that is not known holds nothing back.
    """
    questions = schema.get("properties", {})
    question, on = questions[name], _day(answers.get(name))
    if on is None:  # said by its format
        return None
    kind = question.get(DAY)
    if (kind == "past" and on > today) or (kind == "future" and on < today):
        return _SENTENCES[kind]
    other = question.get(NOT_BEFORE, "")
    first = known.get(other) or _day(answers.get(other))
    if first is None or on >= first:
        return None
    return _too_early(KNOWN.get(other) or _title(questions[other]), first)


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _title(question: Mapping[str, Any]) -> Words:
    return Words(question.get("title", ""), question.get("x-title-en", ""))


def _too_early(name: Words, first: date) -> Words:
    zh = _EARLY.zh.format(name=name.zh, day=written(first).zh)
    en = _EARLY.en.format(name=name.en, day=written(first).en)
    return Words("{zh}" + zh, "{en} " + en)
