"""The web application: office, manners of the house and pages joined into one Flask app."""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from flask import Flask

from engine.settings import Settings, read_settings
from web import auth, locale, navigation, office, problems, security
from web.questions import problems_of

if TYPE_CHECKING:
    from engine.services.office import Office

PAGES = (
    "web.pages.portal",
    "web.pages.enterprise",
    "web.pages.application",
    "web.pages.applicant",
    "web.pages.papers",
    "web.pages.session",
    "web.pages.training",
    "web.pages.desk",
    "web.pages.records",
    "web.pages.supervision",
    "web.pages.admin",
)
MOST_BYTES = 24 * 1024 * 1024


def create_app(served: "Office", settings: Settings | None = None) -> Flask:
    """The application that serves this office; settings come from the environment if not given."""
    settings = settings or read_settings()
    broker = settings.broker_url or ""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        RATELIMIT_STORAGE_URI=broker if broker.startswith("redis") else "memory://",
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    office.place(app, served)
    for room in (security, auth, locale, problems, navigation):
        room.install(app)
    app.context_processor(lambda: {"training": served.is_training})
    app.jinja_env.filters["problems_of"] = problems_of
    for name in PAGES:
        if find_spec(name) is not None:
            app.register_blueprint(import_module(name).blueprint)
    api = import_module("web.api")
    if hasattr(api, "register"):
        api.register(app)
    return app
