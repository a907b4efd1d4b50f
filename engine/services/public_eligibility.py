"""Whether and when one's own published record may be repaired, asked without an account."""

from datetime import datetime

from sqlalchemy import select

from engine.domain.errors import NotFound
from engine.domain.identifiers import check_uscc, document_number_key
from engine.domain.record import Publication
from engine.domain.record_kind import RecordKind
from engine.domain.views import PublicEligibility
from engine.persistence import models
from engine.services import rules
from engine.services.office import Office

REPAIR = "credit_repair"


def ask(office: Office, subject: str, number: str, *, now: datetime) -> PublicEligibility:
    """By code and decision number, under the edition in force today.

    Nothing is told that is not published: a wrong pair, a record that is not shown, and one of
    another kind are answered alike; whether a repair is under way is not told at all.

    Errors: Invalid for a wrong code, NotFound.
    """
    code, today = check_uscc(subject), office.calendar().local_date(now)
    record = models.Record
    found = select(record).where(
        record.subject_code == code,
        record.number_key == document_number_key(number),
        record.kind == RecordKind.PENALTY.value,
        record.publication == Publication.SHOWN.value,
        record.ends_on >= today,
    )
    with office.uow.read() as session:
        row = session.scalars(found.order_by(record.decided_on.desc())).first()
        if row is None:
            raise NotFound(
                "没有查到正在公示的这条处罚：请核对代码和文号；也许已经撤下或者公示期满。",
                "no published penalty has this code and number: check both; it may have been taken"
                " down, or its period may be over",
            )
        _, edition = office.in_force(session, REPAIR, today)
        own = row.holds.get(edition.filing.hold)
        told = rules.eligibility(office, edition, row, now=now, own_case=own)
    return PublicEligibility(
        number=row.number,
        authority=row.authority,
        decided_on=row.decided_on,
        procedure_title=edition.title,
        told=told,
    )
