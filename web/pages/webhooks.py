"""The administrator's pages of webhooks: which there are, one with its messages, its secret."""

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.actor import Permission
from engine.domain.errors import EngineError
from engine.domain.webhook import MOST_FAILURES
from engine.services import webhooks
from web import auth
from web.office import current_office
from web.problems import fields_of, sentence, status_of

blueprint = Blueprint("webhooks", __name__, url_prefix="/admin/webhooks")
Answer = str | Response | tuple[str, int]
blueprint.before_request(auth.staff_with(Permission.ADMINISTER))


@blueprint.get("")
def index() -> Answer:
    return _list()


@blueprint.post("")
def add() -> Answer:
    try:
        made, secret = webhooks.add(current_office(), g.actor, _told())
    except EngineError as refusal:
        return _list(refusal)
    return _one(made, secret=secret)


def _told() -> webhooks.Told:
    given = request.form
    return webhooks.Told(
        given.get("title", ""), given.get("url", ""), tuple(given.getlist("events"))
    )


def _list(refused: EngineError | None = None) -> Answer:
    page = render_template(
        "admin/webhooks.html",
        webhooks=webhooks.listed(current_office(), g.actor),
        **_form(refused),
    )
    return (page, status_of(refused)) if refused else page


def _form(refused: EngineError | None) -> dict[str, object]:
    return {
        "events": list(webhooks.events()),
        "problem": sentence(refused) if refused else "",
        "wrong": fields_of(refused) if refused else {},
        "sent": request.form if refused else {},
        "chosen": request.form.getlist("events") if refused else [],
    }


@blueprint.get("/<uuid:webhook_id>")
def show(webhook_id: UUID) -> Answer:
    return _one(webhook_id)


@blueprint.post("/<uuid:webhook_id>")
def change(webhook_id: UUID) -> Answer:
    try:
        webhooks.change(current_office(), g.actor, webhook_id, _told())
    except EngineError as refusal:
        return _one(webhook_id, refusal)
    flash(_("已保存。"), "ok")
    return redirect(url_for(".show", webhook_id=webhook_id))


def _one(webhook_id: UUID, refused: EngineError | None = None, **shown: object) -> Answer:
    hook, deliveries = webhooks.get(current_office(), g.actor, webhook_id)
    page = render_template(
        "admin/webhook.html",
        hook=hook,
        deliveries=deliveries,
        most_failures=MOST_FAILURES,
        **_form(refused),
        **shown,
    )
    return (page, status_of(refused)) if refused else page


@blueprint.post("/<uuid:webhook_id>/secret")
def rotate(webhook_id: UUID) -> Answer:
    return _one(webhook_id, secret=webhooks.rotate(current_office(), g.actor, webhook_id))


@blueprint.post("/<uuid:webhook_id>/enable")
def enable(webhook_id: UUID) -> Answer:
    webhooks.enable(current_office(), g.actor, webhook_id, is_enabled=True)
    flash(_("已恢复推送。"), "ok")
    return redirect(url_for(".show", webhook_id=webhook_id))


@blueprint.post("/<uuid:webhook_id>/disable")
def disable(webhook_id: UUID) -> Answer:
    webhooks.enable(current_office(), g.actor, webhook_id, is_enabled=False)
    flash(_("已停用推送。"), "ok")
    return redirect(url_for(".show", webhook_id=webhook_id))


@blueprint.post("/<uuid:webhook_id>/test")
def test(webhook_id: UUID) -> Answer:
    try:
        webhooks.test(current_office(), g.actor, webhook_id)
    except EngineError as refusal:
        return _one(webhook_id, refusal)
    flash(_("测试消息已排队，刷新可看结果。"), "ok")
    return redirect(url_for(".show", webhook_id=webhook_id))


@blueprint.post("/<uuid:webhook_id>/deliveries/<uuid:delivery_id>")
def redeliver(webhook_id: UUID, delivery_id: UUID) -> Answer:
    try:
        webhooks.redeliver(current_office(), g.actor, webhook_id, delivery_id)
    except EngineError as refusal:
        return _one(webhook_id, refusal)
    flash(_("消息已重新排队。"), "ok")
    return redirect(url_for(".show", webhook_id=webhook_id))
