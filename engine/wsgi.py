"""What gunicorn serves: the application over the office that the environment describes."""

from flask import Flask

from engine import bootstrap, logs
from engine.settings import SettingMissing, Settings, read_settings, refuse_unsafe
from engine.worker import celery_app
from web import request_log
from web.app import create_app


def application() -> Flask:
    """The application of a server; jobs and timers run elsewhere (`kunxin worker`, `kunxin beat`).

    SettingMissing when a setting that a server must have is absent, or its database is of another
    release; Unavailable when that does not answer.
    """
    settings = checked()
    app = create_app(bootstrap.open_office(settings, _announce(settings)), settings)
    request_log.write(app)
    return app


def checked() -> Settings:
    """The settings of a server that may start with them; refusals as of `application`."""
    logs.configure()
    settings = read_settings()
    refuse_unsafe(settings)
    bootstrap.refuse_other_release(settings)
    return settings


def _announce(settings: Settings) -> bootstrap.Announce:
    if settings.broker_url is None:
        raise SettingMissing("KUNXIN_BROKER_URL is not set: nobody would do the jobs")
    celery_app.make_celery(settings.broker_url)
    return celery_app.announce
