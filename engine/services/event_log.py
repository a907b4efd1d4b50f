"""The history of cases as an event log for process mining: nobody is named in it, and no text of anybody's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Invalid, NotFound
from engine.domain.event_log import STEPS, Form, Lifecycle, LogCase, LogEvent, StandIns, activity
from engine.domain.words import Words
from engine.exchange.event_log import write_ocel, write_xes
from engine.persistence import models
from engine.services import deployed
from engine.services.heat import Period
from engine.services.office import Office

#: Days of filing that are taken when nobody says which.
USUAL_DAYS = 91
#: Cases of one file that is asked for over the network; the command writes any number.
MOST = 5_000
AT_ONCE = 200
WRITERS = {Form.XES: write_xes, Form.OCEL: write_ocel}
_SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Cases filed on days of the office, both included; of one procedure, or of all."""

    form: Form = Form.OCEL
    since: date | None = None
    until: date | None = None
    procedure: str | None = None
    language: str = "zh"


def export(office: Office, actor: Actor, wanted: Wanted, *, now: datetime) -> bytes:
    """The file. People and subjects are numbered in it, and numbered anew in the next.

    Errors: NotPermitted; NotFound for an unknown procedure; Invalid for a period that ends before it
    begins or holds too many cases.
    """
    actor.must(Permission.INSPECT)
    period = _period(office, wanted, now)
    with office.uow.read() as session:
        count = session.scalar(select(func.count()).select_from(_chosen(period, wanted).subquery()))
    if (count or 0) > MOST:
        told = Words(
            f"这段时间有 {count} 件，一次最多导出 {MOST} 件；请缩短日期，或在服务器上用 kunxin export",
            f"{count} cases were filed in this time, at most {MOST} are exported at once:"
            " shorten it, or run kunxin export on the server",
        )
        raise Invalid(told.zh, told.en, fields={"since": told})
    return b"".join(_written(office, period, wanted))


def written(office: Office, wanted: Wanted, *, now: datetime) -> Iterator[bytes]:
    """The same for whoever has the machine, of any size, by and by."""
    return _written(office, _period(office, wanted, now), wanted)


def _period(office: Office, wanted: Wanted, now: datetime) -> Period:
    """NotFound for a procedure that was never deployed: an empty file would say that nothing was filed."""
    known = {each.procedure for each in deployed.versions(office)}
    if wanted.procedure and wanted.procedure not in known:
        raise NotFound(
            f"没有流程 {wanted.procedure}。", f"there is no procedure {wanted.procedure}"
        )
    calendar = office.calendar()
    last = wanted.until or max(calendar.local_date(now), wanted.since or date.min)
    first = wanted.since or last - timedelta(days=USUAL_DAYS - 1)
    return Period.read(calendar, first, last, now=now)


def _written(office: Office, period: Period, wanted: Wanted) -> Iterator[bytes]:
    return WRITERS[wanted.form](_cases(office, period, wanted))


def _chosen(period: Period, wanted: Wanted) -> Select[datetime, UUID]:
    case = models.Case
    found = select(case.filed_at, case.id)
    found = found.where(case.filed_at >= period.begins, case.filed_at < period.ends)
    return found.where(case.procedure == wanted.procedure) if wanted.procedure else found


@dataclass(slots=True)
class _File:
    """What one file knows: the language of its words, who stands for whom."""

    office: Office
    language: str
    people: StandIns = field(default_factory=lambda: StandIns("person"))
    subjects: StandIns = field(default_factory=lambda: StandIns("subject"))


def _cases(office: Office, period: Period, wanted: Wanted) -> Iterator[LogCase]:
    """So many at a time as of one moment: one moment for all would hold up vacuum."""
    file, case = _File(office, wanted.language), models.Case
    last: tuple[datetime, UUID] | None = None
    while True:
        with office.uow.scan() as session:
            asked = _chosen(period, wanted).order_by(case.filed_at, case.id).limit(AT_ONCE)
            if last is not None:
                asked = asked.where(
                    (case.filed_at > last[0]) | ((case.filed_at == last[0]) & (case.id > last[1]))
                )
            places = session.execute(asked).all()
            found = _told(session, file, [place.id for place in places])
        yield from found
        if len(places) < AT_ONCE:
            return
        last = (places[-1].filed_at, places[-1].id)


def _told(session: Session, file: _File, ids: Sequence[UUID]) -> list[LogCase]:
    case, definition = models.Case, models.ProcessDefinition
    asked = select(case, definition.version).join(definition, definition.id == case.definition_id)
    asked = asked.where(case.id.in_(ids)).order_by(case.filed_at, case.id)
    lines, tasks = _lines(session, ids), _tasks(session, ids)
    zone = file.office.calendar().zone
    return [
        LogCase(
            number=row.number,
            procedure=row.procedure,
            version=version,
            channel=row.channel,
            grade=row.grade or "",
            outcome=row.outcome or "",
            subject=file.subjects.of(row.subject_code),
            authority=row.authority_key or "",
            filed_at=row.filed_at.astimezone(zone),
            closed_at=row.closed_at.astimezone(zone) if row.closed_at else None,
            records=tuple(map(str, row.record_ids)),
            events=tuple(_event(file, row, line, tasks) for line in lines.get(row.id, ())),
        )
        for row, version in session.execute(asked)
    ]


def _lines(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    event = models.Event
    columns = (
        event.case_id, event.sequence, event.at, event.actor, event.department, event.kind,
        event.element_id, event.title, event.title_en,
    )  # fmt: skip
    asked = select(*columns).where(event.case_id.in_(ids)).order_by(event.case_id, event.sequence)
    found: dict[UUID, list[Any]] = {}
    for line in session.execute(asked):
        found.setdefault(line.case_id, []).append(line)
    return found


def _tasks(session: Session, ids: Sequence[UUID]) -> dict[tuple[Any, ...], str]:
    """By case, element, and the moment at which it was taken or done: its id."""
    task = models.Task
    columns = (task.id, task.case_id, task.element_id, task.claimed_at, task.completed_at)
    found: dict[tuple[Any, ...], str] = {}
    for row in session.execute(select(*columns).where(task.case_id.in_(ids))):
        for kind, at in (("task_claimed", row.claimed_at), ("task_completed", row.completed_at)):
            if at is not None:
                found[row.case_id, row.element_id, kind, at] = str(row.id)
    return found


def _event(
    file: _File, case: models.Case, line: Any, tasks: dict[tuple[Any, ...], str]
) -> LogEvent:
    title = line.title_en or line.title if file.language == "en" else line.title
    return LogEvent(
        id=f"{case.number}-{line.sequence}",
        at=line.at.astimezone(file.office.calendar().zone),
        activity=activity(line.kind, title),
        kind=line.kind,
        element=line.element_id or "",
        lifecycle=STEPS.get(line.kind, Lifecycle.COMPLETE),
        who=_SYSTEM if line.actor == _SYSTEM else file.people.of(line.actor),
        department=line.department or "",
        task=tasks.get((case.id, line.element_id, line.kind, line.at), ""),
    )
