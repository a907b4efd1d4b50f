"""What templates say hundreds of times a page, looked up once: translated texts, addresses of one kind,
lights that are alike."""

import re
from typing import Any
from uuid import UUID

from flask import Flask, current_app, g
from flask_babel import get_translations
from jinja2.runtime import Macro
from markupsafe import Markup

from web.locale import language
from web.veil import shown

_KEY = "phrases"
#: What a number of in an English text loses its s beside one: 1 working day.
_UNITS = re.compile(
    r"(%\(n\)s (?:working |calendar |office |half )?(?:day|month|year|hour|minute))s\b"
)
#: Stands in an address for the id in which it differs from others of its kind.
_ANY_ID = UUID("7b0dd05e-0000-4000-8000-5e1ec7ab1e00")


class Phrases:
    """The texts of one language, as templates print them: marked safe, their variables escaped."""

    def __init__(self) -> None:
        self._whole: dict[str, Markup] = {}
        self._patterns: dict[str, Markup] = {}

    def say(self, text: str, given: dict[str, Any]) -> Markup:
        """A message by its id. Always a pattern: a percent sign is written twice."""
        if given:
            told = {name: shown(value) for name, value in given.items()}
            return self.counting(self._pattern(text), given.get("n")) % told
        said = self._whole.get(text)
        if said is None:
            said = self._whole[text] = self._pattern(text) % {}
        return said

    @staticmethod
    def counting(pattern: Markup, n: Any) -> Markup:
        """The pattern as it is said of so many."""
        return Markup(_UNITS.sub(r"\1", pattern)) if str(n) == "1" else pattern  # noqa: S704

    def _pattern(self, text: str) -> Markup:
        pattern = self._patterns.get(text)
        if pattern is None:
            told = get_translations().ugettext(text)
            pattern = self._patterns[text] = Markup(told)  # noqa: S704 - our own catalogue
        return pattern


def install(app: Flask) -> None:
    """Instead of the functions of Flask-Babel and Flask; the same words and addresses."""
    app.extensions[_KEY] = {}
    app.jinja_env.globals.update(_=_say, gettext=_say, url_for=_url_for, drawn=_drawn)


def _say(message: str, /, **given: Any) -> Markup:
    try:
        phrases: Phrases = g.phrases
    except AttributeError:
        phrases = g.phrases = current_app.extensions[_KEY].setdefault(language(), Phrases())
    return phrases.say(message, given)


def _drawn(macro: Macro, *given: Any) -> str:
    """What a macro makes of these values: within one request it is asked once for the same."""
    if "drawn" not in g:
        g.drawn = {}
    known: dict[Any, str] = g.drawn
    text = known.get((macro, given))
    if text is None:
        text = known[macro, given] = macro(*given)
    return text


def _url_for(endpoint: str, **values: Any) -> str:
    """An address is built once a request; those of an endpoint that differ in one id alone are put
    together from the parts of the first."""
    if "addresses" not in g:
        g.addresses = {}
    known: dict[Any, tuple[str, ...]] = g.addresses
    name, given = _only_id(values)
    others = tuple(item for item in values.items() if item[0] != name)
    try:
        parts = known.get((endpoint, name, others))
    except TypeError:  # a list among the values
        return current_app.url_for(endpoint, **values)
    if parts is None:
        built = current_app.url_for(endpoint, **{**values, name: _ANY_ID} if name else values)
        parts = known[endpoint, name, others] = tuple(built.split(str(_ANY_ID)))
    if name is None:
        return parts[0]
    if len(parts) != 2:
        return current_app.url_for(endpoint, **values)
    return f"{parts[0]}{given}{parts[1]}"


def _only_id(values: dict[str, Any]) -> tuple[str | None, UUID | None]:
    """The name and value of the only id among them; nothing when there are several or none."""
    ids = [(name, value) for name, value in values.items() if type(value) is UUID]
    return ids[0] if len(ids) == 1 else (None, None)
