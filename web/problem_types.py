"""What each refusal means and what to do about it: whereto `type` of a problem leads."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from engine.domain.errors import EngineError
from engine.domain.words import Words
from web.problems import slug_of_http, status_of

_ANY_HTTP = {
    "meaning": [
        "HTTP 自己的回绝，没有别的含义。",
        "A refusal of HTTP's own, with no further meaning.",
    ]
}


@dataclass(frozen=True, slots=True)
class ProblemType:
    """`slug`: how programs know it, the last part of `type`. `is_common`: worth standing in the list."""

    slug: str
    status: int
    title: Words
    meaning: Words
    remedy: Words
    is_common: bool = True


@cache
def told() -> dict[str, Any]:
    """problem_types.toml; read once."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def raised() -> dict[str, type[EngineError]]:
    """Every refusal by its slug: the class that gave it the name."""
    return {kind.slug: kind for kind in _kinds(EngineError) if "slug" in vars(kind)}


def _kinds(kind: type[EngineError]) -> Iterator[type[EngineError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)


@cache
def all_types() -> tuple[ProblemType, ...]:
    """Every type there may be, by status and slug."""
    kinds, refusals = raised(), told()["refusals"]
    of_engine = (
        _of(slug, status_of(kinds[slug]), Words(*refusals[slug]["title"]), refusals[slug])
        for slug in refusals.keys() & kinds.keys()
    )
    of_http = (
        _of(slug_of_http(each), each, *_words_of_http(each))
        for each in HTTPStatus
        if each >= HTTPStatus.BAD_REQUEST and slug_of_http(each) not in refusals
    )
    return tuple(sorted((*of_engine, *of_http), key=lambda each: (each.status, each.slug)))


def _words_of_http(status: HTTPStatus) -> tuple[Words, dict[str, Any]]:
    words = told()["http"].get(str(status.value), _ANY_HTTP)
    return Words(*words.get("title", [status.phrase])), words


def _of(slug: str, status: int, title: Words, words: dict[str, Any]) -> ProblemType:
    is_ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    remedy = words.get("remedy", "tell" if is_ours else "again")
    chosen = told()["remedies"][remedy] if isinstance(remedy, str) else remedy
    meaning = Words(*words["meaning"])
    return ProblemType(slug, int(status), title, meaning, Words(*chosen), words is not _ANY_HTTP)
