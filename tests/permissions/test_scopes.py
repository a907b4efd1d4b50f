"""Scopes of tokens against the running API: every operation asked with all scopes but its own, and with it alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.domain.permission_matrix import PUBLIC, Cell
from engine.domain.scope import Scope
from engine.services.permissions import matrix
from tests.bearers import row_of
from tests.permissions.asked import Ask, requests
from tests.permissions.cells import CONVERTER, unhurried
from tests.permissions.prepared import Prepared
from web import auth

OPERATIONS = [address for address, row in matrix().rows.items() if row.is_of_api]
#: About the token itself and its holder: any token may.
FREE = {
    "GET /api/v1/me",
    "GET /api/v1/tokens",
    "POST /api/v1/tokens",
    "DELETE /api/v1/tokens/<token_id>",
    "GET /api/v1/openapi.json",
}
BUT, ONLY = "everything-but-{}", "nothing-but-{}"


@pytest.fixture(scope="module")
def by_token(prepared: Prepared) -> Iterator[Prepared]:
    """Tokens of an administrator, and a token must say who asks."""
    office, feng = prepared.practice.office, prepared.practice["feng"]
    with office.uow.begin() as session:
        for scope in Scope:
            for name, held in ((BUT, set(Scope) - {scope}), (ONLY, {scope})):
                row = row_of(name.format(scope.value), feng.id, office.real_now())
                row.scopes = sorted(each.value for each in held)
                session.add(row)
    before = prepared.app.before_request_funcs[None]
    place = next(n for n, one in enumerate(before) if one.__name__ in ("identified", "_identify"))
    held_by, before[place] = before[place], auth._identify
    yield prepared
    before[place] = held_by


@pytest.fixture(scope="module")
def written(by_token: Prepared) -> dict[str, list[str]]:
    """Address of the matrix -> the scopes that the OpenAPI document names for it."""
    document = by_token.app.test_client().get("/api/v1/openapi.json").get_json()
    found = {}
    for path, operations in document["paths"].items():
        for method, told in operations.items():
            if method == "parameters":
                continue
            address = f"{method.upper()} {path.replace('{', '<').replace('}', '>')}"
            ways = [way["token"] for way in told.get("security", []) if "token" in way]
            found[address] = ways[0] if ways else []
    return found


def test_every_operation_that_asks_who_calls_names_one_scope(
    written: dict[str, list[str]],
) -> None:
    of_all = {address for address in OPERATIONS if matrix().rows[address].cells[PUBLIC] is Cell.YES}
    without = {address for address in OPERATIONS if not written.get(address)}
    assert without <= of_all | FREE
    assert all(len(named) == 1 for named in written.values() if named)
    assert {named[0] for named in written.values() if named} == {scope.value for scope in Scope}


@pytest.mark.parametrize("address", OPERATIONS)
def test_a_token_opens_what_its_scopes_name_and_nothing_else(
    by_token: Prepared, written: dict[str, list[str]], address: str
) -> None:
    if not written.get(address):
        return  # the test above says which these may be
    (scope,) = written[address]
    asked = requests(by_token.ids).get(address, Ask())
    refused, wrote = called(by_token, address, asked, BUT.format(scope))
    assert refused.status_code == 403
    assert (refused.get_json()["type"], refused.get_json()["scope"]) == (
        "/problems/scope-missing",
        scope,
    )
    assert wrote == []
    let_in, _ = called(by_token, address, asked, ONLY.format(scope))
    assert b"scope-missing" not in let_in.data
    assert let_in.status_code != 401
    assert let_in.status_code < 500


def called(prepared: Prepared, address: str, asked: Ask, token: str) -> tuple[Any, list[str]]:
    """The answer, and which statements wrote beside the note that the token was used."""
    method, _, rule = address.partition(" ")
    ids = {**prepared.ids, **asked.at, "year": asked.at.get("year", "2020")}
    path = CONVERTER.sub(lambda name: ids.get(name[1], "x"), rule)
    headers = {"Authorization": f"Bearer {token}"}
    with prepared.for_nothing() as statements, unhurried():
        answer = prepared.app.test_client().open(
            path, method=method, headers=headers, **asked.sent()
        )
        wrote = [each for each in statements if "last_used_at" not in each]
    return answer, wrote
