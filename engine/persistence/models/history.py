"""What the tables know of the roots of history that lie outside of them, and what was erased."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.states import HistoryCheckState
from engine.persistence.declarative import Base


class HistoryRoot(Base):
    """A signed root in the folder outside; its row tells when its file is gone."""

    __tablename__ = "history_root"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date]
    made_at: Mapped[datetime]
    sha256: Mapped[str]
    sm3: Mapped[str]
    cases: Mapped[int]
    lines: Mapped[int] = mapped_column(BigInteger)


class RootedHead(Base):
    """How long a case's history was when a root last named it: the next names what grew."""

    __tablename__ = "rooted_head"

    case_number: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int]


class Erasure(Base):
    """Personal data that went by a rule of workflows/retention.toml: whose order, how much."""

    __tablename__ = "erasure"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    rule: Mapped[dict[str, Any]]  # the rule as it stood: keep, basis
    rows: Mapped[int]
    files: Mapped[list[Any]]  # still to be taken out of the store, once this is stored
    is_dropped: Mapped[bool]


class HistoryCheck(Base):
    """A recomputing of the chains: asked by whom, how far it is, and what it found. Real time."""

    __tablename__ = "history_check"
    __table_args__ = (Index(None, "asked_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    job_id: Mapped[UUID | None]  # None: asked at the command line
    asked_by: Mapped[str]
    asked_by_name: Mapped[str]
    asked_at: Mapped[datetime]
    state: Mapped[HistoryCheckState]
    seen_at: Mapped[datetime]  # when it last told how far it is
    cases: Mapped[int]
    lines: Mapped[int] = mapped_column(BigInteger)
    roots: Mapped[int]
    flaws: Mapped[int]
    found: Mapped[list[Any]]  # the first of them: {where, zh, en}
