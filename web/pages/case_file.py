"""Cases: the list, one case without a form, and the parts of its file that stand beside every task."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, render_template, request
from flask_babel import gettext as _

from engine.domain.actor import Permission
from engine.domain.errors import EngineError
from engine.domain.states import CaseState, words_of
from engine.domain.views import CaseFile, CaseView, DocumentView, ObligationRow, Said
from engine.services import (
    cases,
    decisions,
    notes,
    personal_data,
    procedures,
    related,
    site_lists,
    steps_said,
)
from web import forms
from web.locale import language
from web.office import current_office

STATES = words_of(CaseState)
PARTS = (
    "file",
    "papers",
    "rules",
    "history",
    "diagram",
    "letters",
    "sites",
    "related",
    "notes",
    "personal",
)
#: A thick file is shown by so many papers at a time: a page of 500 takes a phone seconds to lay out.
PAPERS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Part:
    """A tab of the file; `count` where the case itself already knows it."""

    key: str
    title: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of many papers: those shown, the number of the first and of all, where others begin."""

    papers: tuple[DocumentView, ...]
    first: int
    whole: int
    before: int | None
    after: int | None

    @classmethod
    def of(cls, every: tuple[DocumentView, ...], begin: int, most: int) -> "Stretch":
        begin = max(0, min(begin, len(every) - 1)) // most * most
        end = begin + most
        return cls(
            every[begin:end],
            begin + 1,
            len(every),
            begin - most if begin else None,
            end if end < len(every) else None,
        )


def index() -> str:
    args = request.args
    wanted: dict[str, str] = {
        name: value
        for name in ("state", "procedure", "light", "q")
        if (value := args.get(name, "").strip())
    }
    if wanted.get("state") not in STATES:
        wanted.pop("state", None)
    page = cases.find(
        current_office(),
        g.actor,
        state=wanted.get("state"),
        procedure=wanted.get("procedure"),
        light=wanted.get("light"),
        q=wanted.get("q", ""),
        cursor=args.get("cursor") or None,
        now=g.now,
    )
    offered = procedures.open_procedures(current_office(), g.actor, now=g.now)
    return render_template(
        "desk/cases.html", page=page, wanted=wanted, procedures=offered, states=STATES
    )


def show(number: str) -> str:
    held = steps_said.with_case(current_office(), g.actor, number, now=g.now)
    return render_template("desk/case.html", **context(held.case, held.said))


def part(number: str, part: str) -> str:
    """One part of the file alone, fetched when its tab is opened."""
    if part == PARTS[0]:
        held = steps_said.with_case(current_office(), g.actor, number, now=g.now)
        return render_template("desk/part.html", case=held.case, key=part, **_file(held))
    case = cases.get(current_office(), g.actor, number, now=g.now)
    return render_template("desk/part.html", case=case, key=part, **_content(case, part))


def context(case: CaseView, said: tuple[Said, ...]) -> dict[str, object]:
    """The case and the part of its file that the address names; the others come when opened."""
    chosen = request.args.get("tab", "")
    parts = _parts(case)
    opened = chosen if chosen in {each.key for each in parts} else PARTS[0]
    return {
        "case": case,
        "parts": parts,
        "opened_part": opened,
        **(_file(CaseFile(case, said)) if opened == PARTS[0] else _content(case, opened)),
    }


def _parts(case: CaseView) -> tuple[Part, ...]:
    sites = (Part("sites", _("各网站"), len(owed)),) if (owed := _owed(case)) else ()
    return (
        Part("file", _("案卷")),
        Part("papers", _("材料"), len(case.documents)),
        Part("rules", _("依据")),
        Part("history", _("经过")),
        Part("diagram", _("流程图")),
        Part("letters", _("文书"), len(case.letters)),
        *sites,
        Part("notes", _("便笺"), notes.number(current_office(), g.actor, case.number)),
        Part("related", _("相关")),
        Part("personal", _("个人信息")),
    )


def _content(case: CaseView, key: str) -> dict[str, Any]:
    """What the template of a part needs beyond the case."""
    made = _CONTENTS.get(key)
    return made(case) if made else {}


def _decisions(case: CaseView) -> dict[str, Any]:
    office, actor = current_office(), g.actor
    made = decisions.of_case(office, actor, case.number, now=g.now)
    return {"decisions": made, "may_see_tables": actor.may(Permission.ADMINISTER)}


_CONTENTS: Mapping[str, Callable[[CaseView], dict[str, Any]]] = {
    "papers": lambda case: {"handed_in": _handed_in(case)},
    "rules": _decisions,
    "history": lambda case: {
        "history": cases.history(current_office(), g.actor, case.number, now=g.now)
    },
    "diagram": lambda case: {
        "diagrams": cases.diagrams(current_office(), g.actor, case.number, now=g.now)
    },
    "sites": lambda case: {
        "owed": site_lists.of_case(current_office(), g.actor, case.number, now=g.now)
    },
    "notes": lambda case: {"notes": notes.of_case(current_office(), g.actor, case.number)},
    "personal": lambda case: {
        "personal": personal_data.of_case(current_office(), g.actor, case.number, now=g.now)
    },
    "related": lambda case: {
        "related": related.of_case(current_office(), g.actor, case.number, now=g.now)
    },
}


def _handed_in(case: CaseView) -> Stretch:
    """The papers from the one that the address names on."""
    return Stretch.of(case.documents, request.args.get("start", 0, type=int), PAPERS_AT_ONCE)


def _owed(case: CaseView) -> tuple[ObligationRow, ...]:
    """What other sites owe, once the case has changed what is shown."""
    if case.outcome is None and all(each.publication == "shown" for each in case.records):
        return ()
    return site_lists.of_case(current_office(), g.actor, case.number, now=g.now)


def _file(held: CaseFile) -> dict[str, Any]:
    return {"said": _said(held.case), "told": _told(held.said)}


def _told(said: tuple[Said, ...]) -> list[tuple[Said, tuple[forms.Question, ...]]]:
    """What the steps before said, each under the titles of its form; nothing said is not shown."""
    found = []
    for each in said:
        asked = forms.questions(each.form, each.answers, language=language())
        if shown := tuple(one for one in asked if one.shown_value):
            found.append((each, shown))
    return found


def _said(case: CaseView) -> tuple[forms.Question, ...]:
    """What the application said, under the titles of its form."""
    try:
        schema = procedures.application_form(
            current_office(), g.actor, case.procedure, now=case.filed_at
        )
    except EngineError:
        schema = {}
    known = schema.get("properties", {})
    loose = {name: {"title": name} for name in case.answers if name not in known}
    whole = {**schema, "properties": {**known, **loose}}
    asked = forms.questions(whole, case.answers, language=language())
    return tuple(one for one in asked if one.shown_value)
