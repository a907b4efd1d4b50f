"""What differs between installations; read once, at the composition root."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parent.parent
#: Characters of a key that nobody guesses (`openssl rand -hex 32` makes 64).
SHORTEST_KEY = 32


class SettingMissing(ValueError):
    """A server must not start like this; the message names the setting."""


@dataclass(frozen=True, slots=True)
class SignOn:
    """Single sign-on by OpenID Connect. `claim` names the account; `roles`: TOML, see
    engine/domain/single_sign_on.py, without which no account is made;
    `second_step`: how the provider says that it asked for one, `acr=…` `amr=…`."""

    issuer: str
    client_id: str
    secret: str
    claim: str
    scopes: str
    title: str
    roles: Path | None
    second_step: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of product.md. `broker_url` None: jobs run inside the one process.

    `trusted_proxies`: how many proxies stand before this process, each adding to X-Forwarded-For;
    0: none, and what such headers say is not believed. `metrics_token`: opens /metrics to callers
    that are not on this machine. `old_secret_keys`: what was signed with these is still believed.
    `second_factor_for`: groups whose members must sign in with a code besides the password.
    `outgoing_allow`: hosts and networks that webhooks may be sent to though they are private.
    `signature_keys`: a PKCS #12 file that signs letters, or a folder with one for each body.
    `object_store`: the address of a bucket for papers and letters (persistence/object_store.py);
    None: they lie in the data folder. `replica_url`: a read-only copy of the database that follows
    it, for charts and the heat map; None: they are read from the database itself.
    `roots`: folder of the signed roots of history; `history_key`: Ed25519 private key (PEM) that signs
    them, made once when there is none. `owner_url`: the account that owns the tables, for
    `kunxin upgrade` alone; the one of `database_url` then may only add to history.
    `virus_scanner`: clamd at tcp://host:port or unix:/path; None: uploads are not scanned.
    `trace_collector`: an OTLP collector by HTTP, http://127.0.0.1:4318; None: nothing is traced.
    `breached_passwords`: the list of breached passwords (exchange/breached_passwords.py); None: none is kept.
    `papers_of_case`, `papers_of_draft`: so many papers, and so many MB of them together, in one case or in an
    application that is not filed yet.
    `worker_metrics`: host:port where a worker answers Prometheus; None: nowhere.
    """

    database_url: str
    broker_url: str | None
    secret_key: str
    data_dir: Path
    sandbox: bool
    public_url: str
    workflows: Path
    fonts: Path
    city_fonts: Path | None
    platform_url: str | None
    port: int
    trusted_proxies: int = 0
    metrics_token: str | None = None
    smtp_url: str | None = None
    mail_from: str = "kunxin@localhost"
    old_secret_keys: tuple[str, ...] = ()
    signature_keys: Path | None = None
    signature_passphrase: str = ""
    outgoing_allow: tuple[str, ...] = ()
    sign_on: SignOn | None = None
    second_factor_for: frozenset[str] = frozenset()
    object_store: str | None = None
    object_store_key: str = ""
    object_store_secret: str = ""
    replica_url: str | None = None
    roots: Path | None = None
    history_key: Path | None = None
    owner_url: str | None = None
    virus_scanner: str | None = None
    trace_collector: str | None = None
    worker_metrics: str | None = None
    breached_passwords: Path | None = None
    papers_of_case: tuple[int, int] = (200, 1000)
    papers_of_draft: tuple[int, int] = (60, 300)

    @property
    def is_embedded(self) -> bool:
        return self.broker_url is None

    @property
    def is_on_server(self) -> bool:
        """Whether others may be at work on the same database."""
        return self.database_url.startswith("postgresql")


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment (KUNXIN_*, PORT)."""
    data_dir = Path(environment.get("KUNXIN_DATA_DIR", "var")).absolute()
    port = _number(environment, "PORT", 8000)
    return Settings(
        database_url=_database(environment, "KUNXIN_DATABASE_URL")
        or f"sqlite:///{data_dir}/kunxin.db",
        broker_url=environment.get("KUNXIN_BROKER_URL") or None,
        secret_key=_secret_key(environment, data_dir),
        data_dir=data_dir,
        sandbox=environment.get("KUNXIN_SANDBOX", "0") not in ("", "0", "false", "no"),
        public_url=environment.get("KUNXIN_PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        workflows=_workflows(environment),
        fonts=ROOT / "web/frontend/fonts",
        city_fonts=Path(given) if (given := environment.get("KUNXIN_FONTS_DIR")) else None,
        platform_url=environment.get("KUNXIN_PLATFORM_URL") or None,
        port=port,
        trusted_proxies=_number(environment, "KUNXIN_TRUSTED_PROXIES", 0),
        metrics_token=environment.get("KUNXIN_METRICS_TOKEN") or None,
        smtp_url=environment.get("KUNXIN_SMTP_URL") or None,
        mail_from=environment.get("KUNXIN_MAIL_FROM") or "kunxin@localhost",
        old_secret_keys=tuple(environment.get("KUNXIN_SECRET_KEY_OLD", "").split()),
        signature_keys=Path(given) if (given := environment.get("KUNXIN_SIGNATURE_KEYS")) else None,
        signature_passphrase=environment.get("KUNXIN_SIGNATURE_PASSPHRASE", ""),
        sign_on=_sign_on(environment),
        second_factor_for=frozenset(
            environment.get("KUNXIN_SECOND_FACTOR", "").replace(",", " ").split()
        ),
        outgoing_allow=tuple(
            environment.get("KUNXIN_OUTGOING_ALLOW", "").replace(",", " ").split()
        ),
        object_store=environment.get("KUNXIN_OBJECT_STORE_URL") or None,
        object_store_key=environment.get("KUNXIN_OBJECT_STORE_KEY", ""),
        object_store_secret=environment.get("KUNXIN_OBJECT_STORE_SECRET", ""),
        replica_url=_database(environment, "KUNXIN_REPLICA_URL"),
        roots=_path(environment, "KUNXIN_HISTORY_ROOTS"),
        history_key=_path(environment, "KUNXIN_HISTORY_KEY"),
        owner_url=_database(environment, "KUNXIN_OWNER_DATABASE_URL"),
        virus_scanner=environment.get("KUNXIN_VIRUS_SCANNER") or None,
        trace_collector=environment.get("KUNXIN_TRACE_COLLECTOR") or None,
        worker_metrics=environment.get("KUNXIN_WORKER_METRICS") or None,
        breached_passwords=_path(environment, "KUNXIN_BREACHED_PASSWORDS"),
        papers_of_case=(
            _number(environment, "KUNXIN_CASE_PAPERS", 200),
            _number(environment, "KUNXIN_CASE_PAPERS_MB", 1000),
        ),
        papers_of_draft=(
            _number(environment, "KUNXIN_DRAFT_PAPERS", 60),
            _number(environment, "KUNXIN_DRAFT_PAPERS_MB", 300),
        ),
    )


def _database(environment: Mapping[str, str], name: str) -> str | None:
    given = environment.get(name) or None
    if given is not None and not given.startswith(("postgresql+psycopg://", "sqlite:///")):
        raise SettingMissing(f"{name} is no address of a database: postgresql+psycopg://… it is")
    return given


def refuse_unsafe(settings: Settings, environment: Mapping[str, str] = os.environ) -> None:
    """SettingMissing, naming every setting without which a server would not be safe."""
    key = environment.get("KUNXIN_SECRET_KEY", "")
    faults = {
        f"KUNXIN_SECRET_KEY has {len(key)} characters, a server wants {SHORTEST_KEY} or more": (
            len(key) < SHORTEST_KEY
        ),
        "KUNXIN_SANDBOX is on: a training installation is no server of an office": settings.sandbox,
        "KUNXIN_PUBLIC_URL is not https://: cookies and QR codes need it": (
            not settings.public_url.startswith("https://")
        ),
        "KUNXIN_DATABASE_URL is not postgresql+psycopg://": (not settings.is_on_server),
        "KUNXIN_OBJECT_STORE_URL is not https://: papers would travel in the clear": (
            _leaves_in_the_clear(settings.object_store)
        ),
    }
    if found := [words for words, is_wrong in faults.items() if is_wrong]:
        raise SettingMissing("; ".join(found))


def _leaves_in_the_clear(address: str | None) -> bool:
    """Whether what is sent there leaves this machine unencrypted."""
    told = urlsplit(address or "")
    return told.scheme == "http" and told.hostname not in {"127.0.0.1", "::1", "localhost"}


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    return Path(given).absolute() if (given := environment.get(name)) else None


def _sign_on(environment: Mapping[str, str]) -> SignOn | None:
    """None without KUNXIN_OIDC_ISSUER. SettingMissing for one that could be listened to on its way."""
    issuer = environment.get("KUNXIN_OIDC_ISSUER", "")
    if not issuer:
        return None
    client = environment.get("KUNXIN_OIDC_CLIENT_ID", "")
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise SettingMissing("KUNXIN_OIDC_ISSUER is not https://")
    if not client:
        raise SettingMissing("KUNXIN_OIDC_CLIENT_ID is missing beside KUNXIN_OIDC_ISSUER")
    roles = environment.get("KUNXIN_OIDC_ROLES")
    return SignOn(
        issuer=issuer,
        client_id=client,
        secret=environment.get("KUNXIN_OIDC_CLIENT_SECRET", ""),
        claim=environment.get("KUNXIN_OIDC_CLAIM") or "preferred_username",
        scopes=environment.get("KUNXIN_OIDC_SCOPES") or "openid profile",
        title=environment.get("KUNXIN_OIDC_TITLE", ""),
        roles=Path(roles) if roles else None,
        second_step=tuple(environment.get("KUNXIN_OIDC_SECOND_STEP", "").split()),
    )


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    """A number of ports or proxies. SettingMissing, naming the setting, for anything else."""
    given = environment.get(name) or str(default)
    if not given.isascii() or not given.isdigit():
        raise SettingMissing(f"{name} is a number, not {given!r}")
    return int(given)


def _secret_key(environment: Mapping[str, str], data_dir: Path) -> str:
    """The given key; else one made once and kept beside the data, readable by its owner only."""
    given = environment.get("KUNXIN_SECRET_KEY")
    if given:
        return given
    kept = data_dir / "secret_key"
    if not kept.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(os.urandom(32).hex())
    return kept.read_text()


def _workflows(environment: Mapping[str, str]) -> Path:
    """The given folder, the one inside an installed wheel, or the one of the checkout."""
    given = environment.get("KUNXIN_WORKFLOWS_DIR")
    installed = Path(__file__).parent / "_workflows"
    return Path(given) if given else installed if installed.is_dir() else ROOT / "workflows"
