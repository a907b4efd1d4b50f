"""Procedures: what can be filed today, and with which form."""

from collections.abc import Mapping
from typing import Any

from flask import g

from engine.domain.views import Page, ProcedureView
from engine.services import procedures
from web.api.calls import Call, Noun
from web.api.schemas.office import FormSchema, ProcedurePage
from web.auth import current_actor
from web.office import current_office

noun = Noun("procedures", "What the office does: procedures and their application forms")


@noun.call(Call("GET", "/procedures", answer=ProcedurePage))
def index() -> Page[ProcedureView]:
    """Procedures open today to me"""
    return Page(procedures.open_procedures(current_office(), current_actor(), now=g.now))


@noun.call(Call("GET", "/procedures/<key>/form", answer=FormSchema, refuses=(404,)))
def form(key: str) -> Mapping[str, Any]:
    """The application form as JSON Schema 2020-12"""
    return procedures.application_form(current_office(), current_actor(), key, now=g.now)
