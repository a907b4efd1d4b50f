"""What the servers of the fault tests serve: a training office, so that its days may be of 2020."""

from flask import Flask

from engine import bootstrap, logs
from engine.settings import read_settings
from engine.worker import celery_app
from web import request_log
from web.app import create_app


def application() -> Flask:
    """As `engine.wsgi.application`, for a training installation with a broker."""
    logs.configure()
    settings = read_settings()
    assert settings.broker_url is not None
    celery_app.make_celery(settings.broker_url)
    app = create_app(bootstrap.open_office(settings, celery_app.announce), settings)
    request_log.write(app)
    return app
