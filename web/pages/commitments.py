"""The register of commitments: what was promised, how it was performed, by what finding."""

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from engine.domain.actor import Permission
from engine.domain.commitment import CommitmentKind, Performance
from engine.domain.errors import EngineError
from engine.services import commitment_sheets, commitments, records
from web import auth
from web.office import current_office
from web.pages import downloads
from web.problems import fields_of, sentence, status_of

blueprint = Blueprint("commitments", __name__, url_prefix="/records/commitments")
blueprint.before_request(auth.staff_only)

#: What a person may find (engine/services/commitments.py).
FINDINGS = (Performance.KEPT, Performance.PARTLY_KEPT, Performance.BROKEN)
ANSWERS = ("performance", "basis", "unfulfilled", "consequence")


@blueprint.get("")
def index() -> str:
    args = request.args
    wanted = {
        name: value
        for name in ("q", "kind", "performance")
        if (value := args.get(name, "").strip())
    }
    page = commitments.find(
        current_office(),
        g.actor,
        now=g.now,
        q=wanted.get("q", ""),
        kind=wanted.get("kind"),
        performance=wanted.get("performance"),
        cursor=args.get("cursor") or None,
    )
    return render_template(
        "records/commitments.html",
        page=page,
        wanted=wanted,
        kinds=tuple(CommitmentKind),
        performances=tuple(Performance),
        may_export=g.actor.may(Permission.KEEP_COMMITMENTS),
    )


@blueprint.get("/<code>")
def show(code: str) -> str:
    return _page(code)


@blueprint.post("/<code>")
def judge(code: str) -> Answer | tuple[str, int]:
    sent = {name: request.form.get(name, "") for name in ANSWERS}
    try:
        commitments.judge(current_office(), g.actor, code, now=g.now, **sent)
    except EngineError as refusal:
        wrong = fields_of(refusal)
        shown = _page(code, sent, wrong or {"performance": sentence(refusal)})
        return shown, status_of(refusal)
    flash(_("已登记履行情况。"), "ok")
    return redirect(url_for(".show", code=code))


def _page(
    code: str, sent: dict[str, str] | None = None, wrong: dict[str, str] | None = None
) -> str:
    office = current_office()
    row, events = commitments.get(office, g.actor, code, now=g.now)
    numbers = [row.case_number, *(event.case_number for event in events)]
    return render_template(
        "records/commitment.html",
        row=row,
        events=events,
        may_open=records.cases_open_to(office, g.actor, numbers),
        may_judge=commitments.may_judge(office, g.actor, code),
        findings=FINDINGS,
        sent=sent or {},
        wrong=wrong or {},
    )


@blueprint.get("/export.xlsx")
def export() -> Response:
    content = commitment_sheets.as_workbook(current_office(), g.actor, now=g.now)
    return downloads.workbook(content, _("信用承诺台账"), g.now)


@blueprint.get("/export.csv")
def export_csv() -> Response:
    content = commitment_sheets.as_csv(current_office(), g.actor, now=g.now)
    return downloads.csv(content, _("信用承诺台账"), g.now)
