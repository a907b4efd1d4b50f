"""What was done to the system itself: versions, calendar, parameters, responses, erasures."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.audit import AuditLine
from engine.domain.words import Words
from engine.persistence import models

#: Few such things are done in a year; so many of each kind are read.
MOST = 2_000
Span = tuple[datetime, datetime] | None


def lines(session: Session, span: Span, who: str) -> list[AuditLine]:
    """All of them within the span and by this account, the newest first."""
    found = [
        line
        for read in (_folders, _calendar, _parameters, _responses, _migrations, _erasures)
        for line in read(session)
        if (span is None or span[0] <= line.at < span[1]) and who in ("", line.actor)
    ]
    return sorted(found, key=lambda line: (line.at, line.id), reverse=True)


def _rows(session: Session, table: Any, column: Any) -> Iterator[Any]:
    yield from session.scalars(select(table).order_by(column.desc()).limit(MOST))


def _line(row: Any, at: datetime, what: Words, about: str, actor: str, **more: Any) -> AuditLine:
    # one row tells several lines, with a frozen clock at the same moment: each has an id of its own
    return AuditLine(uuid5(row.id, what.zh), at, what, about, actor, "", **more)


def _folders(session: Session) -> Iterator[AuditLine]:
    row = models.FolderUpload
    columns = (row.id, row.zh, row.uploaded_by, row.uploaded_at, row.deployed_by, row.deployed_at)
    second = (row.proposed_by, row.proposed_at, row.rejected_by, row.rejected_at, row.rejection)
    asked = select(*columns, row.reason, *second).order_by(row.uploaded_at.desc()).limit(MOST)
    for each in session.execute(asked):
        led = {"place": "deployment", "place_id": str(each.id)}
        handed = Words("交来流程文件夹", "folder handed in")
        yield _line(each, each.uploaded_at, handed, each.zh, each.uploaded_by, **led)
        if each.deployed_at is not None:
            deployed = Words("部署流程", "procedure deployed")
            by = each.deployed_by or ""
            led["detail"] = each.reason
            yield _line(each, each.deployed_at, deployed, each.zh, by, **led)
        if each.proposed_at is not None:
            proposed = Words("提请批准部署", "deployment proposed")
            yield _line(each, each.proposed_at, proposed, each.zh, each.proposed_by or "", **led)
        if each.rejected_at is not None:
            rejected = Words("退回部署", "deployment rejected")
            led["detail"] = each.rejection
            yield _line(each, each.rejected_at, rejected, each.zh, each.rejected_by or "", **led)


def _calendar(session: Session) -> Iterator[AuditLine]:
    decided = {
        "rejected": Words("退回日历变更", "change of the calendar rejected"),
        "applied": Words("批准日历变更", "change of the calendar approved"),
    }
    for row in _rows(session, models.CalendarChange, models.CalendarChange.proposed_at):
        led = {"place": "calendar_change", "place_id": str(row.id), "detail": row.reason}
        about = row.title or row.document
        proposed = Words("提出日历变更", "change of the calendar proposed")
        yield _line(row, row.proposed_at, proposed, about, row.proposed_by, **led)
        if row.decided_at is not None:
            what = decided.get(row.state, decided["applied"])
            led["detail"] = row.decision_note
            yield _line(row, row.decided_at, what, about, row.decided_by or "", **led)


def _parameters(session: Session) -> Iterator[AuditLine]:
    for row in _rows(session, models.Parameter, models.Parameter.set_at):
        what = (
            Words(f"参数改为 {row.value}", f"parameter set to {row.value}")
            if row.value
            else Words("参数改回平常的值", "parameter taken back")
        )
        about = f"{row.scope} {row.key}".strip()
        yield _line(row, row.set_at, what, about, row.set_by, detail=row.basis)


def _responses(session: Session) -> Iterator[AuditLine]:
    acts = {
        "declare": Words("启动应急响应", "response declared"),
        "level": Words("调整响应级别", "level of the response changed"),
        "end": Words("终止应急响应", "response ended"),
    }
    for row in _rows(session, models.EmergencyEntry, models.EmergencyEntry.proposed_at):
        act = acts.get(row.act, Words(row.act))
        what = Words(f"提出：{act.zh}", f"proposed: {act.en}")
        yield _line(row, row.proposed_at, what, row.title, row.proposed_by, detail=row.reason)
        if row.decided_at is not None:
            zh, en = ("退回", "rejected") if row.state == "rejected" else ("确认", "confirmed")
            what = Words(f"{zh}：{act.zh}", f"{en}: {act.en}")
            told = row.decision_note
            yield _line(row, row.decided_at, what, row.title, row.decided_by or "", detail=told)


def _migrations(session: Session) -> Iterator[AuditLine]:
    what = Words("迁移在办件", "running cases migrated")
    for row in _rows(session, models.Migration, models.Migration.started_at):
        yield _line(row, row.started_at, what, row.procedure, row.started_by, detail=row.reason)


def _erasures(session: Session) -> Iterator[AuditLine]:
    for row in _rows(session, models.Erasure, models.Erasure.at):
        what = Words(f"清除期满数据 {row.rows} 行", f"{row.rows} rows erased, kept long enough")
        basis = str(row.rule.get("basis", ""))
        yield _line(row, row.at, what, row.kind, row.actor, detail=basis)
