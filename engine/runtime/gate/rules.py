"""The gate's sentences by code: severity, topic, and what a modeller is told (sentences.toml)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from engine.domain.gate_report import Finding, Severity

#: Values from diagrams are cut to this many characters in a sentence.
LONGEST_VALUE = 120


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing the gate can say. `zh` and `en` are patterns; the values are always text."""

    code: str
    severity: Severity
    topic: str
    zh: str
    en: str


@cache
def rules() -> Mapping[str, Rule]:
    told = tomllib.loads(files(__package__).joinpath("sentences.toml").read_text("utf-8"))
    return {
        code: Rule(
            code, Severity(each.get("severity", "refusal")), each["topic"], each["zh"], each["en"]
        )
        for code, each in told.items()
    }


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is wrong: file, process, element, its name and kind."""

    file: str
    process_id: str = ""
    element_id: str = ""
    name: str = ""
    kind: str = ""


def found(code: str, place: Place, **values: object) -> Finding:
    """A finding of that code. A value that is a pair is a Chinese and an English text."""
    rule = rules()[code]
    return Finding(
        code=code,
        severity=rule.severity,
        file=place.file,
        process_id=place.process_id,
        element_id=place.element_id,
        name=_shown(place.name or place.element_id or place.file),
        kind=place.kind,
        zh=rule.zh.format_map({name: _said(value, 0) for name, value in values.items()}),
        en=rule.en.format_map({name: _said(value, 1) for name, value in values.items()}),
    )


def _said(value: object, language: int) -> str:
    return _shown(str(value[language] if isinstance(value, tuple) else value))


def _shown(text: str) -> str:
    """Cut to a bearable length, without characters that no page or terminal should be sent."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text[:LONGEST_VALUE])
    return plain if len(text) <= LONGEST_VALUE else f"{plain}…"
