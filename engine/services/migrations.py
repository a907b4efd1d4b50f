"""Migrations of running cases: a dry run over all of them, then batches as jobs, each to be undone."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Conflict, EngineError, Invalid, NotFound
from engine.domain.views import MigrationReport, MigrationView
from engine.persistence import models
from engine.runtime.migration import Verdict
from engine.services.case_migration import take_back
from engine.services.migration_batches import course_of, order_of, promise_batch
from engine.services.migration_survey import Survey, as_row
from engine.services.migration_views import counted, planned, reference, unmatched, view_of
from engine.services.office import Office


def preview(
    office: Office,
    actor: Actor,
    from_id: UUID,
    to_id: UUID,
    mapping: Mapping[str, str],
    *,
    now: datetime,
) -> MigrationReport:
    """Every live case of a version against another: fits, loses, needs a mapping, or breaks.

    Errors: NotFound; Invalid for versions of two procedures or a mapping to what is not drawn.
    """
    actor.must(Permission.ADMINISTER)
    with office.uow.read() as session:
        course = course_of(office, session, from_id, to_id, mapping)
        found = [
            (case, Survey(office, session, course, case, now).carry())
            for case in _live(session, from_id)
        ]
        return MigrationReport(
            origin=reference(office, session, from_id),
            target=reference(office, session, to_id),
            mapping=dict(mapping),
            counts=counted(carried.verdict.value for _, carried in found),
            cases=tuple(planned(course.old, case, carried) for case, carried in found),
            unmatched=unmatched(course, [carried for _, carried in found]),
        )


def start(
    office: Office,
    actor: Actor,
    from_id: UUID,
    to_id: UUID,
    mapping: Mapping[str, str],
    *,
    reason: str,
    accepts_losses: bool = False,
    now: datetime,
) -> UUID:
    """Order the migration of every case that fits (and, where accepted, loses something).

    It is carried out in batches by jobs. Errors: as of `preview`; Invalid without a reason or
    without a case to migrate; Conflict while another migration of the version is under way.
    """
    report = preview(office, actor, from_id, to_id, mapping, now=now)
    if not reason.strip():
        raise Invalid("请写明理由。", "a reason is needed", fields={"reason": "请写明理由。"})
    wanted = {Verdict.FITS.value, *([Verdict.LOSES.value] if accepts_losses else [])}
    if not any(case.verdict in wanted for case in report.cases):
        raise Invalid("没有可以迁移的办件。", "there is no case that could be migrated")
    with office.uow.begin() as session:
        _must_be_alone(session, from_id)
        row = models.Migration(
            id=uuid4(),
            procedure=report.origin.procedure,
            from_id=from_id,
            to_id=to_id,
            mapping=dict(mapping),
            accepts_losses=accepts_losses,
            reason=reason.strip(),
            state="running",
            started_by=actor.username,
            started_at=now,
        )
        session.add(row)
        session.flush()
        session.add_all(_queue(session, row, report, wanted))
        promise_batch(office, session, row.id)
    return row.id


def _queue(
    session: Session, row: models.Migration, report: MigrationReport, wanted: Collection[str]
) -> Iterator[models.MigratedCase]:
    """Every case of the dry run in its order: those of a wanted verdict wait, the others are left
    where they are, with what was found."""
    case = models.Case
    numbers = [each.number for each in report.cases]
    found = select(case.number, case.id).where(case.number.in_(numbers))
    ids = dict(session.execute(found).all())
    for place, each in enumerate(report.cases):
        yield models.MigratedCase(
            id=uuid4(),
            migration_id=row.id,
            case_id=ids[each.number],
            place=place,
            state="waiting" if each.verdict in wanted else "left",
            verdict=each.verdict,
            findings=[dict(as_row(finding)) for finding in each.findings],
        )


def _must_be_alone(session: Session, from_id: UUID) -> None:
    row = models.Migration
    definition = models.ProcessDefinition
    session.get(definition, from_id, with_for_update=True)  # two at once: the second waits here
    running = select(row.id).where(row.from_id == from_id, row.state == "running")
    if session.scalar(running) is not None:
        raise Conflict("这一版的办件正在迁移。", "cases of this version are being migrated already")


def undo(
    office: Office,
    actor: Actor,
    migration_id: UUID,
    numbers: Iterable[str],
    *,
    reason: str,
    now: datetime,
) -> Mapping[str, str]:
    """Take cases back that have not moved since. Case number -> undone, or why not."""
    actor.must(Permission.ADMINISTER)
    if not reason.strip():
        raise Invalid("请写明理由。", "a reason is needed", fields={"reason": "请写明理由。"})
    told: dict[str, str] = {}
    for number in numbers:
        try:
            _undo_one(office, actor, migration_id, number, reason.strip(), now)
            told[number] = "undone"
        except EngineError as problem:
            told[number] = str(problem)
    return told


def _undo_one(
    office: Office, actor: Actor, migration_id: UUID, number: str, reason: str, now: datetime
) -> None:
    with office.uow.begin() as session:
        case, row = models.Case, models.MigratedCase
        found = session.execute(
            select(case, row)
            .select_from(case)
            .join(row, row.case_id == case.id)
            .where(case.number == number, row.migration_id == migration_id)
            .with_for_update()
        ).first()
        if found is None or found[1].state != "migrated":
            raise NotFound("这个办件没有被迁移。", "this case was not migrated")
        held = session.get_one(models.Migration, migration_id)
        order = order_of(office, session, held, actor, reason, now)
        take_back(session, order, found[0], found[1])


def get(office: Office, actor: Actor, migration_id: UUID, *, now: datetime) -> MigrationView:
    """How far a migration is. NotFound."""
    actor.must(Permission.ADMINISTER)
    with office.uow.read() as session:
        held = session.get(models.Migration, migration_id)
        if held is None:
            raise NotFound("没有这次迁移。", "there is no such migration")
        return view_of(office, session, held, with_cases=True)


def history(office: Office, actor: Actor) -> tuple[MigrationView, ...]:
    """All migrations, the newest first, without their cases."""
    actor.must(Permission.ADMINISTER)
    with office.uow.read() as session:
        rows = session.scalars(
            select(models.Migration).order_by(models.Migration.started_at.desc()).limit(100)
        ).all()
        return tuple(view_of(office, session, row, with_cases=False) for row in rows)


def _live(session: Session, definition_id: UUID) -> Sequence[models.Case]:
    case = models.Case
    found = select(case).where(case.definition_id == definition_id, case.state == "open")
    return session.scalars(found.order_by(case.number)).all()
