"""The OpenAPI document of /api/v1, and the page that shows it."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, current_app, render_template, url_for
from flask_smorest import Api
from flask_smorest.utils import prepare_response

from web.api.calls import PREFIX, Noun
from web.api.first_steps import FIRST_STEPS
from web.api.schemas.problem import ProblemSchema

DESCRIPTION = """\
Case management for a city's credit office: records, cases, tasks, clocks, letters.

* Moments are ISO 8601 with an offset; days are working days of the office's calendar.
* A text in both languages is `{"zh", "en"}`.
* Lists go by keyset: send `next_cursor` as `cursor`.
* A refusal is `application/problem+json`; its `type` leads to a page that says what to do
  ([all of them](/problems)); its sentences follow `Accept-Language`.
* A creating call that carries an `Idempotency-Key` happens once, however often it is sent.
* Programs send a bearer token (`POST /tokens`); a browser sends its session and `X-CSRFToken`.
"""
OF_TOKENS = (
    "From `POST /tokens`, or made on the page of your account; the scope that a call needs is named "
    "with it. A token that lacks it is refused with 403 `scope-missing`."
)
SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": OF_TOKENS},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-kunxin_session",
        "description": "On this machine and in a training installation: `kunxin_session`.",
    },
    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "description": "Chosen by the caller and kept with the answer; with another body it is refused.",
    "schema": {"type": "string", "maxLength": 200},
}

guide = Blueprint(
    "api_guide",
    __name__,
    url_prefix="/api",
    template_folder="templates",
    static_folder="static",
    static_url_path="/docs/static",
)


class Document(Api):
    """flask-smorest's document, with problem+json for every refusal."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask) -> None:
        app.config.update(
            API_TITLE="昆信 Kunxin",
            API_VERSION="v1",
            OPENAPI_VERSION="3.1.0",
            OPENAPI_URL_PREFIX=PREFIX,
            OPENAPI_JSON_PATH="openapi.json",
        )
        info = {"description": DESCRIPTION + FIRST_STEPS}
        super().__init__(app, spec_kwargs={"info": info, "servers": [{"url": "/"}]})
        for name, scheme in SECURITY.items():
            self.spec.components.security_scheme(name, scheme)
        self.spec.components.parameter("IDEMPOTENCY_KEY", "header", IDEMPOTENCY_KEY)

    def add(self, noun: Noun) -> None:
        """Serve the calls about a noun and write them into the document."""
        self._app.register_blueprint(noun)
        noun.register_views_in_doc(self, self._app, self.spec, name=noun.name, parameters=None)
        self.spec.tag({"name": noun.noun, "description": noun.description})

    def _register_error_handlers(self) -> None:
        """None: flask-smorest would answer for the pages too, in a shape of its own."""

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            if status >= HTTPStatus.BAD_REQUEST:
                self._register_problem(status.name, status.phrase)
        self._register_problem("DEFAULT_ERROR", "Any other refusal")

    def _register_pagination_header(self) -> None:
        """None: pages are by keyset, in the body."""

    def _register_problem(self, name: str, phrase: str) -> None:
        response: dict[str, Any] = {"description": phrase, "schema": ProblemSchema}
        prepare_response(response, self.spec, "application/problem+json")
        self.spec.components.response(name, response, lazy=True)


@guide.get("/docs")
def show() -> str:
    """The document in Swagger UI, served from the bundle of the house."""
    return render_template(
        "api_docs.html",
        document=url_for("api-docs.openapi_json"),
        title=current_app.config["API_TITLE"],
    )
