"""Credit records, their append-only history, and the files they came from."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.record import Publication, Reporting
from engine.persistence.declarative import Base, State
from engine.persistence.packed import Digest, PackedDocument, PackedText


class Subject(Base):
    """Whom records are about (信用主体); `code` is the 统一社会信用代码."""

    __tablename__ = "subject"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    legal_representative: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")


class RecordImport(Base):
    """One file of records of a kind and what became of each of its lines."""

    __tablename__ = "record_import"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(default="penalty")
    filename: Mapped[str]
    sha256: Mapped[str] = mapped_column(Digest)
    imported_by: Mapped[str]
    imported_at: Mapped[datetime]
    taken: Mapped[int]
    known: Mapped[int]
    refused: Mapped[int]
    lines: Mapped[list[Any]] = mapped_column(PackedDocument)


class Record(Base):
    """What is known about a subject, on three axes (domain.md §10).

    What a column says of each kind of record: a penalty, a listing by a court, a default that a
    department has not yet reported.
    """

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("number_key", "authority_code", "subject_key"),
        Index(None, "subject_code"),
        Index(None, "publication", "ends_on"),
        Index(None, "kind", "reporting"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(default="penalty")  # RecordKind
    subject_code: Mapped[str] = mapped_column(ForeignKey("subject.code"))
    subject_key: Mapped[str]  # the code, or a hash of a natural person's number
    subject_name: Mapped[str]
    number: Mapped[str]  # as printed: 处罚决定书文号, 执行案号, 信息编号
    number_key: Mapped[str]  # the same, normalised for comparing
    authority: Mapped[str]
    authority_code: Mapped[str]
    authority_key: Mapped[str | None]  # department of this city, when it is one
    decided_on: Mapped[date]  # decided, listed, found
    kinds: Mapped[list[Any]]  # 处罚类别, 失信行为具体情形, 失信信息类型
    conduct: Mapped[str] = mapped_column(PackedText)  # offence, performance so far, facts
    content: Mapped[str] = mapped_column(PackedText)  # penalty, duty, duty
    fine: Mapped[str | None]  # 万元, as a decimal text; of a default, what is at stake
    fields: Mapped[dict[str, Any]] = mapped_column(
        PackedDocument
    )  # the fields of its kind as reported
    grade: Mapped[str | None]  # penalties only
    grade_rule: Mapped[str]  # row of the table that set grade and period
    earliest_on: Mapped[date | None]  # first day of repair; None = never early, or no rule has one
    ends_on: Mapped[date | None]  # last day of publication; None = no fixed term
    publication: Mapped[str] = mapped_column(State(Publication))
    reporting: Mapped[str] = mapped_column(State(Reporting))
    deferred_until: Mapped[date | None]  # last day of a hold or deferral of its report
    flags: Mapped[dict[str, Any]]  # flag -> {case, since}
    notes: Mapped[list[Any]]  # [{case, at, applicant, provider}] where nothing is proven
    holds: Mapped[dict[str, Any]]  # hold (repair, objection) -> number of the open case
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("record_import.id"))  # None: entered
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class RecordEvent(Base):
    """One change on one axis of a record: by which case, element, person and document."""

    __tablename__ = "record_event"
    __table_args__ = (
        Index(None, "record_id", "at"),
        Index(None, "at", postgresql_using="brin"),  # lines come in the order of their moments
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"))
    sequence: Mapped[int]
    at: Mapped[datetime]
    axis: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    case_number: Mapped[str | None]
    element_id: Mapped[str | None]
    actor: Mapped[str]
    actor_name: Mapped[str]
    document: Mapped[str | None]
