"""An office with people and cases to complete tasks of, on the database under measurement."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import make_url, select

from benchmarks import scenario
from engine import bootstrap
from engine.domain import sign_in
from engine.domain.actor import SYSTEM, Actor
from engine.persistence import models
from engine.services import cases, deployments, people, records, tokens
from engine.services.office import Office
from engine.settings import Settings, read_settings

#: Everything happens at this moment (Monday, 09:00 in Shanghai), so no limit ends on the way.
NOW = datetime(2020, 3, 2, 1, tzinfo=UTC)

HERE = sign_in.Place("127.0.0.1")

FIRM, FIRM_NAME = "91320583MA1X00017U", "昆山澄远包装材料有限公司"
AUTHORITY = "昆山市市场监督管理局"
AUTHORITY_CODE, AUTHORITY_KEY = "11320583MB1X00053X", "market_regulation"

#: The tasks that are measured, in the order of the case: element -> (group, department).
DESKS: Mapping[str, tuple[str, str]] = {
    "review_filing": ("window", "service_window"),
    "give_opinion": ("authority", AUTHORITY_KEY),
    "first_review": ("credit_clerk", "credit_office"),
    "second_review": ("credit_chief", "credit_office"),
}

#: Two kinds of task: those that only move the case on, and those whose step also numbers and issues
#: a letter, starts and stops statutory clocks, and changes the record.
KINDS: Mapping[str, tuple[str, ...]] = {
    "plain task": ("give_opinion", "first_review"),
    "task with a letter": ("review_filing", "second_review"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an installation lies: the address of its database, the folder of its files."""

    database_url: str
    folder: Path

    @property
    def database(self) -> str:
        return make_url(self.database_url).database or ""

    def settings(self) -> Settings:
        return read_settings(
            {
                "KUNXIN_DATABASE_URL": self.database_url,
                "KUNXIN_DATA_DIR": str(self.folder),
                "KUNXIN_SECRET_KEY": "of a benchmark",
            }
        )


def open_office(place: Place) -> Office:
    office = bootstrap.open_office(place.settings())
    office.real_now = lambda: NOW
    return office


def prepare(place: Place) -> Office:
    """All tables, the procedures of the checkout, one person for each desk."""
    bootstrap.prepare(place.settings())
    office = open_office(place)
    deployments.deploy_all(office, SYSTEM, now=NOW)
    for group, department in DESKS.values():
        people.add_person(
            office, group, group, group, now=NOW, department=department, groups=[group]
        )
    return office


def bearers(office: Office) -> dict[str, str]:
    """Element -> bearer token of the person who completes its tasks."""
    return {
        element: tokens.issue(office, group, group, place=HERE)[0]
        for element, (group, _) in DESKS.items()
    }


def file_cases(office: Office, count: int, series: str) -> list[UUID]:
    """File that many cases, each on a record of its own; their ids. `series`: in decision numbers."""
    told = scenario.read()
    firm = Actor(None, "firm", FIRM_NAME, groups=frozenset({"applicant"}), subject=FIRM)
    numbers = [
        cases.file(
            office, firm, scenario.PROCEDURE, FIRM, [record_id], told.application, now=NOW
        ).number
        for record_id in _import(office, told.record, count, series)
    ]
    case = models.Case
    with office.uow.read() as session:
        return list(session.scalars(select(case.id).where(case.number.in_(numbers))))


def _import(office: Office, record: Mapping[str, str], count: int, series: str) -> list[UUID]:
    rows = [_penalty(record, f"昆市监处罚〔2019〕{series}{n}号") for n in range(count)]
    text = io.StringIO()
    sheet = csv.DictWriter(text, rows[0])
    sheet.writeheader()
    sheet.writerows(rows)
    centre = frozenset({"credit_centre"})
    importer = Actor(None, "importer", "导入", department="credit_centre", groups=centre)
    report = records.import_file(
        office, importer, f"{series}.csv", text.getvalue().encode(), now=NOW
    )
    assert report.taken == count, report.lines[0]
    return [line.record_id for line in report.lines if line.record_id is not None]


def _penalty(record: Mapping[str, str], number: str) -> dict[str, str]:
    return {
        "CF_XDR_MC": FIRM_NAME,
        "CF_XDR_LB": "法人及非法人组织",
        "CF_XDR_SHXYM": FIRM,
        "CF_FRDB": "陈一苇",
        "CF_WSH": number,
        "CF_WFXW": record["conduct"],
        "CF_SY": "检查发现产品标识未标注生产日期。",
        "CF_YJ": "《产品质量法》第五十四条",
        "CF_CFLB": ";".join(record["kinds"]),
        "CF_NR": "罚款人民币8000元。",
        "CF_NR_FK": record["fine"],
        "CF_JDRQ": record["decided_on"],
        "CF_YXQ": "2099/12/31",
        "CF_CFJG": AUTHORITY,
        "CF_CFJGDM": AUTHORITY_CODE,
        "CF_SJLY": AUTHORITY,
        "CF_SJLYDM": AUTHORITY_CODE,
    }


def open_tasks(office: Office, case_ids: Sequence[UUID], element: str) -> list[UUID]:
    """The open task of that element of each case."""
    task = models.Task
    asked = select(task.id).where(
        task.case_id.in_(case_ids), task.element_id == element, task.state == "ready"
    )
    with office.uow.read() as session:
        found = list(session.scalars(asked))
    assert len(found) == len(case_ids), f"{len(found)} of {len(case_ids)} cases wait at {element}"
    return found


def answers() -> dict[str, dict[str, object]]:
    """Element -> answers that the scenario completes it with."""
    return {move.name: move.data for move in scenario.read().moves if move.name in DESKS}
