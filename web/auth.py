"""Who is asking: a session cookie for people, a bearer token for programs; both become an Actor."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from engine.domain.actor import Actor, Permission
from engine.domain.errors import NotAuthenticated, NotPermitted, PasswordMustChange
from engine.domain.second_factor import SecondFactorMissing
from engine.domain.sign_in import Place
from engine.services import second_factors, sessions, tokens
from web.office import current_office
from web.security import cookie_name, is_bound

API_PREFIX = "/api/"
_SESSION = (
    "session"  # what the cookie keeps: 256 random bits that open a row, nothing about anybody
)
#: A browser is known again by it, and then nobody's guessing elsewhere slows its owner down.
DEVICE_COOKIE, DEVICE_LASTS = "kunxin_device", timedelta(days=365)
#: What somebody with a temporary password may still open.
_BEFORE_CHANGE = frozenset(
    {"account.password", "account.change", "session.logout", "locale.choose"}
)
#: What somebody may still open whose group wants a second factor, and who has none.
_BEFORE_SECOND_FACTOR = _BEFORE_CHANGE | {
    "second_factor.show",
    "second_factor.begin",
    "second_factor.confirm",
}

csrf = CSRFProtect()


class ViewLimiter(Limiter):
    """Limits stand on views alone, and each such view asks for itself: to look through all limits
    before every other request finds nothing, at the cost of reading its token."""

    def _check_request_limit(
        self, callable_name: str | None = None, in_middleware: bool = True
    ) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


def _network() -> str:
    """Whose requests are counted together: of IPv6 one subscriber has as many addresses as they want."""
    return Place(request.remote_addr or "").network


limiter = ViewLimiter(key_func=_network)


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
    app.before_request(_demand_new_password)
    app.before_request(_demand_second_factor)
    app.after_request(_keep_device)


def place() -> Place:
    """From where this request comes."""
    return Place(
        request.remote_addr or "",
        request.cookies.get(cookie_name(DEVICE_COOKIE)) or g.get("new_device", ""),
        request.user_agent.string[:200],
    )


def with_device() -> Place:
    """The same, for signing in: a browser that has no name yet is given one."""
    if not request.cookies.get(cookie_name(DEVICE_COOKIE)) and "new_device" not in g:
        g.new_device = secrets.token_urlsafe(32)
    return place()


def remember(actor: Actor, *, id_token: str = "", by_provider: bool = False) -> None:
    """Begin a session for this person under a new id; whatever the browser held before is gone."""
    forget()
    session[_SESSION] = sessions.begin(
        current_office(), actor, place=with_device(), id_token=id_token, by_provider=by_provider
    )
    session.permanent = True


def forget() -> str:
    """End the session here and on the server; its ID token of single sign-on, else ""."""
    held = session.get(_SESSION)
    session.clear()
    return sessions.end(current_office(), held, place=place()) if held else ""


def keep(name: str, value: dict[str, Any]) -> None:
    """Between two requests of one browser: signed, readable by it, gone when it is taken."""
    session[name] = value


def take(name: str) -> dict[str, Any]:
    found = session.pop(name, None)
    return found if isinstance(found, dict) else {}


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


def signed_in_only() -> None:
    """For `blueprint.before_request`: pages of everybody who has an account."""
    current_actor()


def staff_only() -> None:
    """For `blueprint.before_request`: pages of the office and the departments."""
    if not current_actor().is_staff:
        raise NotPermitted("这一页只给工作人员使用。", "this page is for the office's staff")


def staff_with(permission: Permission) -> Callable[[], None]:
    """For `blueprint.before_request`: pages of those of the staff who have this permission."""

    def guard() -> None:
        staff_only()
        g.actor.must(permission)

    return guard


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


def _identify() -> None:
    office = current_office()
    g.actor = None
    if request.endpoint == "static":
        return
    g.now = office.now()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and request.path.startswith(API_PREFIX):
        g.actor = tokens.actor_of(office, token.strip(), now=g.now)
        g.by_token = True
    elif held := session.get(_SESSION):
        try:
            opened = sessions.open_session(office, held, now=g.now)
        except NotAuthenticated:
            session.clear()
        else:
            g.actor, g.session_id = opened.actor, opened.id
            g.must_change_password = opened.must_change_password
            g.by_provider = opened.by_provider


def _demand_new_password() -> Response | None:
    if not g.get("must_change_password") or request.endpoint in _BEFORE_CHANGE:
        return None
    if request.path.startswith(API_PREFIX):
        raise PasswordMustChange
    return redirect(url_for("account.password"))


def _demand_second_factor() -> Response | None:
    """Only of who came by password: the provider of single sign-on asks for what it wants to see."""
    if "session_id" not in g or g.by_provider or request.endpoint in _BEFORE_SECOND_FACTOR:
        return None
    if not second_factors.lacks(current_office(), g.actor):
        return None
    if request.path.startswith(API_PREFIX):
        raise SecondFactorMissing
    return redirect(url_for("second_factor.show"))


def _keep_device(response: Response) -> Response:
    if device := g.get("new_device"):
        response.set_cookie(
            cookie_name(DEVICE_COOKIE),
            device,
            max_age=DEVICE_LASTS,
            secure=is_bound(),
            httponly=True,
            samesite="Lax",
        )
    return response


def _refuse_forgery() -> None:
    """A browser sends its cookie by itself, a program never sends its token by itself."""
    if g.get("by_token") or (request.path.startswith(API_PREFIX) and g.actor is None):
        return
    if current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()
