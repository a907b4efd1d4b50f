"""The OpenAPI document against the running API: schemathesis asks, as each of those who come.

`make test-api` asks more: KUNXIN_TEST_EXAMPLES examples of every operation for everybody.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, TypeAlias

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from engine.domain.permission_matrix import PUBLIC, Cell
from engine.services.permissions import matrix
from tests.permissions.cells import ASKING, CONVERTER, unhurried
from tests.permissions.prepared import COMES, Prepared
from web import auth

Operation: TypeAlias = APIOperation[Any, Any, Any, Any]
#: Examples of each operation; who asks is drawn with them.
EXAMPLES = int(os.environ.get("KUNXIN_TEST_EXAMPLES", "3"))
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
ASKED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="session")
def operations(unguarded: Prepared) -> dict[str, Operation]:
    """Every operation of the document, by method and address."""
    unguarded.app.config[ASKING] = None
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", unguarded.app)
    offered = [each.ok() for each in document.get_all_operations() if isinstance(each, Ok)]
    return {found.label: found for found in offered}


def labels() -> list[str]:
    """Operations of the API as the matrix has them, in the words of the document."""
    rows = (row for row in matrix().rows.values() if row.is_of_api)
    own = (row.address.replace("<", "{").replace(">", "}") for row in rows)
    return sorted(set(own) - {"GET /api/v1/openapi.json"})


def test_every_operation_of_the_matrix_is_in_the_document(
    operations: dict[str, Operation],
) -> None:
    assert sorted(operations) == labels()


@pytest.mark.parametrize("label", labels())
def test_what_is_answered_is_what_the_document_says(
    unguarded: Prepared, operations: dict[str, Operation], label: str
) -> None:
    operation = operations[label]

    @ASKED
    @given(case=operation.as_strategy(), who=st.sampled_from(list(COMES)), known=st.booleans())
    def ask(case: Any, who: str, known: bool) -> None:
        if known:  # what is there, so that more is tried than how nothing is found
            for name in case.path_parameters or {}:
                case.path_parameters[name] = unguarded.ids.get(name, case.path_parameters[name])
        unguarded.app.config[ASKING] = COMES[who]
        with unguarded.for_nothing(), unhurried():
            response = case.call()
        case.validate_response(response, checks=CHECKS)

    ask()


@pytest.fixture
def turned_away(prepared: Prepared) -> Iterator[None]:
    """Nobody is put in the place of signing in: a token must say who asks."""
    before = prepared.app.before_request_funcs[None]
    place = next(n for n, one in enumerate(before) if one.__name__ in ("identified", "_identify"))
    held, before[place] = before[place], auth._identify
    yield
    before[place] = held


def test_no_operation_forgets_to_ask_who_calls(
    prepared: Prepared, operations: dict[str, Operation], turned_away: None
) -> None:
    client = prepared.app.test_client()
    let_in = []
    for address, row in matrix().rows.items():
        if not row.is_of_api or row.cells[PUBLIC] is Cell.YES:
            continue
        method, _, rule = address.partition(" ")
        path = CONVERTER.sub(lambda name: {**prepared.ids, "year": "2020"}.get(name[1], "x"), rule)
        for headers in ({}, {"Authorization": "Bearer nobody-has-this"}):
            with prepared.for_nothing(), unhurried():
                answer = client.open(path, method=method, headers=headers)
            if answer.status_code != 401:
                let_in.append((address, headers, answer.status_code))
    assert let_in == []
