"""The administrator's pages of accounts: one whole, a new one, all tokens, what happened."""

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.account import Happening, NewAccount
from engine.domain.actor import Permission
from engine.domain.errors import EngineError
from engine.domain.scope import Scope
from engine.services import account_log, accounts, messages, people, second_factors, tokens
from web import auth
from web.office import current_office
from web.pages.account import DAYS, token_made
from web.problems import fields_of, sentence, status_of

blueprint = Blueprint("accounts", __name__, url_prefix="/admin")
Answer = str | Response | tuple[str, int]
blueprint.before_request(auth.staff_with(Permission.ADMINISTER))


@blueprint.get("/people/<username>")
def show(username: str) -> Answer:
    return _page(username)


def _page(username: str, refused: EngineError | None = None, **shown: object) -> Answer:
    page = render_template(
        "admin/account.html",
        account=accounts.get(current_office(), g.actor, username),
        scopes=list(Scope),
        days=DAYS,
        second_factor=second_factors.is_on(current_office(), g.actor, username),
        problem=sentence(refused) if refused else "",
        wrong=fields_of(refused) if refused else {},
        sent=request.form if refused else {},
        chosen=request.form.getlist("scopes") if refused else [],
        **shown,
    )
    return (page, status_of(refused)) if refused else page


@blueprint.post("/people/<username>/disable")
def disable(username: str) -> Answer:
    try:
        accounts.disable(current_office(), g.actor, username, place=auth.place())
    except EngineError as refusal:
        return _page(username, refusal)
    flash(_("账号已停用，登录和令牌都已结束。"), "ok")
    return redirect(url_for(".show", username=username))


@blueprint.post("/people/<username>/enable")
def enable(username: str) -> Answer:
    accounts.enable(current_office(), g.actor, username, place=auth.place())
    flash(_("账号已恢复。"), "ok")
    return redirect(url_for(".show", username=username))


@blueprint.post("/people/<username>/password")
def set_password(username: str) -> Answer:
    try:
        given, until = accounts.set_temporary_password(
            current_office(), g.actor, username, place=auth.place()
        )
    except EngineError as refusal:
        return _page(username, refusal)
    return _page(username, password=given, until=until)


@blueprint.post("/people/<username>/sessions/end")
def end_sessions(username: str) -> Answer:
    accounts.end_sessions(current_office(), g.actor, username, place=auth.place())
    flash(_("登录都已结束。"), "ok")
    return redirect(url_for(".show", username=username))


@blueprint.post("/people/<username>/unlink")
def unlink(username: str) -> Answer:
    accounts.unlink(current_office(), g.actor, username, place=auth.place())
    flash(_("单点登录的关联已取消。"), "ok")
    return redirect(url_for(".show", username=username))


@blueprint.post("/people/<username>/second-factor/remove")
def reset_second_factor(username: str) -> Answer:
    try:
        second_factors.reset(current_office(), g.actor, username, place=auth.place())
    except EngineError as refusal:
        return _page(username, refusal)
    flash(_("两步验证已取消，登录都已结束。"), "ok")
    return redirect(url_for(".show", username=username))


@blueprint.post("/people/<username>/tokens")
def make_token(username: str) -> Answer:
    try:
        made, until = token_made(username)
    except EngineError as refusal:
        return _page(username, refusal)
    return _page(username, made=made, until=until)


@blueprint.get("/accounts/new")
def new() -> Answer:
    return _form()


@blueprint.post("/accounts/new")
def add() -> Answer:
    given = request.form
    told = NewAccount(
        username=given.get("username", "").strip(),
        name=given.get("name", ""),
        department=given.get("department") or None,
        groups=tuple(given.getlist("groups")),
        is_service=given.get("kind") == "service",
    )
    try:
        password = accounts.add(current_office(), g.actor, told, place=auth.place(), now=g.now)
    except EngineError as refusal:
        return _form(refusal)
    flash(_("账号已建立。"), "ok")
    return (
        _page(told.username, password=password)
        if password
        else redirect(url_for(".show", username=told.username))
    )


def _form(refused: EngineError | None = None) -> Answer:
    office = current_office()
    groups = office.directory().groups
    page = render_template(
        "admin/account_new.html",
        departments=people.departments(office),
        groups=sorted(((key, entry.title) for key, entry in groups.items()), key=str),
        of_services=tuple(messages.OF_SERVICES),
        problem=sentence(refused) if refused else "",
        wrong=fields_of(refused) if refused else {},
        sent=request.form,
        chosen=request.form.getlist("groups"),
    )
    return (page, status_of(refused)) if refused else page


@blueprint.get("/accounts/tokens")
def all_tokens() -> str:
    return render_template("admin/tokens.html", tokens=tokens.listed(current_office(), g.actor))


@blueprint.post("/accounts/tokens/<uuid:token_id>/revoke")
def revoke_token(token_id: UUID) -> Answer:
    tokens.revoke(current_office(), g.actor, token_id, place=auth.place())
    flash(_("令牌已撤销，立即失效。"), "ok")
    return redirect(auth.safe_next(request.form.get("next")) or url_for(".all_tokens"))


@blueprint.get("/accounts/log")
def log() -> str:
    kind, q = request.args.get("kind", ""), request.args.get("q", "").strip()
    return render_template(
        "admin/account_log.html",
        events=account_log.listed(current_office(), g.actor, kind=kind, q=q),
        kinds=[(each.value, each.words) for each in Happening],
        kind=kind,
        q=q,
    )
