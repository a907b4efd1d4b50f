"""督办单: the list, one whole, and the form in which one or many are written after a look at them."""

from collections.abc import Sequence
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.actor import Permission
from engine.domain.errors import Invalid
from engine.domain.identifiers import case_number_key
from engine.domain.states import SupervisionState, words_of
from engine.domain.supervision_views import NoticeDraft
from engine.services import people, supervision
from web.auth import safe_next
from web.locale import words
from web.office import current_office
from web.pages.fragments import is_fragment

Answer = str | Response | tuple[str, int]
STATES = ("unsettled", *words_of(SupervisionState))
ORIGINS = ("breach", "complaint", "order")
MOST = 50


def index() -> str:
    office, args = current_office(), request.args
    wanted = {name: value for name in ("state", "unit") if (value := args.get(name, "").strip())}
    if wanted.get("state") not in STATES:
        wanted.pop("state", None)
    page = supervision.notices(
        office,
        g.actor,
        now=g.now,
        state=wanted.get("state"),
        unit=wanted.get("unit"),
        cursor=args.get("cursor") or None,
    )
    return render_template(
        "supervision/notices.html",
        page=page,
        wanted=wanted,
        states=STATES,
        departments=people.departments(office),
    )


def show(notice_id: UUID) -> str:
    seen = supervision.notice(current_office(), g.actor, notice_id, now=g.now)
    supervises = g.actor.may(Permission.SUPERVISE)
    return render_template("supervision/notice.html", seen=seen, supervises=supervises)


def form() -> Answer:
    return _page(_drafts(_places(request.args.getlist("place") + request.args.getlist("task"))))


def issue() -> Answer:
    given = request.form
    places = _places(given.getlist("place") + given.getlist("task"))
    grounds = {one: given.get(f"ground.{one}", given.get("ground", "")).strip() for one in places}
    origin = given.get("origin", "breach")
    if origin not in ORIGINS or not all(grounds.values()):
        return _page(_drafts(places), _("请写明督办的理由。"), grounds), 422
    outcomes = supervision.issue_several(
        current_office(), g.actor, grounds, now=g.now, origin=origin
    )
    made = [one.notice for one in outcomes if one.notice is not None]
    refused = [words(one.refusal) for one in outcomes if one.refusal is not None]
    if not made:
        return _page(_drafts(places), " ".join(dict.fromkeys(refused)), grounds), 409
    numbers = _("、").join(one.number for one in made)
    flash(_("已签发督办单 %(number)s。", number=numbers), "ok")
    for said in dict.fromkeys(refused):
        flash(_("%(n)s 件没有办：%(why)s", n=refused.count(said), why=said), "warn")
    back = safe_next(given.get("next"))
    return redirect(back or url_for("supervision.notices"))


def _places(given: Sequence[str]) -> list[UUID]:
    """The chosen places; those of a case when its number is given instead."""
    number = case_number_key(request.values.get("case", ""))
    if number:
        found = supervision.places(
            current_office(), g.actor, now=g.now, narrowed={"case": number}, limit=MOST
        )
        if not found.items:
            raise Invalid("没有这个在办件。", "there is no such open case")
        return [one.id for one in found.items if one.process_id != "supervision"]
    try:
        return [UUID(one) for one in given[:MOST]]
    except ValueError:
        raise Invalid("任务编号有误。", "that is not the id of a task") from None


def _drafts(places: Sequence[UUID]) -> tuple[NoticeDraft, ...]:
    found = supervision.draft_notices(current_office(), g.actor, places, now=g.now)
    if not found:
        raise Invalid("请从超期清单里选一件。", "choose a breach from the list")
    return found


def _page(
    drafts: tuple[NoticeDraft, ...], problem: str = "", grounds: dict[UUID, str] | None = None
) -> str:
    return render_template(
        "supervision/notice_form.html",
        drafts=drafts,
        ready=[one for one in drafts if one.refusal is None],
        grounds=grounds or {},
        problem=problem,
        origins=ORIGINS,
        origin=request.values.get("origin", "breach"),
        next=safe_next(request.values.get("next")),
        is_fragment=is_fragment(),
    )
