"""Fields of files that departments send, and which of them a file's column means."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property

from engine.domain.errors import Invalid


class Form(Enum):
    """How a field is written."""

    TEXT = auto()
    USCC = auto()
    DAY = auto()
    MONEY = auto()
    CATEGORY = auto()
    KINDS = auto()
    ID_KIND = auto()


class Required(Enum):
    """When a field must be filled in."""

    ALWAYS = auto()
    NEVER = auto()
    LEGAL_PERSON = auto()
    NATURAL_PERSON = auto()
    FINE = auto()
    CONFISCATION = auto()
    LICENCE = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """One field: place in the standard, name, code, English label, form, length, when required.

    longest: characters; 0 where the form itself says it.
    secret: a personal number, never to be printed.
    """

    place: int
    name: str
    code: str
    english: str
    form: Form
    longest: int
    required: Required
    secret: bool = False


def _key(column: str) -> str:
    """A column's name without what does not matter: width, spaces, asterisks, underscores."""
    return re.sub(r"[\s*_★\ufeff]", "", unicodedata.normalize("NFKC", column)).upper()


def _bare(column: str) -> str:
    """The key without its bracketed part: （万元）, （必填）, （统一社会信用代码）."""
    return re.sub(r"\([^()]*\)", "", _key(column))


@dataclass(frozen=True)
class Columns:
    """The fields of one kind of file.

    needed: places of the fields without which a file is not one of this kind.
    other_names: further name or code -> code of the field it means.
    """

    title: str
    fields: tuple[Field, ...]
    needed: frozenset[int]
    other_names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_code(self) -> Mapping[str, Field]:
        return {each.code: each for each in self.fields}

    @cached_property
    def _known(self) -> Mapping[str, str]:
        return {
            **{_key(name): code for name, code in self.other_names.items()},
            **{_bare(each.name): each.code for each in self.fields},
            **{_key(each.name): each.code for each in self.fields},
            **{_key(each.code): each.code for each in self.fields},
        }

    @cached_property
    def _seen(self) -> dict[str, str | None]:
        """What columns were asked for, a file's header once a line: bounded by `_MOST_SEEN`."""
        return {}

    def field_of(self, column: str) -> Field | None:
        """The field a column means; None when it means none."""
        seen = self._seen
        if column not in seen:
            if len(seen) >= _MOST_SEEN:
                seen.clear()
            seen[column] = self._known.get(_key(column)) or self._known.get(_bare(column))
        code = seen[column]
        return self.by_code[code] if code else None

    def knows(self, column: str) -> bool:
        return self.field_of(column) is not None

    def match(self, columns: Iterable[str]) -> Mapping[str, Field]:
        """Column of a file -> field. Columns that mean no field are left out.

        Errors: Invalid, when two columns mean the same field (of kinds there may be two), or
        fields that every record needs have no column.
        """
        matched: dict[str, Field] = {}
        wrong: dict[str, str] = {}
        for column in columns:
            found = self.field_of(column)
            if found is None:
                continue
            if found in matched.values() and found.form is not Form.KINDS:
                wrong[column] = f"与另一列重复：{found.name}"
            matched[column] = found
        for each in self.fields:
            if each.place in self.needed and each not in matched.values():
                wrong[each.name] = f"缺少这一列（{each.code}）"
        if wrong:
            raise Invalid(f"文件的列与{self.title}不符", "columns do not fit", fields=wrong)
        return matched


_MOST_SEEN = 2048
