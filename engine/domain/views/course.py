"""Courses, tests and certificates of training as their readers see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from engine.domain.states import ExamState
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class CourseSectionView:
    """A section of a course on a day; `read_at` where the reader has studied it."""

    key: str
    title: Words
    text: tuple[Words, ...]
    minutes: int
    basis: tuple[str, ...]
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class CourseView:
    """A course as it is taught today. `pass_mark` in per cent."""

    key: str
    title: Words
    summary: Words
    minutes: int
    draw: int
    pass_mark: int
    attempts_a_day: int
    valid_months: int
    sections: tuple[CourseSectionView, ...]


@dataclass(frozen=True, slots=True)
class CourseCertificateView:
    """A certificate of training; `is_valid`: it counts on the day it is looked at."""

    number: str
    course: str
    title: Words
    subject_code: str
    subject_name: str
    attendee: str
    issued_at: datetime
    valid_until: date
    is_valid: bool
    sha256: str | None


@dataclass(frozen=True, slots=True)
class ExamQuestion:
    """A question as it was drawn; `chosen` are the options chosen; `is_right` once it is marked."""

    key: str
    text: Words
    has_several: bool
    options: Mapping[str, Words]
    chosen: frozenset[str]
    is_right: bool | None
    section: str
    section_title: Words


@dataclass(frozen=True, slots=True)
class ExamView:
    """One test. `state`: open | passed | failed; `certificate`: number of what it earned."""

    id: UUID
    number: int
    state: ExamState
    questions: tuple[ExamQuestion, ...]
    right: int | None
    started_at: datetime
    finished_at: datetime | None
    certificate: str | None


@dataclass(frozen=True, slots=True)
class ExamRow:
    id: UUID
    number: int
    state: ExamState
    right: int | None
    total: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class StudyView:
    """How far somebody has come. `why_not`: why no test may be begun now; None when one may."""

    course: CourseView
    attendee: str
    started_at: datetime | None
    exams: tuple[ExamRow, ...]
    certificates: tuple[CourseCertificateView, ...]
    why_not: Words | None


@dataclass(frozen=True, slots=True)
class AttendanceRow:
    """A line of the register: who of which enterprise, how far, and what came of it."""

    course_title: Words
    subject_code: str
    subject_name: str
    attendee: str
    started_at: datetime
    sections_read: int
    tests: int
    best: int | None  # right answers of the best test
    certificate: CourseCertificateView | None
