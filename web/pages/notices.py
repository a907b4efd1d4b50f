"""督办单: written here about what is late."""

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import Invalid
from engine.services import supervision, tasks
from web.auth import safe_next
from web.office import current_office
from web.pages.fragments import is_fragment
from web.problems import sentence


def form() -> str:
    task_id = request.args.get("task", type=UUID)
    if task_id is None:
        raise Invalid("请从超期清单里选一件。", "choose a breach from the list")
    return _notice_page(task_id)


def issue() -> str | Response | tuple[str, int]:
    task_id = request.form.get("task", type=UUID)
    if task_id is None:
        raise Invalid("请从超期清单里选一件。", "choose a breach from the list")
    ground = request.form.get("ground", "").strip()
    if not ground:
        return _notice_page(task_id, _("请写明督办的理由。")), 422
    try:
        issued = supervision.issue_notice(
            current_office(), g.actor, task_id, ground=ground, now=g.now
        )
    except Invalid as refusal:
        return _notice_page(task_id, sentence(refusal), ground), 422
    flash(_("已签发督办单 %(number)s。", number=issued.number), "ok")
    return redirect(safe_next(request.form.get("next")) or url_for("supervision.board"))


def _notice_page(task_id: UUID, problem: str = "", ground: str = "") -> str:
    return render_template(
        "supervision/notice.html",
        task=tasks.get(current_office(), g.actor, task_id, now=g.now).task,
        problem=problem,
        ground=ground,
        next=safe_next(request.args.get("next") or request.form.get("next")),
        is_fragment=is_fragment(),
    )
