"""Answers that a form accepts: one for every choice the diagram tells apart, and random ones."""

from collections.abc import Mapping
from random import Random
from typing import Any

from engine.domain.form import counted, validate
from engine.runtime.gate.simulation.constants import OTHER, Compared, product_of
from engine.runtime.gate.simulation.patterns import matching

Form = Mapping[str, Any]

#: Combinations tried of one form; how often a form is asked what is still wrong.
MOST_COMBINATIONS, ROUNDS = 64, 20
ODD_TEXTS = ("0", " ", "<b>&amp;</b>", "'; drop", "是", "\u202e", "None", "x" * 400, "due")


def worth_trying(
    form: Form, read: frozenset[str], compared: Compared
) -> tuple[list[dict[str, Any]], bool]:
    """Full answers for every combination of what is read; whether some were left out."""
    questions = form.get("properties", {})
    choices = {
        name: _values(questions[name], compared.choices(name)) for name in questions if name in read
    }
    combinations, is_cut = product_of(choices, MOST_COMBINATIONS)
    chance, found = Random(0), dict[str, dict[str, Any]]()  # noqa: S311 - no secret
    for fixed in combinations:
        filled = _filled(form, fixed, chance)
        if filled is not None:
            told = {name: filled[name] for name in sorted(read & filled.keys())}
            found.setdefault(repr(told), filled)
    return list(found.values()), is_cut


def garbage(form: Form, chance: Random) -> dict[str, Any] | None:
    """Answers nobody would give, but the form accepts; None where none are found."""
    questions = form.get("properties", {})
    odd = {
        name: _sample(question, chance)
        for name, question in questions.items()
        if chance.random() < 0.7
    }
    return _filled(form, {}, chance, given=odd)


def _values(question: Form, compared: tuple[Any, ...]) -> tuple[Any, ...]:
    options = _options(question)
    if question.get("type") == "array":
        inside = _options(question.get("items", {}))
        return (*([each] for each in inside), list(inside)) if inside else ([],)
    if options:
        return options
    if question.get("type") == "boolean":
        return (True, False)
    if question.get("type") in ("integer", "number"):
        numbers = tuple(each for each in compared if isinstance(each, int | float))
        return numbers or (question.get("minimum", 0), question.get("maximum", 1))
    return compared or (OTHER,)


def _options(question: Form) -> tuple[Any, ...]:
    if "const" in question:
        return (question["const"],)
    if "enum" in question:
        return tuple(question["enum"])
    held = question.get("oneOf")
    return tuple(each["const"] for each in held if "const" in each) if held else ()


def _filled(
    form: Form, fixed: Mapping[str, Any], chance: Random, given: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """`fixed` with whatever else the form wants; None where it will not take what is fixed."""
    answers, questions = {**(given or {}), **fixed}, form.get("properties", {})
    for _ in range(ROUNDS):
        wrong = {path.partition(".")[0] for path in validate(form, answers)}
        if not wrong:
            return counted(form, answers)
        if wrong & fixed.keys():
            return None
        for name in sorted(wrong):
            asked = name
            if name not in questions:  # said of the form as a whole: one more answer may help
                answers.pop(name, None)
                asked = chance.choice([n for n in questions if n not in answers] or [""])
            if asked in questions:
                answers[asked] = _sample(questions[asked], chance)
    return None


def _sample(question: Form, chance: Random) -> Any:
    options, kind = _options(question), question.get("type", "string")
    if options:
        return chance.choice(options)
    if kind == "array":
        least, most = question.get("minItems", 0), question.get("maxItems", 3)
        return _several(question.get("items", {}), chance.randint(least, max(least, most)), chance)
    if kind == "object":
        asked = question.get("properties", {})
        return {name: _sample(each, chance) for name, each in asked.items()}
    if kind in ("integer", "number"):
        low = question.get("minimum", question.get("exclusiveMinimum", -1) + 1)
        return chance.choice((low, question.get("maximum", low + chance.randint(0, 9))))
    return chance.choice((True, False)) if kind == "boolean" else _text(question, chance)


def _several(items: Form, count: int, chance: Random) -> list[Any]:
    found: list[Any] = []
    for each in (_sample(items, chance) for _ in range(count * 4)):
        if each not in found and len(found) < count:
            found.append(each)
    return found


def _text(question: Form, chance: Random) -> str:
    if question.get("format") == "date":
        return f"20{chance.randint(10, 40)}-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}"
    if question.get("format") == "email":
        return "a@example.com"
    pattern = question.get("pattern")
    text = chance.choice(ODD_TEXTS) if pattern is None else matching(pattern, chance) or ""
    least, most = question.get("minLength", 0), question.get("maxLength", 2_000)
    return (text * (least // max(1, len(text)) + 1))[:most] if len(text) < least else text[:most]
