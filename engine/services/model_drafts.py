"""Drafts of administrators who edit a version: kept file by file, resumed anywhere, brought to a newer one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Conflict, Invalid, NotFound
from engine.domain.views import DeploymentView, ModelDraftLine, ModelDraftView, NewerVersion
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime import catalog
from engine.services import folder_uploads, modeling
from engine.services.folder_uploads import Handed
from engine.services.model_skeletons import skeleton
from engine.services.office import Office

MOST_TEXT, MOST_WHOLE = 2_000_000, 8_000_000  # characters


def get(office: Office, actor: Actor, definition_id: UUID) -> ModelDraftView:
    """One's own draft of a version; empty when there is none. With the version that came since."""
    actor.must(Permission.ADMINISTER)
    with office.uow.read() as session:
        origin = _definition(session, definition_id)
        row = _row(session, actor, definition_id)
        files = dict(row.files) if row is not None else {}
        return ModelDraftView(
            definition_id=definition_id,
            texts={name: held["text"] for name, held in files.items()},
            revisions={name: held["revision"] for name, held in files.items()},
            report=row.report if row is not None else None,
            is_stale=row is not None and row.is_stale,
            changed_at=row.changed_at if row is not None else None,
            newer=_newer(session, origin, files),
        )


def mine(office: Office, actor: Actor) -> tuple[ModelDraftLine, ...]:
    """All of one's own drafts, the last changed first."""
    actor.must(Permission.ADMINISTER)
    draft, definition = models.ModelDraft, models.ProcessDefinition
    asked = (
        select(draft, definition.procedure, definition.version)
        .join(definition, definition.id == draft.definition_id)
        .where(draft.owner == actor.username)
        .order_by(draft.changed_at.desc())
    )
    with office.uow.read() as session:
        return tuple(
            ModelDraftLine(row.definition_id, procedure, version, len(row.files), row.changed_at)
            for row, procedure, version in session.execute(asked)
            if row.files
        )


def keep(
    office: Office,
    actor: Actor,
    definition_id: UUID,
    name: str,
    text: str,
    seen: int,
    *,
    now: datetime,
) -> int:
    """Keep a file as it is now; its revision. `seen`: the revision it was changed from, 0 for the
    version's own. A file that says again what the version says leaves the draft: revision 0.

    Errors: Conflict when another window kept it since; Invalid for what cannot be edited or is
    too large.
    """
    actor.must(Permission.ADMINISTER)
    files = modeling.files_of(office, definition_id)
    _must_fit(text)
    with office.uow.begin() as session:
        row = _own(session, actor, definition_id, now)
        held = row.files.get(name)
        if held is None and not modeling.may_edit(files, name):
            raise Invalid(f"这一版没有文件 {name[:200]}。", f"there is no file {name[:200]}")
        if (held["revision"] if held else 0) != seen:
            raise Conflict(
                "您在另一个窗口改过这个文件。", "this file was changed in another window of yours"
            )
        left = {each: kept for each, kept in row.files.items() if each != name}
        if files.get(name) == text.encode():
            _change(row, left, now)
            return 0
        _change(row, {**left, name: {"text": text, "revision": seen + 1}}, now)
        return seen + 1


def _must_fit(text: str) -> None:
    if len(text) > MOST_TEXT or "\0" in text:
        raise Invalid("文件太大，或含有不能保存的字符。", "too large, or not a text")


def _change(row: models.ModelDraft, files: dict[str, Any], now: datetime) -> None:
    if sum(len(held["text"]) for held in files.values()) > MOST_WHOLE:
        raise Invalid("草稿太大，请分几次交。", "the draft is too large: hand it in in parts")
    row.files, row.is_stale, row.changed_at = files, row.report is not None, now


def add(
    office: Office, actor: Actor, definition_id: UUID, kind: str, key: str, *, now: datetime
) -> str:
    """A new diagram, table, form or letter in the draft, ready to be filled in; its name.

    Errors: Invalid with `fields` for a key that is no key or is taken.
    """
    actor.must(Permission.ADMINISTER)
    files = modeling.files_of(office, definition_id)
    with office.uow.begin() as session:
        procedure = _definition(session, definition_id).procedure
        name, text = skeleton(procedure, kind, key.strip())
        row = _own(session, actor, definition_id, now)
        if name in files or name in row.files:
            told = Words("已经有这个文件", "there is such a file already")
            raise Invalid(told.zh, told.en, fields={"key": told})
        _change(row, {**row.files, name: {"text": text, "revision": 1}}, now)
    return name


def discard(office: Office, actor: Actor, definition_id: UUID, name: str | None = None) -> None:
    """Throw away the draft, or one file of it. Nothing to throw away is no error."""
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        row = _row(session, actor, definition_id, to_change=True)
        if row is None:
            return
        files = {each: held for each, held in row.files.items() if name not in (None, each)}
        if files:
            row.files, row.is_stale = files, row.report is not None
        else:
            session.delete(row)


def handed(office: Office, actor: Actor, definition_id: UUID) -> Handed:
    """The version's folder with the draft in it."""
    return modeling.edited(office, actor, definition_id, get(office, actor, definition_id).texts)


def judge(office: Office, actor: Actor, definition_id: UUID, *, now: datetime) -> DeploymentView:
    """What the gate says of the whole folder; kept with the draft, so that it is read elsewhere."""
    draft = get(office, actor, definition_id)
    folder = modeling.edited(office, actor, definition_id, draft.texts)
    seen = folder_uploads.look(office, actor, folder, now=now)
    with office.uow.begin() as session:
        row = _row(session, actor, definition_id, to_change=True)
        if row is not None:
            row.report, row.is_stale = seen.report.told(), row.changed_at != draft.changed_at
    return seen


def hand_in(office: Office, actor: Actor, definition_id: UUID, *, now: datetime) -> UUID:
    """Hand the folder in to be deployed; the draft has become it and goes. Its report's id."""
    upload_id = folder_uploads.keep(office, actor, handed(office, actor, definition_id), now=now)
    discard(office, actor, definition_id)
    return upload_id


def carry(
    office: Office,
    actor: Actor,
    definition_id: UUID,
    choices: Mapping[str, str],
    *,
    now: datetime,
) -> UUID:
    """Bring the draft to the newest version. Files that only one side changed come by themselves;
    for what both changed `choices` says "mine" or "theirs". The newest version's id.

    Errors: Conflict without a draft or a newer version, when a file is not chosen for, or when there
    is a draft of the newer version.
    """
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        origin = _definition(session, definition_id)
        row = _row(session, actor, definition_id, to_change=True)
        newer = _newer(session, origin, row.files) if row is not None else None
        if row is None or newer is None:
            raise Conflict("没有要搬的草稿。", "there is no draft to bring along")
        if _row(session, actor, newer.definition_id) is not None:
            raise Conflict(
                "新的一版上您已有草稿，先交上或放弃它。", "you have a draft of the newer version"
            )
        if unsaid := [name for name in newer.both if choices.get(name) not in ("mine", "theirs")]:
            told = "、".join(unsaid)
            raise Conflict(f"两边都改过，请选一边：{told}", f"both changed: choose for {told}")
        target = catalog.unpack(_definition(session, newer.definition_id).files)
        row.files = {
            name: held
            for name, held in row.files.items()
            if choices.get(name) != "theirs" and target.get(name) != held["text"].encode()
        }
        row.definition_id, row.is_stale = newer.definition_id, row.report is not None
        row.changed_at = now
    return newer.definition_id


def _newer(
    session: Session, origin: models.ProcessDefinition, files: Mapping[str, Any]
) -> NewerVersion | None:
    """The newest version of the same edition, when it is not this one."""
    definition = models.ProcessDefinition
    same = (
        definition.procedure == origin.procedure,
        definition.effective_from == origin.effective_from,
        definition.version > origin.version,
    )
    found = session.scalar(
        select(definition).where(*same).order_by(definition.version.desc()).limit(1)
    )
    if found is None:
        return None
    base, target = catalog.unpack(origin.files), catalog.unpack(found.files)
    both = (
        name
        for name, held in sorted(files.items())
        if target.get(name) not in (base.get(name), held["text"].encode())
    )
    return NewerVersion(found.id, found.version, found.deployed_by, found.deployed_at, tuple(both))


def _definition(session: Session, definition_id: UUID) -> models.ProcessDefinition:
    found = session.get(models.ProcessDefinition, definition_id)
    if found is None:
        raise NotFound("没有这个版本。", "there is no such version")
    return found


def _row(
    session: Session, actor: Actor, definition_id: UUID, *, to_change: bool = False
) -> models.ModelDraft | None:
    draft = models.ModelDraft
    mine = (draft.owner == actor.username, draft.definition_id == definition_id)
    asked = select(draft).where(*mine)
    return session.scalar(asked.with_for_update() if to_change else asked)


def _own(session: Session, actor: Actor, definition_id: UUID, now: datetime) -> models.ModelDraft:
    row = _row(session, actor, definition_id, to_change=True)
    if row is None:
        row = models.ModelDraft(
            id=uuid4(),
            owner=actor.username,
            definition_id=definition_id,
            files={},
            report=None,
            is_stale=False,
            changed_at=now,
        )
        session.add(row)
    return row
