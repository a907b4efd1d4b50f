"""Every answer has the shape that the OpenAPI document promises."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.domain import chart_views, views
from engine.domain import supervision_views as supervised
from engine.domain.account import TokenView
from engine.domain.audit import AuditLine
from engine.domain.calendar import CalendarDay
from engine.domain.calendar_views import CalendarChangeView, CaseMoved
from engine.domain.clock import Whose
from engine.domain.emergency_views import EmergencyView
from engine.domain.leave_views import LeavePreview, LeaveView
from engine.domain.notice import NoticeChoices, NoticeView
from engine.domain.retention import RetentionView
from engine.domain.views import Page
from engine.domain.webhook import DeliveryView, WebhookView
from engine.domain.whose_time import Part
from engine.domain.words import Words
from engine.services.training import TrainingClock
from tests.web.api.conftest import NOW, Asked
from tests.web.api.samples import sample

ID = "11111111-2222-4333-8444-555555555555"
CASE = sample(views.CaseView)
FORM = {"type": "object", "properties": {"grade": {"type": "string", "title": "等级"}}}


def page(view: Any) -> Page[Any]:
    return Page((sample(view), sample(view)), "next", 2)


def all_of(view: Any) -> tuple[Any, ...]:
    return (sample(view),)


#: path, its template in the document, service, what it answers
GETS: list[tuple[str, str, str, Any]] = [
    ("/procedures", "", "procedures.open_procedures", all_of(views.ProcedureView)),
    ("/eligibility?subject=X", "/eligibility", "records.eligibility", all_of(views.RecordView)),
    (
        "/eligibility/X?number=1",
        "/eligibility/{subject}",
        "public_eligibility.ask",
        sample(views.PublicEligibility),
    ),
    ("/cases", "", "cases.find", page(views.CaseRow)),
    ("/cases/1", "/cases/{number}", "cases.get", CASE),
    ("/cases/1/history", "/cases/{number}/history", "cases.history", all_of(views.EventView)),
    ("/cases/1/clocks", "/cases/{number}/clocks", "cases.get", CASE),
    (
        "/cases/1/decisions",
        "/cases/{number}/decisions",
        "decisions.of_case",
        all_of(views.DecisionView),
    ),
    ("/cases/1/documents", "/cases/{number}/documents", "cases.get", CASE),
    ("/cases/1/letters", "/cases/{number}/letters", "cases.get", CASE),
    (
        "/cases/1/diagram",
        "/cases/{number}/diagram",
        "cases.diagrams",
        all_of(views.DiagramView) * 2,
    ),
    ("/audit", "", "office_history.listed", page(AuditLine)),
    ("/tasks", "", "tasks.inbox", page(views.TaskView)),
    (
        "/tasks/counts",
        "",
        "tasks.counts",
        sample(views.InboxCounts, lights={"red": 1}, procedures={"p": 2}),
    ),
    (f"/tasks/{ID}", "/tasks/{task_id}", "tasks.get", sample(views.TaskPage)),
    (f"/tasks/{ID}/form", "/tasks/{task_id}/form", "tasks.form", FORM),
    (
        f"/tasks/{ID}/colleagues",
        "/tasks/{task_id}/colleagues",
        "people.colleagues",
        all_of(views.PersonView),
    ),
    ("/procedures/p/form", "/procedures/{key}/form", "procedures.application_form", FORM),
    ("/supervision/board", "", "supervision.board", sample(supervised.Board)),
    ("/supervision/breaches", "", "supervision.breaches", page(supervised.Standing)),
    ("/supervision/charts", "", "charts.charts", sample(chart_views.Charts)),
    ("/retention", "", "retention_view.look", sample(RetentionView)),
    ("/supervision/places", "", "supervision.places", page(supervised.Standing)),
    (
        "/supervision/heatmap/p",
        "/supervision/heatmap/{procedure}",
        "supervision.heatmap",
        sample(supervised.HeatMap),
    ),
    ("/leaves", "", "leave.mine", all_of(LeaveView)),
    ("/leaves?scope=all", "/leaves", "leave.overview", all_of(LeaveView)),
    (
        "/leaves/preview?starts_on=2020-03-02&ends_on=2020-03-06",
        "/leaves/preview",
        "leave.preview",
        sample(LeavePreview),
    ),
    ("/supervision/notices", "", "supervision.notices", page(supervised.SupervisionNoticeView)),
    (
        f"/supervision/notices/{ID}",
        "/supervision/notices/{notice_id}",
        "supervision.notice",
        sample(supervised.NoticeView),
    ),
    ("/records", "", "records.find", page(views.RecordView)),
    ("/courses/credit_repair", "/courses/{key}", "courses.shown", sample(views.CourseView)),
    (
        "/courses/certificates/1",
        "/courses/certificates/{number}",
        "course_certificates.check",
        sample(views.CourseCertificateView),
    ),
    ("/commitments", "", "commitments.find", page(views.CommitmentView)),
    ("/commitments/published", "", "commitments.published", page(views.CommitmentView)),
    (
        "/commitments/32058320200302000001",
        "/commitments/{code}",
        "commitments.get",
        (sample(views.CommitmentView), all_of(views.CommitmentEventView)),
    ),
    ("/records/published", "", "records.published", page(views.RecordView)),
    (
        f"/records/{ID}",
        "/records/{record_id}",
        "records.get",
        (sample(views.RecordView), all_of(views.RecordEventView)),
    ),
    ("/records/reports", "", "report_lists.listed", page(views.ReportRow)),
    ("/records/reports/late", "", "report_lists.late_by_unit", all_of(views.LateUnit)),
    (
        f"/records/{ID}/file",
        "/records/{record_id}/file",
        "record_file.get",
        sample(views.RecordFile),
    ),
    ("/obligations", "", "site_lists.listed", page(views.ObligationRow)),
    (
        "/cases/1/obligations",
        "/cases/{number}/obligations",
        "site_lists.of_case",
        all_of(views.ObligationRow),
    ),
    (
        f"/obligations/{ID}",
        "/obligations/{obligation_id}",
        "site_work.get",
        sample(views.ObligationView),
    ),
    ("/records/imports", "", "records.imports", all_of(views.ImportReport)),
    (
        f"/records/imports/{ID}",
        "/records/imports/{import_id}",
        "records.import_report",
        sample(views.ImportReport),
    ),
    ("/deferrals", "", "deferral_register.listed", page(views.DeferralRow)),
    ("/track/1?code=x", "/track/{number}", "cases.track", sample(views.TrackView)),
    (
        "/certificates/1",
        "/certificates/{number}",
        "letters.certificate",
        sample(views.CertificateView),
    ),
    ("/process-definitions", "", "procedures.definitions", all_of(views.ProcedureView)),
    (
        f"/process-definitions/{ID}/diagrams",
        "/process-definitions/{definition_id}/diagrams",
        "procedures.definition_diagrams",
        all_of(views.DiagramView),
    ),
    (
        f"/process-definitions/{ID}/decisions",
        "/process-definitions/{definition_id}/decisions",
        "decision_tables.tables",
        all_of(views.TableView),
    ),
    (
        f"/process-definitions/{ID}",
        "/process-definitions/{definition_id}",
        "procedures.definition",
        sample(views.ProcedureView),
    ),
    (
        f"/process-definitions/{ID}/files",
        "/process-definitions/{definition_id}/files",
        "procedures.files",
        all_of(views.FileView),
    ),
    (
        f"/process-definitions/{ID}/diff?to={ID}",
        "/process-definitions/{definition_id}/diff",
        "procedures.diff",
        sample(views.VersionDiff),
    ),
    ("/migrations", "", "migrations.history", all_of(views.MigrationView)),
    (
        f"/migrations/{ID}",
        "/migrations/{migration_id}",
        "migrations.get",
        sample(views.MigrationView),
    ),
    ("/incidents", "", "incidents.incidents", all_of(views.IncidentView)),
    (f"/incidents/{ID}", "/incidents/{incident_id}", "incidents.get", sample(views.IncidentDetail)),
    ("/jobs", "", "jobs.jobs", all_of(views.JobView)),
    ("/calendars/2020", "/calendars/{year}", "calendars.year", all_of(CalendarDay)),
    ("/calendars/changes", "", "calendar_changes.changes", all_of(CalendarChangeView)),
    (
        f"/calendars/changes/{ID}",
        "/calendars/changes/{change_id}",
        "calendar_changes.change",
        sample(CalendarChangeView),
    ),
    (
        f"/calendars/changes/{ID}/moved",
        "/calendars/changes/{change_id}/moved",
        "calendar_moved.moved",
        page(CaseMoved),
    ),
    ("/deployments", "", "folder_uploads.uploads", all_of(views.DeploymentLine)),
    (
        f"/deployments/{ID}",
        "/deployments/{deployment_id}",
        "folder_uploads.upload",
        sample(views.DeploymentView),
    ),
    ("/emergencies", "", "emergencies.published", all_of(EmergencyView)),
    ("/emergencies/acts", "", "emergencies.listed", all_of(EmergencyView)),
    ("/notices", "", "notices.mine", page(NoticeView)),
    ("/notices/preferences", "", "notices.choices", sample(NoticeChoices)),
    (
        "/cases/1/pauses",
        "/cases/{number}/pauses",
        "case_clocks.choices",
        sample(views.ClockChoices),
    ),
    ("/parameters", "", "parameters.listed", all_of(views.ParameterView)),
    ("/tokens", "", "tokens.mine", all_of(TokenView)),
    ("/webhooks", "", "webhooks.listed", all_of(WebhookView)),
    (
        f"/webhooks/{ID}",
        "/webhooks/{webhook_id}",
        "webhooks.get",
        (sample(WebhookView), ()),
    ),
    (
        f"/webhooks/{ID}/deliveries",
        "/webhooks/{webhook_id}/deliveries",
        "webhooks.get",
        (sample(WebhookView), all_of(DeliveryView)),
    ),
    ("/departments", "", "people.departments", all_of(views.DepartmentView)),
    ("/sandbox/clock", "", "training.state", TrainingClock(enabled=True, now=NOW)),
]


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    answer: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").get_json()
    return answer


def promised(document: dict[str, Any], path: str, method: str = "get") -> dict[str, Any]:
    responses = document["paths"][f"/api/v1{path}"][method]["responses"]
    success = next(responses[status] for status in ("200", "201") if status in responses)
    shape: dict[str, Any] = success["content"]["application/json"]["schema"]
    return {**shape, "components": document["components"]}


@pytest.mark.parametrize(("path", "template", "service", "value"), GETS, ids=lambda v: str(v)[:40])
def test_an_answer_has_the_promised_shape(
    client: FlaskClient,
    document: dict[str, Any],
    answering: Callable[..., Asked],
    path: str,
    template: str,
    service: str,
    value: Any,
) -> None:
    answering(service, value)
    response = client.get(f"/api/v1{path}")
    assert response.status_code == 200, response.get_data(as_text=True)
    answer = response.get_json()
    assert answer, "an empty answer would fit any shape"
    jsonschema.validate(answer, promised(document, template or path))


def test_no_get_of_the_document_is_left_unchecked(document: dict[str, Any]) -> None:
    checked = {f"/api/v1{template or path}" for path, template, _, _ in GETS}
    files = {
        "/api/v1/documents/{document_id}/content",
        "/api/v1/letters/{letter_id}/content",
        "/api/v1/supervision/event-log",
        "/api/v1/obligations/{obligation_id}/acts/{sequence}/proof",
    }
    served = {path for path, item in document["paths"].items() if "get" in item}
    assert served - checked == files | {"/api/v1/me"}


def test_moments_are_told_in_shanghai_and_words_in_both_languages(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    task = sample(
        views.TaskView,
        title=Words("受理审查"),
        created_at=datetime(2020, 3, 2, 23, 30, tzinfo=UTC),
        due_at=None,
        whose=Whose.APPLICANT,
    )
    answering("tasks.inbox", Page((task,)))
    answer = client.get("/api/v1/tasks").get_json()
    assert answer["next_cursor"] is None
    (told,) = answer["items"]
    assert told["created_at"] == "2020-03-03T07:30:00+08:00"
    assert told["due_at"] is None
    assert told["title"] == {"zh": "受理审查", "en": "受理审查"}
    assert told["whose"] == "applicant"
    assert told["id"] == ID


def test_a_case_tells_its_stages_as_milestones_and_days_by_whose_they_were(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    case = sample(views.CaseView, whose_days=(Part(Whose.OFFICE, 4.0), Part(Whose.APPLICANT, 2.5)))
    answering("cases.get", case)
    answer = client.get("/api/v1/cases/1").get_json()
    assert [stage["key"] for stage in answer["milestones"]] == [case.stages[0].key]
    assert "stages" not in answer
    assert answer["whose_days"] == {"office": 4, "applicant": 2.5}


def test_facts_and_line_problems_name_their_two_halves(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    answering("tasks.get", sample(views.TaskPage, facts=((Words("等级"), Words("一般")),)))
    facts = client.get(f"/api/v1/tasks/{ID}").get_json()["facts"]
    assert [(f["label"]["zh"], f["value"]["zh"]) for f in facts] == [("等级", "一般")]
    line = sample(views.ImportLine, problems=(("CF_WSH", Words("文号为空")),))
    answering("records.import_report", sample(views.ImportReport, lines=(line,)))
    (told,) = client.get(f"/api/v1/records/imports/{ID}").get_json()["lines"]
    assert told["problems"] == [
        {"field": "CF_WSH", "sentence": {"zh": "文号为空", "en": "文号为空"}}
    ]


def test_a_form_is_handed_on_as_it_is(client: FlaskClient, answering: Callable[..., Asked]) -> None:
    form = {"type": "object", "x-order": ["b", "a"], "properties": {"b": {}, "a": {"const": 1}}}
    answering("tasks.form", form)
    assert client.get(f"/api/v1/tasks/{ID}/form").get_json() == form


def test_me_tells_who_i_am_and_what_my_groups_allow(client: FlaskClient) -> None:
    answer = client.get("/api/v1/me").get_json()
    assert answer == {
        "username": "wang",
        "name": "王芳",
        "department": "credit_office",
        "groups": ["supervisor", "window"],
        "subject": None,
        "permissions": [
            "file_case",
            "see_all_cases",
            "supervise",
            "inspect",
            "handle_clocks",
            "see_certificates",
            "see_courses",
        ],
        "scopes": None,
        "is_service": False,
    }


def test_filters_reach_the_service_and_what_was_not_given_is_left_to_it(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    asked = answering("cases.find", Page(()))
    client.get("/api/v1/cases?state=open&light=red&limit=5&q=&cursor=abc")
    assert asked.kwargs == {
        "now": NOW,
        "state": "open",
        "light": "red",
        "limit": 5,
        "cursor": "abc",
    }


def test_a_day_without_time_stays_a_day(
    client: FlaskClient, answering: Callable[..., Asked]
) -> None:
    answering("records.find", Page((sample(views.RecordView, decided_on=date(2019, 12, 31)),)))
    (told,) = client.get("/api/v1/records").get_json()["items"]
    assert told["decided_on"] == "2019-12-31"
