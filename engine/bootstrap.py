"""Composition root: chooses the parts of an installation and joins them."""

from collections.abc import Callable
from uuid import UUID

from engine.exchange.credit_platform import (
    CreditPlatform,
    ExchangeFolder,
    HttpPlatform,
    PracticePlatform,
)
from engine.exchange.outbox import OutboxFolder
from engine.persistence import schema
from engine.persistence.file_store import FileStore
from engine.persistence.unit_of_work import UnitOfWork, connect
from engine.services.office import Office, RealNow
from engine.settings import Settings

Announce = Callable[[UUID], None]


def open_office(settings: Settings, announce: Announce = lambda job_id: None) -> Office:
    """The office of these settings. The database must have this release's schema (see `prepare`)."""
    return Office(
        uow=UnitOfWork(connect(settings.database_url), announce),
        files=FileStore(settings.data_dir / "files"),
        platform=_platform(settings),
        outbox=OutboxFolder(settings.data_dir / "outbox"),
        workflows=settings.workflows,
        fonts=settings.fonts,
        public_url=settings.public_url,
        is_training=settings.sandbox,
        is_embedded=settings.is_embedded,
        real_now=RealNow(),
    )


def prepare(settings: Settings) -> None:
    """Bring the database to this release's schema; safe to run at every start."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    schema.upgrade(settings.database_url)


def _platform(settings: Settings) -> CreditPlatform:
    folder = settings.data_dir / "exchange"
    if settings.platform_url:
        return HttpPlatform(settings.platform_url)
    return PracticePlatform(folder) if settings.sandbox else ExchangeFolder(folder)
