"""Who is asking: a session cookie for people, a bearer token for programs; both become an Actor."""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from engine.domain.actor import Actor
from engine.domain.errors import NotAuthenticated, NotPermitted
from engine.services import people
from web.office import current_office

API_PREFIX = "/api/"
_PERSON = "person"

csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address)


def install(app: Flask) -> None:
    app.config.update(
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_CHECK_DEFAULT=False,  # _refuse_forgery decides
    )
    csrf.init_app(app)
    limiter.init_app(app)
    app.context_processor(lambda: {"home_of": home_of})
    app.before_request(_identify)
    app.before_request(_refuse_forgery)


def remember(actor: Actor) -> None:
    """Begin a session for this person; whatever the browser held before is gone."""
    session.clear()
    session[_PERSON] = str(actor.id)
    session.permanent = True


def forget() -> None:
    session.clear()


def current_actor() -> Actor:
    """Who asks; NotAuthenticated when nobody is signed in."""
    actor: Actor | None = g.actor
    if actor is None:
        raise NotAuthenticated("请先登录。", "please sign in first")
    return actor


def enterprise_only() -> None:
    """For `blueprint.before_request`: pages of an enterprise."""
    if not current_actor().is_enterprise:
        raise NotPermitted("这一页只给企业使用。", "this page is for enterprises")


def staff_only() -> None:
    """For `blueprint.before_request`: pages of the office and the departments."""
    if not current_actor().is_staff:
        raise NotPermitted("这一页只给工作人员使用。", "this page is for the office's staff")


def home_of(actor: Actor) -> str:
    """The page on which this person's day begins."""
    if actor.is_enterprise:
        return url_for("enterprise.home")
    if not actor.groups or actor.groups <= {"supervisor", "leader"}:
        return url_for("supervision.board")
    return url_for("desk.inbox")


def safe_next(target: str | None) -> str | None:
    """A path on this site to go on to, or None for anything that leads elsewhere."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def to_login() -> Response:
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("session.login", next=target))


def sign_in_key() -> str:
    """What failed attempts are counted by: the name tried, from that address."""
    sent = request.get_json(silent=True) if request.is_json else request.form
    username = str((sent or {}).get("username", "")).strip().lower()
    return f"{username}@{get_remote_address()}"


#: For one name from one address; the page and the API share the count.
limit_sign_in = limiter.shared_limit(
    "10 per minute;40 per hour", scope="sign-in", key_func=sign_in_key, methods=["POST"]
)


def _identify() -> None:
    office = current_office()
    g.actor = None
    if request.endpoint == "static":
        return
    g.now = office.now()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and request.path.startswith(API_PREFIX):
        g.actor = people.actor_of_token(office, token.strip(), now=g.now)
        g.by_token = True
    elif person := session.get(_PERSON):
        try:
            g.actor = people.actor_of_person(office, UUID(person))
        except NotAuthenticated:
            session.clear()


def _refuse_forgery() -> None:
    """A browser sends its cookie by itself, a program never sends its token by itself."""
    if g.get("by_token") or (request.path.startswith(API_PREFIX) and g.actor is None):
        return
    if current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()
