"""Who sees what: every use case that knows its actor is asked by those who may not."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

import engine.services
from engine.domain.actor import Actor
from engine.domain.emergency import Act, Level
from engine.domain.errors import Invalid, NotFound, NotPermitted, TaskNotOpen
from engine.domain.leave import Cover
from engine.domain.personal_reading import Reading
from engine.domain.sign_in import Place
from engine.domain.views import InboxCounts, Page
from engine.domain.words import Words
from engine.persistence import models
from engine.services import (
    applications,
    calendar_changes,
    calendar_drafts,
    calendar_moved,
    calendar_sheet,
    case_clocks,
    cases,
    certificate_sheets,
    certificates,
    charts,
    clock_actions,
    commitment_sheets,
    commitments,
    course_certificates,
    courses,
    decision_tables,
    decisions,
    deferral_register,
    documents,
    emergencies,
    emergency_acts,
    event_log,
    folder_uploads,
    follow_ups,
    foresight,
    hand_overs,
    inbox_columns,
    incidents,
    inquiries,
    jobs,
    leave,
    letters,
    migrations,
    modeling,
    notes,
    parameters,
    people,
    permissions,
    personal_data,
    presence,
    procedures,
    ratings,
    record_file,
    records,
    related,
    report_lists,
    report_sheet,
    reporting,
    retention,
    retention_view,
    saved_filters,
    site_lists,
    site_work,
    steps_said,
    still_shown,
    supervision,
    supervision_sheets,
    tasks,
    tellings,
    training,
    workload,
)
from engine.services.hand_overs import HandOver
from engine.services.office import Office
from tests.offices import (
    ASK_FOR_PAPERS,
    DEFAULT,
    FIRM,
    MARKET_CODE,
    Practice,
    application,
    day,
    open_practice,
    usual_answers,
)
from tests.oracle import contradictions
from tests.services.asked_of_doors import OF_DOORS, OF_ONESELF

WHOLE = personal_data.Asked(None, "核对", Place("", ""))
PDF = b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"


DECLARED = emergency_acts.Proposal(Act.DECLARE, date(2020, 3, 1), "公告", "防汛", Level.FIRST)
HANDED = folder_uploads.Handed("sample", Words("样例"), "a.zip", 0, {})


@dataclass(frozen=True, slots=True)
class Secrets:
    """What belongs to one enterprise: a case at its correction, with all that hangs on it."""

    number: str
    query_code: str
    record: UUID
    free_record: UUID
    office_task: UUID
    own_task: UUID
    letter: UUID
    paper: UUID
    draft: UUID
    draft_paper: UUID
    definition: UUID


def tell(practice: Practice) -> Secrets:
    office, firm, now = practice.office, practice.firm, practice.now
    record, free = practice.import_penalty(), practice.import_penalty()
    filed = practice.file_case(record)
    paper = documents.attach(
        office, firm, filed.number, "performance_proof", "凭证.pdf", PDF, now=now
    )
    office_task = practice.open_task(filed.number, "review_filing").id
    practice.answer(filed.number, "review_filing", ASK_FOR_PAPERS)
    practice.run_jobs()
    draft = applications.start(office, firm, "credit_repair", [free], now=now)
    draft_paper = applications.attach(
        office, firm, draft, "performance_proof", "凭证.pdf", PDF, now=now
    )
    return Secrets(
        number=filed.number,
        query_code=filed.query_code,
        record=record,
        free_record=free,
        office_task=office_task,
        own_task=practice.open_task(filed.number, "supplement").id,
        letter=practice.of_case(models.Letter, filed.number)[0].id,
        paper=paper.id,
        draft=draft,
        draft_paper=draft_paper.id,
        definition=practice.case(filed.number).definition_id,
    )


@pytest.fixture(scope="module")
def kept(
    sqlite_practice_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Secrets]:
    """The folder of an office that keeps the secrets, made once: every question gets a copy."""
    folder = tmp_path_factory.mktemp("kept")
    shutil.copyfile(sqlite_practice_template, folder / "kunxin.sqlite3")
    practice = open_copy(folder)
    secrets = tell(practice)
    assert contradictions(practice.office) == []
    with practice.office.uow.engine.connect() as connection:  # nothing stays in the write-ahead log
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    practice.close()
    return folder, secrets


class Kept:
    """An office that keeps the secrets: asked again and again, a new copy as soon as one was written to."""

    def __init__(self, origin: Path, secrets: Secrets, copies: Iterator[Path]) -> None:
        self.origin, self.secrets, self._copies = origin, secrets, copies
        self._open()
        self.before = self.practice.everything()

    def _open(self) -> None:
        folder = next(self._copies)
        shutil.copytree(self.origin, folder)
        self.practice = open_copy(folder)
        self._watch = sqlite3.connect(folder / "kunxin.sqlite3")
        self._seen = self._version()

    def _version(self) -> int:
        """Another one whenever another connection has changed the database."""
        (version,) = self._watch.execute("PRAGMA data_version").fetchone()
        return int(version)

    def is_unchanged(self) -> bool:
        return self._version() == self._seen or self.practice.everything() == self.before

    def settle(self) -> None:
        """After a question: nothing is left of what it wrote."""
        if self._version() != self._seen:
            self.close()
            self._open()

    def close(self) -> None:
        assert contradictions(self.practice.office) == []
        self._watch.close()
        self.practice.close()


def open_copy(folder: Path) -> Practice:
    return open_practice(f"sqlite:///{folder / 'kunxin.sqlite3'}", folder, deployed=False)


@pytest.fixture(scope="module")
def office_of_secrets(
    kept: tuple[Path, Secrets], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept]:
    copies = (tmp_path_factory.mktemp("asked") / "copy" for _ in count())
    with closing(Kept(*kept, copies)) as office:
        yield office


@pytest.fixture
def asked(office_of_secrets: Kept) -> Iterator[Kept]:
    yield office_of_secrets
    office_of_secrets.settle()


Call = Callable[[Office, Actor, Secrets], Any]
NOW = day(3, 2)
NO_CODE = "32058320200302000099"

#: Module and function -> a call for what is not one's own.
OTHERS_DEFAULT = {
    **DEFAULT,
    "DS_BH": "昆市监违约〔2020〕7号",
    "DS_DW": "昆山市市场监督管理局",
    "DS_DWDM": MARKET_CODE,
}
CALLS: dict[str, Call] = {
    "case_clocks.choices": lambda o, a, s: case_clocks.choices(o, a, s.number, now=NOW),
    "certificates.register": lambda o, a, s: certificates.register(o, a, now=NOW),
    "clock_actions.pause": lambda o, a, s: clock_actions.pause(
        o, a, s.number, "handling", ground="site_check", reason="核查", expected_on=None, now=NOW
    ),
    "clock_actions.resume": lambda o, a, s: clock_actions.resume(
        o, a, s.number, "handling", reason="恢复", now=NOW
    ),
    "clock_actions.ask_for_extension": lambda o, a, s: clock_actions.ask_for_extension(
        o, a, s.number, amount=1, reason="复杂", now=NOW
    ),
    "clock_actions.decide_extension": lambda o, a, s: clock_actions.decide_extension(
        o, a, s.number, uuid4(), approved=True, opinion="同意", now=NOW
    ),
    "clock_actions.allow_second_correction": lambda o, a, s: clock_actions.allow_second_correction(
        o, a, s.number, ground="误告知", now=NOW
    ),
    "clock_actions.correct_entry": lambda o, a, s: clock_actions.correct_entry(
        o, a, s.number, "acceptance", 1, reason="记错", now=NOW
    ),
    "emergencies.listed": lambda o, a, s: emergencies.listed(o, a, now=NOW),
    "emergencies.resting": lambda o, a, s: emergencies.resting(o, a, now=NOW),
    "emergency_acts.propose": lambda o, a, s: emergency_acts.propose(o, a, DECLARED, now=NOW),
    "emergency_acts.decide": lambda o, a, s: emergency_acts.decide(
        o, a, uuid4(), confirmed=True, note="", now=NOW
    ),
    "certificate_sheets.as_workbook": lambda o, a, s: certificate_sheets.as_workbook(o, a, now=NOW),
    "commitment_sheets.as_csv": lambda o, a, s: commitment_sheets.as_csv(o, a, now=NOW),
    "commitment_sheets.as_workbook": lambda o, a, s: commitment_sheets.as_workbook(o, a, now=NOW),
    "commitments.find": lambda o, a, s: commitments.find(o, a, now=NOW),
    "commitments.get": lambda o, a, s: commitments.get(o, a, NO_CODE, now=NOW),
    "commitments.judge": lambda o, a, s: commitments.judge(
        o, a, NO_CODE, "kept", basis="核查", now=NOW
    ),
    "commitments.may_judge": lambda o, a, s: commitments.may_judge(o, a, NO_CODE),
    "course_certificates.open_certificate": lambda o, a, s: course_certificates.open_certificate(
        o, a, "昆信用培〔2020〕9号"
    ),
    "courses.exam": lambda o, a, s: courses.exam(o, a, uuid4(), now=NOW),
    "courses.answer": lambda o, a, s: courses.answer(o, a, uuid4(), {}, now=NOW),
    "course_certificates.register": lambda o, a, s: course_certificates.register(o, a, {}, now=NOW),
    "ratings.board": lambda o, a, s: ratings.board(o, a, now=NOW),
    "parameters.listed": lambda o, a, s: parameters.listed(o, a),
    "parameters.set_value": lambda o, a, s: parameters.set_value(
        o, a, scope="office", key="light.yellow_days", value="2", basis="本地参数", now=NOW
    ),
    "procedures.definition": lambda o, a, s: procedures.definition(o, a, s.definition, now=NOW),
    "procedures.diff": lambda o, a, s: procedures.diff(o, a, s.definition, s.definition),
    "procedures.file": lambda o, a, s: procedures.file(
        o, a, s.definition, "credit_repair/procedure.toml"
    ),
    "procedures.files": lambda o, a, s: procedures.files(o, a, s.definition),
    "deferral_register.listed": lambda o, a, s: deferral_register.listed(o, a, now=NOW),
    "deferral_register.counts": lambda o, a, s: deferral_register.counts(o, a, now=NOW),
    "deferral_register.as_workbook": lambda o, a, s: deferral_register.as_workbook(o, a, now=NOW),
    "retention_view.look": lambda o, a, s: retention_view.look(o, a, now=NOW),
    "retention.erase": lambda o, a, s: retention.erase(o, a, "notice", now=NOW),
    "reporting.hear": lambda o, a, s: reporting.hear(o, a, [], now=NOW),
    "report_lists.listed": lambda o, a, s: report_lists.listed(o, a, now=NOW),
    "report_lists.counts": lambda o, a, s: report_lists.counts(o, a, now=NOW),
    "report_lists.late_by_unit": lambda o, a, s: report_lists.late_by_unit(o, a, now=NOW),
    "report_sheet.late_sheet": lambda o, a, s: report_sheet.late_sheet(
        o, a, now=NOW, language="zh"
    ),
    "record_file.get": lambda o, a, s: record_file.get(o, a, s.record, now=NOW),
    "personal_data.of_case": lambda o, a, s: personal_data.of_case(o, a, s.number, now=NOW),
    "personal_data.of_record": lambda o, a, s: personal_data.of_record(o, a, s.record),
    "personal_data.read_case": lambda o, a, s: personal_data.read_case(
        o, a, s.number, WHOLE, now=NOW
    ),
    "personal_data.read_record": lambda o, a, s: personal_data.read_record(
        o, a, s.record, WHOLE, now=NOW
    ),
    "personal_data.opened": lambda o, a, s: personal_data.opened(
        o, a, Reading.PAPER, s.paper, place=Place("", ""), now=NOW
    ),
    "site_lists.of_case": lambda o, a, s: site_lists.of_case(o, a, s.number, now=NOW),
    "reporting.put_right": lambda o, a, s: reporting.put_right(
        o, a, s.record, {"conduct": "x"}, reason="x", now=NOW
    ),
    "site_lists.listed": lambda o, a, s: site_lists.listed(o, a, now=NOW),
    "site_lists.counts": lambda o, a, s: site_lists.counts(o, a, now=NOW),
    "site_work.get": lambda o, a, s: site_work.get(o, a, uuid4(), now=NOW),
    "site_work.claim": lambda o, a, s: site_work.claim(o, a, uuid4(), now=NOW),
    "site_work.release": lambda o, a, s: site_work.release(o, a, uuid4(), now=NOW),
    "site_work.log": lambda o, a, s: site_work.log(o, a, uuid4(), "told", channel="phone", now=NOW),
    "site_work.proof": lambda o, a, s: site_work.proof(o, a, uuid4(), 1),
    "still_shown.say": lambda o, a, s: still_shown.say(
        o, a, s.record, "credit_china", link="x", now=NOW
    ),
    "still_shown.answer": lambda o, a, s: still_shown.answer(
        o, a, uuid4(), "not_there", "x", now=NOW
    ),
    "applications.start": lambda o, a, s: applications.start(
        o, a, "credit_repair", [s.free_record], now=NOW
    ),
    "applications.mine": lambda o, a, s: applications.mine(o, a, now=NOW),
    "applications.get": lambda o, a, s: applications.get(o, a, s.draft, now=NOW),
    "applications.save": lambda o, a, s: applications.save(o, a, s.draft, {}, now=NOW),
    "applications.attach": lambda o, a, s: applications.attach(
        o, a, s.draft, "performance_proof", "a.pdf", PDF, now=NOW
    ),
    "applications.detach": lambda o, a, s: applications.detach(
        o, a, s.draft, s.draft_paper, now=NOW
    ),
    "applications.discard": lambda o, a, s: applications.discard(o, a, s.draft, now=NOW),
    "applications.submit": lambda o, a, s: applications.submit(o, a, s.draft, now=NOW),
    "hand_overs.take": lambda o, a, s: hand_overs.take(
        o, a, HandOver("credit_repair", "XYZG-1", FIRM, (), {}), now=NOW
    ),
    "cases.file": lambda o, a, s: cases.file(
        o, a, "credit_repair", FIRM, [s.free_record], application(), now=NOW
    ),
    "cases.find": lambda o, a, s: cases.find(o, a, now=NOW, q=s.number),
    "cases.get": lambda o, a, s: cases.get(o, a, s.number, now=NOW),
    "cases.history": lambda o, a, s: cases.history(o, a, s.number, now=NOW),
    "cases.diagrams": lambda o, a, s: cases.diagrams(o, a, s.number, now=NOW),
    "cases.message": lambda o, a, s: cases.message(
        o, a, s.number, "reconsideration_request", {}, now=NOW
    ),
    "cases.withdraw": lambda o, a, s: cases.withdraw(o, a, s.number, reason="", now=NOW),
    "steps_said.with_case": lambda o, a, s: steps_said.with_case(o, a, s.number, now=NOW),
    "decisions.of_case": lambda o, a, s: decisions.of_case(o, a, s.number, now=NOW),
    "decision_tables.tables": lambda o, a, s: decision_tables.tables(o, a, s.definition),
    "decision_tables.try_table": lambda o, a, s: decision_tables.try_table(
        o, a, s.definition, "eligibility", {}
    ),
    "documents.attach": lambda o, a, s: documents.attach(
        o, a, s.number, "other", "a.pdf", PDF, now=NOW
    ),
    "documents.open_document": lambda o, a, s: documents.open_document(o, a, s.paper),
    "event_log.export": lambda o, a, s: event_log.export(o, a, event_log.Wanted(), now=NOW),
    "charts.charts": lambda o, a, s: charts.charts(o, a, now=NOW),
    "tellings.act": lambda o, a, s: tellings.act(o, a, s.number, "renewal_request", {}, now=NOW),
    "follow_ups.start": lambda o, a, s: follow_ups.start(o, a, s.number, "revocation", {}, now=NOW),
    "incidents.incidents": lambda o, a, s: incidents.incidents(o, a),
    "incidents.get": lambda o, a, s: incidents.get(o, a, uuid4(), now=NOW),
    "incidents.answer": lambda o, a, s: incidents.answer(
        o, a, uuid4(), incidents.Correction(), now=NOW
    ),
    "incidents.move": lambda o, a, s: incidents.move(
        o, a, uuid4(), incidents.Move(s.own_task, "intake", "supplement", "so"), now=NOW
    ),
    "incidents.confirm": lambda o, a, s: incidents.confirm(o, a, uuid4(), now=NOW),
    "incidents.require_second": lambda o, a, s: incidents.require_second(o, a, is_required=True),
    "incidents.retry": lambda o, a, s: incidents.retry(o, a, uuid4(), now=NOW),
    "jobs.jobs": lambda o, a, s: jobs.jobs(o, a),
    "leave.enter": lambda o, a, s: leave.enter(
        o, a, Cover("wang", "shen", NOW.date(), NOW.date()), now=NOW
    ),
    "leave.end": lambda o, a, s: leave.end(o, a, uuid4(), now=NOW),
    "leave.mine": lambda o, a, s: leave.mine(o, a, now=NOW),
    "leave.overview": lambda o, a, s: leave.overview(o, a, now=NOW),
    "leave.preview": lambda o, a, s: leave.preview(
        o, a, Cover("wang", None, NOW.date(), NOW.date()), now=NOW
    ),
    "letters.open_letter": lambda o, a, s: letters.open_letter(o, a, s.letter),
    "migrations.preview": lambda o, a, s: migrations.preview(o, a, uuid4(), uuid4(), {}, now=NOW),
    "migrations.start": lambda o, a, s: migrations.start(
        o, a, uuid4(), uuid4(), {}, reason="so", now=NOW
    ),
    "migrations.undo": lambda o, a, s: migrations.undo(
        o, a, uuid4(), [s.number], reason="so", now=NOW
    ),
    "migrations.get": lambda o, a, s: migrations.get(o, a, uuid4(), now=NOW),
    "migrations.history": lambda o, a, s: migrations.history(o, a),
    "people.people": lambda o, a, s: people.people(o, a),
    "people.colleagues": lambda o, a, s: people.colleagues(o, a, s.own_task),
    "procedures.definitions": lambda o, a, s: procedures.definitions(o, a, now=NOW),
    "procedures.definition_diagrams": lambda o, a, s: procedures.definition_diagrams(
        o, a, s.definition
    ),
    "calendar_drafts.preview": lambda o, a, s: calendar_drafts.preview(
        o, a, calendar_drafts.Request("day"), now=NOW
    ),
    "calendar_changes.propose": lambda o, a, s: calendar_changes.propose(
        o, a, calendar_drafts.Request("day"), now=NOW
    ),
    "calendar_changes.approve": lambda o, a, s: calendar_changes.approve(o, a, uuid4(), now=NOW),
    "calendar_changes.reject": lambda o, a, s: calendar_changes.reject(o, a, uuid4(), now=NOW),
    "calendar_changes.revoke": lambda o, a, s: calendar_changes.revoke(
        o, a, uuid4(), now=NOW, reason="误录"
    ),
    "calendar_changes.changes": lambda o, a, s: calendar_changes.changes(o, a),
    "calendar_changes.change": lambda o, a, s: calendar_changes.change(o, a, uuid4()),
    "folder_uploads.look": lambda o, a, s: folder_uploads.look(o, a, HANDED, now=NOW),
    "folder_uploads.keep": lambda o, a, s: folder_uploads.keep(o, a, HANDED, now=NOW),
    "folder_uploads.deploy_handed": lambda o, a, s: folder_uploads.deploy_handed(
        o, a, HANDED, now=NOW
    ),
    "folder_uploads.approve": lambda o, a, s: folder_uploads.approve(o, a, uuid4(), now=NOW),
    "folder_uploads.reject": lambda o, a, s: folder_uploads.reject(o, a, uuid4(), now=NOW),
    "folder_uploads.deploy_upload": lambda o, a, s: folder_uploads.deploy_upload(
        o, a, uuid4(), now=NOW
    ),
    "folder_uploads.upload": lambda o, a, s: folder_uploads.upload(o, a, uuid4(), now=NOW),
    "folder_uploads.uploads": lambda o, a, s: folder_uploads.uploads(o, a),
    "calendar_moved.moved": lambda o, a, s: calendar_moved.moved(o, a, uuid4()),
    "calendar_sheet.moved": lambda o, a, s: calendar_sheet.moved(o, a, uuid4(), "", language="zh"),
    "calendar_changes.change_preview": lambda o, a, s: calendar_changes.change_preview(
        o, a, uuid4(), now=NOW
    ),
    "records.find": lambda o, a, s: records.find(o, a, now=NOW, subject=FIRM),
    "records.get": lambda o, a, s: records.get(o, a, s.record, now=NOW),
    "records.eligibility": lambda o, a, s: records.eligibility(o, a, FIRM, now=NOW),
    "records.cases_open_to": lambda o, a, s: records.cases_open_to(o, a, [s.number]),
    "records.import_file": lambda o, a, s: records.import_file(o, a, "a.csv", b"", now=NOW),
    "records.import_report": lambda o, a, s: records.import_report(o, a, uuid4()),
    "records.imports": lambda o, a, s: records.imports(o, a),
    "records.enter": lambda o, a, s: records.enter(o, a, OTHERS_DEFAULT, now=NOW),
    "records.report": lambda o, a, s: records.report(o, a, s.record, now=NOW),
    "workload.everybody": lambda o, a, s: workload.everybody(o, a, now=NOW),
    "workload.in_hand": lambda o, a, s: workload.in_hand(o, a, []),
    "supervision.board": lambda o, a, s: supervision.board(o, a, now=NOW),
    "supervision.breaches": lambda o, a, s: supervision.breaches(o, a, now=NOW),
    "supervision.heatmap": lambda o, a, s: supervision.heatmap(o, a, "credit_repair", now=NOW),
    "supervision.answer": lambda o, a, s: supervision.answer(
        o,
        a,
        uuid4(),
        delay_cause="other",
        reply="说明",
        measures="整改",
        finish_by=NOW.date(),
        now=NOW,
    ),
    "supervision.contest": lambda o, a, s: supervision.contest(
        o, a, uuid4(), ground="不对", now=NOW
    ),
    "supervision.decide": lambda o, a, s: supervision.decide(
        o, a, uuid4(), finding="settled", opinion="好", now=NOW
    ),
    "supervision.draft_notices": lambda o, a, s: supervision.draft_notices(
        o, a, [s.own_task], now=NOW
    ),
    "supervision.issue_several": lambda o, a, s: supervision.issue_several(
        o, a, {s.own_task: "催办"}, now=NOW
    ),
    "supervision.notice": lambda o, a, s: supervision.notice(o, a, uuid4(), now=NOW),
    "supervision.places": lambda o, a, s: supervision.places(o, a, now=NOW),
    "supervision.silent": lambda o, a, s: supervision.silent(o, a, now=NOW),
    "supervision_sheets.board_sheet": lambda o, a, s: supervision_sheets.board_sheet(
        o, a, now=NOW, by="department", language="zh"
    ),
    "supervision_sheets.places_sheet": lambda o, a, s: supervision_sheets.places_sheet(
        o, a, {}, now=NOW, language="zh"
    ),
    "supervision.issue_notice": lambda o, a, s: supervision.issue_notice(
        o, a, s.own_task, ground="催办", now=NOW
    ),
    "supervision.notices": lambda o, a, s: supervision.notices(o, a, now=NOW),
    "saved_filters.save": lambda o, a, s: saved_filters.save(o, a, "急件", {}, now=NOW),
    "saved_filters.remove": lambda o, a, s: saved_filters.remove(o, a, uuid4()),
    "inbox_columns.choose": lambda o, a, s: inbox_columns.choose(o, a, ["code"]),
    "inbox_columns.show_as": lambda o, a, s: inbox_columns.show_as(o, a, is_table=True),
    "inbox_columns.matters": lambda o, a, s: inbox_columns.matters(o, a, [s.own_task]),
    "foresight.look": lambda o, a, s: foresight.look(
        o, a, s.own_task, usual_answers("supplement"), now=NOW
    ),
    "foresight.letter": lambda o, a, s: foresight.letter(
        o, a, s.own_task, usual_answers("supplement"), "acceptance", now=NOW
    ),
    "inquiries.of_case": lambda o, a, s: inquiries.of_case(o, a, s.number),
    "inquiries.ask": lambda o, a, s: inquiries.ask(o, a, s.number, "几时办好？", now=NOW),
    "inquiries.answer": lambda o, a, s: inquiries.answer(o, a, s.number, "三天", now=NOW),
    "modeling.model_files": lambda o, a, s: modeling.model_files(o, a, s.definition, {}),
    "modeling.choices": lambda o, a, s: modeling.choices(o, a, s.definition),
    "modeling.edited": lambda o, a, s: modeling.edited(o, a, s.definition, {}),
    "notes.of_case": lambda o, a, s: notes.of_case(o, a, s.number),
    "notes.add": lambda o, a, s: notes.add(o, a, s.number, "你好", now=NOW),
    "notes.people_like": lambda o, a, s: notes.people_like(o, a, "王"),
    "permissions.shown": lambda o, a, s: permissions.shown(o, a),
    "presence.attend": lambda o, a, s: presence.attend(o, a, s.own_task),
    "related.of_case": lambda o, a, s: related.of_case(o, a, s.number, now=NOW),
    "tasks.inbox": lambda o, a, s: tasks.inbox(o, a, now=NOW, scope="all"),
    "tasks.is_short": lambda o, a, s: tasks.is_short(o, a, tasks.Asked("all"), now=NOW),
    "tasks.counts": lambda o, a, s: tasks.counts(o, a, now=NOW),
    "tasks.get": lambda o, a, s: tasks.get(o, a, s.own_task, now=NOW),
    "tasks.form": lambda o, a, s: tasks.form(o, a, s.own_task, now=NOW),
    "tasks.claim": lambda o, a, s: tasks.claim(o, a, s.own_task, now=NOW),
    "tasks.unclaim": lambda o, a, s: tasks.unclaim(o, a, s.own_task, now=NOW),
    "tasks.reassign": lambda o, a, s: tasks.reassign(o, a, s.own_task, "zhou", now=NOW),
    "tasks.delegate": lambda o, a, s: tasks.delegate(o, a, s.own_task, "zhou", now=NOW),
    "tasks.save_draft": lambda o, a, s: tasks.save_draft(o, a, s.own_task, {}, now=NOW),
    "tasks.complete": lambda o, a, s: tasks.complete(
        o, a, s.own_task, usual_answers("supplement"), now=NOW
    ),
    **OF_DOORS,
}

#: What tells everybody the same, or is told by whom it is for.
OPEN = OF_ONESELF | {
    "procedures.open_procedures", "procedures.application_form",
    # one's own, by one's own name: tests/services/test_notices_sent.py
    "notices.mine", "notices.unread", "notices.read", "notices.read_all", "notices.choices",
    "notices.choose",
    # one's own desk: tests/services/test_inbox.py, tests/services/test_desk.py
    "saved_filters.mine", "inbox_columns.arrangement", "presence.leave", "search.everything",
    "notes.number",
    # one's own course: tests/services/test_courses.py
    "courses.study", "courses.read_section", "courses.begin",
    # one's own account: tests/permissions
    "sessions.mine", "sessions.begin", "sessions.end_one", "sessions.end_others",
    "tokens.mine", "tokens.make", "own_password.change", "own_password.prove",
    "second_factors.is_asked", "second_factors.lacks", "second_factors.of", "second_factors.begin",
    "second_factors.confirm", "second_factors.renew_codes", "second_factors.remove",
    "second_factors.must_not_lack",
}  # fmt: skip
#: Rooms behind the use cases: they are asked by use cases only, with a session in hand.
BEHIND = {
    "access", "penalty_revocations", "board", "case_migration", "completion", "covers", "deploying", "deployments", "duplicates",
    "filing",
    "handover", "heat", "idempotency", "inbox_reach", "inbox_view", "incident_raising", "incident_repair",
    "messages", "migration_batches", "migration_survey", "migration_views", "notice_reading",
    "record_changes", "record_entry", "record_import", "repair_plan", "standing", "stepping",
    "supervision_notices", "task_access", "task_page", "task_view", "token_moves", "training",
    "upcoming",
}  # fmt: skip


def use_cases() -> set[str]:
    """Every public function of a service that knows its actor, by module and name."""
    found: set[str] = set()
    for module in pkgutil.iter_modules(engine.services.__path__):
        if module.name in BEHIND or module.ispkg:
            continue
        held = importlib.import_module(f"engine.services.{module.name}")
        for name, function in vars(held).items():
            if not inspect.isfunction(function) or name.startswith("_"):
                continue
            given = list(inspect.signature(function).parameters)
            if given[:2] == ["office", "actor"] and is_told(held, name, function):
                found.add(f"{module.name}.{name}")
    return found


def is_told(module: Any, name: str, function: Any) -> bool:
    """Whether the module offers the function: it is its own, or it hands it on by name."""
    listed = getattr(module, "__all__", None)
    if listed is not None:
        return name in listed
    return bool(function.__module__ == module.__name__) or name in {"message", "withdraw"}


def test_every_use_case_that_knows_its_actor_is_asked_here() -> None:
    assert use_cases() - OPEN == CALLS.keys()


def is_nothing(answer: Any) -> bool:
    """An answer that tells nothing of what is another's."""
    if isinstance(answer, Page):
        return answer.items == ()
    if isinstance(answer, InboxCounts):
        return answer == InboxCounts(0, 0, 0, 0, {}, {})
    if answer is True:  # that a list is short
        return True
    return answer is not None and len(answer) == 0


REFUSED = (NotFound, NotPermitted)


@pytest.mark.parametrize("call", CALLS)
def test_an_enterprise_gets_nothing_of_anothers(asked: Kept, call: str) -> None:
    practice, secrets = asked.practice, asked.secrets
    try:
        answer = CALLS[call](practice.office, practice.other_firm, secrets)
    except REFUSED:
        assert asked.is_unchanged()
        return
    assert is_nothing(answer), answer
    assert asked.is_unchanged()


#: What another department of the staff may do with a case that is none of its business.
STAFF_KNOWS = {
    "records.find", "records.get", "records.eligibility", "record_file.get", "report_lists.listed",
    "report_lists.counts", "report_lists.late_by_unit", "report_sheet.late_sheet",
    "site_lists.listed", "site_lists.counts",
    "deferral_register.listed", "deferral_register.counts", "deferral_register.as_workbook",
    "personal_data.of_record",
    # how one's own inbox looks
    "inbox_columns.choose", "inbox_columns.show_as", "saved_filters.save",
}  # fmt: skip


@pytest.mark.parametrize("call", sorted(CALLS.keys() - STAFF_KNOWS))
def test_a_department_gets_nothing_of_a_case_that_is_none_of_its_business(
    asked: Kept, call: str
) -> None:
    practice, secrets = asked.practice, asked.secrets
    try:
        answer = CALLS[call](practice.office, practice["zheng"], secrets)
    except REFUSED:
        assert asked.is_unchanged()
        return
    assert is_nothing(answer), answer


#: What an enterprise may not do even with what is its own.
OF_THE_OFFICE = (
    "calendar_changes.approve", "calendar_changes.change", "calendar_changes.change_preview",
    "calendar_changes.changes", "calendar_changes.propose", "calendar_changes.reject",
    "calendar_changes.revoke", "calendar_drafts.preview", "calendar_moved.moved", "calendar_sheet.moved",
    "folder_uploads.deploy_handed",
    "folder_uploads.deploy_upload", "folder_uploads.keep", "folder_uploads.look",
    "folder_uploads.upload", "folder_uploads.uploads", "incidents.answer", "incidents.confirm",
    "incidents.get", "incidents.incidents", "incidents.move", "incidents.require_second",
    "incidents.retry", "inquiries.answer", "jobs.jobs", "modeling.choices", "modeling.edited",
    "modeling.model_files", "migrations.get", "migrations.history", "migrations.preview",
    "migrations.start", "migrations.undo", "people.colleagues", "people.people",
    "procedures.definition_diagrams", "procedures.definitions", "records.import_file",
    "certificates.register", "clock_actions.allow_second_correction",
    "clock_actions.ask_for_extension", "clock_actions.correct_entry",
    "clock_actions.pause", "clock_actions.resume",
    "decision_tables.tables", "decision_tables.try_table", "emergencies.listed", "emergencies.resting",
    "emergency_acts.decide", "emergency_acts.propose", "parameters.listed",
    "parameters.set_value", "procedures.definition", "procedures.diff", "procedures.file",
    "procedures.files",
    "records.enter", "records.import_report", "records.imports", "records.report", "supervision.board", "supervision.breaches",
    "supervision.heatmap", "supervision.issue_notice", "supervision.notices",
    "supervision.places", "supervision.silent", "supervision_sheets.board_sheet",
    "supervision_sheets.places_sheet",
)  # fmt: skip


@pytest.mark.parametrize("call", OF_THE_OFFICE)
def test_an_enterprise_does_nothing_of_the_offices(asked: Kept, call: str) -> None:
    practice, secrets = asked.practice, asked.secrets
    with pytest.raises(NotPermitted):
        CALLS[call](practice.office, practice.firm, secrets)


READS_ITS_OWN = (
    "applications.get", "cases.find", "cases.get", "cases.history", "cases.diagrams", "decisions.of_case",
    "documents.open_document", "letters.open_letter", "records.find", "records.get",
    "records.eligibility", "tasks.inbox", "tasks.get", "tasks.form", "applications.mine",
    "personal_data.of_case", "personal_data.of_record", "personal_data.read_case",
)  # fmt: skip


@pytest.mark.parametrize("call", READS_ITS_OWN)
def test_an_enterprise_reads_its_own(asked: Kept, call: str) -> None:
    practice, secrets = asked.practice, asked.secrets
    answer = CALLS[call](practice.office, practice.firm, secrets)
    assert not isinstance(answer, Page | tuple) or not is_nothing(answer)


# ── on both kinds of database: the conditions are SQL ───────────────────────────────────────────


def sees(practice: Practice, who: str, number: str) -> bool:
    found = cases.find(practice.office, practice[who], now=practice.now, q=number).items
    try:
        cases.get(practice.office, practice[who], number, now=practice.now)
    except NotFound:
        assert found == ()
        return False
    assert [row.number for row in found] == [number]
    return True


def test_a_department_sees_a_case_once_it_takes_part_and_from_then_on(practice: Practice) -> None:
    number = practice.file_case().number
    assert sees(practice, "zhou", number)
    assert not sees(practice, "wu", number)
    assert not sees(practice, "wang", number)
    practice.drive_to(number, "give_opinion")
    assert sees(practice, "wu", number)
    assert not sees(practice, "zheng", number)  # the same group, another authority
    practice.drive_to(number, "rate")
    assert sees(practice, "wu", number)
    assert sees(practice, "zhou", number)
    assert not sees(practice, "zheng", number)


def test_the_supervisor_the_leader_and_the_administrator_see_every_case(
    practice: Practice,
) -> None:
    number = practice.file_case().number
    assert all(sees(practice, who, number) for who in ("fang", "xu", "feng"))


def test_somebody_who_was_handed_a_task_sees_its_case(practice: Practice) -> None:
    number, task = practice.at("review_filing")
    assert sees(practice, "firm", number)
    assert not sees(practice, "other_firm", number)
    tasks.reassign(practice.office, practice["zhou"], task.id, "qian", now=practice.now)
    assert sees(practice, "qian", number)


def test_each_inbox_holds_what_is_offered_there_and_nothing_else(practice: Practice) -> None:
    number, _ = practice.at("give_opinion")
    holders = {
        who
        for who in practice.cast
        if tasks.inbox(practice.office, practice[who], now=practice.now, scope="group").items
    }
    assert holders == {"wu"}
    tasks.claim(
        practice.office,
        practice["wu"],
        practice.open_task(number, "give_opinion").id,
        now=practice.now,
    )
    counted = tasks.counts(practice.office, practice["wu"], now=practice.now)
    assert (counted.mine, counted.group) == (1, 0)


def test_an_enterprise_sees_of_its_case_no_work_of_the_office_and_no_supervision(
    practice: Practice,
) -> None:
    number, task = practice.at("give_opinion")
    practice.move_to(day(3, 6))  # overdue: a supervision is open
    office, firm, now = practice.office, practice.firm, practice.now
    with pytest.raises(NotFound):
        tasks.get(office, firm, task.id, now=now)
    view = cases.get(office, firm, number, now=now)
    told = repr((view, cases.history(office, firm, number, now=now)))
    assert "督办" not in told
    assert {card.element_id for card in view.waiting} == {"give_opinion"}
    assert "supervision" not in {
        d.process_id for d in cases.diagrams(office, firm, number, now=now)
    }
    assert {card.element_id for card in tracked(practice, number).waiting} == {"give_opinion"}


def tracked(practice: Practice, number: str) -> Any:
    code = practice.case(number).query_code
    return cases.track(practice.office, number, code, now=practice.now)


def test_a_letter_that_is_not_served_yet_is_not_seen_by_whom_it_is_for(practice: Practice) -> None:
    number, _ = practice.at("take_down", electronic_service=False, postal_address="示例路 8 号")
    practice.run_jobs()
    (decision,) = [
        each for each in practice.of_case(models.Letter, number) if each.key == "repair_granted"
    ]
    with pytest.raises(NotFound):
        letters.open_letter(practice.office, practice.firm, decision.id)
    assert letters.open_letter(practice.office, practice["fang"], decision.id)[1]
    view = cases.get(practice.office, practice.firm, number, now=practice.now)
    assert "repair_granted" not in {letter.key for letter in view.letters}


def test_tracking_needs_the_right_pair_and_tells_no_name(practice: Practice) -> None:
    filed = practice.file_case()
    task = practice.open_task(filed.number, "review_filing")
    tasks.claim(practice.office, practice["zhou"], task.id, now=practice.now)
    found = cases.track(practice.office, filed.number, filed.query_code.lower(), now=practice.now)
    assert found.number == filed.number
    assert practice.case(filed.number).subject_name not in repr(found)
    assert practice.case(filed.number).applicant_name not in repr(found)
    assert "zhou" not in repr(found)
    other = practice.file_case()
    for number, code in (
        (filed.number, other.query_code),
        (other.number, filed.query_code),
        (filed.number, ""),
        ("KSXY-XF-20200302-999999", filed.query_code),
    ):
        with pytest.raises(NotFound):
            cases.track(practice.office, number, code, now=practice.now)


def test_the_public_sees_only_what_is_shown_today(practice: Practice) -> None:
    record = practice.import_penalty()

    def listed() -> set[UUID]:
        found = records.published(practice.office, q="", now=practice.now).items
        return {row.id for row in found}

    assert record in listed()
    number = practice.file_case(record).number
    assert record in listed()
    practice.drive_to(number, "rate")
    assert record not in listed()
    other = practice.import_penalty()
    training.anchor(practice.office, day(12, 1))  # its year of publication is over
    assert other not in listed()


@pytest.mark.parametrize("call", ["tasks.claim", "tasks.save_draft", "tasks.complete"])
def test_the_supervisor_sees_all_and_does_nobodys_work(asked: Kept, call: str) -> None:
    practice, secrets = asked.practice, asked.secrets
    with pytest.raises((NotPermitted, TaskNotOpen)):
        CALLS[call](practice.office, practice["fang"], secrets)


def test_a_wrong_code_is_no_subject(practice: Practice) -> None:
    with pytest.raises(Invalid):
        records.eligibility(practice.office, practice["zhou"], "91320583MA1X00018U", now=NOW)
