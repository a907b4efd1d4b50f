"""How Alembic reaches the tables."""

from alembic import context

import engine.persistence.models  # noqa: F401
from engine.persistence.declarative import Base
from engine.persistence.unit_of_work import connect


def run() -> None:
    engine = connect(context.config.attributes["url"])
    try:
        with engine.begin() as connection:
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                render_as_batch=True,
                compare_type=False,
            )
            with context.begin_transaction():
                context.run_migrations()
    finally:
        engine.dispose()


run()
