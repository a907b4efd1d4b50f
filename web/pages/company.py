"""Who else has the task open: asked by its page now and then, answered in sentences."""

from uuid import UUID

from flask import Response, g, jsonify, request
from flask_babel import gettext as _

from engine.domain.views import Company
from engine.services import presence
from web.locale import clock_time
from web.office import current_office


def attend(task_id: UUID) -> Response:
    """A sign of life; in return what others do here, and whether the page is out of date."""
    office = current_office()
    if "leaves" in request.form:
        presence.leave(office, g.actor, task_id)
        return jsonify({})
    told = presence.attend(office, g.actor, task_id, is_writing="writes" in request.form)
    is_anothers = told.draft_by is not None and told.draft_at is not None
    return jsonify(
        says=_says(told),
        version=told.version,
        changed=_changed(told),
        draft={
            "at": told.draft_at.isoformat() if told.draft_at else "",
            "says": _(
                "%(name)s 于 %(at)s 存了草稿", name=told.draft_by, at=clock_time(told.draft_at)
            ),
        }
        if is_anothers
        else None,
    )


def _says(told: Company) -> list[str]:
    return [
        _("%(name)s 正在填写这一件", name=name) if writes else _("%(name)s 也开着这一件", name=name)
        for name, writes in told.others
    ]


def _changed(told: Company) -> str:
    """For a page that shows an older version."""
    if told.state in ("completed", "cancelled"):
        return str(_("这一步刚刚办结或取消了。"))
    if told.assignee_name:
        return str(_("这一件刚刚有变动，现在在 %(name)s 手里。", name=told.assignee_name))
    return str(_("这一件刚刚有变动。"))
