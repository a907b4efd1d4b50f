"""The pages to which `type` of a refusal leads: what it means, and what to do about it."""

from flask import Blueprint, render_template

from engine.domain.errors import NotFound
from web.problem_types import all_types

blueprint = Blueprint("problem_types", __name__, url_prefix="/problems")


@blueprint.get("")
def index() -> str:
    return render_template(
        "errors/types.html", types=[each for each in all_types() if each.is_common], one=None
    )


@blueprint.get("/<slug>")
def show(slug: str) -> str:
    found = next((each for each in all_types() if each.slug == slug), None)
    if found is None:
        raise NotFound("没有这种回绝。", "there is no such refusal")
    return render_template("errors/types.html", types=(found,), one=found)
