"""An office whose services answer from the samples: pages are tried without a database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from engine.domain.actor import Actor
from engine.domain.calendar import Calendar
from engine.domain.downstream import Downstream
from engine.domain.errors import NotFound
from engine.domain.views import (
    CaseFile,
    Completed,
    InboxCounts,
    Page,
    PersonView,
    ProcedureView,
    TaskPage,
    TaskView,
)
from engine.domain.words import Words
from engine.services.inbox_columns import Arrangement
from engine.services.sessions import Opened
from engine.settings import ROOT
from tests.web import desk_samples as desk

EVERYBODY = {
    actor.username: actor
    for actor in (
        desk.CLERK,
        desk.SUPERVISOR,
        desk.ADMINISTRATOR,
        desk.AUTHORITY,
        desk.OFFICER,
        desk.ENTERPRISE,
    )
}
COLLEAGUE = PersonView(
    "gujianguo", "顾建国", "credit_office", desk.OFFICE, ("credit_chief",), (Words("科长", "Chief"),), None, True
)  # fmt: skip
REPAIR = ProcedureView(
    "credit_repair", desk.REPAIR, Words("提前撤下公示的行政处罚信息。"), "2020", 3, ("发改办财金〔2019〕527号",),
    date(2019, 7, 1), date(2023, 4, 30), 10, True, 34, desk.at(2, 14), desk.sample_id("definition"),
)  # fmt: skip
APPLICATION = {
    "properties": {
        "contact": {"type": "string", "title": "经办人", "x-title-en": "Contact"},
        "phone": {"type": "string", "title": "手机", "x-title-en": "Mobile"},
        "rectification": {"type": "string", "title": "整改情况", "x-title-en": "Rectification"},
        "commit": {
            "type": "boolean",
            "title": "公开作出信用承诺",
            "x-title-en": "Public commitment",
        },
    }
}


SITES = ROOT / "workflows/common/sites.toml"


@dataclass
class SampleOffice:
    """Stands where the real office stands; `calls` remembers what was asked of it."""

    clock: datetime = desk.NOW
    tasks: tuple[TaskView, ...] = desk.TASKS
    page: TaskPage = desk.PAGE
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refusals: dict[str, Exception] = field(default_factory=dict)
    sites: Downstream = field(default_factory=lambda: Downstream(SITES.read_text("utf-8")))
    training: bool = True
    is_training: bool = True
    identity_provider: Any = None
    settings: Any = field(
        default_factory=lambda: SimpleNamespace(secret_key="sample", sandbox=True)
    )

    def now(self) -> datetime:
        return self.clock

    def calendar(self) -> Calendar:
        return desk.CALENDAR

    def asked(self, name: str) -> list[dict[str, Any]]:
        return [given for called, given in self.calls if called == name]


def _task(office: SampleOffice, task_id: UUID) -> TaskView:
    for task in office.tasks:
        if task.id == task_id:
            return task
    raise NotFound("没有这件任务。", "there is no such task")


def inbox(office: SampleOffice, actor: Actor, **wanted: Any) -> Page[TaskView]:
    def fits(task: TaskView) -> bool:
        scope = {"mine": task.assignee == actor.username, "group": task.assignee is None}
        by_light = wanted["light"] in (None, task.light)
        return scope.get(wanted["scope"], True) and by_light and wanted["q"] in task.case_title

    found = tuple(task for task in office.tasks if fits(task))
    return Page(found, None, len(found))


def counts(office: SampleOffice, actor: Actor, **_: Any) -> InboxCounts:
    mine = [task for task in office.tasks if task.assignee == actor.username]
    lights = {
        light: sum(task.light == light for task in mine)
        for light in ("red", "yellow", "green", "blue")
    }
    group = sum(task.assignee is None for task in office.tasks)
    return InboxCounts(len(mine), group, 6, 84, lights, {"credit_repair": len(mine)})


def get_task(office: SampleOffice, actor: Actor, task_id: UUID, **_: Any) -> TaskPage:
    task = _task(office, task_id)
    case = replace(office.page.case, tasks=(task,))
    return replace(office.page, task=task, case=case)


def complete(
    office: SampleOffice, actor: Actor, task_id: UUID, answers: Mapping[str, Any], **_: Any
) -> Completed:
    rest = [task for task in office.tasks if task.id != task_id and task.assignee == actor.username]
    return Completed(_task(office, task_id).case_number, rest[0].id if rest else None)


def get_case(office: SampleOffice, actor: Actor, number: str, **_: Any) -> Any:
    if number != desk.NUMBER:
        raise NotFound("没有这个案件。", "there is no such case")
    return office.page.case


#: "module.function" -> what it answers; a plain value is answered as it is.
ANSWERS: dict[str, Any] = {
    "sessions.open_session": lambda office, token, now: Opened(
        next(actor for actor in EVERYBODY.values() if str(actor.id) == token), UUID(token), False
    ),
    "sessions.end": "",
    "second_factors.is_asked": False,
    "second_factors.lacks": False,
    "people.colleagues": (COLLEAGUE,),
    "procedures.open_procedures": (REPAIR,),
    "procedures.titles": {"credit_repair": desk.REPAIR},
    "procedures.application_form": APPLICATION,
    "tasks.inbox": inbox,
    "tasks.counts": counts,
    "saved_filters.mine": (),
    "saved_filters.save": desk.sample_id("filter"),
    "saved_filters.remove": None,
    "inbox_columns.arrangement": Arrangement(),
    "inbox_columns.show_as": None,
    "inbox_columns.choose": None,
    "inbox_columns.matters": {},
    "search.everything": desk.FOUND,
    "steps_said.with_case": lambda *given, **named: CaseFile(
        get_case(*given, **named), (desk.OPINION,)
    ),
    "notes.number": 1,
    "notes.of_case": (desk.NOTE,),
    "notes.add": None,
    "notes.people_like": (COLLEAGUE,),
    "related.of_case": (desk.RELATED,),
    "presence.attend": desk.COMPANY,
    "presence.leave": None,
    "foresight.look": desk.FORESIGHT,
    "foresight.letter": b"%PDF-1.7 sample",
    "tasks.get": get_task,
    "tasks.form": lambda office, actor, task_id, now: office.page.form,
    "tasks.complete": complete,
    "tasks.claim": None,
    "tasks.unclaim": None,
    "tasks.reassign": None,
    "tasks.delegate": None,
    "tasks.save_draft": desk.NOW,
    "cases.find": Page(desk.ROWS, None, len(desk.ROWS)),
    "cases.get": get_case,
    "cases.history": desk.HISTORY,
    "inquiries.of_case": desk.INQUIRIES,
    "inquiries.ask": None,
    "inquiries.answer": None,
    "cases.diagrams": desk.DIAGRAMS,
}


def service(name: str, answer: Any) -> Callable[..., Any]:
    """A service function that remembers the call, refuses when told to, and answers."""

    def call(office: SampleOffice, *given: Any, **named: Any) -> Any:
        office.calls.append((name, {"given": given, **named}))
        if name in office.refusals:
            raise office.refusals[name]
        return answer(office, *given, **named) if callable(answer) else answer

    return call
