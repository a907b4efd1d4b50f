"""Days as they come in an address or a form: those that calendars can reckon with."""

from datetime import date

#: Before and after these nothing of an office happens, and reckoning would leave what dates can say.
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)


def read_day(text: str | None) -> date | None:
    """The day; None for what is none, or none of these."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if FIRST <= found <= LAST else None
