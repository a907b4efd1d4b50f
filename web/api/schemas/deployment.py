"""Shapes of folders handed in and of what the gate says of them."""

from flask_smorest.fields import Upload
from marshmallow import Schema, fields
from marshmallow.validate import Length

from engine.domain.gate_report import Change, Finding, Report, Walk
from engine.domain.views import DeploymentLine, DeploymentView, DiagramView, LiveAt
from web.api.schemas.mirror import mirror, page_of

_Finding = mirror(
    Finding,
    "GateFinding",
    notes={
        "code": "Stable name of what is wrong; workflows/BPMN.md lists them.",
        "element_id": "BPMN or DMN id; empty where a whole file is meant.",
        "name": "The element's label, from the diagram: hostile text.",
        "kind": "The element's name in BPMN or DMN.",
        "zh": "What is wrong and what to draw instead.",
    },
)
_Walk = mirror(
    Walk,
    "GateWalk",
    notes={"is_complete": "False when a bound was met before every path had been walked."},
)
_Report = mirror(Report, "GateReport")
_Change = mirror(Change, "DrawnChange", notes={"kind": "added, removed or changed"})
_Live = mirror(LiveAt, "LiveAt", notes={"becomes": "kept, changed or removed"})
Deployment = mirror(
    DeploymentView,
    "Deployment",
    notes={
        "id": "Null for a folder that was only looked at.",
        "is_new": "Whether it differs from the newest version.",
        "state": "handed_in, proposed, rejected or deployed",
        "needs_second": "Whether another administrator than who proposes it has to approve it.",
        "live": "Where open cases rest. They stay on their version unless they are migrated.",
        "sha256": "Of the files that a version would have, as they came.",
    },
    instead={
        "diagrams": fields.List(
            fields.Nested(lambda: mirror(DiagramView, "GateDiagram")), dump_default=()
        )
    },
)
DeploymentPage = page_of(mirror(DeploymentLine, "DeploymentLine"), "DeploymentPage")


class DryRun(Schema):
    """Whether only to look."""

    dry_run = fields.Boolean(
        load_default=False,
        metadata={"description": "True: the report and what it would mean; nothing is kept."},
    )


class HandIn(Schema):
    """A procedure's folder: one zip, or its files."""

    archive = Upload(
        metadata={
            "description": "A zip of the folder, with or without common/. UTF-8 names, 20 MB."
        }
    )
    files = Upload(
        metadata={
            "description": "Or each file as a part of this name; the part's filename is its path "
            "(`credit_repair/process.bpmn`). May be repeated."
        }
    )
    reason = fields.String(
        load_default="",
        validate=Length(0, 500),
        metadata={"description": "Why to deploy in spite of warnings."},
    )


class Rejection(Schema):
    """Why a proposed version is not deployed."""

    note = fields.String(load_default="", validate=Length(0, 500))
