"""The main navigation: which rooms of the desk this person may enter, and an enterprise's own pages."""

from dataclasses import dataclass

from flask import Flask, current_app, g, request, url_for
from flask_babel import lazy_gettext as _

from engine.domain.actor import Actor, Permission


@dataclass(frozen=True, slots=True)
class Entry:
    """A room of the desk; without `needs` every member of staff may enter."""

    key: str
    endpoint: str
    title: object
    icon: str
    needs: Permission | None = None
    unless: Permission | None = None  # who has this finds the room elsewhere


ENTRIES = (
    Entry("inbox", "desk.inbox", _("收件箱"), "tray"),
    Entry("cases", "desk.cases", _("案件"), "file"),
    Entry("records", "records.index", _("记录"), "shield"),
    Entry("supervision", "supervision.board", _("督办"), "chart", Permission.SUPERVISE),
    Entry(
        "permissions",
        "permissions.index",
        _("权限"),
        "shield",
        Permission.INSPECT,
        Permission.SUPERVISE,
    ),
    Entry("audit", "audit.index", _("审计"), "shield", Permission.AUDIT, Permission.ADMINISTER),
    Entry("admin", "admin.index", _("管理"), "gear", Permission.ADMINISTER),
)
#: What an enterprise has within reach of a thumb on every page.
AT_HAND = (
    Entry("home", "enterprise.home", _("办件"), "tray"),
    Entry("records", "enterprise.records", _("记录"), "shield"),
    Entry("search", "search.show", _("找"), "search"),
    Entry("notices", "notices.index", _("通知"), "mail"),
    Entry("account", "account.index", _("账号"), "user"),
)


def install(app: Flask) -> None:
    told = {"desk_entries": entries, "at_hand": AT_HAND, "is_current": is_current}
    app.context_processor(lambda: told)


def entries() -> tuple[Entry, ...]:
    actor: Actor | None = g.get("actor")
    if actor is None or not actor.is_staff:
        return ()
    return tuple(
        entry
        for entry in ENTRIES
        if entry.endpoint in current_app.view_functions
        and (entry.needs is None or actor.may(entry.needs))
        and not (entry.unless and actor.may(entry.unless))
    )


def is_current(entry: Entry) -> bool:
    """Whether the page being shown lies in this room: under no other's address closer to it."""
    rooms = AT_HAND if entry in AT_HAND else entries()
    under = [place for each in rooms if _is_under(place := url_for(each.endpoint))]
    return bool(under) and url_for(entry.endpoint) == max(under, key=len)


def _is_under(place: str) -> bool:
    return request.path == place or request.path.startswith(f"{place}/")
