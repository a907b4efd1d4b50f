"""A folder handed in becomes a version: judged, stored once, and what it means for open cases."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.persistence import models
from engine.runtime import catalog, gate
from engine.runtime.procedure import Procedure
from engine.services.office import Office
from engine.services.vocabulary import vocabulary

Files = Mapping[str, bytes]

#: Verdicts kept: those of the shipped folders, and of what an administrator is looking at.
MOST_JUDGED = 32
_judged: OrderedDict[tuple[str, str], gate.Verdict] = OrderedDict()


def judged(files: Files, key: str) -> gate.Verdict:
    """What the gate says of these files; the same files are walked once in a process."""
    asked = (key, catalog.digest(files))
    held = _judged.get(asked)
    if held is None:
        held = _judged[asked] = gate.examine(files, key, vocabulary())
        while len(_judged) > MOST_JUDGED:
            _judged.popitem(last=False)
    return held


def accepted(files: Files, key: str) -> tuple[Procedure, dict[str, bytes], gate.Report]:
    """The procedure and its mended files. GateRefused, naming file and element of every fault."""
    verdict = judged(files, key)
    if verdict.procedure is None or not verdict.report.is_accepted:
        raise gate.GateRefused(verdict.report)
    return verdict.procedure, verdict.files, verdict.report


def deploy(
    office: Office, actor: Actor, files: Files, key: str, *, now: datetime
) -> models.ProcessDefinition | None:
    """Make the files the newest version; None when they are those of the newest already.

    Errors: GateRefused; then nothing is deployed.
    """
    procedure, mended, _ = accepted(files, key)
    with office.uow.begin() as session:
        made = store(session, actor, procedure, mended, now=now)
    office.uow.afterwards(office.deployed.forget)
    return made


def store(
    session: Session, actor: Actor, procedure: Procedure, files: Files, *, now: datetime
) -> models.ProcessDefinition | None:
    """The files as the next version; None where the newest version of the edition has these very files."""
    sha256 = catalog.digest(files)
    newest = newest_of(session, procedure.key, procedure.effective_from)
    if newest is not None and newest.sha256 == sha256:
        return None
    row = models.ProcessDefinition(
        id=uuid4(),
        procedure=procedure.key,
        version=next_version(session, procedure.key),
        edition=procedure.edition,
        sha256=sha256,
        files=catalog.pack(files),
        effective_from=procedure.effective_from,
        effective_to=procedure.effective_to,
        deployed_at=now,
        deployed_by=actor.username,
    )
    session.add(row)
    session.flush()
    return row


def newest_of(
    session: Session, key: str, effective_from: Any = None
) -> models.ProcessDefinition | None:
    """The newest version, of one edition or of all."""
    definition = models.ProcessDefinition
    query = select(definition).where(definition.procedure == key)
    if effective_from is not None:
        query = query.where(definition.effective_from == effective_from)
    return session.scalar(query.order_by(definition.version.desc()).limit(1))


def next_version(session: Session, key: str) -> int:
    definition = models.ProcessDefinition
    found = session.scalar(select(func.max(definition.version)).where(definition.procedure == key))
    return (found or 0) + 1


def is_known(session: Session, key: str, sha256: str) -> UUID | None:
    """The version that has these very files, if any ever had."""
    definition = models.ProcessDefinition
    same = (definition.procedure == key, definition.sha256 == sha256)
    return session.scalar(select(definition.id).where(*same).limit(1))
