"""The public's pages: services, tracking, verification of letters, published records. No account."""

from hashlib import sha256

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from engine.domain.actor import Actor
from engine.domain.errors import EngineError, NotFound
from engine.domain.identifiers import case_number_key, normalise_query_code
from engine.services import cases, commitments, letters, procedures, ratings, records
from web import auth
from web.office import current_office
from web.pages import eligibility
from web.pages import ratings as rating_pages
from web.problems import sentence

blueprint = Blueprint("portal", __name__)

ANYBODY = Actor(None, "public", "公众")


@blueprint.get("/")
def home() -> str:
    shown = procedures.open_procedures(current_office(), g.actor or ANYBODY, now=g.now)
    return render_template("portal/home.html", procedures=shown)


@blueprint.get("/track")
def track() -> str | Response:
    number = case_number_key(request.args.get("number", ""))
    code = normalise_query_code(request.args.get("code", ""))
    if number and code:
        return redirect(url_for(".tracked", number=number, code=code))
    problems = _blanks(number, code) if "number" in request.args else []
    return render_template("portal/track.html", number=number, code=code, problems=problems)


@blueprint.get("/track/<number>")
@auth.limiter.limit("30 per minute")
def tracked(number: str) -> str | tuple[str, int]:
    code = normalise_query_code(request.args.get("code", ""))
    try:
        found = cases.track(current_office(), number, code, now=g.now)
    except NotFound as error:
        problems = [("number", sentence(error))] if code else _blanks(number, code)
        page = render_template("portal/track.html", number=number, code=code, problems=problems)
        return page, 404
    may_rate = ratings.is_open(current_office(), number, code)
    return render_template("portal/tracked.html", case=found, code=code, may_rate=may_rate)


limited = auth.limiter.limit("30 per minute")
blueprint.add_url_rule("/track/<number>/rating", "rating", limited(rating_pages.form))
blueprint.add_url_rule(
    "/track/<number>/rating", "rate", limited(rating_pages.rate), methods=["POST"]
)


blueprint.add_url_rule("/eligibility", "eligibility", eligibility.ask)
blueprint.add_url_rule("/eligibility/<subject>", "eligible", eligibility.answer)


@blueprint.get("/verify")
def verify() -> str | Response:
    number = request.args.get("number", "").strip()
    if number:
        return redirect(url_for(".verified", number=number))
    return render_template("portal/verify.html", number="", problem="")


@blueprint.get("/verify/<path:number>")
@auth.limiter.limit("30 per minute")
def verified(number: str) -> str | tuple[str, int]:
    try:
        found = letters.certificate(current_office(), number, now=g.now)
    except NotFound as error:
        page = render_template("portal/verify.html", number=number, problem=sentence(error))
        return page, 404
    return render_template("portal/verified.html", letter=found, same=None)


@blueprint.post("/verify/<path:number>")
@auth.limiter.limit("10 per minute")
def compare(number: str) -> str | tuple[str, int]:
    """Whether an uploaded file is the one that was issued; it is hashed and not kept."""
    sent = request.files.get("file")
    try:
        found = letters.certificate(current_office(), number, now=g.now)
    except NotFound as error:
        page = render_template("portal/verify.html", number=number, problem=sentence(error))
        return page, 404
    told = _digest(sent) if sent and sent.filename else None
    same = None if told is None else told == found.sha256
    return render_template("portal/verified.html", letter=found, same=same, sent_sha256=told)


def _digest(sent: FileStorage) -> str:
    total = sha256()
    while part := sent.stream.read(1 << 16):
        total.update(part)
    return total.hexdigest()


@blueprint.get("/published")
@auth.limiter.limit("60 per minute")
def published() -> str:
    sought = request.args.get("q", "").strip()
    page, problem = None, ""
    if sought:
        try:
            page = records.published(
                current_office(), q=sought, now=g.now, cursor=request.args.get("cursor")
            )
        except EngineError as error:
            problem = sentence(error)
    return render_template("portal/published.html", q=sought, page=page, problem=problem)


@blueprint.get("/commitments")
@auth.limiter.limit("60 per minute")
def published_commitments() -> str:
    sought = request.args.get("q", "").strip()
    page, problem = None, ""
    try:
        page = commitments.published(
            current_office(), q=sought, now=g.now, cursor=request.args.get("cursor")
        )
    except EngineError as error:
        problem = sentence(error)
    return render_template("portal/commitments.html", q=sought, page=page, problem=problem)


@blueprint.get("/about")
def about() -> str:
    return render_template("portal/about.html")


def _blanks(number: str, code: str) -> list[tuple[str, str]]:
    """What is missing to look a case up."""
    asked = (("number", number, _("请填办件编号")), ("code", code, _("请填查询码")))
    return [(name, told) for name, value, told in asked if not value]
