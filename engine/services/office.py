"""What every use case needs, joined once by engine/bootstrap.py."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Covered
from engine.domain.calendar import Calendar, CalendarYear, SpecialDay
from engine.domain.calendar_recount import Recount
from engine.domain.downstream import Downstream
from engine.domain.errors import Invalid
from engine.domain.leave import Cover
from engine.domain.notice import Catalogue
from engine.domain.parameters import Parameters, newest
from engine.domain.patience import Endless, Patience
from engine.domain.single_sign_on import RoleMap, SecondStep
from engine.domain.words import Words
from engine.exchange.breached_passwords import BreachedPasswords
from engine.exchange.credit_platform import CreditPlatform
from engine.exchange.identity_provider import IdentityProvider
from engine.exchange.mail import Mailer
from engine.exchange.outbox import OutboxFolder
from engine.exchange.outgoing import Outgoing
from engine.exchange.pdf_signature import Signer
from engine.exchange.root_folder import RootFolder
from engine.exchange.sealing import Sealer
from engine.exchange.telemetry import Tracing
from engine.exchange.virus_scanner import VirusScanner
from engine.persistence import models
from engine.persistence.file_store import FileStore
from engine.persistence.unit_of_work import UnitOfWork
from engine.runtime import catalog
from engine.runtime.drawing import Element
from engine.runtime.procedure import Procedure
from engine.runtime.stepper import Instance

_NEWEST_EDITION = select(func.max(models.CalendarChange.edition))
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
#: How long the calendar in memory is trusted before the table is asked for a newer edition.
CALENDAR_SEEN_FOR = timedelta(seconds=5)
#: How old what is known of the parameters may be.
OLDEST_PARAMETERS = timedelta(seconds=5)
Value = TypeVar("Value")

#: Live instances kept per process: about 40 kB each.
MOST_INSTANCES = 1000


class InstanceCache:
    """Live process instances by id and version; one that is being driven is in nobody's hands."""

    def __init__(self, most: int = MOST_INSTANCES) -> None:
        self._most, self._lock = most, Lock()
        self._held: OrderedDict[UUID, tuple[int, Instance]] = OrderedDict()

    def take(self, instance_id: UUID, version: int) -> Instance | None:
        """The live instance, when it is as new as the stored one; it leaves the cache."""
        with self._lock:
            held = self._held.pop(instance_id, None)
        return held[1] if held and held[0] == version else None

    def put(self, instance_id: UUID, version: int, instance: Instance) -> None:
        with self._lock:
            self._held[instance_id] = (version, instance)
            while len(self._held) > self._most:
                self._held.popitem(last=False)

    def __len__(self) -> int:
        return len(self._held)


@dataclass(frozen=True, slots=True)
class GroupEntry:
    title: Words
    department: str | None
    resolved: str | None


@dataclass(frozen=True, slots=True)
class Directory:
    """Departments and candidate groups by key."""

    departments: Mapping[str, Words]
    codes: Mapping[str, str]  # 统一社会信用代码 -> department key
    groups: Mapping[str, GroupEntry]
    phones: Mapping[str, str]
    places: Mapping[str, str]

    def department(self, key: str | None) -> Words | None:
        return self.departments.get(key, Words(key)) if key else None

    def group(self, key: str) -> Words:
        entry = self.groups.get(key)
        return entry.title if entry else Words(key)


class TrainingAnchor:
    """Where a training clock stands: `shown` at the real moment `real`, going on from there."""

    def __init__(self) -> None:
        self.shown: datetime | None = None
        self.real = datetime.fromtimestamp(0, UTC)
        self.read_at = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class CoverEntry:
    """A leave cover with the one who is away, as their substitute needs to know them."""

    cover: Cover
    covered: Covered


class Remembered(Generic[Value]):
    """What is asked at every request and changes seldom: read again after a few real seconds, or
    when it is forgotten. Another process learns of a change by the first of these."""

    LASTS = timedelta(seconds=2)

    def __init__(self) -> None:
        self._value: Value | None = None
        self._read_at = datetime.fromtimestamp(0, UTC)

    def get(self, read: Callable[[], Value], real: datetime) -> Value:
        if self._value is None or abs(real - self._read_at) >= self.LASTS:
            self._value, self._read_at = read(), real
        return self._value

    def forget(self) -> None:
        self._value = None


@dataclass(frozen=True, slots=True)
class Room:
    """How many papers there may be in one place, and how large they may be together."""

    papers: int
    megabytes: int


@dataclass
class Office:
    """Unit of work, stores, ports and what is kept in memory of the database."""

    uow: UnitOfWork
    files: FileStore
    platform: CreditPlatform
    outbox: OutboxFolder
    mailer: Mailer
    roots: RootFolder
    scanner: VirusScanner
    tracing: Tracing
    workflows: Path
    fonts: Path
    city_fonts: Path | None
    public_url: str
    is_training: bool
    is_embedded: bool
    real_now: Callable[[], datetime]
    sealer: Sealer
    outgoing: Outgoing = field(default_factory=Outgoing)
    identity_provider: IdentityProvider | None = None
    sign_on_claim: str = "preferred_username"
    #: Groups whose members sign in with a code besides the password.
    second_factor_for: frozenset[str] = frozenset()
    #: none: passwords are held against what is guessed first alone
    breached: BreachedPasswords | None = None
    room_of_case: Room = Room(200, 1000)
    room_of_draft: Room = Room(60, 300)
    second_step: SecondStep = field(default_factory=SecondStep)
    sign_on_roles: RoleMap = field(default_factory=RoleMap)
    signer: Signer | None = None  # none: letters bear the picture of the seal alone
    instances: InstanceCache = field(default_factory=InstanceCache)
    anchor: TrainingAnchor = field(default_factory=TrainingAnchor)
    patience: Patience = field(default_factory=Endless)
    #: when this process last swept what: a hint only, the tables decide
    sweeps: dict[str, Any] = field(default_factory=dict)
    recounts: dict[int, Recount] = field(default_factory=dict)  # by edition of the calendar
    _procedures: dict[UUID, Procedure] = field(default_factory=dict)
    covers: Remembered[tuple[CoverEntry, ...]] = field(default_factory=Remembered)
    deployed: Remembered[tuple[Any, ...]] = field(default_factory=Remembered)
    #: event -> ids of the webhooks that want it
    webhooks: Remembered[Mapping[str, tuple[UUID, ...]]] = field(default_factory=Remembered)
    _calendar: Calendar | None = None
    _calendar_seen_at: datetime = _LONG_AGO
    _directory: Directory | None = None
    _parameters: tuple[datetime, Parameters] | None = None
    _notices: Catalogue | None = None
    _sites: Downstream | None = None
    _lock: Lock = field(default_factory=Lock)

    def now(self) -> datetime:
        """The office's moment: the training clock where there is one, else real time; UTC."""
        real = self.real_now()
        if not self.is_training:
            return real
        self._read_anchor(real)
        anchor = self.anchor
        return real if anchor.shown is None else anchor.shown + (real - anchor.real)

    def _read_anchor(self, real: datetime) -> None:
        if abs(real - self.anchor.read_at).total_seconds() < 1:
            return
        with self.uow.read() as session:
            stored = session.scalar(
                select(models.Setting.value).where(models.Setting.key == "training_clock")
            )
        if stored:
            self.anchor.shown = datetime.fromisoformat(stored["shown"])
            self.anchor.real = datetime.fromisoformat(stored["real"])
        self.anchor.read_at = real

    def calendar(self) -> Calendar:
        """The working calendar; kept in memory, and read afresh when it has a new edition.

        Another process may have changed it: whether it did is asked every few seconds only, since
        each case says on which edition its dates rest (calendar_application.catch_up).
        """
        held, real = self._calendar, self.real_now()
        if held is not None and abs(real - self._calendar_seen_at) < CALENDAR_SEEN_FOR:
            return held
        with self._lock:
            if held is None or self._newest_edition() != held.edition:
                self._calendar = held = self._read_calendar()
            self._calendar_seen_at = real
        return held

    def _newest_edition(self) -> int:
        with self.uow.glance() as connection:
            return connection.scalar(_NEWEST_EDITION) or 0

    def _read_calendar(self) -> Calendar:
        # The number first: an older number on newer days only makes cases be looked at again.
        edition = self._newest_edition()
        with self.uow.read() as session:
            years = session.scalars(select(models.CalendarYear)).all()
            days = session.scalars(select(models.CalendarDay).order_by(models.CalendarDay.on)).all()
        held = (
            CalendarYear(
                year.year,
                year.notice,
                tuple(SpecialDay(d.on, d.is_open, d.name) for d in days if d.year == year.year),
            )
            for year in years
        )
        return Calendar(held, edition=edition)

    def directory(self) -> Directory:
        if self._directory is None:
            with self._lock:
                self._directory = self._read_directory()
        return self._directory

    def _read_directory(self) -> Directory:
        with self.uow.read() as session:
            departments = session.scalars(select(models.Department)).all()
            groups = session.scalars(select(models.Group)).all()
        return Directory(
            departments={d.key: Words(d.zh, d.en) for d in departments},
            codes={d.code: d.key for d in departments if d.code},
            groups={g.key: GroupEntry(Words(g.zh, g.en), g.department, g.resolved) for g in groups},
            phones={d.key: d.phone for d in departments},
            places={d.key: d.place for d in departments},
        )

    def parameters(self) -> Parameters:
        """What administrators set; another process sees a change within seconds."""
        real, held = self.real_now(), self._parameters
        if held is None or abs(real - held[0]) > OLDEST_PARAMETERS:
            held = self._parameters = (real, self._read_parameters())
        return held[1]

    def _read_parameters(self) -> Parameters:
        row = models.Parameter
        asked = select(row.scope, row.key, row.value).order_by(row.sequence)
        with self.uow.glance() as connection:
            return newest((each[0], each[1], each[2]) for each in connection.execute(asked))

    def forget(self) -> None:
        """Read calendar, directory, parameters and covers afresh at the next use."""
        self._calendar = self._directory = self._parameters = None
        self.covers.forget()
        self.deployed.forget()
        self.webhooks.forget()

    @property
    def notices(self) -> Catalogue:
        """What is told to whom, as workflows/common/notices.toml says; read once."""
        if self._notices is None:
            source = (self.workflows / "common/notices.toml").read_text("utf-8")
            self._notices = Catalogue(source)
        return self._notices

    @property
    def sites(self) -> Downstream:
        """Where records are shown besides here, as workflows/common/sites.toml says; read once."""
        if self._sites is None:
            source = (self.workflows / "common/sites.toml").read_text("utf-8")
            self._sites = Downstream(source)
        return self._sites

    def procedure(self, session: Session, definition_id: UUID) -> Procedure:
        """A deployed version in memory: parsed once for each process."""
        held = self._procedures.get(definition_id)
        if held is None:
            row = session.get_one(models.ProcessDefinition, definition_id)
            loaded = catalog.load(catalog.unpack(row.files), row.procedure)
            held = replace(loaded, elsewhere=partial(self._drawn_elsewhere, row.procedure))
            self._procedures[definition_id] = held
        return held

    def _drawn_elsewhere(self, key: str, process_id: str, element_id: str) -> Element:
        """An element as the newest version of the procedure that draws it has it."""
        definition = models.ProcessDefinition
        found = select(definition.id).where(definition.procedure == key)
        with self.uow.read() as session:
            for each in session.scalars(found.order_by(definition.version.desc())).all():
                drawing = self.procedure(session, each).drawings.get(process_id)
                if drawing is not None and element_id in drawing.elements:
                    return drawing.elements[element_id]
        raise KeyError(f"{process_id}:{element_id}")

    def in_force(self, session: Session, key: str, on: date) -> tuple[UUID, Procedure]:
        """The newest version of the edition in force on `on`. Invalid when there is none."""
        definition = models.ProcessDefinition
        found = session.scalar(
            select(definition.id)
            .where(
                definition.procedure == key,
                definition.effective_from <= on,
                (definition.effective_to.is_(None)) | (definition.effective_to >= on),
            )
            .order_by(definition.effective_from.desc(), definition.version.desc())
            .limit(1)
        )
        if found is None:
            raise Invalid(
                f"{on} 没有施行中的办事流程 {key}。", f"no edition of {key} is in force on {on}"
            )
        return found, self.procedure(session, found)
