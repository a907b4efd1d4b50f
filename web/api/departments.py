"""Departments: who takes part in the office's procedures."""

from engine.domain.views import DepartmentView, Page
from engine.services import people
from web.api.calls import Call, Noun, Who
from web.api.schemas.office import DepartmentPage
from web.office import current_office

noun = Noun("departments", "Departments and their groups")


@noun.call(Call("GET", "/departments", answer=DepartmentPage, who=Who.ANYBODY))
def index() -> Page[DepartmentView]:
    """The departments and their candidate groups"""
    return Page(people.departments(current_office()))
