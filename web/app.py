"""The web application: office, manners of the house and pages joined into one Flask app."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.services.office import Office
from engine.settings import Settings, read_settings
from web import (
    api,
    auth,
    keepable,
    locale,
    navigation,
    office,
    phrases,
    problems,
    request_log,
    security,
    static_files,
    tongues,
    tracing,
    veil,
)
from web.pages import (
    account,
    accounts,
    admin,
    applicant,
    application,
    audit,
    calendar_changes,
    certificates,
    commitments,
    course_register,
    courses,
    decision_tables,
    deferrals,
    deployments,
    desk,
    emergencies,
    enterprise,
    inquiries,
    modeling,
    my_notices,
    my_records,
    papers,
    parameters,
    permissions,
    personal_data,
    portal,
    problem_types,
    records,
    repairs,
    search,
    second_factor,
    services,
    session,
    study,
    styleguide,
    supervision,
    training,
    versions,
    webhooks,
)
from web.questions import problems_of

PAGES = (
    portal,
    enterprise,
    application,
    applicant,
    papers,
    session,
    account,
    second_factor,
    training,
    versions,
    desk,
    search,
    records,
    certificates,
    deferrals,
    commitments,
    services,
    courses,
    study,
    course_register,
    repairs,
    supervision,
    admin,
    accounts,
    audit,
    webhooks,
    calendar_changes,
    parameters,
    permissions,
    personal_data,
    emergencies,
    decision_tables,
    deployments,
    modeling,
    my_notices,
    my_records,
    inquiries,
    styleguide,
    problem_types,
)
MOST_BYTES = 24 * 1024 * 1024
#: Seconds that whoever signs in waits for a broker whose machine is gone without a word.
_PATIENCE_WITH_BROKER = {"socket_connect_timeout": 1, "socket_timeout": 1}


def create_app(served: Office, settings: Settings | None = None) -> Flask:
    """The application that serves this office; settings come from the environment if not given."""
    settings = settings or read_settings()
    broker = settings.broker_url or ""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.old_secret_keys),
        MAX_CONTENT_LENGTH=MOST_BYTES,
        METRICS_TOKEN=settings.metrics_token,
        PUBLIC_URL=settings.public_url,
        SIGN_ON=settings.sign_on,
        RATELIMIT_STORAGE_URI=broker if broker.startswith("redis") else "memory://",
        RATELIMIT_STORAGE_OPTIONS=_PATIENCE_WITH_BROKER if broker.startswith("redis") else {},
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,  # people sign in while the broker is away
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "finalize": veil.shown}
    if proxies := settings.trusted_proxies:  # who asks, and whether over TLS, as they tell it
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    office.place(app, served)
    if settings.trace_collector is not None:
        tracing.install(app)
    static_files.install(app)
    manners = (
        request_log,
        security,
        keepable,
        auth,
        veil,
        locale,
        tongues,
        phrases,
        problems,
        navigation,
    )
    for manner in manners:
        manner.install(app)
    app.context_processor(lambda: {"training": office.current_office().is_training})
    app.jinja_env.filters["problems_of"] = problems_of
    for page in PAGES:
        app.register_blueprint(page.blueprint)
    api.register(app)
    return app
