"""Courses: who attended, each test, the certificates of training."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.declarative import Document, Moment

revision = "0021_courses"
down_revision = "0020_registers"
branch_labels = None
depends_on = None

TEXT = sa.String(length=200)


def upgrade() -> None:
    op.create_table(
        "course_attendance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course", TEXT, nullable=False),
        sa.Column("subject_code", TEXT, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("attendee", TEXT, nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("read", Document(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_code"], ["subject.code"], name=op.f("fk_course_attendance_subject_code")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_course_attendance_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_attendance")),
        sa.UniqueConstraint(
            "course", "person_id", name=op.f("uq_course_attendance_course_person_id")
        ),
    )
    op.create_index(
        op.f("ix_course_attendance_started_at_id"), "course_attendance", ["started_at", "id"]
    )
    op.create_table(
        "course_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attendance_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seed", TEXT, nullable=False),
        sa.Column("questions", Document(), nullable=False),
        sa.Column("answers", Document(), nullable=False),
        sa.Column("right_count", sa.Integer(), nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attendance_id"],
            ["course_attendance.id"],
            name=op.f("fk_course_attempt_attendance_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_attempt")),
        sa.UniqueConstraint(
            "attendance_id", "number", name=op.f("uq_course_attempt_attendance_id_number")
        ),
    )
    op.create_table(
        "course_certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", TEXT, nullable=False),
        sa.Column("course", TEXT, nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        *(
            sa.Column(name, TEXT, nullable=False)
            for name in ("subject_code", "subject_name", "attendee", "title", "title_en")
        ),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("sha256", TEXT, nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["course_attempt.id"], name=op.f("fk_course_certificate_attempt_id")
        ),
        sa.ForeignKeyConstraint(
            ["subject_code"], ["subject.code"], name=op.f("fk_course_certificate_subject_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_certificate")),
        sa.UniqueConstraint("number", name=op.f("uq_course_certificate_number")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_course_certificate_attempt_id")),
    )
    op.create_index(
        op.f("ix_course_certificate_subject_code_course"),
        "course_certificate",
        ["subject_code", "course"],
    )
    op.create_index(
        op.f("ix_course_certificate_issued_at_id"), "course_certificate", ["issued_at", "id"]
    )
