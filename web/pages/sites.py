"""撤下与恢复: the centre's work on other sites, one obligation with its clock, its acts, its proofs."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.actor import Permission
from engine.domain.errors import EngineError, NotFound
from engine.services import site_lists, site_work, still_shown
from engine.services.obligation_rows import Channel, Finding
from engine.services.site_work import Proof
from web.office import current_office
from web.problems import fields_of, sentence, status_of


def index() -> str:
    office, wanted = current_office(), request.args.get("show", "to_do")
    show = wanted if wanted in site_lists.SHOWS else "to_do"
    kept = {name: value for name in ("site", "q") if (value := request.args.get(name, "").strip())}
    page = site_lists.listed(
        office,
        g.actor,
        now=g.now,
        show=show,
        site=kept.get("site"),
        q=kept.get("q", ""),
        cursor=request.args.get("cursor") or None,
    )
    return render_template(
        "records/sites.html",
        page=page,
        show=show,
        kept=kept,
        sites=tuple(office.sites.sites.values()),
        counts=site_lists.counts(office, g.actor, now=g.now),
    )


def show(obligation_id: UUID) -> str:
    return _page(obligation_id)


def _page(
    obligation_id: UUID, problem: str = "", problems: dict[str, str] | None = None, at: str = ""
) -> str:
    found = site_work.get(current_office(), g.actor, obligation_id, now=g.now)
    return render_template(
        "records/site.html",
        found=found,
        channels=[each for each in Channel if each is not Channel.PLATFORM],
        findings=tuple(Finding),
        given=request.form,
        problem=problem,
        problems=problems or {},
        at=at,
        may_answer=g.actor.may(Permission.TRACK_SITES),
    )


def claim(obligation_id: UUID) -> Response | tuple[str, int]:
    return _try(
        obligation_id,
        lambda: site_work.claim(current_office(), g.actor, obligation_id, now=g.now),
        _("已领取。"),
    )


def release(obligation_id: UUID) -> Response | tuple[str, int]:
    return _try(
        obligation_id,
        lambda: site_work.release(current_office(), g.actor, obligation_id, now=g.now),
        _("已放回。"),
    )


def log(obligation_id: UUID) -> Response | tuple[str, int]:
    form = request.form

    def act() -> None:
        site_work.log(
            current_office(),
            g.actor,
            obligation_id,
            form.get("act", ""),
            now=g.now,
            channel=form.get("channel", ""),
            note=form.get("note", ""),
            link=form.get("link", ""),
            proof=proof_of_request(),
            version=form.get("version", type=int),
        )

    return _try(obligation_id, act, _("已记下。"))


def answer(obligation_id: UUID, word_id: UUID) -> Response | tuple[str, int]:
    form = request.form

    def act() -> None:
        still_shown.answer(
            current_office(),
            g.actor,
            word_id,
            form.get("finding", ""),
            form.get("answer", ""),
            now=g.now,
        )

    return _try(obligation_id, act, _("已答复企业。"))


def _try(obligation_id: UUID, act: Callable[[], object], done: str) -> Response | tuple[str, int]:
    try:
        act()
    except NotFound:
        raise
    except EngineError as refusal:
        at = request.endpoint or ""
        shown = _page(obligation_id, sentence(refusal), fields_of(refusal), at)
        return shown, status_of(refusal)
    flash(done, "ok")
    return redirect(url_for("records.site", obligation_id=obligation_id))


def proof_of_request() -> Proof | None:
    """The file that came with the form, if one did."""
    sent = request.files.get("proof")
    if sent is None or not sent.filename:
        return None
    return Proof(sent.filename, sent.read())
