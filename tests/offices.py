"""An office at work: Monday 2 March 2020, 09:00 in Shanghai, its procedures deployed, its people there."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.bootstrap import open_office
from engine.domain.actor import SYSTEM, Actor
from engine.domain.emergency import Act, Level
from engine.domain.errors import NotFound
from engine.domain.views import Filed
from engine.exchange.credit_platform import ExchangeFolder
from engine.persistence import models
from engine.services import (
    access,
    cases,
    deployments,
    emergency_acts,
    jobs,
    records,
    task_access,
    tasks,
    training,
)
from engine.services.access import OPEN
from engine.services.emergency_acts import Proposal
from engine.services.office import Office
from engine.settings import ROOT, read_settings

Row = TypeVar("Row")

# What is logged on the way is nobody's business here, and costs minutes where tracebacks are drawn.
structlog.configure(
    processors=[structlog.processors.KeyValueRenderer()],
    logger_factory=structlog.ReturnLoggerFactory(),
)

MONDAY = datetime(2020, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
FIRM, OTHER_FIRM = "91320583MA1X00017U", "91320583MA1X00025N"
MARKET, MARKET_CODE = "market_regulation", "11320583MB1X00053X"
EMERGENCY, EMERGENCY_CODE = "emergency", "11320583MB1X00096B"
SCENARIOS = ROOT / "workflows/credit_repair/scenarios"

#: username -> (group, department). Two in every group that four eyes need two of.
STAFF = {
    "zhou": ("window", "service_window"),
    "qian": ("window", "service_window"),
    "wang": ("credit_clerk", "credit_office"),
    "shen": ("credit_clerk", "credit_office"),
    "gu": ("credit_chief", "credit_office"),
    "xu": ("leader", "credit_office"),
    "han": ("reviewer", "credit_office"),
    "fang": ("supervisor", "credit_office"),
    "lin": ("credit_centre", "credit_centre"),
    "he": ("credit_centre", "credit_centre"),
    "wu": ("authority", MARKET),
    "zheng": ("authority", EMERGENCY),
    "tang": ("district", "hi_tech_zone"),
    "meng": ("bank_reviewer", "central_bank"),
    "ou": ("court_reviewer", "court"),
    "feng": ("administrator", "credit_office"),
    "yuan": ("commerce_clerk", "commerce"),
    "cen": ("commerce_reader", "commerce"),
    "lei": ("commerce_signatory", "commerce"),
    "nie": ("industry_clerk", "industry"),
    "pan": ("certifier_signatory", "industry"),
    "rong": ("certifier_signatory", "commerce"),
    "ding": ("provider", MARKET),
    "jin": ("provider_head", MARKET),
    "lu": ("responsible_unit", MARKET),
    "kong": ("responsible_unit", "service_window"),
    "cao": ("responsible_unit", "credit_centre"),
}
FIRMS = {
    "firm": (FIRM, "昆山澄远包装材料有限公司"),
    "other_firm": (OTHER_FIRM, "昆山淞南食品有限公司"),
}
PENALTY = {
    "CF_XDR_MC": "昆山澄远包装材料有限公司",
    "CF_XDR_LB": "法人及非法人组织",
    "CF_XDR_SHXYM": FIRM,
    "CF_FRDB": "陈一苇",
    "CF_WSH": "",
    "CF_WFXW": "产品标识不符合规定",
    "CF_SY": "2019年10月检查发现产品标识未标注生产日期。",
    "CF_YJ": "《产品质量法》第五十四条",
    "CF_CFLB": "罚款",
    "CF_NR": "罚款人民币8000元。",
    "CF_NR_FK": "0.8",
    "CF_NR_WFFF": "",
    "CF_JDRQ": "2019-11-08",
    "CF_YXQ": "2099/12/31",
    "CF_CFJG": "昆山市市场监督管理局",
    "CF_CFJGDM": MARKET_CODE,
    "CF_SJLY": "昆山市市场监督管理局",
    "CF_SJLYDM": MARKET_CODE,
}

COURT_DEFAULT = {
    "SX_MC": "昆山澄远包装材料有限公司",
    "SX_SHXYM": FIRM,
    "SX_FRDB": "陈一苇",
    "SX_FY": "江苏省昆山市人民法院",
    "SX_FYDM": "11320583014123458G",
    "SX_YJWH": "（2018）苏0583民初1123号",
    "SX_YJDW": "江苏省昆山市人民法院",
    "SX_YW": "支付货款人民币46万元及利息",
    "SX_LXQK": "部分未履行",
    "SX_QX": "违反财产报告制度",
    "SX_LASJ": "2019-03-04",
    "SX_FBSJ": "2019-06-12",
}
DEFAULT = {
    "DS_MC": "昆山澄远包装材料有限公司",
    "DS_SHXYM": FIRM,
    "DS_LX": "合同违约",
    "DS_SS": "受交通管制影响，未按期交付政府采购合同项下包装箱 1200 套。",
    "DS_YW": "2020年3月31日前交付",
    "DS_YJ": "政府采购合同 KSZC2019-G-088",
    "DS_FXRQ": "2020-02-20",
    "DS_QX": "2020-03-31",
    "DS_JE": "38.5",
}


#: What an application says whose letters are to come by post.
BY_POST = {"electronic_service": False, "postal_address": "昆山市示例路 8 号"}
#: What the window answers to ask, once, for what is missing.
ASK_FOR_PAPERS = {
    "acceptance": "supplement",
    "missing": [{"paper": "performance_proof", "reason": "看不清缴款日期", "form": "清晰照片"}],
}


class StoppedClock:
    """Real time that stands still until a test moves it."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def pass_by(self, span: timedelta) -> None:
        self.moment += span


def day(month: int, number: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of 2020 by the clock in Shanghai, in UTC."""
    return datetime(2020, month, number, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@dataclass
class Practice:
    """An `Office` with a cast, and what tests do with it again and again."""

    office: Office
    folder: Path
    clock: StoppedClock
    cast: dict[str, Actor]
    announced: list[UUID] = field(default_factory=list)
    is_tampered: bool = False  # a test has changed rows past the services
    _penalties: int = 0

    @property
    def now(self) -> datetime:
        return self.office.now()

    @property
    def is_sqlite(self) -> bool:
        return self.office.uow.engine.dialect.name == "sqlite"

    @property
    def firm(self) -> Actor:
        return self.cast["firm"]

    @property
    def other_firm(self) -> Actor:
        return self.cast["other_firm"]

    def close(self) -> None:
        self.office.uow.engine.dispose()

    def __getitem__(self, username: str) -> Actor:
        return self.cast[username]

    # ── what comes in ───────────────────────────────────────────────────────────────────────────

    def import_penalty(self, **changes: str) -> UUID:
        """A new record of the firm; `changes` by CF_ code. Its id."""
        self._penalties += 1
        row = {"CF_WSH": f"昆市监罚〔2019〕{self._penalties}号", **changes}
        (line,) = records.import_file(
            self.office, self["lin"], "penalties.csv", penalties(row), now=self.now
        ).lines
        assert line.outcome == "taken", line.problems
        assert line.record_id is not None
        jobs.run_due(self.office)  # the record is reported upwards
        return line.record_id

    def import_court_default(self, **changes: str) -> UUID:
        """The firm on a court's list; `changes` by SX_ code. Its id."""
        self._penalties += 1
        row = {**COURT_DEFAULT, "SX_AH": f"（2019）苏0583执{self._penalties}号", **changes}
        (line,) = records.import_file(
            self.office,
            self["lin"],
            "list.csv",
            as_csv(row),
            kind="court_default",
            now=self.now,
        ).lines
        assert line.record_id is not None, line.problems
        jobs.run_due(self.office)
        return line.record_id

    def enter_default(self, **changes: str) -> UUID:
        """A default of the firm on the market regulator's pending list; `changes` by DS_ code."""
        self._penalties += 1
        told = {**DEFAULT, "DS_BH": f"昆市监违约〔2020〕{self._penalties}号", **changes}
        return records.enter(self.office, self["wu"], told, now=self.now)

    def file_case(
        self, *record_ids: UUID, by: Actor | None = None, key: str | None = None, **changes: Any
    ) -> Filed:
        """File a repair of the records, of a new one when none is given."""
        actor = by or self.firm
        wanted = record_ids or (self.import_penalty(),)
        return cases.file(
            self.office,
            actor,
            "credit_repair",
            actor.subject or FIRM,
            wanted,
            {**application(), **changes},
            now=self.now,
            channel="web" if actor.is_enterprise else "window",
            idempotency_key=key,
        )

    # ── the day's work ──────────────────────────────────────────────────────────────────────────

    def open_task(self, number: str, element_id: str) -> models.Task:
        """The one open task of a case at an element."""
        found = [task for task in self.open_tasks(number) if task.element_id == element_id]
        assert len(found) == 1, (element_id, [t.element_id for t in self.open_tasks(number)])
        return found[0]

    def open_tasks(self, number: str) -> list[models.Task]:
        task, case = models.Task, models.Case
        asked = select(task).join(case, case.id == task.case_id)
        return self.all(asked.where(case.number == number, task.state.in_(OPEN)))

    def of_group(self, group: str) -> Actor:
        """Somebody of the cast who is in a candidate group; the firm for the applicant's."""
        return next(actor for actor in self.cast.values() if group in actor.groups)

    def somebody_for(self, task: models.Task) -> Actor:
        """Somebody of the cast who may do it: of the group, of the department, with other eyes."""
        for actor in self.cast.values():
            if task.candidate_group in actor.groups and _may_complete(self.office, actor, task.id):
                return actor
        raise AssertionError(f"nobody may do {task.element_id} of {task.candidate_group}")

    def complete(
        self, number: str, element_id: str, *, by: Actor | None = None, **changes: Any
    ) -> None:
        """Complete the open task with the answers of granted_general.json, changed as told."""
        self.answer(number, element_id, {**usual_answers(element_id), **changes}, by=by)

    def answer(
        self, number: str, element_id: str, answers: Mapping[str, Any], *, by: Actor | None = None
    ) -> None:
        """Complete the open task with these answers and no others."""
        task = self.open_task(number, element_id)
        actor = by or self.somebody_for(task)
        tasks.complete(self.office, actor, task.id, answers, now=self.now)

    def drive_to(self, number: str, element_id: str) -> models.Task:
        """Work the case, each step with its usual answers, until it stands at the element."""
        for _ in range(20):
            open_now = {task.element_id: task for task in self.open_tasks(number)}
            if element_id in open_now:
                return open_now[element_id]
            if open_now:
                self.complete(number, next(iter(open_now)))
            else:
                self.acknowledge(number)
        raise AssertionError(f"{number} never came to {element_id}")

    def acknowledge(self, number: str) -> None:
        """The upper platform answers that the record is taken down."""
        payload = {"site": "credit_china"}
        cases.message(
            self.office, self["lin"], number, "takedown_acknowledged", payload, now=self.now
        )

    def at(self, element_id: str, **filing: Any) -> tuple[str, models.Task]:
        """A new case that stands at an element: its number and the open task."""
        number = self.file_case(**filing).number
        return number, self.drive_to(number, element_id)

    # ── time ────────────────────────────────────────────────────────────────────────────────────

    def move_to(self, moment: datetime) -> None:
        """Set the training clock; what is due on the way happens."""
        training.set_clock(self.office, None, moment, now=self.now)

    def show(self, moment: datetime) -> None:
        """Let the clock show another moment, and nothing happen: nobody has swept yet."""
        training.anchor(self.office, moment)

    def run_jobs(self) -> int:
        return jobs.run_due(self.office)

    # ── what is stored ──────────────────────────────────────────────────────────────────────────

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self.office.uow.read() as session:
            yield session

    def all(self, asked: Any) -> list[Any]:
        with self.reading() as session:
            return list(session.scalars(asked).all())

    def case(self, number: str) -> models.Case:
        (case,) = self.all(select(models.Case).where(models.Case.number == number))
        found: models.Case = case
        return found

    def record(self, record_id: UUID) -> models.Record:
        (record,) = self.all(select(models.Record).where(models.Record.id == record_id))
        found: models.Record = record
        return found

    def of_case(self, table: type[Row], number: str) -> list[Row]:
        """Rows of a table that belong to the case."""
        held: Any = table
        return self.all(select(held).where(held.case_id == self.case(number).id))

    def history(self, number: str) -> list[models.Event]:
        return sorted(self.of_case(models.Event, number), key=lambda event: event.sequence)

    def kinds(self, number: str) -> list[str]:
        return [event.kind for event in self.history(number)]

    def clock_of(self, number: str, key: str) -> models.Clock:
        (clock,) = [c for c in self.of_case(models.Clock, number) if c.key == key]
        return clock

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, to show that nothing changed."""
        with self.reading() as session:
            return {
                table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
                for table in models.Case.metadata.sorted_tables
            }


def _may_complete(office: Office, actor: Actor, task_id: UUID) -> bool:
    """What the task's page says, without making the page: this is asked before every step."""
    with office.uow.read() as session:
        try:
            task, case = task_access.seen(session, actor, task_id)
        except NotFound:
            return False
        excluded = task_access.excluded_from(office, session, task, case)
        return access.reason_not_to_take(actor, task, case, excluded=excluded) is None


def open_practice(
    database_url: str,
    folder: Path,
    *,
    workflows: Path | None = None,
    announce: Callable[[UUID], None] | None = None,
    deployed: bool = True,
    in_real_time: bool = False,
) -> Practice:
    """A practice on a migrated database. `deployed` False: another process of the same office."""
    settings = read_settings(
        {
            "KUNXIN_DATABASE_URL": database_url,
            "KUNXIN_DATA_DIR": str(folder),
            "KUNXIN_SECRET_KEY": "for tests",
            "KUNXIN_SANDBOX": "1",
            **({"KUNXIN_WORKFLOWS_DIR": str(workflows)} if workflows else {}),
        }
    )
    announced: list[UUID] = []
    office = open_office(settings, announce or announced.append)
    clock = StoppedClock(MONDAY)
    if not in_real_time:
        office.real_now = clock
    # A platform that does not answer by itself: an acknowledgement is a step of the test.
    office.platform = ExchangeFolder(folder / "exchange")
    practice = Practice(office, folder, clock, _cast(), announced)
    if deployed:
        training.anchor(office, MONDAY)
        deployments.deploy_all(office, SYSTEM, now=MONDAY)
        _hire(practice)
        declare_emergency(practice)
    return practice


def declare_emergency(practice: Practice) -> UUID:
    """The response of 25 January 2020, proposed by one administrator and confirmed by another."""
    declared = Proposal(
        Act.DECLARE,
        on=date(2020, 1, 25),
        document="启动一级响应的公告",
        reason="防控疫情",
        level=Level.FIRST,
        title="新型冠状病毒感染肺炎疫情",
    )
    second = Actor(UUID(int=999), "second", "second", groups=frozenset({"administrator"}))
    return emergency_acts.declare_at_once(
        practice.office, declared, by=practice["feng"], confirmed_by=second, now=MONDAY
    )


def _cast() -> dict[str, Actor]:
    people = {
        name: Actor(_id_of(name), name, name, department=unit, groups=frozenset({group}))
        for name, (group, unit) in STAFF.items()
    }
    firms = {
        name: Actor(_id_of(name), name, title, groups=frozenset({"applicant"}), subject=code)
        for name, (code, title) in FIRMS.items()
    }
    return {**people, **firms}


def _id_of(username: str) -> UUID:
    return UUID(int=1000 + [*STAFF, *FIRMS].index(username))


def _hire(practice: Practice) -> None:
    with practice.office.uow.begin() as session:
        for code, name in FIRMS.values():
            session.add(models.Subject(code=code, name=name))
        session.flush()
        for actor in practice.cast.values():
            session.add(
                models.Person(
                    id=actor.id,
                    username=actor.username,
                    password_hash="nobody signs in",
                    name=actor.name,
                    department=actor.department,
                    groups=sorted(actor.groups),
                    subject_code=actor.subject,
                    created_at=MONDAY,
                )
            )


def penalties(*rows: Mapping[str, str]) -> bytes:
    """A 双公示 file of penalties, each row with what it changes of the usual one."""
    return as_csv(*({**PENALTY, **row} for row in rows))


def as_csv(*rows: Mapping[str, str]) -> bytes:
    """Rows of the same columns as the file that a department's program writes."""
    text = io.StringIO()
    sheet = csv.DictWriter(text, rows[0].keys())
    sheet.writeheader()
    sheet.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


@cache
def _scenario(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((SCENARIOS / f"{name}.json").read_text("utf-8"))
    return told


def application(scenario: str = "granted_general") -> dict[str, Any]:
    """The answers of a usual application, or of another scenario's."""
    return deepcopy(_scenario(scenario)["filing"]["application"])


def steps_of(scenario: str) -> list[dict[str, Any]]:
    return deepcopy(_scenario(scenario)["steps"])


def usual_answers(element_id: str) -> dict[str, Any]:
    """The answers with which a case is granted; for a step that such a case does not see, any."""
    for path in sorted(SCENARIOS.glob("*.json"), key=lambda path: path.stem != "granted_general"):
        for step in _scenario(path.stem)["steps"]:
            if step.get("task") == element_id:
                return deepcopy(step["answers"])
    return {}
