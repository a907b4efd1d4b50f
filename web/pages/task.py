"""One task: its form beside its case, and everything that can be done with it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import Conflict, EngineError, Invalid, NotPermitted, StepFailed
from engine.domain.views import TaskPage
from engine.services import people, tasks
from web import forms
from web.auth import safe_next
from web.locale import clock_time, language
from web.office import current_office
from web.pages import case_file
from web.pages.fragments import is_fragment, wants_json
from web.problems import fields_of, sentence, status_of

Answer = str | Response | tuple[str, int]


def show(task_id: UUID) -> Answer:
    return render_template("desk/task.html", **context(task_id))


def pane(task_id: UUID) -> Answer:
    """The task as it stands beside the list."""
    return render_template("desk/pane.html", **context(task_id, back=_back()))


def context(
    task_id: UUID,
    *,
    back: Mapping[str, str] | None = None,
    sent: Mapping[str, Any] | None = None,
    wrong: Mapping[str, str] | None = None,
    refused: str = "",
) -> dict[str, object]:
    """What the templates of a task need; `sent` and `wrong` are a form that came back.

    `back` is the query of the list beside which the task stands, None on a page of its own.
    """
    page = tasks.get(current_office(), g.actor, task_id, now=g.now)
    asked = forms.questions(
        page.form,
        page.answers if sent is None else sent,
        wrong,
        language=language(),
    )
    return {
        "page": page,
        "task": page.task,
        "asked": asked,
        "problems": forms.problems_of(asked),
        "refused": refused,
        "submit": forms.submit_label(page.form),
        "intro": forms.intro(page.form),
        "back": back,
        **case_file.context(page.case, page.said),
    }


def complete(task_id: UUID) -> Answer:
    page = tasks.get(current_office(), g.actor, task_id, now=g.now)
    answers = forms.parse_form(page.form, request.form)
    if wrong := forms.validate(page.form, answers, language=language()):
        return _again(page, answers, wrong, 422)
    version = request.form.get("version", type=int)
    try:
        done = tasks.complete(
            current_office(), g.actor, task_id, answers, now=g.now, version=version
        )
    except (Invalid, Conflict, StepFailed) as refusal:
        return _again(page, answers, fields_of(refusal), status_of(refusal), sentence(refusal))
    flash(_("已提交：%(name)s", name=page.task.case_title), "ok")
    return redirect(_onward(done.next_task_id or _next_in_hand(task_id)))


def _next_in_hand(done: UUID) -> UUID | None:
    """The first of the tasks that the reader already holds."""
    held = tasks.inbox(current_office(), g.actor, scope="mine", limit=2, now=g.now)
    return next((task.id for task in held.items if task.id != done), None)


def _again(
    page: TaskPage,
    answers: Mapping[str, Any],
    wrong: Mapping[str, str],
    status: int,
    said: str = "",
) -> Answer:
    """The same task with what was sent and what is wrong with it; nothing typed is lost."""
    known = page.form.get("properties", {})
    loose = [text for name, text in wrong.items() if name.partition(".")[0] not in known]
    refused = " ".join([said, *(text for text in loose if text != said)]).strip()
    shown = context(page.task.id, back=_back(), sent=answers, wrong=wrong, refused=refused)
    return render_template("desk/task.html", **shown), status


def _onward(next_task: UUID | None) -> str:
    """Where the reader goes from here: the next task in the same kind of page, else the list."""
    back = _back()
    if back is not None:
        return url_for("desk.inbox", **back, task=next_task)
    return url_for("desk.task", task_id=next_task) if next_task else url_for("desk.inbox")


def _back() -> dict[str, Any] | None:
    """The list beside which the task stood, from the hidden fields `back.*`; None on its own page."""
    names = ("scope", "light", "procedure", "q", "sort")
    if request.method == "GET":
        return {name: request.args[name] for name in names if request.args.get(name)}
    if "back" not in request.form:
        return None
    given = {name: request.form.get(f"back.{name}", "") for name in names}
    return {name: value for name, value in given.items() if value}


def save_draft(task_id: UUID) -> Answer:
    page_form = tasks.form(current_office(), g.actor, task_id, now=g.now)
    answers = forms.parse_form(page_form, request.form)
    try:
        saved = tasks.save_draft(
            current_office(), g.actor, task_id, answers, now=g.now, seen_at=_draft_seen()
        )
    except EngineError as refusal:
        if not wants_json():
            raise
        return jsonify(detail=sentence(refusal)), status_of(refusal)  # type: ignore[return-value]
    if wants_json():
        return jsonify(at=clock_time(saved), seen=saved.isoformat())
    flash(_("草稿已存 %(at)s", at=clock_time(saved)), "ok")
    return redirect(url_for("desk.task", task_id=task_id))


def _draft_seen() -> datetime | tasks.Anything | None:
    """When the draft was saved that the sent form rests on; None before any."""
    told = request.form.get("draft_seen")
    if told is None:
        return tasks.ANYTHING
    try:
        return datetime.fromisoformat(told).astimezone(UTC) if told else None
    except (ValueError, OverflowError):
        return tasks.ANYTHING


def claim(task_id: UUID) -> Answer:
    return _do(task_id, tasks.claim, _("已领取。"))


def unclaim(task_id: UUID) -> Answer:
    return _do(task_id, tasks.unclaim, _("已退回，本组都能领。"))


def _do(task_id: UUID, verb: Any, said: str) -> Answer:
    try:
        verb(current_office(), g.actor, task_id, now=g.now)
    except EngineError as refusal:
        if not wants_json():
            raise
        return jsonify(detail=sentence(refusal)), status_of(refusal)  # type: ignore[return-value]
    if wants_json():
        return jsonify(say=said)
    flash(said, "ok")
    target = safe_next(request.form.get("next"))
    return redirect(target or url_for("desk.task", task_id=task_id))


def reassign_form(task_id: UUID) -> Answer:
    return _reassign_page(task_id)


def reassign(task_id: UUID) -> Answer:
    to, reason = request.form.get("to", ""), request.form.get("reason", "").strip()
    verb = tasks.delegate if request.form.get("way") == "delegate" else tasks.reassign
    if not to:
        return _reassign_page(task_id, wrong=_("请选一个人。"), reason=reason), 422
    try:
        verb(current_office(), g.actor, task_id, to, reason=reason, now=g.now)
    except (Invalid, NotPermitted) as refusal:  # four eyes, or no longer in the group
        return _reassign_page(task_id, wrong=sentence(refusal), reason=reason), status_of(refusal)
    flash(_("已转办。"), "ok")
    return redirect(safe_next(request.form.get("next")) or url_for("desk.inbox"))


def _reassign_page(task_id: UUID, *, wrong: str = "", reason: str = "") -> str:
    office = current_office()
    task = tasks.get(office, g.actor, task_id, now=g.now).task
    able = people.colleagues(office, g.actor, task_id)
    return render_template(
        "desk/reassign.html",
        task=task,
        colleagues=[person for person in able if person.username != task.assignee],
        wrong=wrong,
        reason=reason,
        next=safe_next(request.args.get("next") or request.form.get("next")),
        is_fragment=is_fragment(),
    )
