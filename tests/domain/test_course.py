"""Courses: the law of the day, questions drawn by a seed, marks; and the course that ships."""

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.course import Course, mark, options_in_order, read_course
from engine.domain.law import read_laws
from engine.settings import ROOT

COURSE = read_course((ROOT / "workflows/common/training/credit_repair.toml").read_text("utf-8"))
LAWS = read_laws(tomllib.loads((ROOT / "workflows/common/laws.toml").read_text("utf-8")))
DAYS = [date(2019, 7, 1), date(2020, 3, 2), date(2023, 5, 1), date(2026, 3, 31), date(2026, 4, 1)]
EPIDEMIC = frozenset({"public_health"})


def right_answers(course: Course, drawn: tuple[str, ...]) -> dict[str, list[str]]:
    return {each.key: sorted(each.right) for each in course.questions if each.key in drawn}


@given(st.text(max_size=20))
def test_a_seed_draws_the_same_questions_again_and_none_twice(seed: str) -> None:
    course = COURSE.on(DAYS[1], EPIDEMIC, LAWS)
    drawn = course.drawn(seed)
    assert drawn == course.drawn(seed)
    assert len(set(drawn)) == course.draw


def test_seeds_draw_different_questions_and_every_question_is_drawn_by_some() -> None:
    course = COURSE.on(DAYS[1], EPIDEMIC, LAWS)
    draws = {course.drawn(str(seed)) for seed in range(200)}
    assert len(draws) > 150
    assert {key for drawn in draws for key in drawn} == {each.key for each in course.questions}


def test_options_are_mixed_so_that_the_right_one_is_not_always_the_first() -> None:
    question = COURSE.questions[0]
    firsts = {options_in_order(question, str(seed))[0] for seed in range(60)}
    assert firsts == set(question.options)


@pytest.mark.parametrize(("wrong", "passes"), [(0, True), (2, True), (3, False)])
def test_eighty_of_a_hundred_must_be_right(wrong: int, passes: bool) -> None:
    course = COURSE.on(DAYS[1], EPIDEMIC, LAWS)
    drawn = course.drawn("seed")
    answers = right_answers(course, drawn)
    for key in drawn[:wrong]:
        answers[key] = ["nothing of that"]
    done = mark(course, drawn, answers)
    assert (done.right, done.total, done.is_passed) == (10 - wrong, 10, passes)
    assert done.wrong == drawn[:wrong]


def test_of_several_right_options_all_and_no_other_count() -> None:
    course = COURSE.on(DAYS[1], EPIDEMIC, LAWS)
    right = course.question("papers_527")
    assert right is not None
    assert right.has_several
    for chosen in (["training"], ["training", "report", "deposit"], []):
        assert not mark(course, ("papers_527",), {"papers_527": chosen}).is_passed
    assert mark(course, ("papers_527",), {"papers_527": ["report", "training"]}).is_passed


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("emergencies", [frozenset(), EPIDEMIC])
def test_a_course_of_any_day_has_a_whole_test_and_teaches_only_law_of_that_day(
    day: date, emergencies: frozenset[str]
) -> None:
    course = COURSE.on(day, emergencies, LAWS)
    assert len(course.questions) >= course.draw
    taught = {each.key for each in course.sections}
    assert {each.section for each in course.questions} <= taught
    for section in course.sections:
        for law in section.basis:
            assert LAWS.citations(law), law
            assert LAWS.is_current(law, day), (day, section.key, law)


def test_each_regime_teaches_its_own_periods() -> None:
    told = {day: {s.key for s in COURSE.on(day, (), LAWS).sections} for day in DAYS}
    assert "periods_527" in told[date(2020, 3, 2)]
    assert "periods_58" in told[date(2023, 5, 1)]
    assert "periods_58" in told[date(2026, 3, 31)]
    assert "periods_36" in told[date(2026, 4, 1)]
    assert all(sum(key.startswith("periods_") for key in keys) == 1 for keys in told.values())


def test_the_rules_of_the_epidemic_are_taught_only_while_the_response_runs() -> None:
    day = date(2020, 3, 2)
    assert COURSE.on(day, EPIDEMIC, LAWS).section("epidemic") is not None
    assert COURSE.on(day, (), LAWS).section("epidemic") is None
    assert COURSE.on(day, (), LAWS).question("wilful") is None


def test_every_option_is_said_in_both_languages_and_every_right_one_exists() -> None:
    for question in COURSE.questions:
        assert question.right <= question.options.keys(), question.key
        assert all(each.zh and each.en for each in question.options.values())
        assert COURSE.section(question.section) is not None
