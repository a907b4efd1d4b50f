"""What was kept long enough is erased by its rule: by a job or by order, on record, and the chain holds."""

from __future__ import annotations

import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from engine.domain.errors import Invalid, NotFound, NotPermitted
from engine.domain.retention import By, Rule, read_rules
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime import catalog
from engine.runtime.packing import unpack
from engine.services import (
    applications,
    audit,
    cases,
    daily_jobs,
    documents,
    history_check,
    history_export,
    jobs,
    notices,
    retention,
    retention_view,
)
from engine.services import letters as letters_given_out
from engine.services.retention_kinds import KINDS
from engine.settings import ROOT
from tests.offices import Practice, application, usual_answers

RULES = read_rules(tomllib.loads((ROOT / "workflows/retention.toml").read_text("utf-8")))
PAPER = b"%PDF-1.7 one paper"
HANDLER = str(application()["handler_name"])
#: Every table whose rows belong to a case.
OF_CASES = [
    mapper.class_
    for mapper in models.Case.registry.mappers
    if "case_id" in mapper.columns and mapper.class_ is not models.ProcessInstance
]


def later(practice: Practice, months: int) -> None:
    practice.clock.pass_by(timedelta(days=31 * months))
    practice.office.sweeps.clear()


def next_day(practice: Practice) -> None:
    practice.clock.pass_by(timedelta(days=1))
    practice.office.sweeps.clear()
    daily_jobs.promise(practice.office)
    jobs.run_due(practice.office)


def closed(practice: Practice, paper: bytes = PAPER) -> str:
    number = practice.file_case().number
    documents.attach(
        practice.office, practice["zhou"], number, "rectification", "身份证.pdf", paper,
        now=practice.now,
    )  # fmt: skip
    practice.drive_to(number, "rate")
    return number


def test_every_kind_has_a_period_a_basis_in_law_and_a_way_to_go() -> None:
    laws = catalog.laws_of(catalog.read_folder(ROOT / "workflows", "credit_repair"))
    going = {rule.key for rule in RULES if rule.by is not By.NEVER}
    assert going == {*KINDS, retention.CASES}
    for rule in RULES:
        cited = laws.citations(rule.basis)
        assert any(each.law for each in cited), rule.key
        assert rule.title.zh
        assert rule.title.en
    with pytest.raises(Invalid):
        read_rules({"kinds": [{"key": "a", "zh": "", "en": "", "by": "job", "basis": "x"}]})


@pytest.mark.parametrize(
    ("now", "months", "before"),
    [
        ("2026-03-31", 1, "2026-02-28"),
        ("2028-03-31", 1, "2028-02-29"),
        ("2026-01-15", 6, "2025-07-15"),
        ("2026-12-31", 360, "1996-12-31"),
    ],
)
def test_a_period_is_counted_in_calendar_months(now: str, months: int, before: str) -> None:
    rule = Rule("a", Words(""), By.JOB, "b", "c", months)
    moment = datetime.fromisoformat(now + "T02:00").replace(tzinfo=UTC)
    assert rule.before(moment).isoformat() == f"{before}T02:00:00+00:00"


def test_an_application_that_was_never_filed_goes_by_the_daily_job_with_its_paper(
    practice: Practice,
) -> None:
    office, record = practice.office, practice.import_penalty()
    draft = applications.start(office, practice.firm, "credit_repair", [record], now=practice.now)
    paper = applications.attach(
        office, practice.firm, draft, "rectification", "a.pdf", PAPER, now=practice.now
    )
    later(practice, 5)
    daily_jobs.promise(office)
    jobs.run_due(office)
    assert applications.get(office, practice.firm, draft, now=practice.now).id == draft
    later(practice, 2)
    assert {due.rule.key: due.count for due in retention.preview(office, now=practice.now)}[
        "drafts"
    ] == 1
    daily_jobs.promise(office)
    jobs.run_due(office)
    # two months in which nobody was here, or a clock that has leapt: the next day tells
    assert applications.get(office, practice.firm, draft, now=practice.now).id == draft
    next_day(practice)
    with pytest.raises(NotFound):
        applications.get(office, practice.firm, draft, now=practice.now)
    seen = retention_view.look(office, practice["feng"], now=practice.now)
    (told,) = seen.erasures
    assert (told.kind, told.actor, told.rows, told.months) == ("drafts", "system", 1, 6)
    assert told.title.zh == "没有提交的申请及其附件"
    assert {each.rule.key: each.count for each in seen.rules}["drafts"] == 0
    assert office.files.holds(paper.sha256)
    next_day(practice)
    assert not office.files.holds(paper.sha256)


def test_a_preview_changes_nothing(practice: Practice) -> None:
    closed(practice)
    later(practice, 361)
    before = practice.everything()
    due = {
        each.rule.key: each.count for each in retention.preview(practice.office, now=practice.now)
    }
    assert due[retention.CASES] == 1
    assert due["history"] == 0
    assert practice.everything() == before


def test_a_closed_case_is_erased_by_order_and_its_history_still_proves_what_was_done(
    practice: Practice,
) -> None:
    office = practice.office
    number, other = closed(practice), closed(practice)
    open_one = practice.file_case().number
    before = practice.history(number)
    (paper,) = practice.of_case(models.Paper, number)
    letters = [row for row in practice.of_case(models.Letter, number) if row.sha256]
    assert HANDLER in whole_text(practice, number)
    later(practice, 361)
    with pytest.raises(NotPermitted):
        retention.erase(office, practice["wu"], retention.CASES, now=practice.now)
    with pytest.raises(Invalid):
        retention.erase(office, practice["feng"], "letters", now=practice.now)
    assert retention.erase(office, practice["feng"], retention.CASES, now=practice.now) == 2
    assert retention.erase(office, practice["feng"], retention.CASES, now=practice.now) == 0

    after = practice.history(number)
    assert [(e.hash, e.kind, e.at) for e in after[:-1]] == [(e.hash, e.kind, e.at) for e in before]
    assert {(e.detail, e.actor_name, str(e.changes), e.salt) for e in after[:-1]} == {
        ("", "", "{}", None)
    }
    last = after[-1]
    assert (last.kind, last.actor, last.changes["through"]) == (
        "history_erased",
        "feng",
        len(before),
    )
    assert not office.files.holds(paper.sha256)
    told_of_letters_and_process(practice, number, letters)
    case = practice.case(number)
    assert (case.answers, case.facts, case.applicant_name) == ({}, {}, "")
    assert all(not task.answers for task in practice.of_case(models.Task, number))
    with practice.reading() as session:
        assert session.scalar(select(func.count()).select_from(models.Erasure)) == 2
    assert practice.case(open_one).erased_at is None
    assert practice.case(other).erased_at is not None

    assert list(history_check.verify_history(office)) == []
    assert [str(flaw) for flaw in audit.examine(office) if flaw.where == number] == []
    told = [each for each in history_export.export(office, number) if "line" in each]
    assert sum("payload" in each for each in told) == 1
    shown = cases.get(office, practice["lin"], number, now=practice.now)
    assert shown.outcome is not None
    assert cases.history(office, practice["lin"], number, now=practice.now)


def whole_text(practice: Practice, number: str) -> str:
    """Whatever the rows of a case say, the data of its processes unpacked."""
    rows = [vars(row) for table in OF_CASES for row in practice.of_case(table, number)]
    states = [unpack(row.state) for row in practice.of_case(models.ProcessInstance, number)]
    return repr([vars(practice.case(number)), rows]) + b"".join(states).decode()


def told_of_letters_and_process(
    practice: Practice, number: str, before: list[models.Letter]
) -> None:
    """Nothing is left of the person; number, moments and hash of its letters are, and the drawing."""
    office = practice.office
    assert HANDLER not in whole_text(practice, number)
    assert len(before) >= 2
    now = {row.id: row for row in practice.of_case(models.Letter, number)}
    for letter in before:
        kept = now[letter.id]
        assert (kept.number, kept.sha256, kept.issued_at) == (
            letter.number,
            letter.sha256,
            letter.issued_at,
        )
        assert not office.files.holds(str(letter.sha256))
        with pytest.raises(NotFound, match="保存期"):
            letters_given_out.open_letter(office, practice["lin"], letter.id)
    numbered = next(row for row in before if row.number)
    checked = letters_given_out.certificate(office, str(numbered.number), now=practice.now)
    assert (checked.sha256, checked.issuer) == (numbered.sha256, numbered.data["issuer"])
    drawn = cases.diagrams(office, practice["lin"], number, now=practice.now)
    assert "done" in {state for view in drawn for state in view.elements.values()}
    view = cases.get(office, practice["lin"], number, now=practice.now)
    assert {(each.is_ready, each.is_erased) for each in view.letters} == {(False, True)}
    assert view.follow_ups == ()


def test_a_file_that_is_handed_in_again_in_the_instant_it_is_erased_is_not_lost(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, number = practice.office, closed(practice)
    other = practice.file_case().number
    later(practice, 361)
    put = office.files.put
    between: list[str] = []

    def put_and_be_overtaken(content: bytes) -> str:
        key = put(content)
        if not between:  # the file is in the store, and no row of the upload names it yet
            between.append(key)
            retention.erase(office, practice["feng"], retention.CASES, now=practice.now)
            assert not office.files.holds(key)
        return key

    monkeypatch.setattr(office.files, "put", put_and_be_overtaken)
    paper = documents.attach(
        office, practice["zhou"], other, "rectification", "b.pdf", PAPER, now=practice.now
    )
    assert between == [paper.sha256]
    assert practice.case(number).erased_at is not None
    assert documents.open_document(office, practice["zhou"], paper.id)[1] == PAPER


def test_who_erases_leaves_a_file_that_somebody_is_about_to_name(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL, where two may write at once: the row is written, and nobody else sees it yet."""
    if practice.office.uow.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    office, _ = practice.office, closed(practice)
    other = practice.file_case().number
    later(practice, 361)
    put = office.files.put
    asked: list[str] = []

    def erase() -> None:
        retention.erase(office, practice["feng"], retention.CASES, now=practice.now)

    def put_while_another_erases(content: bytes) -> str:
        key = put(content)
        asked.append(key)
        if len(asked) == 2:  # within the transaction of the row
            with ThreadPoolExecutor(1) as another:
                another.submit(erase).result()
        return key

    monkeypatch.setattr(office.files, "put", put_while_another_erases)
    paper = documents.attach(
        office, practice["zhou"], other, "rectification", "b.pdf", PAPER, now=practice.now
    )
    assert office.files.holds(paper.sha256)
    left = [row.files for row in practice.all(select(models.Erasure)) if not row.is_dropped]
    assert left == [[paper.sha256]]
    daily_jobs.promise(office)
    jobs.run_due(office)
    assert office.files.holds(paper.sha256)
    assert practice.all(select(models.Erasure).where(models.Erasure.is_dropped.is_(False))) == []


def test_a_file_that_another_case_holds_stays(practice: Practice) -> None:
    number, other = closed(practice), practice.file_case().number
    documents.attach(
        practice.office, practice["zhou"], other, "rectification", "b.pdf", PAPER, now=practice.now
    )
    later(practice, 361)
    (paper,) = practice.of_case(models.Paper, number)
    retention.erase(practice.office, practice["feng"], retention.CASES, now=practice.now)
    assert practice.case(number).erased_at is not None
    assert practice.office.files.holds(paper.sha256)


def test_what_an_officer_has_read_of_a_closed_case_goes_and_what_an_applicant_was_told_stays(
    practice: Practice,
) -> None:
    office, firm = practice.office, practice.firm
    number, still_open = closed(practice), practice.at("first_review")[0]
    practice.run_jobs()
    for username in practice.cast:
        notices.read_all(office, practice[username], now=practice.now)

    def told(number: str) -> dict[str, int]:
        return Counter(each.recipient for each in practice.of_case(models.Notice, number))

    before = told(number)
    officer, *_ = set(before) - {firm.username}
    assert before[firm.username]
    with office.uow.begin() as session:  # what one of them was told is of another case, still open
        row = models.Notice
        one = session.scalars(select(row).where(row.recipient == officer)).first()
        assert one is not None
        one.case_id = practice.case(still_open).id
    before, of_open = told(number), told(still_open)
    later(practice, 2)
    next_day(practice)
    assert told(number) == before
    later(practice, 2)
    next_day(practice)
    assert told(number) == {firm.username: before[firm.username]}
    assert of_open[officer] == told(still_open)[officer] == 1


def test_a_nudge_that_nobody_has_read_stays(practice: Practice) -> None:
    number = closed(practice)
    practice.run_jobs()
    before = {each.id for each in practice.of_case(models.Notice, number)}
    later(practice, 4)
    next_day(practice)
    assert before <= {each.id for each in practice.of_case(models.Notice, number)}


def test_an_instance_that_has_ended_holds_no_answers(practice: Practice) -> None:
    number = closed(practice)
    practice.complete(number, "rate", by=practice.firm)
    (row,) = practice.of_case(models.ProcessInstance, number)
    assert row.is_finished
    stored = unpack(row.state)
    assert b'"t":[[' in stored  # the elements that it passed
    assert HANDLER.encode() not in stored
    assert str(usual_answers("first_review")["opinion"]).encode() not in stored
