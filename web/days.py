"""Days as they come in an address or a form: those that calendars can reckon with."""

from datetime import date

from engine.domain.form_days import FIRST, LAST


def read_day(text: str | None) -> date | None:
    """The day; None for what is none, or none of these."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if FIRST <= found <= LAST else None
