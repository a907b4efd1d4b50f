"""What differs between two versions of a procedure, for an administrator to read."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.domain.views.migration import VersionRef
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class FileView:
    """One file of a version."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """`kind`: added | removed | changed."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class ElementChange:
    """One drawn element. `told`: what of it changed, in words."""

    kind: str  # added | removed | changed
    element_id: str
    title: Words
    told: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class DiagramDiff:
    """One process in both versions; no XML where a version has no such process."""

    process_id: str
    title: Words
    before_xml: str
    after_xml: str
    before_marks: Mapping[str, str]  # element or flow id -> removed | changed
    after_marks: Mapping[str, str]  # element or flow id -> added | changed
    changes: tuple[ElementChange, ...]


@dataclass(frozen=True, slots=True)
class TextChange:
    """A limit, a question of a form, a row of a decision table: before and after as text."""

    kind: str  # added | removed | changed
    where: Words  # the form or table it belongs to; empty for limits
    name: Words
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TextDiff:
    """Lines of another text file; each begins with '+', '-' or ' '."""

    file: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionDiff:
    origin: VersionRef
    target: VersionRef
    files: tuple[FileChange, ...]
    diagrams: tuple[DiagramDiff, ...]
    limits: tuple[TextChange, ...]
    forms: tuple[TextChange, ...]
    decisions: tuple[TextChange, ...]
    others: tuple[TextDiff, ...]
