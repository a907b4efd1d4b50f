"""Forms: which questions are asked, and what is wrong with an answer, said in both languages."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from jsonschema.exceptions import ValidationError

from engine.domain import form_days
from engine.domain.form_checker import checker
from engine.domain.words import Words

Schema = Mapping[str, Any]
Answers = Mapping[str, Any]

_FORMAT_SENTENCES = {
    "date": Words("{zh}要写成 2020-03-02 这样的日期", "{en} must be a date such as 2020-03-02"),
    "email": Words("{zh}不像一个邮箱地址", "{en} does not look like an e-mail address"),
}

_TYPE_SENTENCES = {
    "integer": Words("{zh}要填整数", "{en} must be a whole number"),
    "number": Words("{zh}要填数字", "{en} must be a number"),
    "boolean": Words("请回答：{zh}", "answer: {en}"),
}

_SENTENCES = {
    "required": Words("请填写{zh}", "enter: {en}"),
    "choose": Words("请选择{zh}", "choose: {en}"),
    "confirm": Words("请勾选：{zh}", "tick: {en}"),
    "enum": Words("请从列出的选项里选{zh}", "choose one of the options listed: {en}"),
    "minLength": Words("{zh}至少写 {limit} 个字", "{en} needs at least {limit} characters"),
    "maxLength": Words(
        "{zh}最多 {limit} 个字，现在有 {length} 个",
        "{en} may have at most {limit} characters, it has {length}",
    ),
    "minimum": Words("{zh}不能小于 {limit}", "{en} must be at least {limit}"),
    "maximum": Words("{zh}不能大于 {limit}", "{en} must be at most {limit}"),
    "exclusiveMinimum": Words("{zh}要大于 {limit}", "{en} must be more than {limit}"),
    "exclusiveMaximum": Words("{zh}要小于 {limit}", "{en} must be less than {limit}"),
    "minItems": Words("{zh}至少要有 {limit} 项", "{en}: at least {limit}"),
    "maxItems": Words("{zh}最多 {limit} 项", "{en}: at most {limit}"),
    "pattern": Words("{zh}的写法不对", "{en} is not written as it should be"),
    "uniqueItems": Words("{zh}里有重复的", "{en}: something is there twice"),
    "unkeepable": Words("{zh}里有无法保存的字符", "{en}: a character in it cannot be kept"),
    "unknown": Words("没有这个问题：{zh}", "there is no such question: {en}"),
}
_OTHERWISE = Words("{zh}填得不对", "{en} is not right")


def counted(schema: Schema, answers: Answers) -> dict[str, Any]:
    """The answers that count: what was left empty, or is not asked (`x-show-if`), is gone."""
    filled = {name: value for name, value in answers.items() if value is not None and value != ""}
    return {name: value for name, value in filled.items() if is_asked(schema, name, filled)}


def is_asked(schema: Schema, name: str, answers: Answers) -> bool:
    """Whether the question is asked, given the other answers; so is one without `x-show-if`."""
    condition = schema.get("properties", {}).get(name, {}).get("x-show-if")
    if condition is None:
        return True
    field = condition["field"]
    return is_asked(schema, field, answers) and _is_among(answers.get(field), condition["in"])


def is_required(schema: Schema, name: str) -> bool:
    """Whether an answer must be given when the question is asked, here or under a condition."""
    demands = [schema, *(part.get("then", {}) for part in schema.get("allOf", ()))]
    return any(name in demand.get("required", ()) for demand in demands)


def validate(
    schema: Schema,
    answers: Answers,
    *,
    today: date | None = None,
    known: Mapping[str, date] | None = None,
) -> dict[str, Words]:
    """What is wrong: field -> sentence; empty when all is well.

    today: in office time, for days that must have come or must be still to come (`x-day`).
    known: days that others follow on (`x-not-before`), by the names of `form_days.KNOWN`.

    A part of an answer is named by its path: `missing.0.reason`. One sentence for each field;
    a question that is not asked is not missed.
    """
    given = counted(schema, answers)
    found: dict[str, Words] = {}
    for name in schema.get("required", ()):
        if name not in given and is_asked(schema, name, given):
            found[name] = _at(schema, [name], _missing(_question(schema, [name])))[1]
    for name, value in given.items():
        if not can_be_kept(value):
            found[name] = _at(schema, [name], _SENTENCES["unkeepable"])[1]
    for error in sorted(checker(schema).errors(given), key=_by_weight):
        for path, sentence in _said(schema, error):
            found.setdefault(path, sentence)
    found = {**_out_of_time(schema, given, today, known or {}), **found}
    order = {name: place for place, name in enumerate(schema.get("properties", {}))}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0].partition(".")[0], -1)))


def _out_of_time(
    schema: Schema, given: Answers, today: date | None, known: Mapping[str, date]
) -> dict[str, Words]:
    if today is None:
        return {}
    told = {
        name: form_days.what_is_wrong(schema, name, given, today, known)
        for name in schema.get("properties", {})
        if name in given
    }
    return {name: _at(schema, [name], words)[1] for name, words in told.items() if words}


def can_be_kept(value: Any) -> bool:
    """Whether databases and hashes take every text in it: no NUL, no half of a surrogate pair."""
    if isinstance(value, str):
        return "\0" not in value and value.encode(errors="replace").decode() == value
    if isinstance(value, Mapping):
        return all(can_be_kept(part) for pair in value.items() for part in pair)
    return not isinstance(value, list | tuple) or all(can_be_kept(part) for part in value)


def _by_weight(error: ValidationError) -> int:
    """A wrong format says more than the pattern that it does not fit either."""
    return 1 if error.validator == "pattern" else 0


def _is_among(value: Any, accepted: list[Any]) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(one in accepted for one in values)


def _said(schema: Schema, error: ValidationError) -> Iterator[tuple[str, Words]]:
    path = [str(step) for step in error.absolute_path]
    instance: Any = error.instance
    wanted: Any = error.validator_value
    if error.validator == "required":
        for name in wanted:
            if name not in instance:
                yield _at(schema, [*path, name], _missing(_question(schema, [*path, name])))
    elif error.validator == "additionalProperties":
        for name in set(instance) - set(_question(schema, path).get("properties", {})):
            yield ".".join([*path, name]), _fill(_SENTENCES["unknown"], Words(name))
    else:
        while path and path[-1].isdigit():  # one of several choices: said beside their question
            path.pop()
        yield _at(schema, path, _pattern(error), error)


def _at(
    schema: Schema, path: list[str], pattern: Words, error: ValidationError | None = None
) -> tuple[str, Words]:
    question = _question(schema, path)
    fallback = path[-1] if path else ""
    chinese = question.get("title", fallback)
    title = Words(chinese, question.get("x-title-en", chinese))
    limit = error.validator_value if error else None
    instance: Any = error.instance if error else None
    length = len(instance) if isinstance(instance, str | list) else 0
    return ".".join(path), _fill(pattern, title, limit, length)


def _fill(pattern: Words, title: Words, limit: Any = None, length: int = 0) -> Words:
    values = {"zh": title.zh, "en": title.en or title.zh, "limit": limit, "length": length}
    english = pattern.en.format(**values)
    return Words(pattern.zh.format(**values), english[:1].upper() + english[1:])


def _question(schema: Schema, path: list[str]) -> Schema:
    """The part of the schema that asks for this part of the answers; {} where none does."""
    for step in path:
        part = schema.get("items") if step.isdigit() else schema.get("properties", {}).get(step)
        schema = part or {}
    return schema


def _missing(question: Schema) -> Words:
    if question.get("const") is True:
        return _SENTENCES["confirm"]
    is_choice = "oneOf" in question or "enum" in question or question.get("type") == "array"
    return _SENTENCES["choose" if is_choice else "required"]


def _pattern(error: ValidationError) -> Words:
    kind, wanted = str(error.validator), error.validator_value
    if kind == "const":
        return _SENTENCES["confirm" if wanted is True else "enum"]
    if kind in {"enum", "oneOf"}:
        return _SENTENCES["enum"]
    if kind == "type":
        return _TYPE_SENTENCES.get(str(wanted), _OTHERWISE)
    if kind == "format":
        return _FORMAT_SENTENCES.get(str(wanted), _OTHERWISE)
    return _SENTENCES.get(kind, _OTHERWISE)
