"""Forms on a page: pages and buttons of a JSON Schema, and what was sent read as answers.

Conventions of the schemas: workflows/README.md. `engine.domain.form` says what is wrong.
"""

import math
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from engine.domain import form as domain_form
from engine.domain.personal_numbers import holds_hidden
from engine.domain.words import Words
from web.questions import (
    Choice,
    Question,
    Schema,
    key_of,
    names_of,
    problems_of,
    questions,
    widget_of,
)

__all__ = [
    "Choice",
    "FormPage",
    "Question",
    "intro",
    "pages",
    "parse_form",
    "problems_of",
    "questions",
    "submit_label",
    "validate",
]


@dataclass(frozen=True, slots=True)
class FormPage:
    """One page of a guided form."""

    key: str
    title: Words
    fields: tuple[str, ...]


def pages(schema: Schema) -> tuple[FormPage, ...]:
    """The pages of a guided form (`x-pages`); one page with everything when none are named."""
    listed = schema.get("x-pages")
    if not listed:
        title = Words(schema.get("title", ""), schema.get("x-title-en", ""))
        return (FormPage("form", title, tuple(names_of(schema, None))),)
    return tuple(
        FormPage(page["key"], Words(page["zh"], page.get("en", "")), tuple(page["fields"]))
        for page in listed
    )


def submit_label(schema: Schema) -> Words:
    """What the primary button says (`x-submit`)."""
    label = schema.get("x-submit") or {}
    return Words(label.get("zh", "提交"), label.get("en", "Submit"))


def intro(schema: Schema) -> Words:
    """The sentence on top of the form (`x-intro`), '' without one."""
    text = schema.get("x-intro") or {}
    return Words(text) if isinstance(text, str) else Words(text.get("zh", ""), text.get("en", ""))


def parse_form(
    schema: Schema,
    sent: MultiDict[str, str],
    *,
    only: Collection[str] | None = None,
    keep_empty: bool = False,
) -> dict[str, Any]:
    """What a browser sent, typed as the schema asks.

    What cannot be read as its type stays text, so that validation can say so. Blanks left
    empty are absent, or None with `keep_empty` (a draft must be able to forget). Questions
    that are not asked are absent.
    """
    read = {name: _read(schema["properties"][name], name, sent) for name in names_of(schema, only)}
    filled = {name: value for name, value in read.items() if value is not None}
    asked = {
        name: value
        for name, value in filled.items()
        if only is not None or domain_form.is_asked(schema, name, filled)
    }
    return {name: asked.get(name) for name in read} if keep_empty else asked


def validate(
    schema: Schema,
    answers: Mapping[str, Any],
    *,
    language: str = "zh",
    only: Collection[str] | None = None,
    today: date | None = None,
) -> dict[str, str]:
    """What is wrong in the reader's language: field -> sentence; `only` looks at some fields."""
    found = domain_form.validate(schema, answers, today=today)
    return {
        name: sentence.opening.within(language)
        for name, sentence in found.items()
        if (only is None or name.partition(".")[0] in only) and not _is_hidden(answers.get(name))
    }


def _is_hidden(value: Any) -> bool:
    """A number that the blank showed hidden: whole again, it is judged where it is taken."""
    return isinstance(value, str) and holds_hidden(value)


def _read(part: Schema, name: str, sent: MultiDict[str, str]) -> Any:
    """One answer; None when the blank was left empty."""
    match widget_of(part):
        case "missing_papers":
            return _read_rows(part, name, sent) or None
        case "checklist":
            return [_typed(part.get("items", {}), key) for key in sent.getlist(name)] or None
        case "checkbox":
            return _clean(sent.get(name, "")) in {"true", "on", "1"}
    text = _clean(sent.get(name, ""))
    return _typed(part, text) if text else None


def _read_rows(part: Schema, name: str, sent: MultiDict[str, str]) -> list[dict[str, Any]]:
    blanks: Schema = part.get("items", {}).get("properties", {})
    naming = next((key for key, one in blanks.items() if "oneOf" in one or "enum" in one), None)
    lines: dict[int, dict[str, Any]] = {}
    for path, text in sent.items():
        start, _, rest = path.partition(".")
        place, _, key = rest.partition(".")
        if start == name and place.isdigit() and key in blanks and _clean(text):
            lines.setdefault(int(place), {})[key] = _typed(blanks[key], _clean(text))
    ordered = [lines[place] for place in sorted(lines)]
    return [line for line in ordered if naming is None or naming in line]


def _typed(part: Schema, text: str) -> Any:
    """The value that a text stands for; the text itself when it stands for none."""
    listed = [one.get("const") for one in part.get("oneOf", ())] + list(part.get("enum", ()))
    for value in listed:
        if key_of(value) == text:
            return value
    if part.get("type") in {"integer", "number"}:
        return _number(text)
    if part.get("type") == "boolean":
        return {"true": True, "false": False}.get(text, text)
    return text


def _number(text: str) -> int | float | str:
    plain = unicodedata.normalize("NFKC", text).replace(",", "")
    try:
        number = float(plain)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(number) if number.is_integer() and "." not in plain else number


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
