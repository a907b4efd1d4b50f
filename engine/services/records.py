"""The register of records: search, one record with its history, eligibility, the public list."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from engine.domain import record_history
from engine.domain.actor import Actor
from engine.domain.errors import Invalid, NotFound, NotPermitted
from engine.domain.identifiers import check_uscc, document_number_key
from engine.domain.listing import details
from engine.domain.personal_numbers import without_personal_numbers
from engine.domain.record import Flag, Grade, Publication, Reporting
from engine.domain.record_kind import RecordKind
from engine.domain.views import EligibilityView, Page, RecordEventView, RecordNote, RecordView
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.keyset import after_cursor, next_cursor
from engine.services import access, rules
from engine.services.office import Office
from engine.services.record_entry import enter, report
from engine.services.record_import import import_file, import_report, imports

__all__ = [
    "cases_open_to",
    "eligibility",
    "enter",
    "find",
    "get",
    "import_file",
    "import_report",
    "imports",
    "published",
    "record_view",
    "report",
]

USCC_LENGTH = 18
AXIS_TITLES = {
    "publication": Words("公示状态", "publication"),
    "reporting": Words("上报状态", "reporting"),
    "flags": Words("标注", "flags"),
    "content": Words("内容", "content"),
}


def find(
    office: Office,
    actor: Actor,
    *,
    now: datetime,
    subject: str | None = None,
    q: str = "",
    kind: str | None = None,
    publication: str | None = None,
    grade: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[RecordView]:
    """Records an actor may see: staff all, an enterprise its own. The first page tells how many."""
    record = models.Record
    found = select(record)
    if actor.is_enterprise:
        found = found.where(record.subject_code == actor.subject)
    elif not actor.is_staff:
        raise NotPermitted("请先登录。", "sign in first")
    if subject:
        found = found.where(record.subject_code == subject)
    if kind:
        found = found.where(record.kind == kind)
    if publication:
        found = found.where(record.publication == publication)
    if grade:
        found = found.where(record.grade == grade)
    found = _matching(found, q)
    page = _page(office, found, cursor, limit)
    with office.uow.read() as session:
        counted = found.with_only_columns(func.count(), maintain_column_froms=True)
        return page if cursor else replace(page, total=session.scalar(counted))


def published(
    office: Office, *, q: str, now: datetime, cursor: str | None = None, limit: int = 20
) -> Page[RecordView]:
    """What is shown to everybody today."""
    record = models.Record
    found = select(record).where(
        record.publication == Publication.SHOWN.value,
        or_(record.ends_on.is_(None), record.ends_on >= office.calendar().local_date(now)),
    )
    page = _page(office, _matching(found, q), cursor, limit)
    return Page(tuple(_without_person(each) for each in page.items), page.next_cursor)


def _without_person(view: RecordView) -> RecordView:
    """A natural person's name and key are not for everybody."""
    if len(view.subject_code) == USCC_LENGTH:
        return view
    name = view.subject_name[:1] + "*" * max(len(view.subject_name) - 1, 1)
    return replace(view, subject_name=name, subject_code="")


def _matching(found: Select[models.Record], q: str) -> Select[models.Record]:
    if not q.strip():
        return found
    record, text = models.Record, q.strip()
    return found.where(
        or_(
            record.subject_name.contains(text, autoescape=True),
            record.subject_code == text.upper(),
            record.number.contains(text, autoescape=True),
            record.number_key == document_number_key(text),
        )
    )


def _page(
    office: Office, found: Select[models.Record], cursor: str | None, limit: int
) -> Page[RecordView]:
    columns = (models.Record.decided_on, models.Record.id)
    found = after_cursor(found, columns, cursor).limit(limit + 1)
    with office.uow.read() as session:
        rows = session.scalars(found).all()
    items = tuple(record_view(row) for row in rows[:limit])
    return Page(items, next_cursor(rows, limit, lambda row: (row.decided_on, row.id)))


def get(
    office: Office, actor: Actor, record_id: UUID, *, now: datetime
) -> tuple[RecordView, tuple[RecordEventView, ...]]:
    """One record with its eligibility and its append-only history, newest first."""
    with office.uow.read() as session:
        row = session.get(models.Record, record_id)
        if row is None or not (actor.is_staff or row.subject_code == actor.subject):
            raise NotFound("没有这条记录。", "there is no such record")
        event = models.RecordEvent
        events = session.scalars(
            select(event).where(event.record_id == record_id).order_by(event.sequence.desc())
        ).all()
        told = _own_way(office, session, row, now)
    return record_view(row, told), tuple(_event_view(each) for each in events)


#: Which procedure may give a subject its credit back, by kind of record.
WAYS = {
    RecordKind.PENALTY: "credit_repair",
    RecordKind.COURT_DEFAULT: "court_repair",
    RecordKind.DEFAULT_EVENT: "deferral",
}


def _own_way(
    office: Office, session: Session, row: models.Record, now: datetime
) -> EligibilityView | None:
    """What the record's own procedure says of it; None while no edition of it is in force."""
    try:
        told = _eligibility(office, session, (row,), now=now, procedure=WAYS[RecordKind(row.kind)])
    except Invalid:
        return None
    return told[row.id]


def _event_view(row: models.RecordEvent) -> RecordEventView:
    return RecordEventView(
        at=row.at,
        title=AXIS_TITLES.get(row.axis, Words(row.axis)),
        axis=row.axis,
        before=_value(row.axis, row.before),
        after=_value(row.axis, row.after),
        case_number=row.case_number,
        element_id=row.element_id,
        actor_name=row.actor_name,
        document=row.document,
    )


def _value(axis: str, value: str) -> Words:
    if axis == "content":
        return record_history.told(without_personal_numbers(value))
    if kind := {"publication": Publication, "reporting": Reporting}.get(axis):
        return kind(value).words
    flags = [Flag(each).words for each in value.split("、") if each]
    if not flags:
        return Words("无", "none")
    return Words("、".join(flag.zh for flag in flags), ", ".join(flag.en for flag in flags))


def cases_open_to(office: Office, actor: Actor, numbers: Iterable[str | None]) -> frozenset[str]:
    """Which of these cases the actor may open; all staff see a record, few see its case."""
    case = models.Case
    asked = {number for number in numbers if number}
    seen = select(case.number).where(case.number.in_(asked), access.visible_cases(actor))
    with office.uow.read() as session:
        return frozenset(session.scalars(seen))


def eligibility(
    office: Office,
    actor: Actor,
    subject: str,
    *,
    now: datetime,
    procedure: str = "credit_repair",
) -> tuple[RecordView, ...]:
    """Every record of a subject with grade, first day of repair, rule and article, other ways.

    Errors: Invalid for a wrong code; NotPermitted for another enterprise's code.
    """
    code = check_uscc(subject)
    if not actor.is_staff and actor.subject != code:
        raise NotPermitted("只能查询本企业。", "you may only ask for your own enterprise")
    record = models.Record
    with office.uow.read() as session:
        rows = session.scalars(
            select(record)
            .where(record.subject_code == code)
            .order_by(record.decided_on.desc(), record.id)
        ).all()
        told = _eligibility(office, session, rows, now=now, procedure=procedure)
    return tuple(record_view(row, told[row.id]) for row in rows)


def _eligibility(
    office: Office,
    session: Session,
    rows: Sequence[models.Record],
    *,
    now: datetime,
    procedure: str = "credit_repair",
) -> dict[UUID, EligibilityView]:
    today = office.calendar().local_date(now)
    _, edition = office.in_force(session, procedure, today)
    return {row.id: rules.eligibility(office, edition, row, now=now) for row in rows}


def _grade_title(row: models.Record, told: EligibilityView | None) -> Words | None:
    """By the law in force on the day where it was asked, else as it was collected."""
    if told is not None and told.grade_title is not None:
        return told.grade_title
    return Grade(row.grade).words if row.grade else None


_HELD_BACK = (Reporting.HELD, Reporting.DEFERRED)


def record_view(row: models.Record, told: EligibilityView | None = None) -> RecordView:
    """`told`: what the law in force says of it, where it was asked; else what was found when it came."""
    flags = tuple(Flag(flag) for flag in row.flags)
    return RecordView(
        id=row.id,
        kind=row.kind,
        kind_title=RecordKind(row.kind).words,
        subject_code=row.subject_code,
        subject_name=row.subject_name,
        number=row.number,
        authority=row.authority,
        authority_key=row.authority_key,
        decided_on=row.decided_on,
        kinds=tuple(row.kinds),
        conduct=without_personal_numbers(row.conduct),
        content=without_personal_numbers(row.content),
        fine=row.fine,
        grade=told.grade if told and told.grade else row.grade,
        grade_title=_grade_title(row, told),
        grade_rule=row.grade_rule,
        publication=row.publication,
        publication_title=Publication(row.publication).words,
        reporting=row.reporting,
        reporting_title=Reporting(row.reporting).words,
        flags=tuple(flag.value for flag in flags),
        flag_titles=tuple(flag.words for flag in flags),
        earliest_on=told.earliest_on if told and told.grade else row.earliest_on,
        ends_on=(told.ends_on if told else None) or row.ends_on,
        deferred_until=row.deferred_until if row.reporting in _HELD_BACK else None,
        open_case=_open_case(row),
        eligibility=told,
        details=_details(row),
        notes=tuple(
            RecordNote(
                at=datetime.fromisoformat(note["at"]),
                case_number=note["case"],
                applicant=without_personal_numbers(note["applicant"]),
                provider=without_personal_numbers(note["provider"]),
            )
            for note in row.notes
        ),
    )


def _open_case(row: models.Record) -> str | None:
    """The case that acts on the record now; an objection goes first."""
    first = row.holds.get("objection") or row.holds.get("repair")
    return first or next(iter(row.holds.values()), None)


def _details(row: models.Record) -> tuple[tuple[Words, str], ...]:
    """What a record that is no penalty says besides: title of the field, text as reported."""
    if row.kind == RecordKind.PENALTY:
        return ()
    told = details(RecordKind(row.kind), row.fields)
    return tuple(
        (Words(field.name, field.english), without_personal_numbers(text)) for field, text in told
    )
