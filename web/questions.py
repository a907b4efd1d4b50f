"""The questions of a form as a page asks them: a JSON Schema read for one reader."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.domain.form import is_required
from engine.domain.words import Words

Schema = Mapping[str, Any]

#: What a browser may fill in by itself, by where the office takes it from (WCAG 2.2, 1.3.5).
AUTOCOMPLETE = {"actor.name": "name", "subject.phone": "tel", "subject.address": "street-address"}
BLANK_ROWS = 3
LONG_TEXT = 120


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to answer; `key` is what the browser sends for `value`."""

    key: str
    value: Any
    title: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One blank of a row of `missing_papers`."""

    name: str
    id: str
    title: str
    value: str
    error: str
    maxlength: int | None
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of `missing_papers`: a paper, whether it is asked for, and its blanks."""

    name: str
    id: str
    choice: Choice | None  # None: the paper is named by hand, in the first blank
    is_chosen: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question as the page asks it."""

    name: str
    id: str
    title: str
    help: str
    widget: str
    is_required: bool
    value: Any
    error: str = ""
    choices: tuple[Choice, ...] = ()
    rows: tuple[Row, ...] = ()
    asked_if: tuple[str, tuple[str, ...]] | None = None  # (field, keys of the choices)
    condition: str = ""  # the same as a sentence, for browsers without scripts
    is_known: bool = False  # filled in by the system
    autocomplete: str = ""  # the token for what a browser knows about its owner
    limits: Mapping[str, Any] = field(default_factory=dict)  # maxlength, min, max, step
    parts_wrong: tuple[tuple[str, str], ...] = ()  # (id, sentence) of wrong blanks

    @property
    def shown_value(self) -> str:
        """The answer as read back on a check page."""
        if self.widget == "checkbox":
            return "✓" if self.value is True else ""
        if self.rows:
            chosen = [row for row in self.rows if row.is_chosen]
            return "\n".join(" — ".join(_texts_of(row)) for row in chosen)
        values = self.value if isinstance(self.value, list) else [self.value]
        titles = {choice.value: choice.title for choice in self.choices}
        return "、".join(str(titles.get(one, one)) for one in values if one not in (None, ""))


def questions(
    schema: Schema,
    answers: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    language: str = "zh",
    only: Collection[str] | None = None,
    known: Collection[str] = (),
    suggestions: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Question, ...]:
    """The questions in order, with what was answered and what is wrong; `only` names some.

    `known`: what the system filled in. `suggestions`: for blanks of `missing_papers`, what may
    be picked instead of written.
    """
    picks = dict(suggestions or {})
    reader = _Reader(schema, dict(answers or {}), dict(errors or {}), language, known, picks)
    return tuple(reader.question(name) for name in names_of(schema, only))


def problems_of(asked: Sequence[Question]) -> list[tuple[str, str]]:
    """Pairs (id of the blank, sentence) for the summary on top of a page."""
    found: list[tuple[str, str]] = []
    for question in asked:
        if question.error:
            found.append((question.id, question.error))
        found.extend(question.parts_wrong)
    return found


def names_of(schema: Schema, only: Collection[str] | None) -> list[str]:
    properties = schema.get("properties", {})
    order = [name for name in schema.get("x-order", ()) if name in properties]
    names = order + [name for name in properties if name not in order]
    return [name for name in names if only is None or name in only]


def _id(path: str) -> str:
    return "f-" + path.replace(".", "-")


def key_of(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def widget_of(schema: Schema) -> str:
    """The widget named, or the one that fits the type."""
    if named := schema.get("x-widget"):
        return str(named)
    if "oneOf" in schema or "enum" in schema:
        return "radio"
    match schema.get("type"):
        case "array":
            has_rows = schema.get("items", {}).get("type") == "object"
            return "missing_papers" if has_rows else "checklist"
        case "boolean":
            return "checkbox"
        case "integer" | "number":
            return "number"
    return _text_widget(schema)


def _text_widget(schema: Schema) -> str:
    if schema.get("format") == "date":
        return "date"
    return "textarea" if schema.get("maxLength", 0) > LONG_TEXT else "text"


def _texts_of(row: Row) -> list[str]:
    named = [row.choice.title] if row.choice else []
    return named + [cell.value for cell in row.cells if cell.value]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns parts of one schema into questions for one reader."""

    schema: Schema
    answers: dict[str, Any]
    errors: dict[str, str]
    language: str
    known: Collection[str]
    suggestions: dict[str, Sequence[str]]

    def question(self, name: str) -> Question:
        part: Schema = self.schema["properties"][name]
        widget = widget_of(part)
        value = self.answers.get(name, part.get("default"))
        rows = self.rows(name, part, value) if widget == "missing_papers" else ()
        return Question(
            name=name,
            id=_id(name),
            title=self.text(part, "title", "x-title-en") or name,
            help=self.text(part, "description", "x-help-en"),
            widget=widget,
            is_required=is_required(self.schema, name),
            value=value,
            error=self.errors.get(name, ""),
            choices=self.choices(part.get("items", {}) if widget == "checklist" else part),
            rows=rows,
            asked_if=self.asked_if(part),
            condition=self.condition(part),
            is_known=name in self.known,
            autocomplete=_autocomplete(part),
            limits=_limits(part),
            parts_wrong=tuple(
                (_id(path), sentence)
                for path, sentence in self.errors.items()
                if path.startswith(f"{name}.")
            ),
        )

    def text(self, part: Schema, chinese: str, english: str) -> str:
        return Words(part.get(chinese, ""), part.get(english, "")).within(self.language)

    def choices(self, part: Schema) -> tuple[Choice, ...]:
        listed = part.get("oneOf") or [{"const": value} for value in part.get("enum", ())]
        return tuple(
            Choice(
                key=key_of(one["const"]),
                value=one["const"],
                title=self.text(one, "title", "x-title-en") or str(one["const"]),
                help=self.text(one, "description", "x-help-en"),
            )
            for one in listed
            if "const" in one
        )

    def asked_if(self, part: Schema) -> tuple[str, tuple[str, ...]] | None:
        condition = part.get("x-show-if")
        if condition is None:
            return None
        return condition["field"], tuple(key_of(value) for value in condition["in"])

    def condition(self, part: Schema) -> str:
        """When the question is asked, in words."""
        condition = part.get("x-show-if")
        if condition is None:
            return ""
        other: Schema = self.schema["properties"].get(condition["field"], {})
        choices = self.choices(other) or self.choices(other.get("items", {}))
        titles = [choice.title for choice in choices if choice.value in condition["in"]]
        named = "、".join(titles) or self.text(other, "title", "x-title-en")
        if condition["in"] == [False]:
            said = Words(f"不勾选“{named}”时才填", f"Only if “{named}” is not ticked")
        else:
            said = Words(f"选“{named}”时才填", f"Only for “{named}”")
        return said.within(self.language)

    def rows(self, name: str, part: Schema, value: Any) -> tuple[Row, ...]:
        """A row for each paper that can be chosen, or for each one named plus some blank ones."""
        blanks: Schema = part.get("items", {}).get("properties", {})
        given: list[dict[str, Any]] = [one for one in value or () if isinstance(one, dict)]
        naming = next((key for key, blank in blanks.items() if self.choices(blank)), None)
        if naming is None:
            lines = given + [{}] * max(1, BLANK_ROWS - len(given))
            return tuple(
                Row(f"{name}.{at}", _id(f"{name}.{at}"), None, bool(line), cells)
                for at, line in enumerate(lines)
                if (cells := self.cells(f"{name}.{at}", f"{name}.{at}", blanks, line))
            )
        others = {key: blank for key, blank in blanks.items() if key != naming}
        chosen = {one.get(naming): (at, one) for at, one in enumerate(given)}
        rows = []
        for place, choice in enumerate(self.choices(blanks[naming])):
            at, line = chosen.get(choice.value, (None, {}))
            answered = f"{name}.{place}-not" if at is None else f"{name}.{at}"
            cells = self.cells(f"{name}.{place}", answered, others, line)
            named = f"{name}.{place}.{naming}"
            rows.append(Row(named, _id(named), choice, bool(line), cells))
        return tuple(rows)

    def cells(
        self, path: str, answered: str, blanks: Schema, line: Mapping[str, Any]
    ) -> tuple[Cell, ...]:
        """The blanks of one row; `answered` is its place among the answers, which errors name."""
        return tuple(
            Cell(
                name=f"{path}.{key}",
                id=_id(f"{answered}.{key}"),
                title=self.text(blank, "title", "x-title-en") or key,
                value=str(line.get(key, "")),
                error=self.errors.get(f"{answered}.{key}", ""),
                maxlength=blank.get("maxLength"),
                suggestions=tuple(self.suggestions.get(key, ())),
            )
            for key, blank in blanks.items()
        )


def _autocomplete(part: Schema) -> str:
    if part.get("format") == "email":
        return "email"
    return AUTOCOMPLETE.get(str(part.get("x-prefill", "")), "")


def _limits(part: Schema) -> dict[str, Any]:
    pairs = {
        "maxlength": part.get("maxLength"),
        "min": part.get("minimum", part.get("formatMinimum")),
        "max": part.get("maximum", part.get("formatMaximum")),
        "step": "1" if part.get("type") == "integer" else part.get("multipleOf"),
    }
    return {key: value for key, value in pairs.items() if value is not None}
