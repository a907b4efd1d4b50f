"""How many papers a case or an application holds, and how large they are together: no disk is filled by one party."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engine.domain.errors import Invalid
from engine.domain.words import Words
from engine.persistence import models
from engine.services.office import Office, Room


class NoRoom(Invalid):
    """The case or the application holds as many papers, or as many bytes of them, as it may."""

    slug = "no-room-for-papers"


@dataclass(frozen=True, slots=True)
class _Place:
    where: ColumnElement[bool]
    zh: str
    en: str


def for_case(office: Office, session: Session, case_id: UUID, size: int) -> None:
    """Whether one more of `size` bytes may come. The case is locked by who is about to add it: of two that
    come at once the second counts the first. NoRoom, naming `file`."""
    place = _Place(models.Paper.case_id == case_id, "一件办件", "a case")
    _must_have(session, place, office.room_of_case, size)


def for_draft(office: Office, session: Session, draft_id: UUID, size: int) -> None:
    """The same for an application that is not filed yet."""
    place = _Place(models.Paper.application_id == draft_id, "一份申请", "an application")
    _must_have(session, place, office.room_of_draft, size)


def _must_have(session: Session, place: _Place, room: Room, size: int) -> None:
    paper = models.Paper
    counted = select(func.count(), func.coalesce(func.sum(paper.size), 0)).where(place.where)
    held, used = session.execute(counted).one()
    if held >= room.papers:
        raise _full(
            f"{place.zh}最多放 {room.papers} 份材料，已经放满。请合并成一份，或换下不用的。",
            f"{place.en} holds {room.papers} papers at most, and has them: put several into one,"
            " or take one out",
        )
    if used + size > room.megabytes << 20:
        raise _full(
            f"{place.zh}的材料合计最多 {room.megabytes} MB，放不下这一份。请压缩后再传。",
            f"the papers of {place.en} have {room.megabytes} MB at most, and this one is too much:"
            " make it smaller",
        )


def _full(zh: str, en: str) -> NoRoom:
    return NoRoom(zh, en, fields={"file": Words(zh, en)})
