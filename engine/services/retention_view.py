"""What is kept for how long, what of it is due, and who erased what: as administrators and auditors see it."""

from datetime import datetime

from sqlalchemy import select

from engine.domain.actor import Actor, Permission
from engine.domain.retention import ErasureView, RetentionView
from engine.domain.words import Words
from engine.persistence import models
from engine.services import retention
from engine.services.office import Office

#: Lines of the ledger that are shown.
SHOWN = 200


def look(office: Office, actor: Actor, *, now: datetime) -> RetentionView:
    """Every rule with what is due, and the ledger of erasures, the newest first. Changes nothing.

    Errors: NotPermitted for who is neither an administrator nor an auditor.
    """
    actor.must(Permission.AUDIT)
    due = retention.preview(office, now=now)
    titles = {each.rule.key: each.rule.title for each in due}
    row = models.Erasure
    with office.uow.read() as session:
        found = session.scalars(select(row).order_by(row.at.desc(), row.id).limit(SHOWN)).all()
        person = models.Person
        asked = select(person.username, person.name)
        asked = asked.where(person.username.in_({each.actor for each in found}))
        names = {row.username: row.name for row in session.execute(asked)}
        ledger = tuple(
            ErasureView(
                kind=each.kind,
                title=titles.get(each.kind, Words(each.kind)),
                at=each.at,
                actor=each.actor,
                actor_name=names.get(each.actor, ""),
                rows=each.rows,
                months=int(each.rule.get("months", 0)),
                basis=str(each.rule.get("basis", "")),
                are_files_gone=each.is_dropped,
            )
            for each in found
        )
    return RetentionView(due, ledger)
