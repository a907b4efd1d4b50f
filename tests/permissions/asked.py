"""What is sent for each row of the matrix: enough to be let in and to be refused, if it is to be."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

from tests.offices import DEFAULT, MARKET_CODE, application, usual_answers
from tests.permissions.prepared import PASSWORD, PDF

Ids = dict[str, str]


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `at`: names in the address that differ from the ids of the same name."""

    at: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    json: Any = None
    form: dict[str, Any] | None = None

    def sent(self) -> dict[str, Any]:
        """The arguments of Flask's test client; files are made afresh for each request."""
        given: dict[str, Any] = {"query_string": self.query} if self.query else {}
        if self.json is not None:
            given["json"] = self.json
        if self.form is not None:
            given["data"] = {
                name: (io.BytesIO(value[1]), value[0]) if isinstance(value, tuple) else value
                for name, value in self.form.items()
            }
            if any(isinstance(value, tuple) for value in self.form.values()):
                given["content_type"] = "multipart/form-data"
        return given


PICTURE = ("截图.png", b"\x89PNG\r\n\x1a\n" + b"0" * 20)
FILE = ("凭证.pdf", PDF)
PENALTIES = ("penalties.csv", b"CF_XDR_MC,CF_WSH\nx,y\n")
ANSWER = {"delay_cause": "workload", "reply": "集中收件。", "measures": "增派一人。"}
DECLARED = {
    "act": "declare", "on": "2020-03-01", "document": "公告", "reason": "防汛", "level": "I",
    "kind": "natural_disaster", "title": "防汛",
}  # fmt: skip
HOOK = {"title": "平台", "url": "https://203.0.113.9/hook", "events": "x"}
HOOK_BY_API = {**HOOK, "events": ["case.filed"]}
RATED = {"rating": "satisfied"}
DAYS = {"starts_on": "2020-03-16", "ends_on": "2020-03-17"}
HIS_DEFAULT = {**DEFAULT, "DS_BH": "昆市监违约〔2020〕77号", "DS_DW": "", "DS_DWDM": MARKET_CODE}
ENTERED = {**DEFAULT, "DS_BH": "昆市监违约〔2020〕77号"}


def requests(ids: Ids) -> dict[str, Ask]:
    """By row; a row that is not named here sends nothing and goes by the ids of its names."""
    late, ended, asked = ids["late_task"], ids["ended_number"], ids["asked_number"]
    other = ids["other_definition"]
    code = {"code": ids["query_code"]}
    task, own_task = {"task_id": late}, {"task_id": ids["asked_task"], "number": asked}
    closed = {"number": ended, "key": "revocation"}
    his_site = {"obligation_id": ids["seen_obligation"]}
    word = {"obligation_id": ids["said_obligation"], "word_id": ids["word_id"]}
    removed = {"record_id": ids["removed_record"]}
    moved = {"to": other}
    held = {"record_id": ids["held_record"]}
    end = {"confirmed": True, "note": "同意"}
    api = {
        "POST /tokens": Ask(json={"username": "zhou", "password": PASSWORD}),
        "GET /procedures/<key>/form": Ask({"key": "credit_repair"}),
        "GET /eligibility": Ask(query={"subject": "91320583MA1X00017U"}),
        "GET /eligibility/<subject>": Ask(
            {"subject": "91320583MA1X00017U"}, {"number": "昆市监罚〔2019〕1号"}
        ),
        "POST /cases": Ask(
            json={
                "procedure": "credit_repair",
                "subject": "91320583MA1X00017U",
                "records": [ids["record_id"]],
                "answers": application(),
            }
        ),
        "POST /hand-overs": Ask(
            json={
                "procedure": "credit_repair",
                "national_number": "XYZG-1",
                "subject": "91320583MA1X00017U",
                "answers": {},
            }
        ),
        "POST /cases/<number>/personal-data": Ask(json={"reason": "电话通知"}),
        "POST /records/<record_id>/personal-data": Ask(held, json={"reason": "核对决定书"}),
        "POST /cases/<number>/withdraw": Ask(json={"reason": "不办了"}),
        "POST /cases/<number>/messages/<name>": Ask(
            {"name": "takedown_acknowledged"}, json={"site": "credit_china"}
        ),
        "POST /cases/<number>/follow-ups/<key>": Ask(closed, json={"answers": {}}),
        "POST /cases/<number>/clocks/<key>/pause": Ask(
            {"key": "handling"},
            json={"ground": "expert", "reason": "请专家核对", "expected_on": "2020-03-09"},
        ),
        "POST /cases/<number>/clocks/<key>/resume": Ask(
            {"key": "handling"}, json={"reason": "已到"}
        ),
        "POST /cases/<number>/clocks/<key>/corrections": Ask(
            {"key": "handling"}, json={"sequence": int(ids["paused"]), "reason": "记错"}
        ),
        "POST /cases/<number>/extensions": Ask(json={"amount": 1, "reason": "案情复杂，须核对。"}),
        "POST /cases/<number>/extensions/<extension_id>/decision": Ask(
            json={"approved": True, "opinion": "同意。"}
        ),
        "POST /cases/<number>/corrections": Ask(json={"ground": "误告知"}),
        "PUT /parameters/<key>": Ask(
            {"key": "lights.yellow_days"}, json={"scope": "", "value": "2", "basis": "本地"}
        ),
        "POST /tasks/<task_id>/reassign": Ask(task, json={"to": "wu", "reason": "出差"}),
        "POST /tasks/<task_id>/delegate": Ask(task, json={"to": "wu", "reason": "出差"}),
        "PUT /tasks/<task_id>/draft": Ask(task, json={"answers": {}}),
        "POST /tasks/<task_id>/complete": Ask(
            task, json={"answers": usual_answers("give_opinion")}
        ),
        "POST /records/import": Ask(form={"file": PENALTIES, "kind": "penalty"}),
        "POST /records/default-events": Ask(json=HIS_DEFAULT),
        "POST /records/<record_id>/put-right": Ask(json={"changes": {}, "reason": "依据"}),
        "POST /records/<record_id>/report": Ask({"record_id": ids["default_record"]}),
        "POST /records/reports/answers": Ask(
            json={"lines": [{"line": ids["record_id"], "accepted": True}]}
        ),
        "POST /obligations/<obligation_id>/acts": Ask(
            form={"act": "not_yet", "note": "未撤", "proof": PICTURE}
        ),
        "GET /obligations/<obligation_id>/acts/<sequence>/proof": Ask(his_site),
        "POST /obligations/<obligation_id>/words/<word_id>": Ask(
            word, json={"finding": "not_there", "answer": "已核实"}
        ),
        "POST /records/<record_id>/still-shown": Ask(
            removed, form={"site": "credit_jiangsu", "proof": PICTURE}
        ),
        "POST /cases/<number>/documents": Ask(form={"kind": "other", "file": FILE}),
        "GET /track/<number>": Ask({"number": ended}, code),
        "POST /track/<number>/rating": Ask({"number": ended}, json={**code, **RATED}),
        "GET /certificates/<number>": Ask({"number": ids["letter_number"]}),
        "POST /commitments/<code>/findings": Ask(json={"performance": "kept", "basis": "核查"}),
        "GET /courses/<key>": Ask({"key": "credit_repair"}),
        "GET /courses/certificates/<number>": Ask({"number": ids["course_certificate"]}),
        "GET /supervision/heatmap/<procedure>": Ask({"procedure": "credit_repair"}),
        "POST /supervision/notices": Ask(json={"task": ids["task_id"], "ground": "催办"}),
        "GET /supervision/notices/<notice_id>": Ask({"notice_id": ids["supervision_notice"]}),
        "POST /supervision/notices/<notice_id>/answer": Ask(
            {"notice_id": ids["supervision_notice"]}, json={**ANSWER, "finish_by": "2020-03-10"}
        ),
        "POST /supervision/notices/<notice_id>/contest": Ask(
            {"notice_id": ids["supervision_notice"]}, json={"ground": "不属本单位"}
        ),
        "POST /supervision/notices/<notice_id>/decide": Ask(
            {"notice_id": ids["supervision_notice"]},
            json={"finding": "none", "opinion": "已经办理。"},
        ),
        "GET /leaves": Ask(query={"scope": "mine"}),
        "POST /leaves": Ask(json={**DAYS, "substitute": None, "reason": ""}),
        "GET /leaves/preview": Ask(query=DAYS),
        "GET /process-definitions/<definition_id>/diff": Ask(query={"to": other}),
        "POST /process-definitions/<definition_id>/decisions/<decision_id>/evaluation": Ask(
            {"decision_id": "eligibility"}, json={"inputs": {}}
        ),
        "POST /deployments": Ask(
            query={"dry_run": "true"}, form={"archive": ("a.zip", b"PK"), "reason": ""}
        ),
        "POST /process-definitions/<definition_id>/migrations/preview": Ask(
            json={"target": other, "mapping": {}}
        ),
        "POST /process-definitions/<definition_id>/migrations": Ask(
            json={"target": other, "mapping": {}, "reason": "x", "accepts_losses": False}
        ),
        "POST /migrations/<migration_id>/undo": Ask(
            json={"cases": ["KSXY-XF-20200302-000001"], "reason": "x"}
        ),
        "POST /incidents/<incident_id>/answer": Ask(json={"answers": {}, "reason": "x"}),
        "POST /incidents/<incident_id>/move": Ask(
            json={
                "wait_id": ids["task_id"],
                "process_id": "intake",
                "element_id": "supplement",
                "reason": "x",
            }
        ),
        "GET /calendars/<year>": Ask({"year": "2020"}),
        "PUT /calendars/<year>": Ask(
            {"year": "2020"},
            {"preview": "true"},
            json={
                "source": "day",
                "on": "2020-06-05",
                "name": "防汛",
                "document": "x",
                "reason": "x",
            },
        ),
        "POST /calendars/changes/<change_id>/approve": Ask(json={"note": ""}),
        "POST /calendars/changes/<change_id>/reject": Ask(json={"note": "不妥"}),
        "POST /calendars/changes/<change_id>/revoke": Ask(json={"reason": "不妥"}),
        "POST /emergencies/acts": Ask(json=DECLARED),
        "POST /emergencies/acts/<act_id>/decision": Ask(json=end),
        "PUT /notices/preferences": Ask(
            json={"email": "", "phone": "", "channels": [], "language": "zh"}
        ),
        "PUT /sandbox/clock": Ask(json={"now": "2020-03-06T10:00:00+08:00"}),
    }
    for verb in ("claim", "unclaim"):
        api[f"POST /tasks/<task_id>/{verb}"] = Ask(task)
    for name in ("", "/form", "/colleagues"):
        api[f"GET /tasks/<task_id>{name}"] = Ask(task)
    pages = {
        "GET /admin/calendars/<year>": Ask({"year": "2020"}),
        "GET /my/cases/<number>/tasks/<task_id>": Ask(own_task),
        "POST /my/cases/<number>/tasks/<task_id>": Ask(own_task, form={"then": "later"}),
        "POST /my/cases/<number>/tasks/<task_id>/papers/<paper>": Ask(
            {**own_task, "paper": "performance_proof"}, form={"file": FILE}
        ),
        "GET /my/cases/<number>/follow-ups/<key>": Ask(closed),
        "POST /my/cases/<number>/follow-ups/<key>": Ask(closed, form={}),
        "POST /my/cases/<number>/withdraw": Ask(form={"confirmed": "true"}),
        "POST /my/cases/<number>/reconsider": Ask(form={"grounds": "事实认定有误，请复核。"}),
        "POST /my/cases/<number>/documents": Ask(form={"kind": "other", "file": FILE}),
        "POST /my/apply": Ask(form={"procedure": "credit_repair", "record": ids["record_id"]}),
        "POST /my/apply/<draft_id>/papers/<paper>": Ask(
            {"paper": "performance_proof"}, form={"file": FILE}
        ),
        "POST /my/apply/<draft_id>/papers/remove/<document_id>": Ask(
            {"document_id": ids["draft_document"]}
        ),
        "GET /my/apply/<draft_id>/<key>": Ask({"key": "papers"}),
        "POST /my/apply/<draft_id>/<key>": Ask({"key": "papers"}, form={}),
        "GET /my/records/<record_id>": Ask(removed),
        "GET /my/records/<record_id>/still-shown": Ask(removed),
        "POST /my/records/<record_id>/still-shown": Ask(
            removed, form={"site": "credit_jiangsu", "link": "https://example.org/2"}
        ),
        "GET /my/records/<record_id>/sites/<obligation_id>": Ask(removed),
        "POST /my/course/sections/<key>": Ask({"key": ids["section"]}, form={"attendee": "陈一苇"}),
        "POST /my/course/exams/<exam_id>": Ask(form={}),
        "GET /my/course/certificates/<number>": Ask({"number": ids["course_certificate"]}),
        "GET /courses/sections/<key>": Ask({"key": ids["section"]}),
        "GET /courses/certificates/<number>": Ask({"number": ids["course_certificate"]}),
        "GET /records/courses/certificates/<number>": Ask({"number": ids["course_certificate"]}),
        "POST /admin/calendars/changes": Ask(
            form={
                "source": "day",
                "on": "2020-06-05",
                "name": "防汛",
                "document": "x",
                "reason": "x",
                "propose": "1",
                "acknowledged": "1",
            },
        ),
        "POST /admin/calendars/changes/<change_id>/approve": Ask(form={"note": ""}),
        "POST /admin/calendars/changes/<change_id>/reject": Ask(form={"note": "不妥"}),
        "POST /admin/calendars/changes/<change_id>/revoke": Ask(form={"reason": "不妥"}),
        "POST /records/commitments/<code>": Ask(form={"performance": "kept", "basis": "核查"}),
        "GET /admin/procedures/<definition_id>/decisions/<decision_id>": Ask(
            {"decision_id": "eligibility"}
        ),
        "POST /admin/deployments": Ask(form={"archive": ("a.zip", b"PK")}),
        "POST /admin/deployments/<upload_id>/deploy": Ask(form={"reason": "x"}),
        "POST /desk/filters": Ask(form={"name": "急的", "light": "red"}),
        "POST /desk/columns": Ask(form={}),
        "GET /desk/bulk": Ask(query={"action": "claim", "task": late}),
        "POST /desk/bulk": Ask(form={"action": "claim", "task": late}),
        "GET /personal/records/<record_id>": Ask(held),
        "POST /personal/cases/<number>": Ask(
            form={"field": "answers.handler_phone", "reason": "电话通知"}
        ),
        "POST /personal/records/<record_id>": Ask(
            held, form={"field": f"record.{ids['held_record']}.content", "reason": "核对决定书"}
        ),
        "GET /desk/cases/<number>/follow-ups/<key>": Ask(closed),
        "POST /desk/cases/<number>/follow-ups/<key>": Ask(closed, form={}),
        "POST /desk/cases/<number>/pause": Ask(
            form={"ground": "expert", "reason": "请专家核对", "expected_on": "2020-03-09"}
        ),
        "POST /desk/cases/<number>/resume": Ask(form={"reason": "已到"}),
        "POST /desk/cases/<number>/extension": Ask(form={"amount": "1", "reason": "案情复杂"}),
        "POST /desk/cases/<number>/correction": Ask(form={"reason": "误告知"}),
        "GET /desk/cases/<number>/parts/<part>": Ask({"part": "history"}),
        "POST /desk/leave": Ask(form=DAYS),
        "POST /desk/tasks/<task_id>": Ask(task, form=usual_answers("give_opinion")),
        "POST /desk/tasks/<task_id>/draft": Ask(task, form={}),
        "POST /desk/tasks/<task_id>/reassign": Ask(task, form={"to": "wu", "reason": "出差"}),
        "GET /desk/notices/<notice_id>": Ask({"notice_id": ids["supervision_notice"]}),
        "POST /admin/emergencies": Ask(form=DECLARED),
        "POST /admin/emergencies/<act_id>": Ask(form={"then": "confirm", "note": "同意"}),
        "GET /language/<code>": Ask({"code": "en"}),
        "POST /notices/preferences": Ask(form={"language": "zh"}),
        "GET /proofs/<obligation_id>/<sequence>": Ask(his_site),
        "POST /admin/parameters": Ask(
            form={"scope": "", "key": "lights.yellow_days", "value": "2", "basis": "本地"}
        ),
        "POST /verify/<number>": Ask({"number": ids["letter_number"]}),
        "GET /verify/<number>": Ask({"number": ids["letter_number"]}),
        "GET /eligibility/<subject>": Ask(
            {"subject": "91320583MA1X00017U"}, {"number": "昆市监罚〔2019〕1号"}
        ),
        "GET /published": Ask(query={"q": "昆山"}),
        "GET /track/<number>": Ask({"number": ended}, code),
        "GET /track/<number>/rating": Ask({"number": ended}, code),
        "POST /track/<number>/rating": Ask({"number": ended}, form={**code, **RATED}),
        "POST /records/sites/<obligation_id>/answers/<word_id>": Ask(
            word, form={"finding": "not_there", "answer": "已核实"}
        ),
        "POST /records/new": Ask(form=ENTERED),
        "POST /records/import": Ask(form={"file": PENALTIES, "kind": "penalty"}),
        "POST /records/sites/<obligation_id>/acts": Ask(form={"act": "told", "channel": "phone"}),
        "POST /records/<record_id>/put-right": Ask(form={"reason": "依据"}),
        "POST /records/<record_id>/report": Ask({"record_id": ids["default_record"]}),
        "GET /records/imports/<report_id>": Ask({"report_id": ids["import_id"]}),
        "POST /admin/incidents/<incident_id>/answer": Ask(form={"why": "x"}),
        "POST /admin/incidents/<incident_id>/move": Ask(
            form={"wait": ids["task_id"], "to": "intake:supplement", "why": "x"}
        ),
        "POST /admin/incidents/setting": Ask(form={"second": "1"}),
        "GET /services/<key>": Ask({"key": "credit_repair"}),
        "GET /problems/<slug>": Ask({"slug": "task-already-claimed"}),
        "POST /account/password": Ask(
            form={"old_password": "x", "new_password": "y", "again": "z"}
        ),
        "POST /account/tokens": Ask(form={"title": "程序", "scopes": "cases:read", "days": "30"}),
        "POST /admin/people/<username>/tokens": Ask(
            {"username": "court-program"},
            form={"title": "程序", "scopes": "messages:write", "days": "30"},
        ),
        "POST /admin/accounts/new": Ask(form={"username": "new", "name": "新", "groups": "window"}),
        "GET /supervision/event-log.<form>": Ask({"form": "xes"}),
        "POST /api/v1/webhooks": Ask(json=HOOK_BY_API),
        "PUT /api/v1/webhooks/<webhook_id>": Ask(json=HOOK_BY_API),
        "POST /admin/webhooks": Ask(form=HOOK),
        "POST /admin/webhooks/<webhook_id>": Ask(form=HOOK),
        "POST /my/cases/<number>/inquiries": Ask(form={"text": "还要几天？"}),
        "POST /desk/cases/<number>/inquiries": Ask(form={"text": "三个工作日内。"}),
        "POST /desk/cases/<number>/notes": Ask(form={"text": "已电话核实。"}),
        "GET /desk/people": Ask(query={"q": "w"}),
        "GET /search": Ask(query={"q": "昆山"}),
        "POST /desk/tasks/<task_id>/presence": Ask(task),
        "POST /desk/tasks/<task_id>/preview": Ask(task, form=usual_answers("give_opinion")),
        "POST /desk/tasks/<task_id>/preview/<key>": Ask(
            {**task, "key": "opinion"}, form=usual_answers("give_opinion")
        ),
        "POST /login": Ask(form={"username": "zhou", "password": PASSWORD}),
        "GET /static/<filename>": Ask({"filename": "kunxin.css"}),
        "GET /api/docs/static/<filename>": Ask({"filename": "docs.js"}),
        "POST /sandbox/clock": Ask(form={"by": "hour"}),
        "GET /supervision/heatmap/<procedure>": Ask({"procedure": "credit_repair"}),
        "POST /supervision/notices": Ask(form={"task": ids["task_id"], "ground": "催办"}),
        "GET /supervision/notices/new": Ask(query={"task": late}),
        "GET /admin/procedures/<definition_id>/files/<name>": Ask(
            {"name": "credit_repair/procedure.toml"}
        ),
        "GET /admin/procedures/<definition_id>/diff": Ask(query={"with": other}),
        "GET /admin/procedures/<definition_id>/migration": Ask(query=moved),
        "POST /admin/procedures/<definition_id>/migration": Ask(form={**moved, "why": "x"}),
        "POST /admin/migrations/<migration_id>/undo": Ask(form={"why": "x"}),
        "GET /my/apply/done/<number>": Ask({"number": asked}),
    }
    for verb in ("claim", "unclaim"):
        pages[f"POST /desk/tasks/<task_id>/{verb}"] = Ask(task)
    for name in ("", "/pane", "/reassign"):
        pages[f"GET /desk/tasks/<task_id>{name}"] = Ask(task)
    prefix = "/api/v1"
    named = {row.replace(" /", f" {prefix}/", 1): ask for row, ask in api.items()}
    return {**named, **pages}


__all__ = ["Ask", "requests"]
