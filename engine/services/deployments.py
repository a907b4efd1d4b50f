"""Deploys folders as immutable versions, and loads what they share into the tables."""

import tomllib
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.calendar import read_calendar
from engine.domain.errors import Invalid
from engine.persistence import models
from engine.runtime import catalog, gate
from engine.services.office import Office
from engine.services.vocabulary import vocabulary

#: Verdicts kept: those of the shipped folders, and of what an administrator is looking at.
MOST_JUDGED = 32


def deploy_all(office: Office, actor: Actor, *, now: datetime) -> tuple[str, ...]:
    """Deploy every procedure of the workflows folder, its departments and calendars.

    Unchanged folders deploy nothing. The keys that got a new version.
    """
    load_shared(office, office.workflows)
    keys = catalog.procedure_keys(office.workflows)
    return tuple(
        key for key in keys if deploy_folder(office, actor, office.workflows / key, now=now)
    )


_judged: OrderedDict[tuple[str, str], gate.Verdict] = OrderedDict()


def judged(files: Mapping[str, bytes], key: str) -> gate.Verdict:
    """What the gate says of these files; the same files are walked once in a process."""
    asked = (key, catalog.digest(files))
    held = _judged.get(asked)
    if held is None:
        held = _judged[asked] = gate.examine(files, key, vocabulary())
        while len(_judged) > MOST_JUDGED:
            _judged.popitem(last=False)
    return held


def check_folder(path: Path) -> gate.Report:
    """What the gate says of a folder under workflows/. Invalid for one that is no procedure's."""
    return judged(catalog.read_folder(path.parent, path.name), path.name).report


def deploy_folder(office: Office, actor: Actor, path: Path, *, now: datetime) -> UUID | None:
    """Make a folder's files the newest version; None when they are those of the newest already.

    Errors: Invalid (the gate) names file and element; then nothing is deployed.
    """
    verdict = judged(catalog.read_folder(path.parent, path.name), path.name)
    if verdict.procedure is None or not verdict.report.is_accepted:
        raise gate.GateRefused(verdict.report)
    files, procedure = verdict.files, verdict.procedure
    with office.uow.begin() as session:
        newest = _newest(session, path.name, procedure.effective_from)
        sha256 = catalog.digest(files)
        if newest is not None and newest.sha256 == sha256:
            return None
        row = models.ProcessDefinition(
            id=uuid4(),
            procedure=path.name,
            version=_next_version(session, path.name),
            edition=procedure.edition,
            sha256=sha256,
            files=catalog.pack(files),
            effective_from=procedure.effective_from,
            effective_to=procedure.effective_to,
            deployed_at=now,
            deployed_by=actor.username,
        )
        session.add(row)
    return row.id


def _newest(session: Session, key: str, effective_from: Any) -> models.ProcessDefinition | None:
    definition = models.ProcessDefinition
    return session.scalar(
        select(definition)
        .where(definition.procedure == key, definition.effective_from == effective_from)
        .order_by(definition.version.desc())
        .limit(1)
    )


def _next_version(session: Session, key: str) -> int:
    definition = models.ProcessDefinition
    found = session.scalar(select(func.max(definition.version)).where(definition.procedure == key))
    return (found or 0) + 1


def load_shared(office: Office, workflows: Path) -> None:
    """Departments, groups and calendars of workflows/common into the tables."""
    told = tomllib.loads((workflows / "common/departments.toml").read_text("utf-8"))
    calendars = [
        read_calendar(path.read_text("utf-8"))
        for path in sorted((workflows / "common/calendars").glob("*.csv"))
    ]
    with office.uow.begin() as session:
        for each in told["departments"]:
            session.merge(_department(each))
        for key, each in told["groups"].items():
            session.merge(_group(key, each))
        known = set(session.scalars(select(models.CalendarYear.year)))
        for year in calendars:
            if year.year in known:
                continue
            session.add(models.CalendarYear(year=year.year, notice=year.notice))
            session.flush()
            session.execute(delete(models.CalendarDay).where(models.CalendarDay.year == year.year))
            for day in year.days:
                row = models.CalendarDay(
                    on=day.on, year=year.year, is_open=day.is_open, name=day.name
                )
                session.add(row)
    office.forget()


def _department(told: Mapping[str, Any]) -> models.Department:
    return models.Department(
        key=told["key"],
        zh=told["zh"],
        en=told.get("en", ""),
        code=told.get("code", ""),
        kind=told["kind"],
        groups=list(told.get("groups", ())),
        phone=told.get("phone", ""),
        place=told.get("place", ""),
    )


def _group(key: str, told: Mapping[str, Any]) -> models.Group:
    if not told.get("zh"):
        raise Invalid(f"岗位组 {key} 没有名称。", f"group {key} has no name")
    return models.Group(
        key=key,
        zh=told["zh"],
        en=told.get("en", ""),
        department=told.get("department"),
        resolved=told.get("resolved"),
    )
