"""Chinese in an English page: whatever no template has said to be Chinese is marked by its script.

Names, document numbers, opinions stay as they were written. Voices and fonts need to know that
(WCAG 3.1.2), on every page and in every part of one, wherever the text came from. Templates say
zh-CN of what they know to be Chinese; here `zh` is said of what is seen to be.
"""

import re
from collections.abc import Iterator

from flask import Flask, Response

from web.locale import RUN, language

_TOKEN = re.compile(r"<!--.*?-->|<[/!]?[a-zA-Z](?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.S)
_NAME = re.compile(r"</?([a-zA-Z][^\s/>]*)")
_LANG = re.compile(r"\slang=\"([^\"]*)\"")
_VALUE = re.compile(r"\svalue=\"[^\"]*[\u3400-\u9fff]")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_VOID = frozenset(("area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"))
#: What lies in these is no text of the page, or can hold no mark.
_OPAQUE = frozenset(("script", "style", "svg", "title"))
#: These hold text alone: they are marked themselves.
_PLAIN = frozenset(("option", "textarea"))
_NOT_TYPED = ('type="hidden"', 'type="checkbox"', 'type="radio"')
MARK = ' lang="zh"'


def install(app: Flask) -> None:
    app.after_request(_mark)


def _mark(response: Response) -> Response:
    if response.mimetype == "text/html" and not response.is_streamed and language() == "en":
        response.set_data(marked(response.get_data(as_text=True)))
    return response


def marked(html: str) -> str:
    """The page with every Chinese text in an element that says so. `html`: well formed, as templates
    that escape what they are given write it."""
    return "".join(_Page().pieces(html))


class _Page:
    """What is open where the reading has come to: names of elements, each with whether it is Chinese."""

    def __init__(self) -> None:
        self._open: list[tuple[str, bool]] = []
        self._opaque = ""

    def pieces(self, html: str) -> Iterator[str]:
        began, end = "", 0  # the tag just before, held back because its text may mark it
        for found in _TOKEN.finditer(html):
            tag = found.group()
            yield from self._with_text(began, html[end : found.start()], tag)
            end, began = found.end(), self._read(tag)
        yield from self._with_text(began, html[end:], "")

    def _with_text(self, began: str, text: str, then: str) -> Iterator[str]:
        if self._opaque or not _CHINESE.search(text) or (self._open and self._open[-1][1]):
            yield from (began, text)
        elif self._marks_itself(began, text, then):
            yield from (f"{began[:-1]}{MARK}>", text)
        else:
            yield from (began, _wrapped(text))

    def _marks_itself(self, began: str, text: str, then: str) -> bool:
        """Whether the element that has just begun holds this text alone, and may say what it is."""
        name = self._open[-1][0] if self._open else ""
        if not began.startswith(f"<{name}") or _LANG.search(began) or then != f"</{name}>":
            return False
        return name in _PLAIN or RUN.fullmatch(text.strip()) is not None

    def _read(self, tag: str) -> str:
        """Open or close what the tag does; the tag as it is to be written."""
        name = _NAME.match(tag)
        if name is None:  # a comment, or what kind of document it is
            return tag
        if tag[1] == "/":
            self._close(name.group(1))
        elif name.group(1) not in _VOID and not tag.endswith("/>"):
            self._begin(name.group(1), tag)
        elif name.group(1) == "input" and self._is_chinese_value(tag):
            return f"<input{MARK}{tag[6:]}"
        return tag

    def _begin(self, name: str, tag: str) -> None:
        said = _LANG.search(tag) if " lang=" in tag else None
        inherited = bool(self._open) and self._open[-1][1]
        self._open.append((name, said.group(1).startswith("zh") if said else inherited))
        if not self._opaque and name in _OPAQUE:
            self._opaque = name

    def _close(self, name: str) -> None:
        if name == self._opaque:
            self._opaque = ""
        while self._open and name in (each for each, _ in self._open):
            if self._open.pop()[0] == name:
                return

    def _is_chinese_value(self, tag: str) -> bool:
        if _LANG.search(tag) or any(one in tag for one in _NOT_TYPED):
            return False
        return _VALUE.search(tag) is not None and not (self._open and self._open[-1][1])


def _wrapped(text: str) -> str:
    """The text with its Chinese runs marked, as one piece: in a row of boxes it stays one box."""
    said = RUN.sub(rf"<bdi{MARK}>\g<0></bdi>", text)
    alone = RUN.fullmatch(text.strip()) is not None
    return said if alone else f"<bdi>{said}</bdi>"
