"""How a caseworker arranges the inbox: filters that are kept, columns that are shown."""

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import Conflict, Invalid
from engine.services import inbox_columns, procedures, saved_filters
from web.office import current_office
from web.pages import inbox
from web.pages import inbox_columns as columns_of
from web.pages.fragments import is_fragment
from web.problems import fields_of, sentence, status_of

Answer = str | Response | tuple[str, int]


def filters() -> Answer:
    return _filters_page()


def _filters_page(*, name: str = "", wrong: str = "") -> str:
    wanted = inbox.read_filter()
    return render_template(
        "desk/filters.html",
        wanted=wanted,
        kept=saved_filters.mine(current_office(), g.actor, now=g.now),
        procedure_titles=procedures.titles(current_office()),
        name=name,
        wrong=wrong,
        is_fragment=is_fragment(),
    )


def save_filter() -> Answer:
    name = request.form.get("name", "")
    query: dict[str, Any] = {**inbox.read_filter().address()}
    try:
        saved_filters.save(current_office(), g.actor, name, query, now=g.now)
    except (Invalid, Conflict) as refusal:
        told = fields_of(refusal).get("name") or sentence(refusal)
        return _filters_page(name=name, wrong=told), status_of(refusal)
    flash(_("已存为筛选：%(name)s", name=name.strip()), "ok")
    return redirect(url_for("desk.inbox", **query))


def remove_filter(filter_id: UUID) -> Answer:
    saved_filters.remove(current_office(), g.actor, filter_id)
    flash(_("筛选已删除。"), "ok")
    return redirect(url_for("desk.inbox"))


def columns() -> Answer:
    return _columns_page(columns_of.arranged().columns)


def _columns_page(chosen: tuple[str, ...], wrong: str = "") -> str:
    offered = {"case": columns_of.of_case(), "form": columns_of.of_forms()}
    return render_template(
        "desk/columns.html",
        offered=offered,
        chosen=chosen,
        most=inbox_columns.MOST,
        wrong=wrong,
        next=inbox.read_filter().address(),
        is_fragment=is_fragment(),
    )


def choose_columns() -> Answer:
    known = {each.key for each in (*columns_of.of_case(), *columns_of.of_forms())}
    wanted = tuple(key for key in request.form.getlist("column") if key in known)
    try:
        inbox_columns.choose(current_office(), g.actor, wanted)
    except Invalid as refusal:
        return _columns_page(wanted, fields_of(refusal).get("column", "")), status_of(refusal)
    here: dict[str, Any] = {**inbox.read_filter().address()}
    return redirect(url_for("desk.inbox", **here))


def show_as() -> Answer:
    """The inbox as a list beside its task, or as a table."""
    wanted = request.form.get("form") == "table"
    inbox_columns.show_as(current_office(), g.actor, is_table=wanted)
    here: dict[str, Any] = {**inbox.read_filter().address(by=None)}
    return redirect(url_for("desk.inbox", **here))
