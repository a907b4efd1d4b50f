"""The inbox: what waits for whom, in the order in which it should be done, kept true while it is open."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from flask import g, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.actor import Permission
from engine.domain.calendar import SHANGHAI
from engine.domain.clock import Light
from engine.domain.errors import EngineError
from engine.domain.views import InboxCounts, Page, TaskView
from engine.services import inbox_order, procedures, saved_filters, tasks
from web.office import current_office
from web.pages import inbox_columns, inbox_table
from web.pages import task as task_page

Scope = Literal["mine", "group", "all", "done", "upcoming"]
SCOPES: tuple[Scope, ...] = ("mine", "group", "all", "upcoming", "done")
LIGHTS = (Light.RED, Light.YELLOW, Light.GREEN, Light.BLUE)
SORTS = ("slack", "newest")
#: So many rows at once.
AT_ONCE, IN_TABLE = 50, 200


@dataclass(frozen=True, slots=True)
class Filter:
    """What the reader chose on the rail and in the head of the list."""

    scope: Scope = "mine"
    light: str | None = None
    procedure: str | None = None
    q: str = ""
    sort: str = "slack"
    by: str = ""  # the head that the table is sorted by, "-" before it the other way round
    cursor: str | None = None

    def address(self, **changed: str | None) -> dict[str, str]:
        """The query of this list with something changed; what is as usual is left out."""
        usual = Filter()
        wanted = {name: getattr(self, name) for name in self.__slots__ if name != "cursor"}
        wanted |= changed
        return {
            name: value
            for name, value in wanted.items()
            if value and value != getattr(usual, name, None)
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong to one stretch of time."""

    title: str
    note: str
    tasks: tuple[TaskView, ...]


def show() -> str | Response:
    wanted = read_filter()
    opened: dict[str, object] = {}
    if chosen := request.args.get("task"):
        try:
            opened = task_page.context(UUID(chosen), back=wanted.address())
        except (EngineError, ValueError):
            opened = {}  # done or gone in the meantime: the list itself is the answer
    is_table = inbox_columns.arranged().is_table and not opened
    page = "desk/inbox_table.html" if is_table else "desk/inbox.html"
    return render_template(page, **{**opened, **_listed(wanted)}, sorts=SORTS)


def rows() -> Response:
    """The parts of the inbox that change by themselves; 304 while nothing did."""
    response = make_response(render_template("desk/rows.html", **_listed(read_filter())))
    response.add_etag()
    return response.make_conditional(request)


def read_filter() -> Filter:
    """The list that the request names, in its address or in the fields of a form."""
    args = request.values
    scope = args.get("scope", "mine")
    sort = args.get("sort", "slack")
    light = args.get("light", "")
    return Filter(
        scope=scope if scope in SCOPES else "mine",
        light=light if light in {one.value for one in LIGHTS} else None,
        procedure=args.get("procedure") or None,
        q=args.get("q", "").strip(),
        sort=sort if sort in SORTS else "slack",
        by=args.get("by", "")[:60],
        cursor=args.get("cursor") or None,
    )


def found(wanted: Filter, limit: int = AT_ONCE) -> Page[TaskView]:
    return tasks.inbox(
        current_office(),
        g.actor,
        scope=wanted.scope,
        procedure=wanted.procedure,
        light=wanted.light,
        q=wanted.q,
        sort=wanted.sort,
        by=wanted.by,
        cursor=wanted.cursor,
        limit=limit,
        now=g.now,
    )


def _is_short(wanted: Filter) -> bool:
    asked = tasks.Asked(wanted.scope, wanted.procedure, wanted.light, wanted.q)
    return tasks.is_short(current_office(), g.actor, asked, now=g.now)


def _in_table(wanted: Filter) -> tuple[Filter, Page[TaskView], bool]:
    """The rows in the order of their head; in the list's own when it has grown too long for that."""
    by = inbox_order.read(wanted.by)
    by_all = by is not None and by.needs_whole(wanted.scope)
    is_short = _is_short(wanted) if wanted.cursor or by_all else None
    if by is None or (by_all and not is_short):
        cursor = None if wanted.by else wanted.cursor
        wanted = replace(wanted, by="", cursor=cursor)
    page = found(wanted, IN_TABLE)
    if is_short is None:
        is_short = page.next_cursor is None or _is_short(wanted)
    return wanted, page, is_short


def _listed(wanted: Filter) -> dict[str, object]:
    is_table = inbox_columns.arranged().is_table and not request.args.get("task")
    if is_table:
        wanted, page, is_short = _in_table(wanted)
    else:
        wanted = replace(wanted, by="")
        page, is_short = found(wanted), False
    counts = tasks.counts(current_office(), g.actor, now=g.now)
    return {
        "wanted": wanted,
        **inbox_table.table(
            wanted.by, wanted.scope, page.items, is_table=is_table, is_short=is_short
        ),
        "kept": saved_filters.mine(current_office(), g.actor, now=g.now),
        "listed": page,
        "groups": tuple(grouped(page.items, wanted, now=g.now)),
        "counts": counts,
        "nav_counts": {"inbox": counts.mine} if counts.mine else {},
        "scopes": SCOPES,
        "most": InboxCounts.MOST,
        "number": _number(wanted, page, counts),
        "counted": counted,
        "sees_all": g.actor.may(Permission.SEE_ALL_CASES),
        "lights": LIGHTS,
        "procedure_titles": procedures.titles(current_office()),
        "current": request.args.get("task", ""),
        "more": replace(wanted, cursor=page.next_cursor) if page.next_cursor else None,
    }


def _number(wanted: Filter, page: Page[TaskView], counts: InboxCounts) -> str:
    """How many tasks the list has: the live count where nothing narrows it, else what is shown."""
    if not (wanted.light or wanted.procedure or wanted.q) and wanted.scope != "all":
        return counted(getattr(counts, wanted.scope))
    return f"{len(page.items)}{'+' if page.next_cursor else ''}"


def counted(number: int) -> str:
    """A live number as it is shown: of many it is only said that there are more."""
    return f"{InboxCounts.MOST}+" if number > InboxCounts.MOST else str(number)


def grouped(items: tuple[TaskView, ...], wanted: Filter, *, now: datetime) -> Iterator[Group]:
    """Today, this week, later, and what waits for somebody else; other orders stay one list."""
    if wanted.sort != "slack" or wanted.scope in ("done", "upcoming"):
        if items:
            yield Group("", "", items)
        return
    titles = {
        "today": (_("今天要动"), ""),
        "week": (_("本周"), ""),
        "later": (_("以后"), ""),
        "waiting": (_("暂停与等待"), _("，不计我的时间")),
    }
    for key, (title, note) in titles.items():
        rows = tuple(one for one in items if _stretch(one, now) == key)
        if rows:
            yield Group(title, note, rows)


def _stretch(task: TaskView, now: datetime) -> str:
    if task.light is Light.BLUE:
        return "waiting"
    if task.light in (Light.RED, Light.YELLOW):
        return "today"
    today = now.astimezone(SHANGHAI).date()
    sunday = today + timedelta(7 - today.isoweekday())
    if task.due_at is not None and task.due_at.astimezone(SHANGHAI).date() <= sunday:
        return "week"
    return "later"
