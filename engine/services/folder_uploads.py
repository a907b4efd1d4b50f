"""Folders that administrators hand in: kept, looked at with the gate's eyes, and deployed."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import defer

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Invalid
from engine.domain.views import DeploymentLine, DeploymentView
from engine.domain.words import Words
from engine.exchange.folder_archive import read_archive, read_files
from engine.persistence import models
from engine.runtime import catalog
from engine.services import deploying
from engine.services.deployment_decisions import approve_row, deploy_or_propose, found, reject_row
from engine.services.deployment_view import view_of
from engine.services.office import Office

Files = Mapping[str, bytes]

MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Handed:
    """A folder as it came: one procedure's files by their names under workflows/."""

    procedure: str
    title: Words
    filename: str
    size: int
    files: Mapping[str, bytes]


def must_hand_in(actor: Actor) -> None:
    """NotPermitted for who may not hand in a folder: asked before a byte of it is unpacked."""
    actor.must(Permission.ADMINISTER)


def unpacked(office: Office, raw: bytes, filename: str) -> Handed:
    """The folder in a zip. Errors: Invalid, naming the entry that cannot be taken."""
    return arrange(office, read_archive(raw, filename), filename)


def gathered(office: Office, parts: Iterable[tuple[str, bytes]]) -> Handed:
    """The folder in files that were sent one by one, by their paths."""
    files = read_files(parts)
    return arrange(office, files, f"{next(iter(files), '').partition('/')[0]}/")


def arrange(office: Office, handed: Files, filename: str) -> Handed:
    """Find the procedure in what was handed in, and add what it shares.

    The folder may be the zip's only one, lie beside common/, or be the zip itself. Without a
    common/ of its own it is taken with that of its newest version, else of this installation.
    Errors: Invalid when there is not exactly one procedure.
    """
    inside = _without_wrapping(handed)
    told = [name for name in inside if name.endswith("procedure.toml") and name.count("/") <= 1]
    if len(told) != 1:
        raise Invalid(
            f"应有且只有一个 procedure.toml，现在有 {len(told)} 个。请只打包一个流程文件夹。",
            f"there are {len(told)} files procedure.toml, not one: pack one procedure's folder",
        )
    key, title = _named(inside[told[0]], told[0].rpartition("/")[0])
    if "/" not in told[0]:
        inside = {f"{key}/{name}": content for name, content in inside.items()}
    own = {n: c for n, c in inside.items() if n.startswith((f"{key}/", f"{catalog.SHARED}/"))}
    if not any(name.startswith(f"{catalog.SHARED}/") for name in own):
        own.update(_shared(office, key))
    size = sum(len(content) for content in handed.values())
    return Handed(key, title, filename, size, catalog.kept(own))


def _without_wrapping(handed: Files) -> dict[str, bytes]:
    """Without a folder around the folders, such as workflows/."""
    tops = {name.partition("/")[0] for name in handed}
    (top,) = tops if len(tops) == 1 else ("",)
    is_wrapped = bool(top) and f"{top}/procedure.toml" not in handed and top not in handed
    return {name[len(top) + 1 :]: c for name, c in handed.items()} if is_wrapped else dict(handed)


def _named(raw: bytes, folder: str) -> tuple[str, Words]:
    try:
        told = tomllib.loads(raw.decode())
        title = told.get("title", {})
        key = str(told.get("key") or folder)
        words = Words(str(title.get("zh", key)), str(title.get("en", "")))
    except (ValueError, AttributeError) as problem:
        zh, en = f"procedure.toml 无法读取：{problem}", f"procedure.toml: {problem}"
        raise Invalid(zh, en) from None
    if not key.isidentifier() or not key.isascii() or (folder and folder != key):
        raise Invalid(
            f"procedure.toml 的 key（{key[:60]}）应为文件夹名。",
            f"procedure.toml: key ({key[:60]}) must be the folder's name",
        )
    return key, words


def _shared(office: Office, key: str) -> dict[str, bytes]:
    with office.uow.read() as session:
        newest = deploying.newest_of(session, key)
        if newest is not None:
            held = catalog.unpack(newest.files)
            return {n: c for n, c in held.items() if n.startswith(f"{catalog.SHARED}/")}
    folder = office.workflows / catalog.SHARED
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {p.relative_to(office.workflows).as_posix(): p.read_bytes() for p in paths}


def look(office: Office, actor: Actor, handed: Handed, *, now: datetime) -> DeploymentView:
    """What would become of the folder; nothing is kept."""
    actor.must(Permission.ADMINISTER)
    verdict = deploying.judged(handed.files, handed.procedure)
    with office.uow.read() as session:
        seen = view_of(office, session, _row(actor, handed, now=now), verdict)
    return replace(seen, id=None)


def deploy_handed(
    office: Office, actor: Actor, handed: Handed, *, reason: str = "", now: datetime
) -> DeploymentView:
    """Keep the folder and make it the newest version, or put it before a second person where the
    office wants two.

    Errors: GateRefused (then nothing is kept); Conflict when the newest version has these files;
    Invalid when there are warnings and no reason for deploying in spite of them.
    """
    actor.must(Permission.ADMINISTER)
    deploying.accepted(handed.files, handed.procedure)
    with office.uow.begin() as session:
        row = _row(actor, handed, now=now)
        session.add(row)
        session.flush()
        deploy_or_propose(session, actor, row, reason, now=now)
        upload_id = row.id
    office.uow.afterwards(office.deployed.forget)
    return upload(office, actor, upload_id, now=now)


def keep(office: Office, actor: Actor, handed: Handed, *, now: datetime) -> UUID:
    """Keep the folder for looking at its report; nothing is deployed."""
    actor.must(Permission.ADMINISTER)
    row = _row(actor, handed, now=now)
    with office.uow.begin() as session:
        session.add(row)
    return row.id


def _row(actor: Actor, handed: Handed, *, now: datetime) -> models.FolderUpload:
    verdict = deploying.judged(handed.files, handed.procedure)
    report = verdict.report
    return models.FolderUpload(
        id=uuid4(),
        procedure=handed.procedure[:200],
        zh=handed.title.zh[:200],
        en=handed.title.en[:200],
        filename=handed.filename[:200],
        size=handed.size,
        sha256=catalog.digest(handed.files),
        files=catalog.pack(handed.files),
        refusals=len(report.refusals),
        warnings=len(report.warnings),
        repairs=len(report.repairs),
        uploaded_by=actor.username,
        uploaded_at=now,
        reason="",
    )


def uploads(office: Office, actor: Actor) -> tuple[DeploymentLine, ...]:
    """What was handed in, the newest first."""
    actor.must(Permission.ADMINISTER)
    row, definition = models.FolderUpload, models.ProcessDefinition
    query = (
        select(row, definition.version)
        .options(defer(row.files), defer(row.report))
        .outerjoin(definition, definition.id == row.definition_id)
        .order_by(row.uploaded_at.desc(), row.id)
        .limit(MOST_LISTED)
    )
    with office.uow.read() as session:
        return tuple(_line(each, version) for each, version in session.execute(query))


def _line(row: models.FolderUpload, version: int | None) -> DeploymentLine:
    return DeploymentLine(
        id=row.id,
        procedure=row.procedure,
        title=Words(row.zh, row.en),
        filename=row.filename,
        uploaded_by=row.uploaded_by,
        uploaded_at=row.uploaded_at,
        refusals=row.refusals,
        warnings=row.warnings,
        repairs=row.repairs,
        version=version,
        deployed_at=row.deployed_at,
        state=row.state,
    )


def upload(
    office: Office, actor: Actor, upload_id: UUID, *, now: datetime, full: bool = False
) -> DeploymentView:
    """A folder handed in, with the gate's report. `full`: with its diagrams."""
    actor.must(Permission.ADMINISTER)
    with office.uow.read() as session:
        row = found(session, upload_id)
        files, key = catalog.unpack(row.files), row.procedure
    verdict = deploying.judged(files, key)
    with office.uow.read() as session:
        row = found(session, upload_id)
        return view_of(office, session, row, verdict, full=full)


def deploy_upload(
    office: Office, actor: Actor, upload_id: UUID, *, reason: str = "", now: datetime
) -> DeploymentView:
    """Make a folder that was handed in the newest version, or put it before a second person where
    the office wants two. Errors: as of `deploy_handed`."""
    _accept(office, actor, upload_id)
    with office.uow.begin() as session:
        row = found(session, upload_id, to_change=True)
        deploy_or_propose(session, actor, row, reason, now=now)
    office.uow.afterwards(office.deployed.forget)
    return upload(office, actor, upload_id, now=now)


def approve(office: Office, actor: Actor, upload_id: UUID, *, now: datetime) -> DeploymentView:
    """A second person deploys what was proposed.

    Errors: NotPermitted for who proposed it; Conflict when it is decided, or another version has
    been deployed since it was proposed.
    """
    _accept(office, actor, upload_id)
    with office.uow.begin() as session:
        row = found(session, upload_id, to_change=True)
        approve_row(office, session, actor, row, now=now)
    office.uow.afterwards(office.deployed.forget)
    return upload(office, actor, upload_id, now=now)


def reject(
    office: Office, actor: Actor, upload_id: UUID, *, note: str = "", now: datetime
) -> DeploymentView:
    """What was proposed is not to be; who proposed it may also take it back so."""
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        reject_row(actor, found(session, upload_id, to_change=True), note, now=now)
    return upload(office, actor, upload_id, now=now)


def _accept(office: Office, actor: Actor, upload_id: UUID) -> None:
    """Ask the gate outside of the transaction: it takes seconds, and its answer is kept."""
    actor.must(Permission.ADMINISTER)
    with office.uow.read() as session:
        row = found(session, upload_id)
        files, key = catalog.unpack(row.files), row.procedure
    deploying.accepted(files, key)
