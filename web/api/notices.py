"""Notices: what one was told, what is unread, and how one wants to be told."""

from uuid import UUID

from flask import g

from engine.domain.notice import NoticeChoices, NoticeView
from engine.domain.views import Page
from engine.services import notices
from web.api.calls import Call, Noun
from web.api.reading import Body
from web.api.schemas.notice import ChooseChannels, Notice, NoticePage, NoticeQuery, Preferences
from web.auth import current_actor, place
from web.office import current_office
from web.veil import whole

noun = Noun("notices", "What one was told, and how one wants to be told")


@noun.call(Call("GET", "/notices", query=NoticeQuery, answer=NoticePage))
def index(query: Body) -> Page[NoticeView]:
    """My notices, the newest first"""
    return notices.mine(current_office(), current_actor(), **query)


@noun.call(Call("POST", "/notices/<uuid:notice_id>/read", answer=Notice, refuses=(404,)))
def read(notice_id: UUID) -> NoticeView:
    """Mark one of my notices read"""
    return notices.read(current_office(), current_actor(), notice_id, now=g.now)


@noun.call(Call("POST", "/notices/read"))
def read_all() -> None:
    """Mark all my notices read"""
    notices.read_all(current_office(), current_actor(), now=g.now)


@noun.call(Call("GET", "/notices/preferences", answer=Preferences))
def preferences() -> NoticeChoices:
    """How I am told beside the inbox"""
    whole()  # one's own telephone, to be sent back
    return notices.choices(current_office(), current_actor())


@noun.call(Call("PUT", "/notices/preferences", body=ChooseChannels, answer=Preferences))
def choose(body: Body) -> NoticeChoices:
    """Choose how I am told: channels, addresses, the language of what is sent"""
    office, actor = current_office(), current_actor()
    notices.choose(office, actor, **body, place=place())
    whole()
    return notices.choices(office, actor)
