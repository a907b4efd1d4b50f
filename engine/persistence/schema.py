"""Brings a database to the schema of this release."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from engine.domain.errors import EngineError
from engine.persistence.outage import is_outage
from engine.persistence.unit_of_work import connect

_SCRIPTS = Path(__file__).parent / "migrations"


class NotUpgraded(EngineError):
    """The database is as it was before: all migrations are one transaction."""

    slug = "not-upgraded"


def configuration(url: str) -> Config:
    """What Alembic's commands need to know."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["url"] = url
    return config


def upgrade(url: str) -> None:
    """Run all migrations that `url` lacks; safe to run again.

    Errors: NotUpgraded, for a migration that failed and for a database of a newer release.
    """
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    try:
        command.upgrade(configuration(url), "head")
    except CommandError as unknown:
        raise NotUpgraded(
            "数据库属于更新的版本：请启动那个版本，或恢复升级前的备份。",
            f"the database is of a newer release: start that one, or restore the backup of before ({unknown})",
        ) from unknown
    except DBAPIError as failure:
        if is_outage(failure):
            raise
        raise NotUpgraded(
            "升级失败，数据库保持升级前的样子，原版本可以照常启动。",
            f"the upgrade failed; the database is as before, and its release can be started again: {failure}",
        ) from failure


def is_current(url: str) -> bool:
    """Whether the database has every migration of this release."""
    engine = connect(url)
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_heads()
    finally:
        engine.dispose()
    return set(found) == set(ScriptDirectory.from_config(configuration(url)).get_heads())
