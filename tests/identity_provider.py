"""A real OpenID provider on loopback (oidc-provider-mock, on Authlib's server parts) that insists on PKCE."""

from __future__ import annotations

import base64
import hashlib
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import httpx
import werkzeug.serving

with warnings.catch_warnings():  # it still imports what Authlib will move
    warnings.simplefilter("ignore")
    import oidc_provider_mock


@dataclass
class Provider:
    """Its address, and what it was asked: the tests play the person who signs in there."""

    issuer: str = ""
    challenges: dict[str, str] = field(default_factory=dict)  # code -> challenge
    verified: list[str] = field(default_factory=list)
    is_away: bool = False

    def know(self, subject: str, **claims: Any) -> None:
        httpx.put(f"{self.issuer}/users/{subject}", json=claims).raise_for_status()

    def approve(self, address: str, subject: str) -> dict[str, str]:
        """Sign in there as somebody; what the browser is sent back with."""
        answer = httpx.post(address, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        return self.brought_back(answer.headers["Location"])

    def deny(self, address: str) -> dict[str, str]:
        answer = httpx.post(address, data={"action": "deny"})
        return self.brought_back(answer.headers["Location"])

    @staticmethod
    def brought_back(location: str) -> dict[str, str]:
        return {name: found[0] for name, found in parse_qs(urlsplit(location).query).items()}


@contextmanager
def served() -> Iterator[Provider]:
    """The provider, gone at the end."""
    provider = Provider()
    app = oidc_provider_mock.app(require_nonce=True)
    _insist_on_pkce(app, provider)
    server = werkzeug.serving.make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _insist_on_pkce(app: flask.Flask, provider: Provider) -> None:
    app.before_request(lambda: _before(provider, flask.request))

    @app.after_request
    def remember(response: flask.Response) -> flask.Response:
        if flask.request.path == "/oauth2/authorize" and response.status_code == 302:
            code = Provider.brought_back(response.headers["Location"]).get("code")
            if code:
                provider.challenges[code] = flask.request.args["code_challenge"]
        return response


def _before(provider: Provider, request: flask.Request) -> flask.Response | None:
    if provider.is_away:
        return flask.Response("", 503)
    if request.path == "/oauth2/authorize" and request.args["code_challenge_method"] != "S256":
        return flask.Response("no challenge", 400)
    if request.path != "/oauth2/token":
        return None
    code, verifier = request.form["code"], request.form["code_verifier"]
    found = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    if provider.challenges.pop(code, None) != found.decode():
        return flask.Response("the verifier does not fit", 400)
    provider.verified.append(code)
    return None
