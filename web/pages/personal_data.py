"""查看完整: which texts hold numbers of people, why they are to be read, and these texts, once."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, g, render_template, request

from engine.domain.errors import Invalid
from engine.domain.personal_reading import LONGEST, HeldText, PersonalData
from engine.services import personal_data
from engine.services.personal_data import Asked
from web import auth
from web.office import current_office
from web.problems import fields_of, sentence

blueprint = Blueprint("personal_data", __name__, url_prefix="/personal")
Answer = str | tuple[str, int]
blueprint.before_request(auth.signed_in_only)


@blueprint.get("/cases/<number>")
def case(number: str) -> Answer:
    return _page(personal_data.of_case(current_office(), g.actor, number, now=g.now))


@blueprint.post("/cases/<number>")
def read_case(number: str) -> Answer:
    def read(asked: Asked) -> tuple[HeldText, ...]:
        return personal_data.read_case(current_office(), g.actor, number, asked, now=g.now)

    return _read(read, lambda: personal_data.of_case(current_office(), g.actor, number, now=g.now))


@blueprint.get("/records/<uuid:record_id>")
def record(record_id: UUID) -> Answer:
    return _page(personal_data.of_record(current_office(), g.actor, record_id))


@blueprint.post("/records/<uuid:record_id>")
def read_record(record_id: UUID) -> Answer:
    def read(asked: Asked) -> tuple[HeldText, ...]:
        return personal_data.read_record(current_office(), g.actor, record_id, asked, now=g.now)

    return _read(read, lambda: personal_data.of_record(current_office(), g.actor, record_id))


def _read(
    read: Callable[[Asked], tuple[HeldText, ...]], offered: Callable[[], PersonalData]
) -> Answer:
    """The answer itself shows them: nothing is kept for a later request, and nothing is stored by
    browsers (`no-store`)."""
    keys = frozenset(request.form.getlist("field"))
    try:
        texts = read(Asked(keys, request.form.get("reason", ""), auth.place()))
    except Invalid as refusal:
        return _page(offered(), fields_of(refusal), sentence(refusal)), 422
    about = offered()
    return render_template("personal/read.html", texts=texts, about=about, reason=_reason())


def _page(about: PersonalData, wrong: dict[str, str] | None = None, problem: str = "") -> str:
    return render_template(
        "personal/index.html",
        about=about,
        wrong=wrong or {},
        problem=problem,
        chosen=request.form.getlist("field"),
        reason=_reason(),
        longest=LONGEST,
    )


def _reason() -> str:
    return request.form.get("reason", "").strip()[:LONGEST]
