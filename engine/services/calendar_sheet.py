"""Every limit that a change of the calendar moves, as a workbook."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from engine.domain.actor import Actor
from engine.domain.calendar_views import CaseMoved, ChangePreview, MovedLimit
from engine.exchange.workbook import Cell, SheetOfRows, write_workbook
from engine.services import calendar_moved
from engine.services.office import Office

COLUMNS = {
    "zh": (
        "案号", "企业", "程序", "部门", "类别", "期限", "末日（旧）", "末日（新）", "变化（自然日）", "灯",
        "已写进文书",
    ),
    "en": (
        "Case", "Enterprise", "Procedure", "Department", "Kind", "Limit", "Last day before",
        "Last day after", "Calendar days", "Light", "Stands in a letter",
    ),
}  # fmt: skip
KINDS = {
    "zh": {"clock": "期限", "task": "环节", "wait": "等待", "timer": "定时"},
    "en": {"clock": "clock", "task": "step", "wait": "wait", "timer": "timer"},
}
TURNS = {
    "zh": {"red": "变超期", "green": "不再超期", "": ""},
    "en": {"red": "newly over", "green": "no longer over", "": ""},
}
YES = {"zh": "是", "en": "yes"}
#: Cases that one look reads.
AT_ONCE = 1000
MOVED_COLUMNS = {
    "zh": (
        "案号", "企业", "程序", "写入", "类别", "期限", "末日（旧）", "末日（新）", "变化（自然日）", "灯",
    ),
    "en": (
        "Case", "Enterprise", "Procedure", "Written", "Kind", "Limit", "Last day before",
        "Last day after", "Calendar days", "Light",
    ),
}  # fmt: skip
MOVED = {"zh": "日历变更：移动了的期限", "en": "Change of the calendar: limits moved"}
TITLE = {"zh": "日历变更：会移动的期限", "en": "Change of the calendar: limits that move"}


def differences(office: Office, seen: ChangePreview, *, language: str) -> bytes:
    """XLSX, one row for each limit; days by the office's own time."""
    code = "zh" if language == "zh" else "en"
    rows = [_row(office, one, code) for one in seen.limits]
    title = f"{TITLE[code]} {seen.document}".strip()
    return write_workbook([SheetOfRows(TITLE[code][:20], title, COLUMNS[code], rows)])


def _row(office: Office, one: MovedLimit, code: str) -> tuple[str | int | datetime, ...]:
    local = office.calendar().local
    return (
        one.case_number,
        one.subject_name,
        one.procedure.within(code),
        one.department.within(code),
        KINDS[code][one.kind],
        one.title.within(code),
        local(one.before).replace(tzinfo=None),
        local(one.after).replace(tzinfo=None),
        one.days,
        TURNS[code][one.turns],
        YES[code] if one.in_letter else "",
    )


def moved(office: Office, actor: Actor, change_id: UUID, document: str, *, language: str) -> bytes:
    """XLSX of what an applied change has moved, one row for each limit, as the histories tell it."""
    code = "zh" if language == "zh" else "en"
    rows = (row for case in _every(office, actor, change_id) for row in _rows(office, case, code))
    title = f"{MOVED[code]} {document}".strip()
    return write_workbook([SheetOfRows(MOVED[code][:20], title, MOVED_COLUMNS[code], rows)])


def _every(office: Office, actor: Actor, change_id: UUID) -> Iterator[CaseMoved]:
    """Page by page, so that a change of a hundred thousand limits is never whole in memory twice."""
    cursor: str | None = None
    while True:
        page = calendar_moved.moved(office, actor, change_id, cursor=cursor, limit=AT_ONCE)
        yield from page.items
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def _rows(office: Office, case: CaseMoved, code: str) -> Iterator[tuple[Cell, ...]]:
    local = office.calendar().local
    for one in case.limits:
        yield (
            case.case_number,
            case.subject_name,
            case.procedure.within(code),
            local(case.at),
            KINDS[code][one.kind],
            one.title.within(code),
            local(one.before),
            local(one.after),
            one.days,
            TURNS[code][one.turns],
        )
