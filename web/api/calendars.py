"""Calendars: the working days of a year and the notice they rest on."""

from engine.domain.calendar import CalendarDay
from engine.domain.views import Page
from engine.services import calendars
from web.api.calls import Call, Noun, Who
from web.api.schemas.office import CalendarPage
from web.office import current_office

noun = Noun("calendars", "Working days")


@noun.call(
    Call(
        "GET",
        "/calendars/<int(min=1, max=9998):year>",
        answer=CalendarPage,
        who=Who.ANYBODY,
        refuses=(404, 422),
    )
)
def show(year: int) -> Page[CalendarDay]:
    """Every day of a year: open or not, why, and by which notice

    `provisional` marks a year whose holidays have not been announced.
    """
    return Page(calendars.year(current_office(), year))
