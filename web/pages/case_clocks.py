"""A case's clock by hand: pause, resume, ask for an extension, allow a second correction request."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import Conflict, Invalid
from engine.services import case_clocks, clock_actions
from web.auth import safe_next
from web.days import read_day
from web.office import current_office
from web.pages.fragments import is_fragment
from web.problems import fields_of, sentence, status_of

Answer = str | Response | tuple[str, int]
HANDLING = "handling"


def pause_form(number: str) -> Answer:
    return _page("pause", number)


def resume_form(number: str) -> Answer:
    return _page("resume", number)


def extension_form(number: str) -> Answer:
    return _page("extension", number)


def correction_form(number: str) -> Answer:
    return _page("correction", number)


def pause(number: str) -> Answer:
    given = {**_said("ground", "reason"), "expected_on": _day(request.form.get("expected_on", ""))}
    act = partial(clock_actions.pause, key=HANDLING, **given)
    return _done("pause", number, act, _("已暂停计时，告知书已制发。"))


def resume(number: str) -> Answer:
    act = partial(clock_actions.resume, key=HANDLING, **_said("ground", "reason"))
    return _done("resume", number, act, _("已恢复计时，告知书已制发。"))


def extend(number: str) -> Answer:
    given = {**_said("reason"), "amount": request.form.get("amount", 0, type=int)}
    act = partial(clock_actions.ask_for_extension, **given)
    return _done("extension", number, act, _("已申请延长，等待分管领导审批。"))


def allow_correction(number: str) -> Answer:
    ground = _said("reason")["reason"]
    act = partial(clock_actions.allow_second_correction, ground=ground)
    return _done("correction", number, act, _("已准予再次补正告知。"))


def _said(*names: str) -> dict[str, Any]:
    """What the form says under these names."""
    return {name: request.form.get(name, "") for name in names}


def _day(text: str) -> date | None:
    return read_day(text)


def _done(name: str, number: str, act: Callable[..., object], said: str) -> Answer:
    try:
        act(current_office(), g.actor, number, now=g.now)
    except (Invalid, Conflict) as refusal:
        wrong = {
            "reason" if k == "ground" and name == "correction" else k: text
            for k, text in fields_of(refusal).items()
        }
        shown = _page(name, number, wrong=wrong, refused="" if wrong else sentence(refusal))
        return shown, status_of(refusal)
    flash(said, "ok")
    return redirect(safe_next(request.form.get("next")) or url_for("desk.case", number=number))


def _page(name: str, number: str, *, wrong: Any = None, refused: str = "") -> str:
    return render_template(
        f"desk/clock_{name}.html",
        choices=case_clocks.choices(current_office(), g.actor, number, now=g.now),
        wrong=wrong or {},
        refused=refused,
        sent=request.form,
        next=safe_next(request.args.get("next") or request.form.get("next")),
        is_fragment=is_fragment(),
    )
