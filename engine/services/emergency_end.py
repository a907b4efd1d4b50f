"""The end of an emergency response, told to the cases that run under it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import SYSTEM
from engine.persistence import models
from engine.services import messages
from engine.services.casework import promise
from engine.services.messages import Told
from engine.services.office import Office
from engine.services.stepping import Driven

MESSAGE = "emergency_ended"


def tell_cases(office: Office, session: Session, end: models.EmergencyEntry) -> None:
    """Promise to tell every open case whose procedure rests on the response and listens for it."""
    case = models.Case
    found = select(case.id, case.number, case.definition_id).where(case.state == "open")
    for case_id, number, definition_id in session.execute(found.order_by(case.filed_at)).all():
        procedure = office.procedure(session, definition_id)
        rule = procedure.emergency
        listens = any(MESSAGE in drawing.messages for drawing in procedure.drawings.values())
        if listens and rule is not None and rule.kind == end.kind:
            told = {"number": number, "entry": str(end.id)}
            promise(session, "tell_of_emergency", told, case_id=case_id, office=office)


def tell_case(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """The case hears of it if it stands where that matters; told twice, it hears it once."""
    end = session.get_one(models.EmergencyEntry, UUID(arguments["entry"]))
    number, driven = str(arguments["number"]), Driven()
    work = messages.lock(office, session, SYSTEM, number, now)
    if not messages.is_awaited(work, MESSAGE, driven):
        driven.put_back(office)
        return
    payload = {"ends_on": end.effective_on.isoformat(), "document": end.document}
    messages.take_in(work, Told(MESSAGE, payload, f"{end.id}:{number}"), driven)
    driven.put_back(office)
