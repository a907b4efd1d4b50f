"""The written matrix against the running application, cell by cell, with the guards of the pages off."""

from __future__ import annotations

import os

import pytest

from engine.domain.actor import GRANTS
from engine.domain.permission_matrix import Cell, Row
from engine.services.permissions import WRITTEN, matrix
from tests.permissions.asked import Ask, requests
from tests.permissions.cells import Answered, ask, rows_of
from tests.permissions.prepared import COMES, Prepared

MATRIX = matrix()
#: What this office answers to whoever is let in: it has no identity provider, nobody who
#: signs in in two steps, and no letter follows
#: from the opinion of a department.
NOTHING_THERE = {
    "GET /login/provider": 404,
    "GET /login/provider/back": 400,
    "GET /login/code": 400,
    "POST /login/code": 400,
    "POST /admin/people/<username>/second-factor/remove": 404,
    "POST /desk/tasks/<task_id>/preview/<key>": 404,
}
#: `make test-api`: everybody is asked at every address.
EVERY_CELL = "KUNXIN_TEST_EVERY_CELL" in os.environ
#: Else how many of those who are let in are asked at an address; at the next address others.
LET_IN = 3


def asked_at(row: Row) -> list[str]:
    """The columns that are asked: all who are kept out, and of those who are let in a few."""
    let_in = row.let_in()
    first = list(MATRIX.rows).index(row.address)
    chosen = {let_in[(first + step) % len(let_in)] for step in range(LET_IN)}
    return [key for key in COMES if EVERY_CELL or key in chosen or key not in let_in]


def test_the_matrix_knows_everybody_who_comes() -> None:
    assert [column.key for column in MATRIX.columns] == list(COMES)


def test_every_address_of_the_application_stands_in_the_matrix_and_no_other(
    prepared: Prepared,
) -> None:
    assert rows_of(prepared.app).keys() - MATRIX.rows.keys() == set()
    assert MATRIX.rows.keys() - rows_of(prepared.app).keys() == set()


def test_what_groups_may_is_written_as_it_is_granted() -> None:
    written = {group: may for group, may in MATRIX.groups.items() if group in GRANTS}
    assert written == {group: frozenset(may) for group, may in GRANTS.items()}


def test_a_door_leads_to_an_address_of_the_matrix() -> None:
    doors = {row.door for row in MATRIX.rows.values() if row.door}
    assert doors <= MATRIX.rows.keys()


def test_the_page_for_people_says_what_the_file_says() -> None:
    page = WRITTEN.with_name("PERMISSIONS.md").read_text("utf-8")
    assert page == "\n".join([*MATRIX.written(), ""])


@pytest.mark.parametrize("address", MATRIX.rows)
def test_each_is_let_in_or_kept_out_as_written(unguarded: Prepared, address: str) -> None:
    row, asks = MATRIX.rows[address], requests(unguarded.ids)
    wrong = {}
    for column in asked_at(row):
        met = ask(unguarded, address, asks.get(address, Ask()), column)
        if problem := problem_of(row, column, met):
            wrong[column] = problem
    assert wrong == {}


def problem_of(row: Row, column: str, met: Answered) -> str:
    """What is wrong with an answer; "" when it is as written."""
    written = row.cells[column]
    if written is Cell.YES and met.status == NOTHING_THERE.get(row.address):
        return ""
    if met.status >= 500 or met.status in (400, 405, 415):
        return f"{met.status}"
    if written is Cell.YES:
        return "" if met.cell is Cell.YES and not met.stopped else f"{met.status}: {met.cell}"
    if met.stopped:
        return _behind_a_guard(row, column, met)
    if met.cell is not written:
        return f"{met.status}: {met.cell}, written {written}"
    return f"wrote although {met.status}" if met.wrote else ""


def _behind_a_guard(row: Row, column: str, met: Answered) -> str:
    """The page refuses with 403 before it asks anybody; what it would have asked must refuse too, or
    be what the door's other side gives to the same person."""
    if row.cells[column] is not Cell.NO:
        return f"the guard says no, written {row.cells[column]}"
    is_refused = met.status >= 400 or row.address.startswith("POST ")
    if is_refused and not met.wrote:
        return ""
    through = MATRIX.rows[row.door].cells[column] if row.door else None
    return "" if through is Cell.YES else f"only the page's guard refuses ({met.status})"


#: Pages of two rooms in one: each view of theirs begins with its guard, as the cells show.
GUARDED_WITHIN = {"inquiries"}
GUARDED = ("/admin", "/desk", "/records", "/supervision", "/my")


@pytest.mark.parametrize("root", GUARDED)
def test_a_guard_stands_before_each_of_the_rooms(prepared: Prepared, root: str) -> None:
    app = prepared.app
    of_rooms = {
        rule.endpoint.partition(".")[0]
        for rule in app.url_map.iter_rules()
        if rule.rule == root or rule.rule.startswith(f"{root}/")
    }
    assert of_rooms - GUARDED_WITHIN <= app.before_request_funcs.keys()
