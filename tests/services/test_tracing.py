"""A request, its statements and the jobs that follow are told to OpenTelemetry, without what people wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from engine.domain.errors import NotPermitted
from engine.exchange.telemetry import NoTracing, OpenTelemetry, open_tracing
from engine.persistence.tracing import watch
from engine.services import jobs
from engine.settings import read_settings
from tests.offices import Practice
from web.app import create_app

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def spans(practice: Practice) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing = OpenTelemetry(exporter, at_once=True)
    practice.office.tracing = tracing
    for engine in practice.office.uow.engines:
        watch(engine, tracing.begin)
    yield exporter
    tracing.close()


def told(exporter: InMemorySpanExporter) -> list[Any]:
    return list(exporter.get_finished_spans())


def test_a_job_is_a_span_with_its_case_and_the_statements_within(
    practice: Practice, spans: InMemorySpanExporter
) -> None:
    number = practice.file_case().number
    jobs.run_due(practice.office)
    found = told(spans)
    by_id = {span.context.span_id: span for span in found}
    printing = next(span for span in found if span.name == "print_letter")
    assert printing.attributes["kunxin.case.id"] == str(practice.case(number).id)
    within = [s for s in found if s.parent and by_id.get(s.parent.span_id) is printing]
    assert within
    assert {s.name.split()[0] for s in within} == {"SQL"}
    assert by_id[printing.parent.span_id].name == "job"
    written = str([(s.name, dict(s.attributes), s.status.description) for s in found])
    assert practice.case(number).subject_name not in written


def test_a_request_is_a_span_by_its_route_and_names_the_case(
    practice: Practice, spans: InMemorySpanExporter
) -> None:
    number = practice.file_case().number
    settings = read_settings(
        {
            "KUNXIN_DATA_DIR": str(practice.folder),
            "KUNXIN_SECRET_KEY": "k" * 40,
            "KUNXIN_TRACE_COLLECTOR": "http://127.0.0.1:9",
        }
    )
    spans.clear()
    answer = (
        create_app(practice.office, settings).test_client().get(f"/api/v1/cases/{number}?q=secret")
    )
    (span,) = [each for each in told(spans) if each.name.startswith("GET ")]
    assert span.name == "GET /api/v1/cases/<number>"
    assert span.attributes["kunxin.case"] == number
    assert span.attributes["http.response.status.code"] == str(answer.status_code) == "401"
    assert "secret" not in str([dict(each.attributes) for each in told(spans)])


def test_what_fails_is_marked_by_its_kind_and_says_nothing_else(
    practice: Practice, spans: InMemorySpanExporter
) -> None:
    with pytest.raises(ValueError, match="身份证"), practice.office.tracing.span("act"):
        raise ValueError("身份证 320583199001011234")
    (span,) = [each for each in told(spans) if each.name == "act"]
    assert (span.status.status_code.name, span.status.description) == ("ERROR", "ValueError")
    assert not span.events


def test_without_an_address_nothing_is_traced(practice: Practice) -> None:
    assert isinstance(open_tracing(None), NoTracing)
    assert isinstance(practice.office.tracing, NoTracing)
    with pytest.raises(NotPermitted), practice.office.tracing.span("act"):
        raise NotPermitted("不可", "no")
