"""Notices as their reader sees them: the list, what is unread, and how one wants to be told."""

import re
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from engine.domain.actor import Actor
from engine.domain.errors import Invalid, NotFound
from engine.domain.notice import Channel, NoticeChoices, NoticeView, id_by
from engine.domain.sign_in import Place
from engine.domain.views import Page
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.declarative import table_of
from engine.persistence.keyset import after_cursor, next_cursor
from engine.services import own_password
from engine.services.office import Office

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_PHONE = re.compile(r"\+?[0-9 -]{5,20}")
#: Longer ones are not even looked at.
LONGEST_EMAIL = 200
LANGUAGES = ("zh", "en")
_UNREAD = select(func.count()).select_from(models.Notice).where(models.Notice.state == "unread")


def mine(
    office: Office,
    actor: Actor,
    *,
    unread: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[NoticeView]:
    """The actor's own notices, the newest first."""
    notice = models.Notice
    found = select(notice).where(
        notice.recipient == actor.username, notice.channel == Channel.INBOX.value
    )
    if unread:
        found = found.where(notice.state == "unread")
    found = after_cursor(found, (notice.created_at, notice.id), cursor).limit(limit + 1)
    with office.uow.read() as session:
        rows = session.scalars(found).all()
    items = tuple(_view(row) for row in rows[:limit])
    return Page(items, next_cursor(rows, limit, lambda row: (row.created_at, row.id)))


def unread(office: Office, actor: Actor) -> int:
    """How many the actor has not read; asked on every page."""
    with office.uow.glance() as connection:
        mine_only = _UNREAD.where(models.Notice.recipient == actor.username)
        return connection.scalar(mine_only) or 0


def read(office: Office, actor: Actor, notice_id: UUID, *, now: datetime) -> NoticeView:
    """Open a notice of one's own, which marks it read. Also by the id that an e-mail names."""
    notice = models.Notice
    with office.uow.begin() as session:
        row: models.Notice | None = session.get(notice, notice_id)
        if row is None:
            row = session.scalar(select(notice).where(notice.old_id == notice_id))
        if row is None or row.recipient != actor.username:
            raise NotFound("没有这条通知。", "there is no such notice")
        if row.channel != Channel.INBOX:
            row = session.get(notice, id_by(row.id, Channel.INBOX))
        if row is None:  # its time is over
            raise NotFound("没有这条通知。", "there is no such notice")
        if row.state == "unread":
            row.state, row.read_at = "read", now
    return _view(row)


def read_all(office: Office, actor: Actor, *, now: datetime) -> None:
    """Mark every notice of the actor read."""
    table = table_of(models.Notice)
    own = (table.c.recipient == actor.username, table.c.state == "unread")
    with office.uow.begin() as session:
        session.execute(update(table).where(*own).values(state="read", read_at=now))


def choices(office: Office, actor: Actor) -> NoticeChoices:
    """How the actor is told beside the inbox."""
    with office.uow.read() as session:
        person = session.get_one(models.Person, actor.id)
        return NoticeChoices(
            person.email, person.phone, tuple(person.notice_channels), person.language
        )


def email_opens(office: Office) -> bool:
    """Whether accounts are found by their e-mail address at the provider of single sign-on: whoever
    changed it could come in by their own."""
    return office.identity_provider is not None and office.sign_on_claim == "email"


def choose(
    office: Office,
    actor: Actor,
    *,
    email: str,
    phone: str,
    channels: Collection[str],
    language: str,
    old_password: str = "",
    place: Place = Place(""),  # noqa: B008 - frozen
) -> None:
    """Choose the channels; each needs its address.

    `old_password`: asked for where the e-mail address opens the account and is to be another.
    Errors: Invalid, field by field; those of `own_password.prove`.
    """
    email, phone = email.strip(), phone.strip()
    wrong: dict[str, Words] = {}
    is_good = len(email) <= LONGEST_EMAIL and _EMAIL.fullmatch(email)
    if (email and not is_good) or (not email and "email" in channels):
        wrong["email"] = Words("请填写有效的电子邮箱", "give a valid e-mail address")
    if (phone and not _PHONE.fullmatch(phone)) or (not phone and {"sms", "wechat"} & set(channels)):
        wrong["phone"] = Words("请填写有效的手机号", "give a valid telephone number")
    if set(channels) - {each.value for each in Channel} or language not in LANGUAGES:
        wrong["channels"] = Words("没有这种方式", "there is no such channel")
    if wrong:
        raise Invalid("通知方式有误。", "these choices cannot be taken", fields=wrong)
    if email_opens(office) and email != choices(office, actor).email:
        own_password.prove(office, actor, old_password, place=place)
    with office.uow.begin() as session:
        person = session.get_one(models.Person, actor.id)
        person.email, person.phone, person.language = email, phone, language
        person.notice_channels = sorted(set(channels) - {Channel.INBOX.value})


def _view(row: models.Notice) -> NoticeView:
    return NoticeView(
        id=row.id,
        kind=row.kind,
        case_number=row.case_number,
        title=Words(row.title, row.title_en),
        body=Words(row.body, row.body_en),
        created_at=row.created_at,
        read_at=row.read_at,
    )
