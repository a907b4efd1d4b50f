"""Papers: taken in with type and size rules, kept with their hash, given out to who may see them."""

import zipfile
from datetime import datetime
from io import BytesIO
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import Invalid, NotFound, NotPermitted
from engine.domain.views import DocumentView
from engine.domain.words import Words
from engine.exchange.broken_zip import BROKEN
from engine.exchange.upload_guard import check_upload
from engine.persistence import models
from engine.runtime.procedure import Procedure
from engine.services import access, kept_files, paper_room
from engine.services.office import Office
from engine.services.stepping import open_casework

LARGEST = 20 * 1024 * 1024  # bytes
#: What may be handed in, by content and not by name: how it begins, or what its package holds.
SIGNATURES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
_OFFICE = "application/vnd.openxmlformats-officedocument"
PACKAGES = {
    "word/document.xml": f"{_OFFICE}.wordprocessingml.document",
    "xl/workbook.xml": f"{_OFFICE}.spreadsheetml.sheet",
}
#: How names of a type end; the first is given to one that ends otherwise.
ENDINGS = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    PACKAGES["word/document.xml"]: (".docx",),
    PACKAGES["xl/workbook.xml"]: (".xlsx",),
}
OTHER = Words("其他材料", "other paper")


def attach(
    office: Office,
    actor: Actor,
    case_number: str,
    kind: str,
    filename: str,
    content: bytes,
    *,
    now: datetime,
) -> DocumentView:
    """Add a paper to an open case.

    Errors: NotFound; NotPermitted; Invalid for an empty, too large, or unaccepted file; paper_room.NoRoom.
    """
    _must_take(office, actor, case_number, len(content))
    media_type, sha256 = kept(office, content)
    with office.uow.begin() as session:
        case = access.visible_case(session, actor, case_number, to_change=True)
        if case.state != "open":
            raise Invalid("办件已办结，不能再补交。", "the case is closed")
        work = open_casework(office, session, case, actor, now)
        paper_room.for_case(office, session, case.id, len(content))
        kept_files.keep(office, session, content)
        paper = new_paper(session, actor, kind, filename, media_type, len(content), sha256, now=now)
        paper.case_id = case.id
        title = paper_title(work.procedure, kind)
        paper.receipt = next_receipt(session, case)
        work.note(
            "paper_received",
            Words(f"收到材料：{title.zh}", f"paper received: {title.en}"),
            detail=filename,
            changes={"sha256": sha256, "size": len(content)},
        )
        return document_view(paper, work.procedure)


def _must_take(office: Office, actor: Actor, case_number: str, size: int) -> None:
    """Asked before the file is kept: nobody fills the store with what they may not hand in."""
    with office.uow.read() as session:
        case = access.visible_case(session, actor, case_number)
        paper_room.for_case(office, session, case.id, size)
    if actor.only_reads:
        raise NotPermitted("审计员只能查看。", "auditors only read")


def next_receipt(session: Session, case: models.Case) -> str:
    """The number under which the case's next paper is received."""
    paper = models.Paper
    held = session.scalar(select(func.count()).where(paper.case_id == case.id))
    return f"{case.number[-6:]}-{(held or 0) + 1}"


def new_paper(
    session: Session,
    actor: Actor,
    kind: str,
    filename: str,
    media_type: str,
    size: int,
    sha256: str,
    *,
    now: datetime,
) -> models.Paper:
    """A paper under the name that its content gives it; of no case and no application yet."""
    paper = models.Paper(
        id=uuid4(),
        kind=kind,
        filename=named_by_content(plain_name(filename), media_type),
        media_type=media_type,
        size=size,
        sha256=sha256,
        source="applicant" if actor.is_enterprise else "office",
        uploaded_by=actor.name,
        uploaded_at=now,
        receipt="",
    )
    session.add(paper)
    return paper


def plain_name(filename: str) -> str:
    """A file's own name, without folders or control characters, at most 120 characters."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(ch for ch in name if ch.isprintable()).strip()
    return (kept or "file")[-120:]


def named_by_content(name: str, media_type: str) -> str:
    """The name with an ending of its content: what is saved as .html is opened as a page."""
    endings = ENDINGS[media_type]
    return name if name.lower().endswith(endings) else f"{name}{endings[0]}"


def media_type_of(content: bytes) -> str:
    """The media type by content. Invalid when it is empty, over 20 MB, of no accepted type, or one
    that unpacks to too much."""
    if not content:
        raise _refused("文件是空的。", "the file is empty")
    if len(content) > LARGEST:
        raise _refused("文件超过 20 MB。", "the file is over 20 MB")
    signed = (kind for mark, kind in SIGNATURES.items() if content.startswith(mark))
    found = next(signed, None) or _media_type_of_package(content)
    if found is None:
        raise _refused(
            "只收 PDF、PNG、JPG、DOCX、XLSX 文件。", "only PDF, PNG, JPG, DOCX and XLSX are taken"
        )
    check_upload(content, found)
    return found


def kept(office: Office, content: bytes) -> tuple[str, str]:
    """Take a file in: looked at, scanned, and in the store; its media type and SHA-256. Who then
    names it in a row calls `kept_files.keep` in the same transaction.

    Errors: Invalid as `media_type_of`, or when a virus is found; Unavailable when nobody can scan.
    """
    media_type = media_type_of(content)
    office.scanner.scan(content)
    return media_type, office.files.put(content)


def _media_type_of_package(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            held = set(package.namelist())
    except BROKEN:
        return None
    return next((kind for part, kind in PACKAGES.items() if part in held), None)


def _refused(zh: str, en: str) -> Invalid:
    return Invalid(zh, en, fields={"file": Words(zh, en)})


def open_document(office: Office, actor: Actor, document_id: UUID) -> tuple[DocumentView, bytes]:
    """A paper with its content, for those who may see its case or wrote its application."""
    paper, case, application = models.Paper, models.Case, models.Application
    with office.uow.read() as session:
        row = session.get(paper, document_id)
        if row is None:
            raise NotFound("没有这份材料。", "there is no such paper")
        if row.case_id is not None:
            seen = select(case).where(case.id == row.case_id, access.visible_cases(actor))
            held = session.scalar(seen)
            key, definition = (held.procedure, held.definition_id) if held else ("", None)
        else:
            own = select(application).where(
                application.id == row.application_id, application.person_id == actor.id
            )
            draft = session.scalar(own)
            key, definition = (draft.procedure, None) if draft else ("", None)
        if not key:
            raise NotFound("没有这份材料。", "there is no such paper")
        procedure = (
            office.procedure(session, definition)
            if definition
            else office.in_force(session, key, office.calendar().local_date(office.now()))[1]
        )
    return document_view(row, procedure), office.files.get(row.sha256)


def paper_title(procedure: Procedure, kind: str) -> Words:
    return next((paper.title for paper in procedure.papers if paper.key == kind), OTHER)


def document_view(row: models.Paper, procedure: Procedure) -> DocumentView:
    return DocumentView(
        id=row.id,
        kind=row.kind,
        title=paper_title(procedure, row.kind),
        filename=row.filename,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        uploaded_by=row.uploaded_by,
        uploaded_at=row.uploaded_at,
        receipt=row.receipt,
        source=row.source,
    )
