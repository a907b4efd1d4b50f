"""One search over everything: a page of its own, and what Ctrl-K shows of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import lazy_gettext as _

from engine.domain.actor import Actor, Permission
from engine.services import search
from web import auth
from web.office import current_office
from web.pages.fragments import is_fragment

blueprint = Blueprint("search", __name__)
#: Of each kind so many: beside the page, and on a page of its own.
GLANCE, WHOLE = 6, 20


@dataclass(frozen=True, slots=True)
class Room:
    """A page that is called by its name; without `needs` every member of staff may enter."""

    endpoint: str
    title: object
    needs: Permission | None = None


ROOMS = (
    Room("desk.inbox", _("收件箱")),
    Room("desk.cases", _("案件")),
    Room("desk.leave", _("请假与代办")),
    Room("records.index", _("记录")),
    Room("records.reports", _("上报回执")),
    Room("records.sites", _("撤下与恢复")),
    Room("notices.index", _("通知")),
    Room("supervision.board", _("督办"), Permission.SUPERVISE),
    Room("supervision.places", _("在办清单"), Permission.SUPERVISE),
    Room("supervision.breaches", _("超期清单"), Permission.SUPERVISE),
    Room("supervision.workload", _("在手工作"), Permission.SUPERVISE),
    Room("supervision.charts", _("统计图"), Permission.SUPERVISE),
    Room("supervision.notices", _("督办单"), Permission.SUPERVISE),
    Room("permissions.index", _("岗位与权限"), Permission.INSPECT),
    Room("audit.index", _("审计"), Permission.AUDIT),
    Room("admin.index", _("管理"), Permission.ADMINISTER),
    Room("admin.definitions", _("程序与版本"), Permission.ADMINISTER),
    Room("deployments.index", _("部署流程"), Permission.ADMINISTER),
    Room("admin.calendar", _("工作日历"), Permission.ADMINISTER),
    Room("parameters.index", _("期限参数"), Permission.ADMINISTER),
    Room("emergencies.index", _("应急响应"), Permission.ADMINISTER),
    Room("admin.persons", _("部门与人员"), Permission.ADMINISTER),
    Room("webhooks.index", _("消息推送"), Permission.ADMINISTER),
    Room("admin.work", _("后台任务"), Permission.ADMINISTER),
    Room("admin.stuck", _("故障"), Permission.ADMINISTER),
)


@blueprint.get("/search")
def show() -> str:
    actor = auth.current_actor()
    text, is_glance = request.args.get("q", "").strip(), is_fragment()
    found = search.everything(
        current_office(), actor, text, now=g.now, limit=GLANCE if is_glance else WHOLE
    )
    rooms = tuple(_rooms(actor, text))
    return render_template(
        "search/found.html" if is_glance else "search/index.html",
        text=text,
        found=found,
        rooms=rooms,
        number=len(found.cases) + len(found.subjects) + len(found.records) + len(rooms),
        shortest=search.SHORTEST,
    )


def _rooms(actor: Actor, text: str) -> Iterator[tuple[str, str]]:
    """Title and address of the rooms with this in their name that the actor may enter."""
    if not actor.is_staff or not text:
        return
    for room in ROOMS:
        is_open = room.needs is None or actor.may(room.needs)
        if is_open and text.casefold() in str(room.title).casefold():
            yield str(room.title), url_for(room.endpoint)
