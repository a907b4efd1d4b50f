"""Where a case or a record holds numbers of people: each text by its place, with a title for readers."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain import listing
from engine.domain.personal_numbers import holds_numbers, texts
from engine.domain.personal_reading import HeldText
from engine.domain.record_kind import RecordKind
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.procedure import Procedure
from engine.services.case_reading import CaseReading
from engine.services.cases import OF_THE_OFFICE

_PHONE = Words("企业电话", "Telephone of the enterprise")
_CONDUCT, _CONTENT = Words("违法行为或事实", "Conduct or facts"), Words("内容", "Content")
_APPLICANT = Words("主体说明", "Statement of the subject")
_PROVIDER = Words("提供单位说明", "Statement of the provider")


def of_case(reading: CaseReading) -> tuple[HeldText, ...]:
    """As far as the reading's actor sees the case: an enterprise none of the office's own work."""
    held = (*_of_application(reading), *_of_records(reading), *_of_tasks(reading))
    return tuple(each for each in (*held, *_of_history(reading)) if holds_numbers(each.text))


def of_record(row: models.Record) -> tuple[HeldText, ...]:
    return tuple(each for each in _of_record(row, "") if holds_numbers(each.text))


def _of_application(reading: CaseReading) -> Iterator[HeldText]:
    case = reading.case
    subject = reading.session.get_one(models.Subject, case.subject_code)
    yield HeldText("subject.phone", _PHONE, subject.phone)
    titles = _titles(reading.procedure)
    for name, value in case.answers.items():
        yield HeldText(f"answers.{name}", titles.get(name, Words(name)), _joined(value))


def _of_records(reading: CaseReading) -> Iterator[HeldText]:
    record, ids = models.Record, [UUID(each) for each in reading.case.record_ids]
    for row in reading.session.scalars(select(record).where(record.id.in_(ids))):
        yield from _of_record(row, f"{row.number} · ")


def _of_record(row: models.Record, before: str) -> Iterator[HeldText]:
    parts = [("conduct", _CONDUCT, row.conduct), ("content", _CONTENT, row.content)]
    if row.kind != RecordKind.PENALTY:
        told = listing.details(RecordKind(row.kind), row.fields)
        parts += [(each.code, Words(each.name, each.english), text) for each, text in told]
    for place, note in enumerate(row.notes):
        parts.append((f"notes.{place}.applicant", _APPLICANT, note["applicant"]))
        parts.append((f"notes.{place}.provider", _PROVIDER, note["provider"]))
    for key, title, text in parts:
        shown = Words(f"{before}{title.zh}", f"{before}{title.en}")
        yield HeldText(f"record.{row.id}.{key}", shown, text)


def _of_tasks(reading: CaseReading) -> Iterator[HeldText]:
    titles = _titles(reading.procedure)
    is_inside = reading.sees_supervision
    for task in reading.tasks:
        if not is_inside and task.candidate_group != "applicant":
            continue
        step = reading.element(task).title
        for name, value in {**(task.draft or {}), **(task.answers or {})}.items():
            asked = titles.get(name, Words(name))
            title = Words(f"{step.zh} · {asked.zh}", f"{step.en or step.zh} · {asked.within('en')}")
            yield HeldText(f"task.{task.id}.{name}", title, _joined(value))


def _of_history(reading: CaseReading) -> Iterator[HeldText]:
    event = models.Event
    asked = select(event).where(event.case_id == reading.case.id).order_by(event.sequence)
    for row in reading.session.scalars(asked):
        if reading.sees_supervision or not row.kind.startswith(OF_THE_OFFICE):
            yield HeldText(f"history.{row.sequence}", Words(row.title, row.title_en), row.detail)


def _joined(value: Any) -> str:
    return "\n".join(texts(value))


def _titles(procedure: Procedure) -> Mapping[str, Words]:
    """What questions are called, by their names; of several forms the application's words go first."""
    named: dict[str, Words] = {}
    forms = procedure.forms
    for key in sorted(forms, key=lambda key: key != "application"):
        for name, question in forms[key].get("properties", {}).items():
            title = str(question.get("title", name))
            named.setdefault(name, Words(title, str(question.get("x-title-en", title))))
    return named


def record_of(session: Session, row: models.Record) -> tuple[str, ...]:
    """Numbers of the cases that hold or held the record, as its own row and history tell."""
    event = models.RecordEvent
    told = select(event.case_number).where(
        event.record_id == row.id, event.case_number.is_not(None)
    )
    return tuple({*row.holds.values(), *filter(None, session.scalars(told))})
