"""Deployments: a changed folder is handed in, judged by the gate, and becomes a version."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response, g, request

from engine.domain.errors import Invalid
from engine.domain.views import DeploymentLine, DeploymentView, Page
from engine.services import folder_uploads
from engine.services.folder_uploads import Handed
from web.api.calls import JSON, Call, Noun
from web.api.reading import Body
from web.api.schemas.deployment import Deployment, DeploymentPage, DryRun, HandIn, Rejection
from web.auth import current_actor
from web.handing_in import handed_in
from web.office import current_office

noun = Noun("deployments", "Folders handed in, and what the gate says of them")


def _look(query: Body, form: Body) -> None:
    """The gate walks every path, which takes seconds; the answer is kept in memory."""
    actor = current_actor()
    folder_uploads.must_hand_in(actor)
    folder_uploads.look(current_office(), actor, _handed(), now=g.now)


@noun.call(
    Call(
        "POST",
        "/deployments",
        query=DryRun,
        form=HandIn,
        answer=Deployment,
        status=201,
        at="/api/v1/deployments/{id}",
        keyed=True,
        before=_look,
        refuses=(409,),
    )
)
def hand_in(query: Body, form: Body) -> DeploymentView | Response:
    """Deploy a procedure's folder as its newest version; `dry_run=true` only judges it

    A folder that the gate refuses is answered with 422 and the whole report under `report`. Where
    the office wants two persons, the answer's `state` is `proposed` and another administrator
    approves it.
    """
    office, actor, handed = current_office(), current_actor(), _handed()
    if query["dry_run"]:
        seen = folder_uploads.look(office, actor, handed, now=g.now)
        return Response(orjson.dumps(Deployment().dump(seen)), 200, mimetype=JSON)
    return folder_uploads.deploy_handed(office, actor, handed, reason=form["reason"], now=g.now)


def _handed() -> Handed:
    archive, parts = request.files.get("archive"), request.files.getlist("files")
    if (archive is None) == (not parts):
        wrong = "请上传一个 zip（archive），或逐个文件（files）。"
        raise Invalid(wrong, "send one zip (archive), or the files (files)")
    return handed_in(archive, parts)


@noun.call(Call("GET", "/deployments", answer=DeploymentPage))
def index() -> Page[DeploymentLine]:
    """The folders handed in, the newest first"""
    return Page(folder_uploads.uploads(current_office(), current_actor()))


@noun.call(Call("GET", "/deployments/<uuid:deployment_id>", answer=Deployment, refuses=(404,)))
def show(deployment_id: UUID) -> Any:
    """A folder handed in: the gate's report, what it changes, where open cases rest"""
    return folder_uploads.upload(current_office(), current_actor(), deployment_id, now=g.now)


@noun.call(
    Call(
        "POST",
        "/deployments/<uuid:deployment_id>/approve",
        answer=Deployment,
        refuses=(404, 409, 422),
    )
)
def approve(deployment_id: UUID) -> DeploymentView:
    """Deploy what another administrator proposed

    Errors: 403 for who proposed it; 409 when another version was deployed since; 422 with the report
    for what the gate of this release refuses.
    """
    return folder_uploads.approve(current_office(), current_actor(), deployment_id, now=g.now)


@noun.call(
    Call(
        "POST",
        "/deployments/<uuid:deployment_id>/reject",
        body=Rejection,
        answer=Deployment,
        refuses=(404, 409),
    )
)
def reject(body: Body, deployment_id: UUID) -> DeploymentView:
    """Do not deploy what was proposed; who proposed it may take it back so"""
    return folder_uploads.reject(
        current_office(), current_actor(), deployment_id, note=body["note"], now=g.now
    )
