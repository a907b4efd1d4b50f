"""A department's pending list: a default is entered, and reported when its department says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.domain.listing import DEFAULT_EVENTS, Listing, read_listing
from engine.domain.record import Cause, Origin, RecordEvent, Reporting
from engine.domain.record_kind import RecordKind
from engine.domain.words import Words
from engine.persistence import models
from engine.services import record_changes, reporting, rules
from engine.services.office import Office
from engine.services.record_taking import Register
from engine.services.writing import Writing

NOT_YOURS = Words("只能报本单位认定的信息", "you may only report what your department found")


def kind_of(kind: str) -> RecordKind:
    try:
        return RecordKind(kind)
    except ValueError:
        raise Invalid(f"没有记录类别 {kind}。", f"there is no kind of record {kind!r}") from None


@dataclass(frozen=True, slots=True)
class Department:
    """The department a list comes from: name and 统一社会信用代码."""

    title: Words
    code: str


def own_department(office: Office, actor: Actor) -> Department | None:
    directory = office.directory()
    codes = {key: code for code, key in directory.codes.items()}
    title = directory.department(actor.department)
    code = codes.get(actor.department or "")
    return Department(title, code) if title and code else None


def defaults(kind: RecordKind, own: Department | None) -> dict[str, object]:
    """A pending list that does not name its department is that of who brings it."""
    if kind is not RecordKind.DEFAULT_EVENT or own is None:
        return {}
    return {
        DEFAULT_EVENTS.authority: own.title.zh,
        DEFAULT_EVENTS.authority_code: own.code,
    }


def may_report(actor: Actor, own: Department | None, listing: Listing) -> bool:
    """Who imports for the whole city may bring any list; a department its own."""
    if actor.may(Permission.IMPORT_RECORDS):
        return True
    return own is not None and listing.authority_code == own.code


def enter(office: Office, actor: Actor, answers: Mapping[str, object], *, now: datetime) -> UUID:
    """One default on the pending list of the actor's department; its id.

    answers: by code of the field (DS_MC, ...), see engine/domain/listing.py.
    Errors: Invalid with the code of each field that is wrong; Conflict when it is there already.
    """
    actor.must(Permission.REPORT_DEFAULTS)
    own = own_department(office, actor)
    with office.uow.begin() as session:
        register = Register(Writing(office, session, actor, now), document=_list_of(own))
        told = read_listing(
            RecordKind.DEFAULT_EVENT,
            answers,
            today=register.today,
            defaults=defaults(RecordKind.DEFAULT_EVENT, own),
        )
        if told.listing is None:
            raise Invalid(
                "有未填或填错的内容。",
                "something is missing or wrong",
                fields={
                    each.field_code: Words(each.sentence_zh, each.sentence_en)
                    for each in told.problems
                },
            )
        if not may_report(actor, own, told.listing):
            raise NotPermitted(f"{NOT_YOURS.zh}。", NOT_YOURS.en)
        if register.known(told.listing.identity_key) is not None:
            raise Conflict(
                f"{told.listing.number} 已经登记。", f"{told.listing.number} is there already"
            )
        return register.add_listing(told.listing).id


def _list_of(own: Department | None) -> str:
    return f"{own.title.zh}待上报清单" if own else "待上报清单"


def report(office: Office, actor: Actor, record_id: UUID, *, now: datetime) -> None:
    """上报: the department says that the default stands; it is shown and goes up the platforms.

    Errors: Conflict while a case holds it or its reporting is deferred.
    """
    actor.must(Permission.REPORT_DEFAULTS)
    with office.uow.begin() as session:
        record = session.get(models.Record, record_id, with_for_update=True)
        if record is None or record.kind != RecordKind.DEFAULT_EVENT:
            raise NotFound("没有这条待上报信息。", "there is no such default")
        if record.authority_key != actor.department:
            raise NotPermitted(f"{NOT_YOURS.zh}。", NOT_YOURS.en)
        _must_be_free(record)
        show(Writing(office, session, actor, now), record)


def _must_be_free(record: models.Record) -> None:
    if record.holds:
        held = "、".join(record.holds.values())
        raise Conflict(f"在办件 {held} 中，暂不上报。", f"held by case {held}: not reported yet")
    if record.reporting != Reporting.PENDING:
        words = Reporting(record.reporting).words
        raise Conflict(f"这条信息{words.zh}。", f"this is {words.en} already")


def show(by: Writing, record: models.Record) -> None:
    """The default is shown from today for as long as its rule says, and reported by a job."""
    cause = Cause(
        RecordEvent.COLLECTED,
        actor=by.actor.username,
        document=record.number,
        origin=Origin.IMPORT,
    )
    record_changes.change(by, record, cause)
    tables = rules.tables_for(by.office, by.session, by.today, "listing_period")
    term = rules.listing_term(tables, ())
    record.ends_on = term.ends_on(by.today)
    reporting.promise_reports(by.office, by.session, [record.id])
