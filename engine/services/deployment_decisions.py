"""What becomes of a folder that was handed in: deployed, put before a second person, agreed to or not."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime import catalog
from engine.runtime.gate import Report
from engine.runtime.procedure import Procedure
from engine.services import deploying, deployment_rule, second_person
from engine.services.office import Office

Ready = tuple[Procedure, dict[str, bytes], Report]


def found(session: Session, upload_id: UUID, *, to_change: bool = False) -> models.FolderUpload:
    """The folder that was handed in, locked when it is to be changed. NotFound for none."""
    row = session.get(models.FolderUpload, upload_id, with_for_update=to_change)
    if row is None:
        raise NotFound("没有这次上传。", "there is no such upload")
    return row


def deploy_or_propose(
    session: Session, actor: Actor, row: models.FolderUpload, reason: str, *, now: datetime
) -> None:
    """Make it the newest version, or propose it where the office wants two persons. What was
    proposed may be proposed again by the same person, seen against the version that came between.

    Errors: Conflict, NotPermitted, Invalid as folder_uploads tells.
    """
    ready = _ready(row, reason)
    if not deployment_rule.needs_second(session):
        _deploy(session, actor, row, ready, reason, now=now)
        return
    if row.state == "proposed" and row.proposed_by != actor.username:
        raise Conflict("已由他人提出，请批准或退回。", "somebody proposed it: approve or reject it")
    newest = _newest(session, ready)
    if newest is not None and newest.sha256 == catalog.digest(ready[1]):
        raise _nothing_new()
    row.proposed_by, row.proposed_at, row.reason = actor.username, now, reason.strip()
    row.newest_then = newest.id if newest is not None else None
    row.rejected_by = row.rejected_at = None
    row.rejection = ""


def approve_row(
    office: Office, session: Session, actor: Actor, row: models.FolderUpload, *, now: datetime
) -> None:
    """A second person deploys what was proposed against the version that is the newest still."""
    _must_be_proposed(row)
    if row.proposed_by == actor.username:
        raise NotPermitted(
            "部署须由另一人核对，提出人不能自己批准。",
            "a second person has to approve what you proposed",
        )
    second_person.must_be_another(office, session, actor, row.proposed_by or "")
    ready = _ready(row, row.reason)
    newest = _newest(session, ready)
    if (newest.id if newest is not None else None) != row.newest_then:
        raise Conflict(
            "提出之后又部署了别的版本，请重新看过、重新提出。",
            "another version was deployed since: look at it and propose it again",
        )
    _deploy(session, actor, row, ready, row.reason, now=now)


def reject_row(actor: Actor, row: models.FolderUpload, note: str, *, now: datetime) -> None:
    _must_be_proposed(row)
    row.rejected_by, row.rejected_at, row.rejection = actor.username, now, note.strip()


def _must_be_proposed(row: models.FolderUpload) -> None:
    if row.state != "proposed":
        raise Conflict("没有等待批准的部署。", "no deployment waits for approval")


def _ready(row: models.FolderUpload, reason: str) -> Ready:
    if row.definition_id is not None:
        raise Conflict("这个文件夹已经部署过。", "this folder has been deployed already")
    ready = deploying.accepted(catalog.unpack(row.files), row.procedure)
    if ready[2].warnings and not reason.strip():
        wrong = Words("有提醒项，请写明仍要部署的理由", "there are warnings: say why nevertheless")
        raise Invalid(wrong.zh, wrong.en, fields={"reason": wrong})
    return ready


def _newest(session: Session, ready: Ready) -> models.ProcessDefinition | None:
    return deploying.newest_of(session, ready[0].key, ready[0].effective_from)


def _deploy(
    session: Session,
    actor: Actor,
    row: models.FolderUpload,
    ready: Ready,
    reason: str,
    *,
    now: datetime,
) -> None:
    procedure, mended, report = ready
    made = deploying.store(session, actor, procedure, mended, now=now)
    if made is None:
        raise _nothing_new()
    row.definition_id, row.report, row.reason = made.id, report.told(), reason.strip()
    row.deployed_by, row.deployed_at = actor.username, now


def _nothing_new() -> Conflict:
    return Conflict("与最新版完全相同，没有可部署的。", "the newest version has these very files")
