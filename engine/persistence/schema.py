"""Brings a database to the schema of this release."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from engine.persistence.unit_of_work import connect

_SCRIPTS = Path(__file__).parent / "migrations"


def configuration(url: str) -> Config:
    """What Alembic's commands need to know."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["url"] = url
    return config


def upgrade(url: str) -> None:
    """Run all migrations that `url` lacks; safe to run again."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(configuration(url), "head")


def is_current(url: str) -> bool:
    """Whether the database has every migration of this release."""
    engine = connect(url)
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_heads()
    finally:
        engine.dispose()
    return set(found) == set(ScriptDirectory.from_config(configuration(url)).get_heads())
