"""The demo of the later editions: cases of 2023 and 2026, each under the law of its day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import bootstrap
from engine.demo import later
from engine.persistence import models
from engine.services import cases, jobs, people
from engine.services.office import Office
from engine.settings import read_settings

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    settings = read_settings(
        {
            "KUNXIN_DATABASE_URL": database_url,
            "KUNXIN_DATA_DIR": str(tmp_path),
            "KUNXIN_SECRET_KEY": "for tests",
            "KUNXIN_SANDBOX": "1",
        }
    )
    opened = bootstrap.open_office(settings, lambda _: None)
    later.fill(opened, say=str)
    jobs.run_due(opened)
    yield opened
    opened.uow.engine.dispose()


def test_every_phase_of_the_edition_of_2026_and_closed_cases_of_2023_are_there(
    office: Office,
) -> None:
    supervisor = people.actor_of_username(office, "luxiaolan")
    found = cases.find(office, supervisor, now=office.now(), limit=50).items
    views = [cases.get(office, supervisor, each.number, now=office.now()) for each in found]
    told = {(view.edition, view.outcome) for view in views}
    assert {("2023", "granted"), ("2023", "refused"), ("2026", "granted")} <= told
    task = models.Task
    with office.uow.read() as session:
        waiting = set(session.scalars(select(task.element_id).where(task.state != "completed")))
        failed = session.scalars(select(models.Job.operation).where(models.Job.state == "failed"))
        assert list(failed) == []
    wanted = {"review_filing", "decide_admission", "sign_decision", "verify", "confirm_measures"}
    assert wanted | {"confirm_sharing", "defend"} <= waiting
    (heard,) = [view for view in views if view.follow_up]
    assert (heard.edition, heard.state) == ("2026", "open")
    assert heard.closed_at is not None
