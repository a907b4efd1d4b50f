"""What the tables know of the roots of history that were written outside of them."""

from datetime import date, datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

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
