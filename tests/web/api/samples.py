"""A value of any view, made from its annotations, so that no test has to spell thirty members."""

import dataclasses
import types
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from engine.domain.words import Words

PLAIN: dict[Any, Any] = {
    str: "文本 text",
    int: 3,
    float: 1.5,
    bool: True,
    UUID: UUID("11111111-2222-4333-8444-555555555555"),
    date: date(2020, 3, 2),
    datetime: datetime(2020, 3, 2, 1, 30, tzinfo=UTC),
    Words: Words("中文", "English"),
    Any: {"key": ["value", 1, None]},
}

#: Texts that are one of a few.
STATES: dict[str, dict[str, str]] = {
    "AuditLine": {"place": "case"},
    "CalendarChangeView": {"state": "applied"},
    "StageView": {"state": "now"},
    "CaseView": {"state": "open", "channel": "web"},
    "TaskView": {"state": "ready"},
    "EligibilityView": {"outcome": "not_yet"},
    "ImportReport": {"kind": "penalty"},
    "RecordView": {"grade": "general", "kind": "penalty"},
    "ImportLine": {"outcome": "taken"},
    "DocumentView": {"source": "applicant"},
    "LetterView": {"state": "issued"},
    "CommitmentView": {"kind": "repair", "performance": "running", "openness": "public"},
    "CertificateView": {"state": "valid"},
    "SupervisionNoticeView": {"state": "open", "origin": "breach"},
    "LeaveView": {"state": "running"},
    "DeliveryView": {"state": "delivered"},
    "Standing": {"light": "red"},
    "TableFinding": {"kind": "gap"},
}


def sample(view: Any, **given: Any) -> Any:
    """An instance of a view; members that are not given are filled, none is left empty."""
    hints = get_type_hints(view)
    filled = {
        member.name: value_of(hints[member.name])
        for member in dataclasses.fields(view)
        if member.init
    }
    return view(**filled | STATES.get(view.__name__, {}) | given)


def value_of(hint: Any) -> Any:
    if hint in PLAIN:
        return PLAIN[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if dataclasses.is_dataclass(hint):
        return sample(hint)
    return _generic_value(get_origin(hint), get_args(hint))


def _generic_value(origin: Any, inner: tuple[Any, ...]) -> Any:
    if origin is tuple:
        kinds = inner[:1] if inner[1:] == (Ellipsis,) else inner
        return tuple(value_of(kind) for kind in kinds)
    if origin is frozenset:
        return frozenset({value_of(inner[0])})
    if origin in (dict, Mapping):
        return {"key": value_of(inner[1])}
    if origin is Literal:
        return inner[0]
    if origin in (Union, types.UnionType):
        return value_of(inner[0])
    raise TypeError(f"no sample of {origin!r}")
