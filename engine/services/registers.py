"""What has to happen to records by itself: periods that end, reports that wait, sites to be told."""

from datetime import datetime

from engine.services import record_clocks, record_terms, reporting, site_notices
from engine.services.office import Office


def sweep(office: Office, *, now: datetime, at_once: bool = False) -> None:
    """One round; safe beside other rounds, and again. `at_once`: however short ago the last was."""
    if at_once:
        for key in (record_terms.SWEPT, reporting.SWEPT, site_notices.SWEPT):
            office.sweeps.pop(key, None)
    record_terms.sweep(office, now=now)
    record_clocks.recount(office, now=now)
    reporting.sweep(office, now=now)
    site_notices.sweep(office, now=now)
