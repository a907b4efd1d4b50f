"""What stands beside a record and its history: its cases, what other sites owe, its reporting clock."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.domain.views import CaseOfRecord, RecordFile
from engine.persistence import models
from engine.services import access, report_lists
from engine.services.obligation_rows import rows_of_records
from engine.services.office import Office


def get(office: Office, actor: Actor, record_id: UUID, *, now: datetime) -> RecordFile:
    """For the office, and for the enterprise the record is about. NotFound for anybody else."""
    with office.uow.read() as session:
        record = session.get(models.Record, record_id)
        if record is None or not (actor.is_staff or actor.subject == record.subject_code):
            raise NotFound("没有这条记录。", "there is no such record")
        report, clock = report_lists.of_record(
            office, session, record, now=now, is_public=not actor.is_staff
        )
        return RecordFile(
            cases=tuple(_cases(office, session, actor, record)),
            obligations=rows_of_records(
                office, session, [record_id], now=now, is_staff=actor.is_staff
            ),
            report=report,
            reporting_clock=clock,
        )


def _cases(
    office: Office, session: Session, actor: Actor, record: models.Record
) -> Sequence[CaseOfRecord]:
    """Cases that name the record, the newest first; of some the reader may know the number only."""
    case = models.Case
    named = cast(case.record_ids, String).contains(str(record.id))
    about = select(case).where(case.subject_code == record.subject_code, named)
    rows = session.scalars(about.order_by(case.filed_at.desc(), case.id)).all()
    mine = select(case.id).where(case.id.in_([row.id for row in rows]), access.visible_cases(actor))
    seen = set(session.scalars(mine))
    found = []
    for row in rows:
        procedure = office.procedure(session, row.definition_id)
        found.append(
            CaseOfRecord(
                number=row.number,
                procedure_title=procedure.title,
                state=row.state,
                outcome_title=procedure.outcome(row.outcome) if row.outcome else None,
                filed_at=row.filed_at,
                may_open=row.id in seen,
            )
        )
    return found
