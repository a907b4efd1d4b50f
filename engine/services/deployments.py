"""Deploys folders as immutable versions, and loads what they share into the tables."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.domain.actor import Actor
from engine.domain.calendar import read_calendar
from engine.domain.errors import Invalid
from engine.persistence import models
from engine.runtime import catalog, gate
from engine.services import calendar_changes, deploying
from engine.services.calendar_editions import write_years
from engine.services.office import Office


def deploy_all(office: Office, actor: Actor, *, now: datetime) -> tuple[str, ...]:
    """Deploy every procedure of the workflows folder, its departments and calendars.

    A folder whose files were a version before deploys nothing: what an administrator has handed in
    since is not undone by a restart. The keys that got a new version.
    """
    load_shared(office, office.workflows)
    made = []
    for key in catalog.procedure_keys(office.workflows):
        for edition in catalog.editions(office.workflows, key):
            files = catalog.read_folder(office.workflows, key, edition)
            with office.uow.read() as session:
                known = deploying.is_known(session, key, catalog.digest(gate.repair(files)[0]))
            if known is None and deploying.deploy(office, actor, files, key, now=now):
                made.append(key)
    return tuple(dict.fromkeys(made))


def check_folder(path: Path) -> gate.Report:
    """What the gate says of a folder under workflows/. Invalid for one that is no procedure's."""
    workflows, key, edition = catalog.place_of(path.resolve())
    return deploying.judged(catalog.read_folder(workflows, key, edition), key).report


def deploy_folder(office: Office, actor: Actor, path: Path, *, now: datetime) -> UUID | None:
    """Make a folder's files the newest version; None when they are those of the newest already.

    Errors: Invalid (the gate) names file and element; then nothing is deployed.
    """
    workflows, key, edition = catalog.place_of(path.resolve())
    files = catalog.read_folder(workflows, key, edition)
    row = deploying.deploy(office, actor, files, key, now=now)
    return None if row is None else row.id


def load_shared(office: Office, workflows: Path) -> None:
    """Departments, groups and calendars of workflows/common into the tables.

    An empty calendar is filled. Later a year that a release brings is proposed as any other change
    is: it moves the dates of open cases, so people decide.
    """
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
        is_fresh = session.scalar(select(models.CalendarYear.year).limit(1)) is None
        if is_fresh:
            write_years(session, (), calendars)
    office.forget()
    if not is_fresh:
        calendar_changes.propose_shipped(office, calendars, now=office.now())


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
