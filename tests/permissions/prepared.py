"""One office with one of everything in it, and everybody who might come for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import event, select

from engine.domain.actor import Actor
from engine.domain.emergency import Act
from engine.domain.leave import Cover
from engine.domain.sign_in import Place
from engine.exchange.outgoing import Allowed, Outgoing
from engine.persistence import models
from engine.services import (
    applications,
    calendar_changes,
    clock_actions,
    commitments,
    courses,
    documents,
    emergencies,
    emergency_acts,
    folder_uploads,
    history_checks,
    inquiries,
    leave,
    notes,
    procedures,
    records,
    saved_filters,
    sessions,
    site_work,
    still_shown,
    supervision,
    tasks,
    tokens,
    webhooks,
)
from engine.services.calendar_drafts import Request
from engine.settings import read_settings
from tests.offices import ASK_FOR_PAPERS, BY_POST, MONDAY, Practice, day, open_practice
from tests.runtime.sketches import Sketch, folder
from web.app import create_app

PASSWORD = "for tests of who may"
PHONE, CARD = "13812345678", "11010519491231002X"
PDF = b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"
PICTURE = site_work.Proof("屏幕截图.png", b"\x89PNG\r\n\x1a\n" + b"0" * 20)

#: Column of the matrix -> who comes; None comes without an account.
COMES: dict[str, str | None] = {
    "public": None,
    "own_firm": "firm",
    "other_firm": "other_firm",
    "window": "zhou",
    "clerk": "wang",
    "chief": "gu",
    "department": "wu",
    "other_department": "zheng",
    "certifier": "yuan",
    "centre": "lin",
    "leader": "xu",
    "supervisor": "fang",
    "administrator": "feng",
    "auditor": "shi",
    "service": "court-program",
}
#: Who is not in the usual cast: username -> (group, department).
JOINED = {
    "shi": ("auditor", "credit_office"),
    "court-program": ("platform", None),
    "feng2": ("administrator", "credit_office"),
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """The office, the application on it, and the ids that stand in addresses."""

    practice: Practice
    app: Flask
    ids: dict[str, str]

    @contextmanager
    def for_nothing(self) -> Iterator[list[str]]:
        """What is done within is undone at its end; the statements that wrote are listed."""
        written: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
                written.append(statement)

        office = self.practice.office
        event.listen(office.uow.engine, "before_cursor_execute", note)
        try:
            with office.uow.together():
                yield written
                raise _Undone
        except _Undone:
            pass
        finally:
            event.remove(office.uow.engine, "before_cursor_execute", note)
            if written:
                office.forget()
                office.sweeps.clear()
                office.instances.__init__()  # type: ignore[misc]
                office.anchor.__init__()  # type: ignore[misc]


class _Undone(Exception):
    """Takes back what a request has written."""


def prepare(database_url: str, place: Path) -> Prepared:
    practice = open_practice(database_url, place, deployed=False)
    _join(practice)
    return _served(practice, {**_things(practice), **_of_the_office(practice)})


def reopen(database_url: str, place: Path, ids: dict[str, str]) -> Prepared:
    """The office that another process has prepared."""
    practice = open_practice(database_url, place, deployed=False)
    for name, (person, group, unit) in _joined().items():
        practice.cast[name] = Actor(
            person, name, name, unit, frozenset({group}), is_service=group == "platform"
        )
    return _served(practice, ids)


def _served(practice: Practice, ids: dict[str, str]) -> Prepared:
    place = practice.folder
    settings = read_settings({"KUNXIN_SECRET_KEY": "for tests", "KUNXIN_DATA_DIR": str(place)})
    app = create_app(practice.office, settings)
    app.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    return Prepared(practice, app, ids)


def _joined() -> dict[str, tuple[UUID, str, str | None]]:
    return {
        name: (UUID(int=5000 + number), group, unit)
        for number, (name, (group, unit)) in enumerate(JOINED.items())
    }


def _join(practice: Practice) -> None:
    with practice.office.uow.begin() as session:
        for name, (person, group, unit) in _joined().items():
            practice.cast[name] = Actor(
                person, name, name, unit, frozenset({group}), is_service=group == "platform"
            )
            session.add(
                models.Person(
                    id=person,
                    username=name,
                    password_hash="nobody signs in",
                    name=name,
                    department=unit,
                    groups=[group],
                    subject_code=None,
                    created_at=MONDAY,
                    is_service=group == "platform",
                )
            )
        zhou = select(models.Person).where(models.Person.username == "zhou")
        session.scalars(zhou).one().password_hash = PasswordHasher(1, 8, 1).hash(PASSWORD)
        by_name = select(models.Person).where(models.Person.username == "wu")
        session.scalars(by_name).one().groups = ["authority", "responsible_unit"]
    wu = practice["wu"]
    practice.cast["wu"] = Actor(
        wu.id, "wu", "wu", wu.department, frozenset({"authority", "responsible_unit"})
    )


def _things(practice: Practice) -> dict[str, str]:
    """What belongs to one enterprise: cases at every stage, records, papers, letters, drafts."""
    office, firm, now = practice.office, practice.firm, practice.now
    # the one that everything else is asked about: department and clerk have done their part
    record = practice.import_penalty()
    held = practice.import_penalty(CF_NR=f"罚款0.5万元。当事人证号{CARD}，电话{PHONE}。")
    number = practice.file_case(held).number
    task = practice.drive_to(number, "second_review")
    paper = documents.attach(office, firm, number, "performance_proof", "凭证.pdf", PDF, now=now)
    notes.add(office, practice["wang"], number, f"经办人证号{CARD}，已核对。", now=now)
    inquiries.ask(office, firm, number, f"请打{PHONE}。", now=now)
    by, key = practice["wang"], "handling"
    clock_actions.pause(
        office,
        by,
        number,
        key,
        ground="expert",
        reason="请专家核对。",
        expected_on=date(2020, 3, 5),
        now=now,
    )
    paused = max(e.sequence for e in _entries(practice, number) if e.kind == "pause")
    clock_actions.resume(office, by, number, key, reason="意见已收到。", now=now)
    extension = clock_actions.ask_for_extension(
        office, practice["wang"], number, amount=2, reason="案情复杂，须核对。", now=now
    )
    # one in which it is the enterprise's turn
    asked = practice.file_case().number
    practice.answer(asked, "review_filing", ASK_FOR_PAPERS)
    # one that ended well, with letters, a certificate, a commitment, sites to be watched
    removed = practice.import_penalty()
    ended = practice.file_case(removed).number
    practice.drive_to(ended, "rate")
    practice.run_jobs()
    draft = applications.start(office, firm, "credit_repair", [record], now=now)
    draft_paper = applications.attach(
        office, firm, draft, "performance_proof", "凭证.pdf", PDF, now=now
    )
    promised = commitments.find(office, practice["wang"], now=now, q="").items
    return {
        "number": number,
        "task_id": str(task.id),
        "document_id": str(paper.id),
        "extension_id": str(extension),
        "paused": str(paused),
        "asked_number": asked,
        "asked_task": str(practice.open_task(asked, "supplement").id),
        "ended_number": ended,
        "query_code": practice.case(ended).query_code,
        "letter_id": str(_letter(practice, ended).id),
        "letter_number": _letter(practice, ended).number or "",
        "unserved_letter": str(_unserved(practice)),
        "record_id": str(record),
        "held_record": str(held),
        "default_record": str(practice.enter_default()),
        "removed_record": str(removed),
        "draft_id": str(draft),
        "draft_document": str(draft_paper.id),
        "code": promised[0].code,
        **_course(practice),
        **_account(practice),
        **_sites(practice, removed),
    }


def _account(practice: Practice) -> dict[str, str]:
    """A token and a session of the enterprise's handler."""
    office, place = practice.office, Place("127.0.0.1", "", "tests")
    tokens.make(office, practice.firm, "测试", ["cases:read"], 30, place=place)
    held = sessions.begin(office, practice.firm, place=place)
    return {
        "token_id": str(tokens.mine(office, practice.firm)[0].id),
        "session_id": str(sessions.mine(office, practice.firm, this=None)[0].id),
        "session": str(held),
        "username": "qian",
    }


def _course(practice: Practice) -> dict[str, str]:
    office, firm, now = practice.office, practice.firm, practice.now
    course = courses.taught(office, now=now)
    for section in course.sections:
        courses.read_section(office, firm, section.key, attendee="陈一苇", now=now)
    passed = courses.begin(office, firm, now=now)
    drawn = courses.exam(office, firm, passed, now=now).questions
    questions = (course.question(each.key) for each in drawn)
    answers = {each.key: sorted(each.right) for each in questions if each is not None}
    told = courses.answer(office, firm, passed, answers, now=now)
    return {
        "section": course.sections[0].key,
        "course_certificate": told.certificate or "",
        "exam_id": str(courses.begin(office, firm, now=now)),
    }


def _entries(practice: Practice, number: str) -> list[models.ClockEntry]:
    clock = practice.clock_of(number, "handling")
    rows = practice.of_case(models.ClockEntry, number)
    return [each for each in rows if each.clock_id == clock.id]


def _letter(practice: Practice, number: str) -> models.Letter:
    return next(
        each
        for each in practice.of_case(models.Letter, number)
        if each.key == "repair_granted" and each.sha256
    )


def _unserved(practice: Practice) -> UUID:
    number, _ = practice.at("take_down", **BY_POST)
    practice.run_jobs()
    return next(
        each.id for each in practice.of_case(models.Letter, number) if each.key == "repair_granted"
    )


def _sites(practice: Practice, record: UUID) -> dict[str, str]:
    office, now = practice.office, practice.now
    row = models.Obligation
    owed = {one.site: one for one in practice.all(select(row).where(row.record_id == record))}
    running = owed["industry"]
    site_work.log(
        office, practice["lin"], running.id, "seen_done", link="https://example.org", now=now,
        proof=PICTURE,
    )  # fmt: skip
    act = models.ObligationAct
    proof = practice.all(
        select(act.sequence).where(act.obligation_id == running.id, act.act == "seen_done")
    )
    word = still_shown.say(
        office, practice.firm, record, "credit_china", link="https://example.org/1", now=now
    )
    return {
        "obligation_id": str(owed["enterprise_publicity"].id),
        "seen_obligation": str(running.id),
        "sequence": str(proof[0]),
        "word_id": str(word),
        "said_obligation": str(owed["credit_china"].id),
    }


def _of_the_office(practice: Practice) -> dict[str, str]:
    """What belongs to no enterprise: versions, changes that wait for a second person, incidents."""
    office, feng, now = practice.office, practice["feng2"], practice.now
    (response,) = emergencies.known(office)
    end = emergency_acts.Proposal(Act.END, date(2020, 3, 27), "公告", "疫情平稳", None, response.id)
    act = emergency_acts.propose(office, feng, end, now=now)
    change = calendar_changes.propose(
        office,
        feng,
        Request(source="day", on=date(2020, 6, 4), name="防汛", document="通知", reason="停课停工"),
        now=now,
    )
    taken = leave.enter(
        office,
        practice["wang"],
        Cover("wang", "shen", date(2020, 3, 9), date(2020, 3, 10)),
        now=now,
    )
    own = {p.key: p for p in procedures.definitions(office, feng, now=now)}["credit_repair"]
    every = practice.all(
        select(models.ProcessDefinition.id).where(
            models.ProcessDefinition.procedure == "credit_repair"
        )
    )
    other = next(one for one in every if one != own.definition_id)
    upload = folder_uploads.keep(office, feng, folder_uploads.gathered(office, _folder()), now=now)
    import_id = records.imports(office, practice["lin"])[0].id
    return {
        "act_id": str(act),
        "change_id": str(change),
        "leave_id": str(taken.id),
        "definition_id": str(own.definition_id),
        "other_definition": str(other),
        "filter_id": str(
            saved_filters.save(office, practice["wang"], "我的", {"scope": "group"}, now=now)
        ),
        "upload_id": str(upload),
        "check_id": str(history_checks.ask(office, practice["feng"])),
        **_webhook(practice),
        "deployment_id": str(upload),
        "import_id": str(import_id),
        **_stuck(practice, own.definition_id, other),
        **_late(practice),
    }


def _webhook(practice: Practice) -> dict[str, str]:
    """A webhook with a message, where nobody listens."""
    office, feng = practice.office, practice["feng"]
    office.outgoing = Outgoing(Allowed.read(["127.0.0.0/8"]))
    kind = next(iter(webhooks.events())).value
    told = webhooks.Told("监管平台", "http://127.0.0.1:9/hook", (kind,))
    made, _ = webhooks.add(office, feng, told)
    webhooks.test(office, feng, made)
    _, deliveries = webhooks.get(office, feng, made)
    return {"webhook_id": str(made), "delivery_id": str(deliveries[0].id)}


def _folder() -> list[tuple[str, bytes]]:
    """A small procedure as it is handed in."""
    drawn = Sketch().start().task("look", "after").end().flow("start > look > after > end")
    return list(folder(drawn).items())


def _late(practice: Practice) -> dict[str, str]:
    """A department over its limit, with the supervision notice that asks it why."""
    number, task = practice.at("give_opinion")
    tasks.claim(practice.office, practice["wu"], task.id, now=practice.now)
    practice.move_to(day(3, 6))
    notice = next(
        iter(supervision.notices(practice.office, practice["fang"], now=practice.now).items)
    )
    told = practice.all(
        select(models.Notice).where(
            models.Notice.recipient == "firm", models.Notice.channel == "inbox"
        )
    )
    return {
        "late_number": number,
        "late_task": str(task.id),
        "supervision_notice": str(notice.id),
        "notice_id": str(told[0].id),
    }


def _stuck(practice: Practice, origin: Any, target: Any) -> dict[str, str]:
    """An incident and a migration as rows: what one does with them is tried elsewhere."""
    incident, migration = uuid4(), uuid4()
    now = practice.now
    case = practice.all(select(models.Case.id))[0]
    with practice.office.uow.begin() as session:
        session.add(
            models.Incident(
                id=incident, number="GZ-1", kind="job", case_id=case, title="文书", title_en="letter",
                cause="打印失败", cause_en="not printed", act={}, fingerprint="x", raised_at=now,
                last_at=now, story=[],
            )
        )  # fmt: skip
        session.add(
            models.Migration(
                id=migration, procedure="credit_repair", from_id=origin, to_id=target, mapping={},
                accepts_losses=False, reason="x", state="done", started_by="feng", started_at=now,
            )
        )  # fmt: skip
    return {"incident_id": str(incident), "migration_id": str(migration)}
