"""Looks into JSON documents by SQL: the same question for both kinds of database."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Values(FunctionElement[Any]):
    """The values of an object, one row each, as text."""

    name = "json_each"
    inherit_cache = True


@compiles(_Values)
def _on_sqlite(element: _Values, compiler: SQLCompiler, **given: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **given)})"


@compiles(_Values, "postgresql")
def _on_postgresql(element: _Values, compiler: SQLCompiler, **given: Any) -> str:
    held = compiler.process(element.clauses, **given)
    # what is no object has no values, and is no error
    return f"jsonb_each_text(CASE jsonb_typeof({held}) WHEN 'object' THEN {held} ELSE '{{}}' END)"


def says(document: Any, text: str) -> ColumnElement[bool]:
    """Whether any value of a JSON object contains the text."""
    values = _Values(document).table_valued("key", "value")
    found = select(1).select_from(values)
    # most tasks have no draft, and open ones no answers: to look into nothing costs as much
    return and_(
        document.is_not(None),
        exists(found.where(values.c.value.contains(text, autoescape=True))),
    )
