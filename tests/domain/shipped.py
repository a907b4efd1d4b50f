"""The calendar as shipped, and moments written as the office's clock shows them."""

from datetime import datetime
from pathlib import Path

from engine.domain.calendar import SHANGHAI, Calendar, read_calendar

FILES = sorted(Path(__file__).parents[2].glob("workflows/common/calendars/*.csv"))
YEARS = tuple(read_calendar(path.read_text(encoding="utf-8")) for path in FILES)
CALENDAR = Calendar(YEARS)

#: First day (not counted), working days, last day.
VECTORS = [
    ("2020-01-17", 1, "2020-01-19"),
    ("2020-01-17", 3, "2020-01-21"),
    ("2020-01-17", 7, "2020-02-04"),
    ("2020-01-22", 1, "2020-01-23"),
    ("2020-01-22", 3, "2020-02-04"),
    ("2020-01-23", 7, "2020-02-11"),
    ("2020-01-31", 1, "2020-02-03"),
    ("2020-02-28", 1, "2020-03-02"),
    ("2020-02-28", 7, "2020-03-10"),
    ("2020-04-24", 1, "2020-04-26"),
    ("2020-04-30", 1, "2020-05-06"),
    ("2020-04-30", 7, "2020-05-13"),
    ("2020-06-24", 1, "2020-06-28"),
    ("2020-09-25", 1, "2020-09-27"),
    ("2020-09-30", 7, "2020-10-16"),
    ("2026-02-13", 7, "2026-03-02"),
    ("2026-09-30", 1, "2026-10-08"),
    ("2026-11-23", 7, "2026-12-02"),
]


def at(text: str) -> datetime:
    """at("2020-03-02 10:20"): that moment in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
