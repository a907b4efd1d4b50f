"""In which order the places are told at which one case rests."""

from datetime import UTC, datetime

from engine.persistence import models
from engine.services.stepping import BESIDE

Place = models.Task | models.Wait

RATE = "rate"  # an invitation: what else the case waits for goes before it


def behind(place: Place) -> tuple[bool, bool, bool, datetime]:
    """The main line first, then a rating asked for, supervisions last; what somebody does goes
    before days to come, and of those the next one before the others."""
    is_timer = isinstance(place, models.Wait) and place.kind == "timer"
    when = place.due_at if is_timer and place.due_at else datetime.min.replace(tzinfo=UTC)
    return place.process_id in BESIDE, place.element_id == RATE, is_timer, when
