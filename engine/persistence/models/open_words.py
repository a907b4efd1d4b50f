"""What the forms of open cases say, beside the cases: for whoever searches all of them."""

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base, LongText


class OpenWords(Base):
    """One form's words, a value a line. See engine/persistence/words.py."""

    __tablename__ = "open_words"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)  # the task's; the case's own of its filing
    said: Mapped[str] = mapped_column(LongText)
