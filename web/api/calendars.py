"""Calendars: the working days of a year, and every change of them as a reviewed transaction."""

from typing import Any
from uuid import UUID

from flask import g

from engine.domain.calendar import CalendarDay
from engine.domain.calendar_views import CalendarChangeView, CaseMoved
from engine.domain.errors import Invalid
from engine.domain.views import Page
from engine.domain.words import Words
from engine.services import calendar_changes, calendar_drafts, calendar_moved, calendars
from engine.services.calendar_drafts import Request
from web.api.calls import Call, Noun, Who
from web.api.reading import Body
from web.api.schemas.office import (
    CalendarAnswer,
    CalendarChange,
    CalendarChangePage,
    CalendarPage,
    CalendarRequest,
    CaseMovedPage,
    MovedQuery,
    Note,
    PreviewQuery,
    Reason,
)
from web.auth import current_actor
from web.office import current_office

noun = Noun("calendars", "Working days, and changes of the calendar")

YEAR = "/calendars/<int(min=1, max=9998):year>"
CHANGE = "/calendars/changes/<uuid:change_id>"


@noun.call(Call("GET", YEAR, answer=CalendarPage, who=Who.ANYBODY, refuses=(404, 422)))
def show(year: int) -> Page[CalendarDay]:
    """Every day of a year: open or not, why, and by which notice

    `provisional` marks a year whose holidays have not been announced.
    """
    return Page(calendars.year(current_office(), year))


@noun.call(Call("PUT", YEAR, query=PreviewQuery, body=CalendarRequest, answer=CalendarAnswer))
def put(query: Body, body: Body, year: int) -> dict[str, Any]:
    """Propose a change of a year's calendar; `preview=true` only says what it would move

    A proposal waits for a second administrator: `POST /calendars/changes/{change_id}/approve`.
    """
    office, actor, asked = current_office(), current_actor(), Request(**body, year=year)
    seen = calendar_drafts.preview(office, actor, asked, now=g.now)
    if year not in seen.years:
        wrong = Words(f"这项变更不涉及 {year} 年", f"this change is not about {year}")
        raise Invalid(wrong.zh, wrong.en, fields={"year": wrong})
    if query.get("preview"):
        return {"preview": seen, "change": None}
    made = calendar_changes.propose(office, actor, asked, now=g.now)
    return {"preview": seen, "change": calendar_changes.change(office, actor, made)}


@noun.call(Call("GET", "/calendars/changes", answer=CalendarChangePage))
def changes() -> Page[CalendarChangeView]:
    """Every change of the calendar, proposed, applied, rejected or revoked; the newest first"""
    return Page(calendar_changes.changes(current_office(), current_actor()))


@noun.call(Call("GET", CHANGE, answer=CalendarChange, refuses=(404,)))
def change(change_id: UUID) -> CalendarChangeView:
    """One change and how far it has been written into the open cases"""
    return calendar_changes.change(current_office(), current_actor(), change_id)


@noun.call(
    Call("GET", f"{CHANGE}/moved", query=MovedQuery, answer=CaseMovedPage, refuses=(404, 422))
)
def moved(query: Body, change_id: UUID) -> Page[CaseMoved]:
    """What a change in force has moved: case by case, each limit's end before and after

    Empty while a change waits for its decision, and for one that was rejected.
    """
    return calendar_moved.moved(current_office(), current_actor(), change_id, **query)


@noun.call(Call("POST", f"{CHANGE}/approve", body=Note, answer=CalendarChange, refuses=(404, 409)))
def approve(body: Body, change_id: UUID) -> CalendarChangeView:
    """Put a change in force that somebody else proposed; open cases move with it"""
    office, actor = current_office(), current_actor()
    return calendar_changes.approve(office, actor, change_id, now=g.now, note=body["note"])


@noun.call(Call("POST", f"{CHANGE}/reject", body=Note, answer=CalendarChange, refuses=(404, 409)))
def reject(body: Body, change_id: UUID) -> CalendarChangeView:
    """Refuse a proposed change, or take one's own proposal back"""
    office, actor = current_office(), current_actor()
    return calendar_changes.reject(office, actor, change_id, now=g.now, note=body["note"])


@noun.call(Call("POST", f"{CHANGE}/revoke", body=Reason, answer=CalendarChange, refuses=(404, 409)))
def revoke(body: Body, change_id: UUID) -> CalendarChangeView:
    """Propose to take an applied change back; the answer is the new proposal"""
    office, actor = current_office(), current_actor()
    back = calendar_changes.revoke(office, actor, change_id, now=g.now, reason=body["reason"])
    return calendar_changes.change(office, actor, back)
