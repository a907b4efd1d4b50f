"""What administrators are drawing: one draft of a version for each of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.declarative import Base


class ModelDraft(Base):
    """The files of a version that somebody changed or added, until handed in or thrown away."""

    __tablename__ = "model_draft"
    __table_args__ = (UniqueConstraint("owner", "definition_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(ForeignKey("person.username"))
    definition_id: Mapped[UUID] = mapped_column(ForeignKey("process_definition.id"))
    files: Mapped[dict[str, Any]]  # name -> {text, revision}
    report: Mapped[dict[str, Any] | None]  # what the gate last said of the whole folder
    is_stale: Mapped[bool]  # changed since
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - as the library asks
