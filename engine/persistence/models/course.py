"""Courses that enterprises take: who read what, each test, the certificates."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.states import ExamState
from engine.persistence.declarative import Base


class CourseAttendance(Base):
    """One person of an enterprise in one course, and the sections read so far."""

    __tablename__ = "course_attendance"
    __table_args__ = (UniqueConstraint("course", "person_id"), Index(None, "started_at", "id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    course: Mapped[str]
    subject_code: Mapped[str] = mapped_column(ForeignKey("subject.code"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    attendee: Mapped[str]  # who is named on the certificate
    started_at: Mapped[datetime]
    read: Mapped[dict[str, Any]]  # key of the section -> moment
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class CourseAttempt(Base):
    """One test: which questions the seed drew, what was answered, how it was marked."""

    __tablename__ = "course_attempt"
    __table_args__ = (UniqueConstraint("attendance_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    attendance_id: Mapped[UUID] = mapped_column(ForeignKey("course_attendance.id"))
    number: Mapped[int]
    seed: Mapped[str]
    questions: Mapped[list[Any]]
    answers: Mapped[dict[str, Any]]
    right_count: Mapped[int | None]
    state: Mapped[ExamState]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class CourseCertificate(Base):
    """Issued on passing; its number is without gaps in a year and never used again."""

    __tablename__ = "course_certificate"
    __table_args__ = (Index(None, "subject_code", "course"), Index(None, "issued_at", "id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    course: Mapped[str]
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("course_attempt.id"), unique=True)
    subject_code: Mapped[str] = mapped_column(ForeignKey("subject.code"))
    subject_name: Mapped[str]
    attendee: Mapped[str]
    title: Mapped[str]
    title_en: Mapped[str]
    issued_at: Mapped[datetime]
    valid_until: Mapped[date]
    sha256: Mapped[str | None]
    size: Mapped[int | None]
