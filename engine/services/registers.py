"""What has to happen to records by itself: periods that end, reports that wait, sites to be told."""

from datetime import datetime

from engine.services import record_clocks, record_terms, reporting, site_notices
from engine.services.office import Office


def sweep(office: Office, *, now: datetime) -> None:
    """One round; safe beside other rounds, and again."""
    record_terms.sweep(office, now=now)
    record_clocks.recount(office, now=now)
    reporting.sweep(office, now=now)
    site_notices.sweep(office, now=now)
