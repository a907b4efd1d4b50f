"""The board and its lists as workbooks, in the reader's language."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from engine.domain.actor import Actor, Permission
from engine.domain.clock import Whose
from engine.domain.supervision_views import LightCounts, Standing
from engine.domain.words import Words
from engine.exchange.workbook import Cell, SheetOfRows, write_workbook
from engine.services import standing
from engine.services.board import board
from engine.services.office import Office
from engine.services.places import Narrowed, Places

#: Rows of one workbook; whoever wants more narrows the list.
MOST = 20_000

LIGHTS = {
    "red": Words("红 超期", "red, over"),
    "yellow": Words("黄 临近", "yellow, near"),
    "green": Words("绿 正常", "green"),
    "blue": Words("蓝 暂停", "blue, paused"),
    "provisional": Words("暂定", "provisional"),
}
WHOSE = {
    Whose.OFFICE: Words("本办", "the office"),
    Whose.APPLICANT: Words("申请人", "the applicant"),
    Whose.DEPARTMENT: Words("其他部门", "another department"),
    Whose.COURT: Words("法院", "the court"),
    Whose.SUPERIOR: Words("上级", "a higher body"),
    Whose.EXPERT: Words("核查、鉴定", "an expert"),
}
COLUMNS = (
    Words("灯", "Light"),
    Words("办件编号", "Case"),
    Words("主体", "Subject"),
    Words("程序", "Procedure"),
    Words("环节", "Step"),
    Words("在哪个单位", "Held by"),
    Words("在谁手里", "Officer"),
    Words("谁的时间", "Whose time"),
    Words("自何时", "Since"),
    Words("限到", "Due"),
    Words("超期工作日", "Working days over"),
    Words("原因", "Cause"),
    *(Words(f"{title.zh}用时（工作日）", f"Days of {title.en}") for title in WHOSE.values()),
    Words("督办单", "Supervision notice"),
)
ROW, COLUMN, TOTAL = Words("项目", "Row"), Words("分类", "Column"), Words("合计", "Total")


def board_sheet(office: Office, actor: Actor, *, now: datetime, by: str, language: str) -> bytes:
    """The board's matrix as XLSX, a line for each cell, with the sums; and the breaches."""
    seen = board(office, actor, now=now, by=by)

    def counts(found: LightCounts) -> list[Cell]:
        return [getattr(found, light) for light in LIGHTS] + [found.total]

    rows: list[list[Cell]] = [
        [cell.row_title.within(language), cell.column_title.within(language), *counts(cell.counts)]
        for cell in seen.matrix
    ]
    rows.append([TOTAL.within(language), "", *counts(seen.lights)])
    names = (ROW, COLUMN, *LIGHTS.values(), TOTAL)
    title = Words("今日看板", "Today's board").within(language)
    matrix = SheetOfRows(
        title,
        f"{title} {_local(office, now):%Y-%m-%d %H:%M}",
        [name.within(language) for name in names],
        rows,
    )
    late = _list(office, actor, Narrowed(light="red"), now, language)
    return write_workbook([matrix, late])


def places_sheet(
    office: Office, actor: Actor, narrowed: Mapping[str, str], *, now: datetime, language: str
) -> bytes:
    """A list of places as XLSX; at most MOST rows."""
    return write_workbook([_list(office, actor, Narrowed(**narrowed), now, language)])


def _list(
    office: Office, actor: Actor, narrowed: Narrowed, now: datetime, language: str
) -> SheetOfRows:
    actor.must(Permission.INSPECT)
    title = Words("在办清单", "Open places")
    if narrowed.light == "red":
        title = Words("超期清单", "Breaches")
    return SheetOfRows(
        title.within(language),
        f"{title.within(language)} {_local(office, now):%Y-%m-%d %H:%M}",
        [column.within(language) for column in COLUMNS],
        [_row(office, one, language) for one in _all(office, narrowed, now)],
    )


def _all(office: Office, narrowed: Narrowed, now: datetime) -> Iterator[Standing]:
    """The list read in pieces, so that no piece holds more than memory likes."""
    places = Places(office.calendar(), now)
    with office.uow.read() as session:
        rows = standing.first(session, places, narrowed, MOST)
        for begin in range(0, len(rows), 500):
            yield from standing.shown(office, session, rows[begin : begin + 500], now=now)


def _row(office: Office, one: Standing, language: str) -> list[Cell]:
    days = {part.whose: part.days for part in one.whose_days}
    due = one.due_at or one.case_due_at
    return [
        LIGHTS[one.light].within(language),
        one.case_number,
        one.subject_name,
        one.procedure_title.within(language),
        one.step.within(language),
        one.holder_title.within(language),
        one.person_name or "",
        WHOSE[one.whose].within(language),
        _local(office, one.since),
        _local(office, due) if due else None,
        one.over_days or None,
        one.cause.within(language),
        *(days.get(whose) for whose in WHOSE),
        one.supervision_number or "",
    ]


def _local(office: Office, moment: datetime) -> datetime:
    return office.calendar().local(moment).replace(tzinfo=None)
