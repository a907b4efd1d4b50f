"""A glance sees what whoever glances has done so far, within one whole too."""

from __future__ import annotations

from sqlalchemy import select

from engine.persistence import models
from engine.persistence.unit_of_work import UnitOfWork, connect

SEEN = select(models.Setting.value).where(models.Setting.key == "seen")


class Undone(Exception):
    """The whole is given up."""


def test_a_glance_within_a_whole_sees_its_parts_and_nothing_of_them_afterwards(
    database_url: str,
) -> None:
    uow = UnitOfWork(connect(database_url), lambda job_id: None)
    try:
        with uow.together():
            with uow.begin() as session:
                session.add(models.Setting(key="seen", value={"by": "whoever looks"}))
            with uow.glance() as connection:
                assert connection.scalar(SEEN) == {"by": "whoever looks"}
            raise Undone
    except Undone:
        with uow.glance() as connection:
            assert connection.scalar(SEEN) is None
    uow.engine.dispose()
