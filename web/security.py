"""What browsers are told about every answer: nothing from elsewhere, no script in a page."""

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from flask.sessions import SecureCookieSessionInterface

from web.office import current_office

#: `style-src-attr` stays open because the clock strip sets its widths by custom properties.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "frame-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

#: For papers and letters: they may be shown inside our own pages and may load nothing.
PAPER_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)

#: Of every answer that does not say otherwise itself.
_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(), microphone=(), payment=()"),
)

_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


class CookieForSafePlaces(SecureCookieSessionInterface):
    """Sends the session over TLS only, but on this very machine and in a training office."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return is_bound()

    def get_cookie_name(self, app: Flask) -> str:
        return cookie_name(super().get_cookie_name(app))


def is_bound() -> bool:
    """Whether cookies go over TLS alone, and to this very host: everywhere but on this machine and in a
    training office, which may have no TLS."""
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    return host not in _LOOPBACK and not current_office().is_training


def cookie_name(name: str) -> str:
    """With the prefix by which a browser takes it from this host over TLS only, and no other host of the
    city can set it (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{name}" if is_bound() else name


def install(app: Flask) -> None:
    app.session_interface = CookieForSafePlaces()
    app.config["CSP"] = _policy(app.config["SIGN_ON"].issuer if app.config["SIGN_ON"] else "")
    app.config.update(
        SESSION_COOKIE_NAME="kunxin_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # only an answer that changed the session sends it: a late poll's copy would undo a newer one
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    app.after_request(_add_headers)


def _policy(issuer: str) -> str:
    """Signing out sends the browser on to the provider: a form that ends there must be allowed."""
    if not issuer:
        return POLICY
    parts = urlsplit(issuer)
    return POLICY.replace(
        "form-action 'self'", f"form-action 'self' {parts.scheme}://{parts.netloc}"
    )


def _add_headers(response: Response) -> Response:
    headers = response.headers
    said = {name.lower() for name in headers.keys()}  # noqa: SIM118 - a list of pairs, no mapping
    wanted = [("Content-Security-Policy", current_app.config["CSP"]), *_ALWAYS]
    if request.is_secure:
        wanted.append(("Strict-Transport-Security", "max-age=31536000"))
    if request.endpoint != "static":
        wanted.append(("Cache-Control", "no-store"))
    for name, value in wanted:
        if name.lower() not in said:
            headers.add(name, value)
    return response
