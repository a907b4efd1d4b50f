"""Composition root: chooses the parts of an installation and joins them."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from engine.domain.single_sign_on import RoleMap, SecondStep
from engine.exchange.breached_passwords import BreachedPasswords
from engine.exchange.credit_platform import (
    CreditPlatform,
    ExchangeFolder,
    HttpPlatform,
    PracticePlatform,
)
from engine.exchange.identity_provider import IdentityProvider, Registration
from engine.exchange.mail import Mailer, MailFolder, SmtpMailer
from engine.exchange.outbox import OutboxFolder
from engine.exchange.outgoing import Allowed, Outgoing
from engine.exchange.pdf_signature import Signer, open_signer
from engine.exchange.root_folder import RootFolder
from engine.exchange.sealing import Sealer
from engine.exchange.telemetry import open_tracing
from engine.exchange.virus_scanner import open_scanner
from engine.persistence import grants, repacking, schema, words
from engine.persistence.file_store import FileStore
from engine.persistence.folder_store import FolderStore
from engine.persistence.object_store import open_object_store
from engine.persistence.outage import told_as_outage
from engine.persistence.tracing import watch
from engine.persistence.unit_of_work import UnitOfWork, connect
from engine.services.office import Office, Room
from engine.settings import SettingMissing, Settings, read_settings

Announce = Callable[[UUID], None]


#: Python looks for cycles whenever it has made so many objects more than it dropped; its own 700 are
#: one step's, and looking then takes a third of the step's time. What waits meanwhile is some MB.
CYCLES_AFTER = (50_000, 20, 100)


def open_office(settings: Settings, announce: Announce = lambda job_id: None) -> Office:
    """The office of these settings. The database must have this release's schema (see `prepare`)."""
    gc.set_threshold(*CYCLES_AFTER)
    with named("KUNXIN_TRACE_COLLECTOR", "telemetry"):
        tracing = open_tracing(settings.trace_collector)
    with named("KUNXIN_VIRUS_SCANNER"):
        scanner = open_scanner(settings.virus_scanner)
    replica = connect(settings.replica_url) if settings.replica_url else None
    uow = UnitOfWork(connect(settings.database_url), announce, replica)
    for engine in uow.engines if settings.trace_collector else ():
        watch(engine, tracing.begin)
    return Office(
        uow=uow,
        tracing=tracing,
        files=file_store(settings),
        platform=_platform(settings),
        outbox=OutboxFolder(settings.data_dir / "outbox"),
        mailer=_mailer(settings),
        signer=_signer(settings),
        outgoing=_outgoing(settings),
        sealer=Sealer(settings.secret_key, settings.old_secret_keys),
        scanner=scanner,
        **_sign_on(settings),
        second_factor_for=settings.second_factor_for,
        breached=_breached(settings),
        room_of_case=Room(*settings.papers_of_case),
        room_of_draft=Room(*settings.papers_of_draft),
        roots=RootFolder(
            settings.roots or settings.data_dir / "roots",
            settings.history_key or settings.data_dir / "history_key.pem",
        ),
        workflows=settings.workflows,
        fonts=settings.fonts,
        city_fonts=settings.city_fonts,
        public_url=settings.public_url,
        is_training=settings.sandbox,
        is_embedded=settings.is_embedded,
        real_now=real_now,
    )


@contextmanager
def named(setting: str, extra: str = "") -> Iterator[None]:
    """SettingMissing that names the setting, in place of whatever it cannot be followed for."""
    try:
        yield
    except ModuleNotFoundError as lacking:
        raise SettingMissing(
            f"{setting} needs {lacking.name}, which is not installed:"
            f" pip install -r deploy/requirements-{extra}.txt (in containers EXTRAS={extra})"
        ) from None
    except (OSError, ValueError) as wrong:
        raise SettingMissing(f"{setting}: {wrong}") from wrong


def real_now() -> datetime:
    """Real time, aware UTC: the only place of the engine that looks at the wall clock."""
    return datetime.now(UTC)


def open_from_environment(announce: Announce) -> Office:
    """The office of a worker process, whose settings come from its environment. SettingMissing for a
    database of another release: the one that was away when the worker started may be."""
    settings = read_settings()
    refuse_other_release(settings)
    return open_office(settings, announce)


def prepare(settings: Settings) -> None:
    """Bring the database to this release's schema; safe to run at every start.

    With an owner's account it does it by that, and tells what the application's account may do.
    """
    folder_store(settings).make()
    if settings.owner_url is not None:
        schema.upgrade(settings.owner_url)
        grants.grant(settings.owner_url, settings.database_url)
    elif not schema.is_current(settings.database_url):
        schema.upgrade(settings.database_url)


def refuse_other_release(settings: Settings) -> None:
    """SettingMissing for a database of another release: web and workers never change its schema by
    themselves, `kunxin upgrade` does. Unavailable when it does not answer."""
    with told_as_outage():
        if not schema.is_current(settings.database_url):
            raise SettingMissing("the database is not of this release: run `kunxin upgrade` first")


def repack(settings: Settings) -> Iterator[str]:
    """Bring rows that an earlier release wrote to this one's form; the names of the tables that are
    done now. What it has written beside an upgrade is found by the next."""
    url = settings.owner_url or settings.database_url
    words.mend_at(url)
    yield from repacking.repack(url)


def file_store(settings: Settings) -> FileStore:
    if settings.object_store is None:
        return folder_store(settings)
    with named("KUNXIN_OBJECT_STORE_URL", "objects"):
        return open_object_store(
            settings.object_store, settings.object_store_key, settings.object_store_secret
        )


def folder_store(settings: Settings) -> FolderStore:
    """Where papers and letters lie without an object store, and lay before there was one."""
    is_given = settings.is_on_server and not settings.sandbox  # `kunxin upgrade` has made it
    return FolderStore(settings.data_dir / "files", is_given=is_given)


def may_change_history(settings: Settings) -> bool:
    """Whether the database would let the application change what is written once."""
    return grants.may_change_history(settings.database_url)


def _mailer(settings: Settings) -> Mailer:
    """A training installation never writes to real people: its e-mail stays in a folder."""
    if settings.smtp_url and not settings.sandbox:
        return SmtpMailer(settings.smtp_url, settings.mail_from)
    return MailFolder(settings.data_dir / "outbox/mail", settings.mail_from)


def _signer(settings: Settings) -> Signer | None:
    if settings.signature_keys is None:
        return None
    with named("KUNXIN_SIGNATURE_KEYS", "signature"):
        return open_signer(settings.signature_keys, settings.signature_passphrase)


def _breached(settings: Settings) -> BreachedPasswords | None:
    """The list, looked at: one that is not there or out of order would let everything through."""
    if settings.breached_passwords is None:
        return None
    held = BreachedPasswords(settings.breached_passwords)
    with named("KUNXIN_BREACHED_PASSWORDS"):
        held.check()
    return held


def _sign_on(settings: Settings) -> dict[str, Any]:
    if (told := settings.sign_on) is None:
        return {}
    with named("KUNXIN_OIDC_SECOND_STEP"):
        step = SecondStep.read(told.second_step)
    wanted = " ".join(sorted(step.acr))
    registration = Registration(told.issuer, told.client_id, told.secret, told.scopes, wanted)
    with named("KUNXIN_OIDC_ROLES"):
        roles = RoleMap.read(told.roles.read_text("utf-8")) if told.roles else RoleMap()
    return {
        "identity_provider": IdentityProvider(registration, _outgoing(settings)),
        "sign_on_claim": told.claim,
        "second_step": step,
        "sign_on_roles": roles,
    }


def _outgoing(settings: Settings) -> Outgoing:
    with named("KUNXIN_OUTGOING_ALLOW"):
        return Outgoing(Allowed.read(settings.outgoing_allow))


def _platform(settings: Settings) -> CreditPlatform:
    folder = settings.data_dir / "exchange"
    if settings.platform_url:
        return HttpPlatform(settings.platform_url, outgoing=_outgoing(settings))
    return PracticePlatform(folder) if settings.sandbox else ExchangeFolder(folder)
