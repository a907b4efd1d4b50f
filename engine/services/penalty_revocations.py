"""A file says that a penalty known here is revoked: its record goes, and what is open on it ends."""

from datetime import datetime
from uuid import UUID

from engine.domain.actor import Actor
from engine.domain.penalty import Penalty
from engine.domain.record import Cause, Origin, Publication, RecordEvent
from engine.domain.words import Words
from engine.persistence import models
from engine.services import messages, record_changes
from engine.services.office import Office
from engine.services.writing import Writing

#: Who ends a record that is held: an objection goes before a repair.
ENDING = ("objection", "repair")
TAKEN_DOWN = Words("处罚已撤销，记录已撤下。", "the penalty is revoked: the record is taken down.")


def told_to(record: models.Record) -> str | None:
    """The open case that a revocation ends; None where no case holds the record."""
    return next((record.holds[hold] for hold in ENDING if record.holds.get(hold)), None)


def take(by: Writing, record: models.Record, penalty: Penalty) -> Words | None:
    """What is remarked on the line; None where nothing is new. A held record is its case's to end."""
    if record.publication == Publication.WITHDRAWN_CORRECTED:
        return None
    case = told_to(record)
    if case is not None:
        return Words(
            f"处罚已撤销，已告知办件 {case}。", f"the penalty is revoked: case {case} is told."
        )
    cause = Cause(
        RecordEvent.REVOKED, actor=by.actor.username, document=penalty.note, origin=Origin.IMPORT
    )
    record_changes.change(by, record, cause)
    return TAKEN_DOWN


def tell(
    office: Office, actor: Actor, number: str, record_id: UUID, penalty: Penalty, *, now: datetime
) -> None:
    """The case that holds the record hears of it as if the authority had written; once."""
    payload = {"document": penalty.note, "date": office.calendar().local_date(now).isoformat()}
    key = f"revoked:{record_id}:{number}"
    messages.receive(office, actor, number, "penalty_revoked", payload, now=now, key=key)
