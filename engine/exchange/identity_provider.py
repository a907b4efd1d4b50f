"""The city's identity provider by OpenID Connect: out with a question nobody can forge, back with who it is."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import orjson
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from engine.domain.errors import NotAuthenticated, Unavailable
from engine.domain.single_sign_on import Identity, Started
from engine.exchange.outgoing import Answer, CallFailed, CallRefused, Outgoing

#: Signatures that are believed: asymmetric ones only.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
#: How long what the provider says of itself is remembered; by how much its clock may differ.
REMEMBERED_FOR, LEEWAY = timedelta(hours=1), 60
#: How and when somebody proved who they are: believed of the ID token alone.
OF_TOKEN = frozenset({"acr", "amr", "auth_time"})
DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Registration:
    """What this installation is at the provider. `secret` "": a public client, by PKCE alone."""

    issuer: str
    client_id: str
    secret: str = ""
    scopes: str = "openid profile"
    acr: str = ""  # the levels that are asked for, if any


@dataclass
class IdentityProvider:
    """One provider. What it says of itself is asked when it is first needed."""

    registration: Registration
    outgoing: Outgoing
    _metadata: dict[str, Any] = field(default_factory=dict)
    _keys: KeySet | None = None
    _read_at: datetime | None = None
    _lock: Lock = field(default_factory=Lock)

    def begin(self, back: str, *, now: datetime) -> tuple[str, Started]:
        """Where to send the browser, and what it keeps meanwhile. `back`: address of the way back."""
        started = Started(*(secrets.token_urlsafe(32) for _ in range(3)))
        address = prepare_grant_uri(
            self._about(now)["authorization_endpoint"],
            self.registration.client_id,
            "code",
            redirect_uri=back,
            scope=self.registration.scopes,
            state=started.state,
            nonce=started.nonce,
            code_challenge=create_s256_code_challenge(started.verifier),
            code_challenge_method="S256",
            **({"acr_values": self.registration.acr} if self.registration.acr else {}),
        )
        return str(address), started

    def finish(
        self, told: Mapping[str, str], started: Started, back: str, *, now: datetime
    ) -> Identity:
        """Who it is. `told`: what the browser brought back.

        Errors: NotAuthenticated for whatever does not fit together; Unavailable when the provider
        does not answer.
        """
        self._check_answer(told, started)
        tokens = self._exchange(told["code"], started, back, now)
        raw = tokens.get("id_token")
        if not isinstance(raw, str):
            raise _failed("no ID token")
        claims = self._claims(raw, tokens, started, now)
        more = self._user_info(tokens.get("access_token"), claims["sub"], now)
        return Identity(self.registration.issuer, claims["sub"], {**more, **claims}, raw)

    def sign_out_address(self, id_token: str, back: str, *, now: datetime) -> str | None:
        """Where to sign out there as well; None when the provider knows no such thing."""
        end = self._about(now).get("end_session_endpoint")
        if not end:
            return None
        asked = {
            "id_token_hint": id_token,
            "client_id": self.registration.client_id,
            "post_logout_redirect_uri": back,
        }
        return f"{end}{'&' if urlsplit(end).query else '?'}{urlencode(asked)}"

    def _check_answer(self, told: Mapping[str, str], started: Started) -> None:
        if not secrets.compare_digest(told.get("state", "").encode(), started.state.encode()):
            raise _failed("state")
        if told.get("iss") not in (None, self.registration.issuer):  # RFC 9207: another provider
            raise _failed("iss")
        if "error" in told or not told.get("code"):
            raise _failed(told.get("error", "no code")[:100])

    def _exchange(self, code: str, started: Started, back: str, now: datetime) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": started.verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        headers |= self._authentication(form, now)
        endpoint = self._about(now)["token_endpoint"]
        answer = self._send("POST", endpoint, headers, urlencode(form).encode())
        if not answer.is_good:
            raise _failed(f"token endpoint: HTTP {answer.status}")
        return _object(answer)

    def _authentication(self, form: dict[str, str], now: datetime) -> dict[str, str]:
        """How the client says who it is: in the header where the provider takes that, else the form."""
        client, secret = self.registration.client_id, self.registration.secret
        ways = self._about(now).get(
            "token_endpoint_auth_methods_supported", ["client_secret_basic"]
        )
        if secret and "client_secret_basic" in ways:
            pair = f"{quote_plus(client)}:{quote_plus(secret)}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        form["client_id"] = client
        if secret:
            form["client_secret"] = secret
        return {}

    def _claims(
        self, raw: str, tokens: Mapping[str, Any], started: Started, now: datetime
    ) -> dict[str, Any]:
        try:
            token = self._decoded(raw, now)
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": self.registration.issuer},
                    "aud": {"essential": True, "value": self.registration.client_id},
                },
                {
                    "nonce": started.nonce,
                    "client_id": self.registration.client_id,
                    "access_token": tokens.get("access_token"),
                },
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
            _check_subject(claims["sub"])
        except (JoseError, ValueError, TypeError, KeyError) as problem:
            raise _failed(f"ID token: {problem}") from problem
        return dict(claims)

    def _decoded(self, raw: str, now: datetime) -> jwt.Token:
        """With the keys that are known; once more with new ones, for a provider that has changed them."""
        try:
            return jwt.decode(raw, self._key_set(now), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            self._keys = None
            return jwt.decode(raw, self._key_set(now), algorithms=ALGORITHMS)

    def _key_set(self, now: datetime) -> KeySet:
        if self._keys is None:
            answer = self._send("GET", self._about(now)["jwks_uri"], {})
            if not answer.is_good:
                raise _away(f"HTTP {answer.status}")
            self._keys = KeySet.import_key_set(orjson.loads(answer.body))
        return self._keys

    def _user_info(self, access_token: object, subject: str, now: datetime) -> dict[str, Any]:
        """What the provider tells of the person besides; nothing when it is of somebody else."""
        endpoint = self._about(now).get("userinfo_endpoint")
        if not endpoint or not isinstance(access_token, str):
            return {}
        answer = self._send("GET", endpoint, {"Authorization": f"Bearer {access_token}"})
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        if not answer.is_good or not is_json:
            return {}
        told = _object(answer)
        is_theirs = told.get("sub") == subject
        return {name: each for name, each in told.items() if is_theirs and name not in OF_TOKEN}

    def _about(self, now: datetime) -> dict[str, Any]:
        """What the provider says of itself; it must say that it is the one that was asked."""
        with self._lock:
            if self._read_at is None or abs(now - self._read_at) >= REMEMBERED_FOR:
                answer = self._send("GET", self.registration.issuer.rstrip("/") + DISCOVERY, {})
                if not answer.is_good:
                    raise _away(f"discovery: HTTP {answer.status}")
                told = _object(answer)
                if told.get("issuer") != self.registration.issuer:
                    raise _away(f"it says that it is {told.get('issuer')!r}")
                needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                if missing := [name for name in needed if not told.get(name)]:
                    raise _away(f"it names no {', '.join(missing)}")
                self._metadata, self._keys, self._read_at = told, None, now
            return self._metadata

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        try:
            # the issuer comes from the settings, and its endpoints from the issuer
            return self.outgoing.send(method, url, headers=headers, body=body, is_trusted=True)
        except (CallFailed, CallRefused) as problem:
            raise _away(problem.english) from problem


def _check_subject(told: object) -> None:
    """OpenID Connect Core 2: at most 255 ASCII characters. ValueError."""
    is_text = isinstance(told, str) and told.isascii() and told.isprintable()
    if not is_text or not 1 <= len(str(told)) <= 255:
        raise ValueError("sub")


def _object(answer: Answer) -> dict[str, Any]:
    try:
        told = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict):
        raise _failed("an answer that is no JSON object")
    return told


def _failed(why: str) -> NotAuthenticated:
    return NotAuthenticated(
        "单点登录没有成功，请再试一次。", f"single sign-on failed ({why}); try again"
    )


def _away(why: str) -> Unavailable:
    return Unavailable(
        "统一身份认证现在没有答复，请用账号密码登录，或稍后再试。",
        f"the identity provider does not answer ({why}); use your password or try later",
    )
