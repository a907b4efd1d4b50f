"""The register of commitments in the columns of the national standard, as XLSX and as CSV."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import select

from engine.domain.actor import Actor, Permission
from engine.domain.commitment import CommitmentKind, Openness, Performance
from engine.exchange.workbook import SheetOfRows, write_csv, write_workbook
from engine.persistence import models
from engine.services.office import Office

#: Rows of one file; whoever wants more narrows the days.
MOST = 50_000
#: The fields of the standard in its order (domain.md §5d).
COLUMNS = (
    *("承诺编码", "承诺人名称", "承诺人类别", "承诺人代码", "承诺类型", "承诺事由", "承诺内容"),
    *("违诺责任", "承诺作出日期", "承诺有效期", "承诺履行状态", "未履行的承诺内容"),
    *("违诺责任追究内容", "承诺履行状态认定日期", "承诺履行状态认定单位"),
    *("承诺履行状态认定单位代码", "承诺受理单位", "承诺受理单位代码", "公开类型", "备注"),
)
#: What the standard has words for; a commitment that runs or lapsed has no 履行状态 yet.
FOUND = (Performance.KEPT, Performance.PARTLY_KEPT, Performance.BROKEN)


def as_workbook(office: Office, actor: Actor, *, now: datetime) -> bytes:
    """The whole register as XLSX."""
    local = office.calendar().local(now)
    title = f"信用承诺台账 {local:%Y-%m-%d %H:%M}"
    return write_workbook([SheetOfRows("信用承诺", title, COLUMNS, _rows(office, actor))])


def as_csv(office: Office, actor: Actor, *, now: datetime) -> bytes:
    """The whole register as CSV, UTF-8 with its mark, as the platforms above take it."""
    return write_csv(COLUMNS, _rows(office, actor))


def _rows(office: Office, actor: Actor) -> Iterator[list[str]]:
    actor.must(Permission.KEEP_COMMITMENTS)
    row = models.Commitment
    with office.uow.read() as session:
        found = session.scalars(select(row).order_by(row.code).limit(MOST)).all()
    for each in found:
        yield _cells(each)


def _cells(row: models.Commitment) -> list[str]:
    performance = Performance(row.performance)
    return [
        row.code,
        row.subject_name,
        row.subject_class,
        row.subject_code,
        CommitmentKind(row.kind).words.zh,
        row.reason,
        row.content,
        row.sanction,
        _day(row.made_on),
        _day(row.valid_until),
        performance.words.zh if performance in FOUND else "",
        row.unfulfilled,
        row.consequence,
        _day(row.found_on),
        row.found_by,
        row.found_by_code,
        row.accepted_by,
        row.accepted_by_code,
        Openness(row.openness).words.zh,
        _note(row, performance),
    ]


def _note(row: models.Commitment, performance: Performance) -> str:
    lapsed = performance.words.zh if performance is Performance.LAPSED else ""
    return "；".join(part for part in (row.note, lapsed) if part)


def _day(on: date | None) -> str:
    """YYYY/MM/DD, as the standards of the platforms write days."""
    return f"{on:%Y/%m/%d}" if on else ""
