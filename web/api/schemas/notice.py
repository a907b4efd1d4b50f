"""Shapes of notices."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from engine.domain.notice import Channel, NoticeChoices, NoticeView
from web.api.schemas.listing import KeysetQuery
from web.api.schemas.mirror import mirror, page_of, schema_for

OUTSIDE = tuple(each.value for each in Channel if each is not Channel.INBOX)
Notice = mirror(NoticeView, "ReceivedNotice", notes={"read_at": "null while it is unread."})
NoticePage = page_of(Notice, "ReceivedNoticePage")
Preferences = schema_for(NoticeChoices)


class NoticeQuery(KeysetQuery):
    """Which notices."""

    unread = fields.Boolean(metadata={"description": "true: only what I have not read."})


class ChooseChannels(Schema):
    """How I want to be told beside the inbox, which is always on."""

    email = fields.String(load_default="", validate=Length(0, 200))
    phone = fields.String(load_default="", validate=Length(0, 40))
    old_password = fields.String(
        load_default="",
        validate=Length(0, 1000),
        metadata={
            "format": "password",
            "description": "Where single sign-on knows people by their address, for another one.",
        },
    )
    channels = fields.List(fields.String(validate=OneOf(OUTSIDE)), required=True)
    language = fields.String(load_default="zh", validate=OneOf(("zh", "en")))
