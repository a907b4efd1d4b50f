"""Procedures as readers see them: open ones, their forms, all versions, their diagrams."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.emergency import Emergency
from engine.domain.errors import Invalid, NotFound
from engine.domain.views import DiagramView, FileView, ProcedureView, VersionDiff
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime import version_diff
from engine.runtime.procedure import Procedure
from engine.services import deployed, emergencies
from engine.services.deployed import Deployed
from engine.services.migration_views import reference
from engine.services.office import Office

#: Beside the procedures' folders; without it they are named by their keys.
ORDER = "services.toml"


@cache
def _order(file: Path) -> Mapping[str, int]:
    """The place of each procedure that the file names."""
    if not file.exists():
        return {}
    return {key: place for place, key in enumerate(tomllib.loads(file.read_text("utf-8"))["order"])}


def open_procedures(
    office: Office, actor: Actor | None, *, now: datetime
) -> tuple[ProcedureView, ...]:
    """What may be applied for today, what most come for first: the newest version of each edition in
    force."""
    today = office.calendar().local_date(now)
    order = _order(office.workflows / ORDER)
    known = {each.procedure for each in deployed.versions(office)}
    keys = sorted(known, key=lambda key: (order.get(key, len(order)), key))
    rows = [row for key in keys if (row := deployed.current(office, key, today))]
    responses = emergencies.known(office)
    with office.uow.read() as session:
        return tuple(_view(office, session, row, responses, today=today) for row in rows)


def titles(office: Office) -> Mapping[str, Words]:
    """Of every procedure, open or not: what its newest version is called."""
    newest = {each.procedure: each.id for each in deployed.versions(office)}
    with office.uow.read() as session:
        return {key: office.procedure(session, each).title for key, each in sorted(newest.items())}


def application_form(
    office: Office, actor: Actor | None, procedure: str, *, now: datetime
) -> Mapping[str, Any]:
    """The application form in force today as JSON Schema. NotFound for an unknown procedure."""
    today = office.calendar().local_date(now)
    row = deployed.current(office, procedure, today)
    if row is None:
        raise NotFound(f"没有施行中的流程 {procedure}。", f"no procedure {procedure} is open")
    with office.uow.read() as session:
        return office.procedure(session, row.id).form("application")


def definitions(office: Office, actor: Actor, *, now: datetime) -> tuple[ProcedureView, ...]:
    """All deployed versions, the newest first, with their live cases."""
    actor.must(Permission.INSPECT)
    today, definition = office.calendar().local_date(now), models.ProcessDefinition
    responses = emergencies.known(office)
    with office.uow.read() as session:
        rows = session.scalars(
            select(definition).order_by(definition.procedure, definition.version.desc())
        ).all()
        live = _live(session)
        return tuple(
            _view(office, session, row, responses, today=today, live=live.get(row.id, 0))
            for row in rows
        )


def _live(session: Session) -> dict[UUID, int]:
    held = models.Case
    counted = select(held.definition_id, func.count()).where(held.state == "open")
    return {row[0]: row[1] for row in session.execute(counted.group_by(held.definition_id))}


def definition(
    office: Office, actor: Actor, definition_id: UUID, *, now: datetime
) -> ProcedureView:
    """One deployed version, with its live cases. NotFound."""
    actor.must(Permission.INSPECT)
    today = office.calendar().local_date(now)
    responses = emergencies.known(office)
    with office.uow.read() as session:
        row = _row(session, definition_id)
        return _view(
            office, session, row, responses, today=today, live=_live(session).get(row.id, 0)
        )


def _row(session: Session, definition_id: UUID) -> models.ProcessDefinition:
    row = session.get(models.ProcessDefinition, definition_id)
    if row is None:
        raise NotFound("没有这个版本。", "there is no such version")
    return row


def files(office: Office, actor: Actor, definition_id: UUID) -> tuple[FileView, ...]:
    """The files of a version, with what it shares (workflows/common)."""
    actor.must(Permission.INSPECT)
    with office.uow.read() as session:
        held = office.procedure(session, _row(session, definition_id).id).files
    return tuple(
        FileView(name, len(content), sha256(content).hexdigest())
        for name, content in sorted(held.items())
    )


def file(office: Office, actor: Actor, definition_id: UUID, name: str) -> bytes:
    """One file of a version as it was deployed. NotFound."""
    actor.must(Permission.INSPECT)
    with office.uow.read() as session:
        held = office.procedure(session, _row(session, definition_id).id).files
    if name not in held:
        raise NotFound("这一版没有这个文件。", "this version has no such file")
    return held[name]


def diff(office: Office, actor: Actor, from_id: UUID, to_id: UUID) -> VersionDiff:
    """What differs between two versions of one procedure. NotFound; Invalid for two procedures."""
    actor.must(Permission.INSPECT)
    with office.uow.read() as session:
        rows = _row(session, from_id), _row(session, to_id)
        if rows[0].procedure != rows[1].procedure:
            raise Invalid(
                "只能比较同一程序的版本。", "only versions of one procedure can be compared"
            )
        old, new = (office.procedure(session, row.id) for row in rows)
        origin, target = (reference(office, session, row.id) for row in rows)
    return VersionDiff(
        origin=origin,
        target=target,
        files=version_diff.files(old, new),
        diagrams=version_diff.diagrams(old, new),
        limits=version_diff.limits(old, new),
        forms=version_diff.forms(old, new),
        decisions=version_diff.decisions(old, new),
        others=version_diff.others(old, new),
    )


def definition_diagrams(
    office: Office, actor: Actor, definition_id: UUID
) -> tuple[DiagramView, ...]:
    """The diagrams of one version, the main process first."""
    actor.must(Permission.INSPECT)
    with office.uow.read() as session:
        if session.get(models.ProcessDefinition, definition_id) is None:
            raise NotFound("没有这个版本。", "there is no such version")
        procedure = office.procedure(session, definition_id)
    return diagrams_of(procedure)


def diagrams_of(procedure: Procedure) -> tuple[DiagramView, ...]:
    """The drawings of a version without a case in them, the main one first."""
    drawings = sorted(
        procedure.drawings.values(), key=lambda drawing: drawing.process_id != procedure.key
    )
    return tuple(
        DiagramView(
            process_id=drawing.process_id,
            title=drawing.title,
            xml=drawing.xml.decode("utf-8"),
            elements={},
            times=(),
            is_current=drawing.process_id == procedure.key,
        )
        for drawing in drawings
    )


def _view(
    office: Office,
    session: Session,
    row: models.ProcessDefinition | Deployed,
    responses: Sequence[Emergency],
    *,
    today: date,
    live: int = 0,
) -> ProcedureView:
    procedure = office.procedure(session, row.id)
    handling = procedure.limits.get("handling")
    return ProcedureView(
        key=procedure.key,
        title=procedure.title,
        summary=procedure.summary,
        edition=procedure.edition,
        version=row.version,
        basis=tuple(filter(None, (procedure.laws.on(each, today) for each in procedure.basis))),
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        promised_days=handling.budget.amount if handling and handling.budget else None,
        is_open=procedure.is_in_force(today),
        live_cases=live,
        deployed_at=row.deployed_at,
        definition_id=row.id,
        hold=procedure.filing.hold,
        takes_records=bool(procedure.record_kinds),
        entrance=procedure.entrance.title,
        button=procedure.entrance.button,
        without_record=procedure.entrance.without_record,
        closed=emergencies.closed_today(procedure, responses, today),
    )
