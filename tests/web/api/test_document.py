"""The OpenAPI document says what the API does, all of it."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

METHODS = {"get", "post", "put", "patch", "delete"}
PUBLIC = {
    ("post", "/api/v1/tokens"),
    ("get", "/api/v1/track/{number}"),
    ("post", "/api/v1/track/{number}/rating"),
    ("get", "/api/v1/certificates/{number}"),
    ("get", "/api/v1/records/published"),
    ("get", "/api/v1/commitments/published"),
    ("get", "/api/v1/courses/{key}"),
    ("get", "/api/v1/courses/certificates/{number}"),
    ("get", "/api/v1/calendars/{year}"),
    ("get", "/api/v1/departments"),
    ("get", "/api/v1/emergencies"),
    ("get", "/api/v1/eligibility/{subject}"),
    ("get", "/api/v1/sandbox/clock"),
}
PROMISED = """
    POST /tokens; GET /me; GET /procedures; GET /procedures/{key}/form; GET /eligibility
    POST /cases; GET /cases; GET /cases/{number}; GET /cases/{number}/history
    GET /cases/{number}/decisions
    GET /cases/{number}/clocks; GET /cases/{number}/diagram; GET /cases/{number}/documents
    GET /cases/{number}/letters; POST /cases/{number}/documents; POST /cases/{number}/withdraw
    POST /cases/{number}/messages/{name}; GET /documents/{document_id}/content
    GET /letters/{letter_id}/content; GET /tasks; GET /tasks/{task_id}; GET /tasks/{task_id}/form
    POST /tasks/{task_id}/claim; POST /tasks/{task_id}/unclaim; POST /tasks/{task_id}/reassign
    POST /tasks/{task_id}/delegate; POST /tasks/{task_id}/complete; PUT /tasks/{task_id}/draft
    GET /supervision/board; GET /supervision/breaches; GET /supervision/heatmap/{procedure}
    GET /supervision/event-log; GET /retention; POST /supervision/notices; GET /leaves; POST /leaves; GET /leaves/preview; POST /leaves/{leave_id}/end
    GET /records; GET /records/{record_id}; POST /records/import
    GET /track/{number}; POST /track/{number}/rating; GET /certificates/{number}; GET /process-definitions; POST /deployments; GET /deployments
    GET /deployments/{deployment_id}; GET /incidents
    POST /incidents/{incident_id}/retry; GET /incidents/{incident_id}
    POST /incidents/{incident_id}/answer; POST /incidents/{incident_id}/move
    GET /process-definitions/{definition_id}; GET /process-definitions/{definition_id}/diff
    GET /jobs; GET /calendars/{year}
    PUT /calendars/{year}; GET /calendars/changes; GET /calendars/changes/{change_id}
    POST /calendars/changes/{change_id}/approve; POST /calendars/changes/{change_id}/reject
    POST /calendars/changes/{change_id}/revoke; GET /departments
    GET /notices; POST /notices/{notice_id}/read; POST /notices/read
    GET /notices/preferences; PUT /notices/preferences
    GET /commitments; GET /commitments/published; GET /commitments/{code}
    POST /commitments/{code}/findings; GET /courses/{key}; GET /courses/certificates/{number}
    PUT /sandbox/clock; GET /sandbox/clock
"""


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    answer: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").get_json()
    return answer


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_under_the_api_is_in_the_document(app: Flask, document: dict[str, Any]) -> None:
    documented = {(method, path) for method, path, _ in operations(document)}
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/") or rule.rule.endswith("openapi.json"):
            continue
        path = re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule)
        served = {method.lower() for method in rule.methods or ()} & METHODS
        assert served <= {method for method, known in documented if known == path}, path


def test_every_promised_call_is_served(document: dict[str, Any]) -> None:
    documented = {(method, path) for method, path, _ in operations(document)}
    for promise in PROMISED.replace("\n", ";").split(";"):
        if promise := promise.strip():
            method, _, path = promise.partition(" ")
            assert (method.lower(), f"/api/v1{path}") in documented


def test_every_operation_says_what_it_does_who_may_call_and_how_it_refuses(
    document: dict[str, Any],
) -> None:
    ids = set()
    for method, path, operation in operations(document):
        here = f"{method} {path}"
        assert len(operation["summary"]) > 8, here
        assert operation["operationId"] not in ids, here
        ids.add(operation["operationId"])
        assert operation["tags"], here
        responses = operation["responses"]
        assert any(status.startswith("2") for status in responses), here
        assert responses["default"]["$ref"].endswith("DEFAULT_ERROR"), here
        is_open = operation["security"] == []
        assert is_open is ((method, path) in PUBLIC), here
        if not is_open:
            assert {"401", "403"} <= responses.keys(), here
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= responses.keys(), here


def test_every_refusal_is_a_problem(document: dict[str, Any]) -> None:
    for name, response in document["components"]["responses"].items():
        (media,) = response["content"]
        assert media == "application/problem+json", name
        shape = response["content"][media]["schema"]
        assert shape == {"$ref": "#/components/schemas/Problem"}, name
    members = document["components"]["schemas"]["Problem"]["properties"]
    assert members.keys() == {"type", "title", "status", "detail", "fields", "incident", "report"}


def test_calls_of_a_browser_that_write_want_the_csrf_header(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        by_session = [way for way in operation["security"] if "session" in way]
        assert all(("csrf" in way) is (method != "get") for way in by_session), path


def test_creating_calls_take_an_idempotency_key(document: dict[str, Any]) -> None:
    for path in ("/cases", "/cases/{number}/documents", "/records/import", "/supervision/notices"):
        operation = document["paths"][f"/api/v1{path}"]["post"]
        assert {"$ref": "#/components/parameters/IDEMPOTENCY_KEY"} in operation["parameters"]
        assert "201" in operation["responses"]


def test_the_page_of_the_document_loads_nothing_from_elsewhere(client: FlaskClient) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "://" not in text
    assert 'data-document="/api/v1/openapi.json"' in text
    assert "build/swagger/swagger-ui-bundle.js" in text
    with client.get("/api/docs/static/docs.js") as script:
        assert script.status_code == 200


def test_the_first_steps_name_calls_that_there_are_and_send_what_they_take(
    document: dict[str, Any],
) -> None:
    lines = re.sub(r"\|\n\s+", "| ", document["info"]["description"])
    addresses = re.findall(r"\$A(/[^\s\"?]+)", lines)
    assert len(addresses) > 10
    for address in addresses:
        path = re.sub(r"\$[A-Z]+", "{}", address)
        templates = {re.sub(r"{\w+}", "{}", each) for each in document["paths"]}
        assert f"/api/v1{path}" in templates or path.endswith("credit_repair/form"), address
    for told in re.findall(r"--json '(\{.*?\})'\s*(?:\||\n)", lines, re.S):
        body = json.loads(re.sub(r"'\$\w+'", "x", told))
        schemas = document["components"]["schemas"].values()
        assert any(
            body.keys() <= each.get("properties", {}).keys()
            and set(each.get("required", ())) <= body.keys()
            for each in schemas
        ), body


def test_a_refusal_is_written_so_that_its_reader_can_read_it(client: FlaskClient) -> None:
    answer = client.post("/api/v1/tokens", json={})
    assert "必填" in answer.get_data(as_text=True)
