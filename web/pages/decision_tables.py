"""The administrator's view of decision tables: as drawn, looked over, and tried with inputs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, g, render_template, request
from flask_babel import gettext as _

from engine.domain.actor import Permission
from engine.domain.views import ProcedureView, TableTrial, TableView
from engine.services import decision_tables, procedures
from web import auth
from web.office import current_office

blueprint = Blueprint(
    "decision_tables", __name__, url_prefix="/admin/procedures/<uuid:definition_id>/decisions"
)

#: What stands before the name of an input in the address of a trial.
INPUT = "x."
blueprint.before_request(auth.staff_with(Permission.ADMINISTER))


@blueprint.get("")
def index(definition_id: UUID) -> str:
    return render_template(
        "admin/tables.html",
        procedure=_procedure(definition_id),
        tables=decision_tables.tables(current_office(), g.actor, definition_id),
        policies=_policies(),
    )


@blueprint.get("/<decision_id>")
def show(definition_id: UUID, decision_id: str) -> str:
    """One table; with inputs in the address also what it answers to them, its rows marked."""
    found = decision_tables.tables(current_office(), g.actor, definition_id)
    table = next((one for one in found if one.decision_id == decision_id), None)
    if table is None:
        abort(404)
    inputs = {
        name.removeprefix(INPUT): value
        for name, value in request.args.items()
        if name.startswith(INPUT)
    }
    trial = _tried(definition_id, table, inputs) if inputs else None
    return render_template(
        "admin/table.html",
        procedure=_procedure(definition_id),
        table=table,
        policy=_policies()[f"{table.hit_policy} {table.aggregation}".strip()],
        inputs=inputs,
        trial=trial,
        hits=frozenset(row.number for row in trial.rows) if trial else frozenset(),
        examples=[_as_typed(finding.example) for finding in table.findings],
    )


def _procedure(definition_id: UUID) -> ProcedureView:
    known = procedures.definitions(current_office(), g.actor, now=g.now)
    found = next((one for one in known if one.definition_id == definition_id), None)
    if found is None:
        abort(404)
    return found


def _tried(definition_id: UUID, table: TableView, inputs: Mapping[str, str]) -> TableTrial:
    known = {variable.name for variable in table.variables}
    asked = {name: value for name, value in inputs.items() if name in known}
    missing = dict.fromkeys(known - asked.keys(), "")
    return decision_tables.try_table(
        current_office(), g.actor, definition_id, table.decision_id, inputs={**missing, **asked}
    )


def _as_typed(example: Mapping[str, Any]) -> dict[str, str]:
    """The address arguments that try an example."""
    words = {None: "", True: "true", False: "false"}
    return {
        INPUT + name: words[value] if value is None or isinstance(value, bool) else str(value)
        for name, value in example.items()
    }


def _policies() -> dict[str, tuple[str, str]]:
    """Hit policy -> its letter in the corner of the table, and what it means."""
    return {
        "UNIQUE": ("U", _("唯一：最多一行成立；有两行同时成立即报错。")),
        "FIRST": ("F", _("首行：自上而下，取第一行成立的。")),
        "ANY": ("A", _("任一：可以几行成立，但结论必须相同；不同即报错。")),
        "PRIORITY": ("P", _("优先：几行成立时，取结论排在最前的。")),
        "RULE ORDER": ("R", _("按行次序：成立的每一行都算，按行的次序列出。")),
        "OUTPUT ORDER": ("O", _("按结论次序：成立的每一行都算，按结论的次序列出。")),
        "COLLECT": ("C", _("汇集：成立的每一行都算，列出全部结论。")),
        "COLLECT SUM": ("C+", _("求和：成立的每一行都算，结论相加。")),
        "COLLECT MIN": ("C<", _("取小：成立的每一行都算，取最小的结论。")),
        "COLLECT MAX": ("C>", _("取大：成立的每一行都算，取最大的结论。")),
        "COLLECT COUNT": ("C#", _("计数：数出有几行成立。")),
    }
