"""What machines ask of the installation: alive, ready, and the figures Prometheus collects."""

import logging
from hmac import compare_digest
from ipaddress import ip_address
from time import perf_counter

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    request,
    request_finished,
    request_started,
)
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from engine.domain.errors import NotPermitted
from engine.services import calendars, supervision
from web.office import current_office

REQUESTS = Counter("kunxin_requests", "Requests answered.", ["method", "endpoint", "status"])
LATENCY = Histogram("kunxin_request_seconds", "Seconds until the answer.", ["method", "endpoint"])

#: Requests that move a case by a step, from the lock to what is stored.
STEPS = {
    "desk.complete",
    "applicant.answer",
    "api_tasks.complete",
    "api_cases.file",
    "application.submit",
}
STEP = Histogram(
    "kunxin_step_seconds",
    "Seconds of a request that completes a task or files a case.",
    ["done"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

#: Anybody may ask by a word of their own: each would be a row for good at every monitor.
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

probes = Blueprint("probes", __name__)
log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    app.register_blueprint(probes)
    request_started.connect(_begin, app)
    request_finished.connect(_observe, app)


@probes.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@probes.get("/readyz")
def ready() -> Response:
    """The process can work: its database answers."""
    try:
        calendars.years(current_office())
    except Exception:
        log.exception("not ready")
        return Response("not ready\n", 503, mimetype="text/plain")
    return Response("ready\n", mimetype="text/plain")


@probes.get("/metrics")
def metrics() -> Response:
    """Requests, latency and the office's gauges, as Prometheus reads them.

    Only for who asks from this machine, or brings the token of the settings.
    """
    if not (_is_from_here() or _brings_token()):
        raise NotPermitted("指标只给本机或持令牌的监控。", "metrics are for this machine's monitor")
    figures = generate_latest(_requests()) + generate_latest(_gauges())
    return Response(figures, content_type=CONTENT_TYPE_LATEST)


def _is_from_here() -> bool:
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _brings_token() -> bool:
    token: str | None = current_app.config["METRICS_TOKEN"]
    scheme, _, brought = request.headers.get("Authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer"
    return token is not None and is_bearer and compare_digest(brought.encode(), token.encode())


def _requests() -> CollectorRegistry:
    every_process = CollectorRegistry()
    try:
        MultiProcessCollector(every_process)  # type: ignore[no-untyped-call]
    except ValueError:  # no folder to share figures in: this process is the only one
        return REGISTRY
    return every_process


def _gauges() -> CollectorRegistry:
    """The office's own figures; a database that is away must not hide the others."""
    registry = CollectorRegistry()
    answers = Gauge("kunxin_database_up", "Whether the database answers.", registry=registry)
    try:
        figures = supervision.metrics(current_office(), now=g.now)
    except Exception:
        log.exception("no figures from the office")
        return registry
    answers.set(1)
    for name, value in figures.items():
        Gauge(f"kunxin_{name.removeprefix('kunxin_')}", name, registry=registry).set(value)
    return registry


def _begin(app: Flask, **_: object) -> None:
    g.began = perf_counter()


def _observe(app: Flask, response: Response, **_: object) -> None:
    endpoint = request.endpoint or "none"
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(method, endpoint, response.status_code).inc()
    took = perf_counter() - g.began
    LATENCY.labels(method, endpoint).observe(took)
    if request.method == "POST" and endpoint in STEPS:
        STEP.labels("no" if response.status_code >= 400 else "yes").observe(took)
