"""A course that enterprises take: sections to read, questions drawn by a seed, and how they are marked."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from engine.domain.law import Laws
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class Shown:
    """From when to when a part belongs to the course; `emergency`: only while one of that kind runs."""

    since: date | None
    until: date | None
    emergency: str

    def holds(self, on: date, emergencies: frozenset[str]) -> bool:
        begun = self.since is None or self.since <= on
        ended = self.until is not None and self.until < on
        return begun and not ended and (not self.emergency or self.emergency in emergencies)


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    title: Words
    text: tuple[Words, ...]
    minutes: int
    basis: tuple[str, ...]
    shown: Shown


@dataclass(frozen=True, slots=True)
class Question:
    """`right`: keys of the options that are right; all of them and no other must be chosen."""

    key: str
    section: str
    text: Words
    options: Mapping[str, Words]
    right: frozenset[str]
    shown: Shown

    @property
    def has_several(self) -> bool:
        return len(self.right) > 1


@dataclass(frozen=True, slots=True)
class Course:
    """draw: questions of one test; pass_mark: per cent that must be right; attempts_a_day: how many
    tests one may begin in a day; valid_months: how long a certificate counts."""

    key: str
    title: Words
    summary: Words
    document_mark: str
    minutes: int
    draw: int
    pass_mark: int
    attempts_a_day: int
    valid_months: int
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]

    def on(self, day: date, emergencies: Iterable[str], laws: Laws) -> "Course":
        """The course as it is taught on a day: its parts of that day, citing the law of that day."""
        running = frozenset(emergencies)
        sections = tuple(
            replace(each, basis=tuple(law for law in each.basis if laws.is_current(law, day)))
            for each in self.sections
            if each.shown.holds(day, running)
        )
        taught = {each.key for each in sections}
        questions = tuple(
            each
            for each in self.questions
            if each.section in taught and each.shown.holds(day, running)
        )
        return replace(self, sections=sections, questions=questions)

    def section(self, key: str) -> Section | None:
        return next((each for each in self.sections if each.key == key), None)

    def question(self, key: str) -> Question | None:
        return next((each for each in self.questions if each.key == key), None)

    def drawn(self, seed: str) -> tuple[str, ...]:
        """The questions of one test: the same seed draws the same ones, another seed others."""
        keys = sorted((each.key for each in self.questions), key=lambda key: _lot(seed, key))
        return tuple(keys[: self.draw])


@dataclass(frozen=True, slots=True)
class Mark:
    """right of total; `wrong` names the questions answered wrongly."""

    right: int
    total: int
    wrong: tuple[str, ...]
    is_passed: bool


def mark(course: Course, drawn: Iterable[str], answers: Mapping[str, Iterable[str]]) -> Mark:
    """How a test was done. A question that is not answered, or that the course has no more, is wrong."""
    asked = tuple(drawn)
    wrong = tuple(key for key in asked if not _is_right(course.question(key), answers.get(key, ())))
    right = len(asked) - len(wrong)
    return Mark(right, len(asked), wrong, right * 100 >= course.pass_mark * len(asked) > 0)


def _is_right(question: Question | None, chosen: Iterable[str]) -> bool:
    return question is not None and frozenset(chosen) == question.right


def options_in_order(question: Question, seed: str) -> tuple[str, ...]:
    """The options mixed by the seed, so that the right one is not always the first."""
    return tuple(sorted(question.options, key=lambda key: _lot(seed, f"{question.key}/{key}")))


def _lot(seed: str, key: str) -> str:
    return sha256(f"{seed}:{key}".encode()).hexdigest()


def read_course(source: str) -> Course:
    """A course from its TOML (workflows/common/training/). KeyError for what is missing."""
    told = tomllib.loads(source)
    return Course(
        key=told["key"],
        title=_words(told["title"]),
        summary=_words(told["summary"]),
        document_mark=told["document_mark"],
        minutes=told["minutes"],
        draw=told["draw"],
        pass_mark=told["pass_mark"],
        attempts_a_day=told["attempts_a_day"],
        valid_months=told["valid_months"],
        sections=tuple(_section(each) for each in told["sections"]),
        questions=tuple(_question(each) for each in told["questions"]),
    )


def _section(told: Mapping[str, Any]) -> Section:
    text = told["text"]
    return Section(
        key=told["key"],
        title=_words(told["title"]),
        text=tuple(Words(zh, en) for zh, en in zip(text["zh"], text["en"], strict=True)),
        minutes=told["minutes"],
        basis=tuple(told["basis"]),
        shown=_shown(told),
    )


def _question(told: Mapping[str, Any]) -> Question:
    return Question(
        key=told["key"],
        section=told["section"],
        text=_words(told["text"]),
        options={key: _words(each) for key, each in told["options"].items()},
        right=frozenset(told["right"]),
        shown=_shown(told),
    )


def _shown(told: Mapping[str, Any]) -> Shown:
    return Shown(told.get("since"), told.get("until"), told.get("emergency", ""))


def _words(told: Mapping[str, str]) -> Words:
    return Words(told["zh"], told["en"])
