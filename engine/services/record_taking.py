"""A reported record enters the register: its subject, its grade and periods, its first state."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from engine.domain import record_history
from engine.domain.listing import Listing
from engine.domain.penalty import Penalty
from engine.domain.record import Cause, Origin, RecordEvent
from engine.domain.record_kind import RecordKind
from engine.persistence import models
from engine.services import grading, record_changes, rules
from engine.services.writing import Writing

#: What is shown from the day it is collected; a default waits for its department.
SHOWN_AT_ONCE = frozenset({RecordKind.PENALTY, RecordKind.COURT_DEFAULT})


class Register:
    """Takes records in one transaction; knows what it has taken already.

    document: what the first entries of their histories rest on (the file's name, the list).
    """

    def __init__(
        self,
        by: Writing,
        *,
        document: str,
        import_id: UUID | None = None,
    ) -> None:
        self._by, self._session = by, by.session
        self._document, self._import_id = document, import_id
        self.today = by.today
        self._subjects: set[str] = set()

    def known(self, key: tuple[str, str, str]) -> models.Record | None:
        """The record of that authority, number and subject, of whatever kind."""
        authority, number, subject = key
        record = models.Record
        return self._session.scalar(
            select(record).where(
                record.number_key == number,
                record.authority_code == authority,
                record.subject_key == subject,
            )
        )

    def add_penalty(self, penalty: Penalty) -> models.Record:
        authority, number, key = penalty.identity_key
        procedure = rules.procedure_for_records(self._by.office, self._session, self.today)
        kinds = tuple(kind.words.zh for kind in penalty.kinds)
        told = " ".join((penalty.offence, penalty.facts, penalty.content))
        facts = grading.Facts(
            kinds=(*kinds, *_revoked(penalty)),
            conduct=told,
            fine=penalty.fine or Decimal(0),
            confiscated=penalty.confiscated or Decimal(0),
            is_simple=grading.is_simple(told),
        )
        graded = grading.grade(procedure, facts)
        months = grading.months(procedure, graded["grade"])
        ends_on = months.ends_on(penalty.decided_on)
        code = penalty.subject_code or key
        return self._add(
            RecordKind.PENALTY,
            subject_code=self._subject(code, penalty.subject_name, penalty.legal_representative),
            subject_key=key,
            subject_name=penalty.subject_name,
            number=penalty.document_number,
            number_key=number,
            authority=penalty.authority,
            authority_code=authority,
            decided_on=penalty.decided_on,
            kinds=list(kinds),
            conduct=penalty.offence,
            content=penalty.content,
            fine=str(penalty.fine.normalize()) if penalty.fine else None,
            fields=_fields(penalty),
            grade=graded["grade"],
            grade_rule=graded["rule"],
            earliest_on=months.earliest_repair_on(penalty.decided_on),
            ends_on=min(ends_on, penalty.published_until or ends_on),
        )

    def add_listing(self, listing: Listing) -> models.Record:
        """An entry of the court's list, or a default that its department has not yet reported."""
        authority, number, key = listing.identity_key
        tables = rules.tables_for(self._by.office, self._session, self.today, "listing_period")
        is_listed = listing.kind is RecordKind.COURT_DEFAULT
        grounds = [each.value for each in listing.grounds] if is_listed else []
        term = rules.listing_term(tables, grounds)
        return self._add(
            listing.kind,
            subject_code=self._subject(
                listing.subject_code or key, listing.subject_name, listing.legal_representative
            ),
            subject_key=key,
            subject_name=listing.subject_name,
            number=listing.number,
            number_key=number,
            authority=listing.authority,
            authority_code=authority,
            decided_on=listing.day,
            kinds=[each.words.zh for each in listing.grounds],
            conduct=listing.conduct,
            content=listing.content,
            fine=listing.amount,
            fields=dict(listing.fields),
            grade=None,
            grade_rule=term.rule,
            earliest_on=None,
            ends_on=listing.until or (term.ends_on(listing.day) if term.from_listing else None),
        )

    def _add(self, kind: RecordKind, **columns: Any) -> models.Record:
        record = models.Record(
            id=uuid4(),
            kind=kind.value,
            authority_key=self._by.office.directory().codes.get(columns["authority_code"]),
            publication="not_shown",
            reporting="pending",
            flags={},
            notes=[],
            holds={},
            import_id=self._import_id,
            created_at=self._by.now,
            version=0,
            **columns,
        )
        self._session.add(record)
        self._session.flush()
        if kind in SHOWN_AT_ONCE:
            self._publish(record)
        else:
            self._note_listed(record, kind)
        return record

    def _publish(self, record: models.Record) -> None:
        """Shown, unless its maximum period is over already; reporting is a job's."""
        events = [RecordEvent.COLLECTED]
        if record.ends_on is not None and record.ends_on < self.today:
            events.append(RecordEvent.EXPIRED)
        for event in events:
            cause = Cause(
                event, actor=self._by.actor.username, document=self._document, origin=Origin.IMPORT
            )
            record_changes.change(self._by, record, cause, is_known_elsewhere=False)
        self._session.flush()

    def _note_listed(self, record: models.Record, kind: RecordKind) -> None:
        """No axis moves when a default is put on the pending list; its history says so all the
        same."""
        told = "", record_history.listed(kind).zh
        record_changes.line(self._by, record, "content", told, self._document)
        self._session.flush()

    def _subject(self, code: str, name: str, representative: str) -> str:
        known = None if code in self._subjects else self._session.get(models.Subject, code)
        if known is not None and representative and not known.legal_representative:
            # Known from an account only, named after its handler: the record knows better.
            known.name, known.legal_representative = name, representative
        if known is None and code not in self._subjects:
            self._session.add(
                models.Subject(code=code, name=name, legal_representative=representative)
            )
            self._session.flush()
        self._subjects.add(code)
        return code


def _revoked(penalty: Penalty) -> tuple[str, ...]:
    return ("吊销",) if "吊销" in penalty.content + penalty.licence else ()


def _fields(penalty: Penalty) -> dict[str, Any]:
    """The fields as imported, as JSON; numbers of identity papers are not kept here."""
    kept: dict[str, Any] = {}
    for name in penalty.__slots__:
        value = getattr(penalty, name)
        if name.endswith("id_number"):
            continue
        if isinstance(value, tuple):
            value = [str(each) for each in value]
        kept[name] = value if isinstance(value, list | None) else str(value)
    return kept
