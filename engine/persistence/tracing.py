"""Tells a tracer of each statement: its text with placeholders, never its values."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

#: Characters of a statement: the one that writes a step is long, and its beginning says enough.
LONGEST = 300


def watch(engine: Engine, begin: Callable[..., Callable[..., None]]) -> None:
    """`begin(name, **told)` returns what ends a span (engine/exchange/telemetry.py)."""

    def before(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        verb = statement.lstrip().split(None, 1)[0].upper()
        told = {"db_system": engine.dialect.name, "db_statement": statement[:LONGEST]}
        connection.info.setdefault("spans", []).append(begin(f"SQL {verb}", **told))

    def after(connection: Any, *rest: Any) -> None:
        if spans := connection.info.get("spans"):
            spans.pop()()

    def failed(context: Any) -> None:
        if context.connection is not None and (spans := context.connection.info.get("spans")):
            spans.pop()(error=type(context.original_exception).__name__)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    event.listen(engine, "handle_error", failed)
