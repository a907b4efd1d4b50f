"""Tells the applicant that it is its turn, where no letter and no invitation says so."""

from engine.persistence import models
from engine.services.casework import Casework

#: Steps of the applicant of which a letter or a notice of its own tells.
ANNOUNCED = frozenset({"supplement", "bring_papers", "rate"})


def tell(work: Casework, task: models.Task) -> None:
    """Promise the notice of a task that was just reached."""
    if task.candidate_group != "applicant" or task.element_id in ANNOUNCED:
        return
    until = work.calendar.local_date(task.due_at).isoformat() if task.due_at else ""
    event, element = str(task.id), task.element_id
    work.promise("tell", notice="turn", event=event, element=element, until=until)
