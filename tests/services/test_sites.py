"""Removal tracked to the end: what each site owes, by when, who saw it done, and what the firm says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import select

from engine.domain.clock import EntryKind
from engine.domain.downstream import RUNNING, Act, Downstream, Duty, Progress, after, duty_of
from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.domain.record import Cause, Origin, Publication, RecordEvent
from engine.exchange.credit_platform import LineAnswer
from engine.persistence import models
from engine.services import (
    cases,
    notices,
    parameters,
    record_changes,
    record_clocks,
    record_file,
    registers,
    report_lists,
    report_sheet,
    reporting,
    site_lists,
    site_work,
    still_shown,
)
from engine.services.site_work import Proof
from engine.services.writing import Writing
from engine.settings import ROOT
from tests.offices import Practice, day

PICTURE = Proof("屏幕截图.png", b"\x89PNG\r\n\x1a\n" + b"0" * 20)
SITES = {"credit_kunshan", "credit_jiangsu", "credit_china", "enterprise_publicity", "industry"}


def owed(practice: Practice, record_id: UUID) -> dict[str, models.Obligation]:
    """By site; the newest of each."""
    row = models.Obligation
    asked = select(row).where(row.record_id == record_id).order_by(row.opened_at, row.id)
    return {each.site: each for each in practice.all(asked)}


def acts(practice: Practice, obligation: models.Obligation) -> list[str]:
    row = models.ObligationAct
    asked = select(row).where(row.obligation_id == obligation.id).order_by(row.sequence)
    return [each.act for each in practice.all(asked)]


def due(practice: Practice, obligation: models.Obligation) -> date:
    (clock,) = practice.all(
        select(models.RecordClock).where(models.RecordClock.id == obligation.clock_id)
    )
    return practice.office.calendar().local_date(clock.due_at)


def log(
    practice: Practice, row: models.Obligation, act: str, *, by: str = "lin", **told: Any
) -> None:
    site_work.log(practice.office, practice[by], row.id, act, now=practice.now, **told)


def granted(practice: Practice) -> tuple[UUID, str]:
    """A repair that was granted, taken down, seen by a second person, and told upwards."""
    record = practice.import_penalty()
    number = practice.file_case(record).number
    practice.drive_to(number, "verify")
    practice.complete(number, "verify")
    return record, number


# ── what arises ─────────────────────────────────────────────────────────────────────────────────


def test_a_granted_repair_leaves_an_obligation_for_each_site_with_its_limit(
    practice: Practice,
) -> None:
    record, number = granted(practice)
    rows = owed(practice, record)
    assert rows.keys() == SITES
    assert {row.case_number for row in rows.values()} == {number}
    assert {row.duty for row in rows.values()} == {"remove"}
    today = practice.office.calendar().local_date(practice.now)
    assert due(practice, rows["credit_china"]) > today
    view = site_work.get(practice.office, practice["lin"], rows["industry"].id, now=practice.now)
    assert "527号" in view.basis
    assert view.clock.reading.total == 3


def test_this_citys_own_site_was_seen_by_two_before_it_counted(practice: Practice) -> None:
    record, _ = granted(practice)
    own = owed(practice, record)["credit_kunshan"]
    assert own.state == "done"
    assert acts(practice, own) == ["opened", "seen_done", "confirmed"]
    row = models.ObligationAct
    people = {
        each.act: each.actor
        for each in practice.all(select(row).where(row.obligation_id == own.id))
    }
    assert people["seen_done"] != people["confirmed"]


def test_the_cases_own_notice_and_its_answer_stand_with_the_sites(practice: Practice) -> None:
    record, number = granted(practice)
    assert acts(practice, owed(practice, record)["credit_china"]) == ["opened", "pushed"]
    practice.acknowledge(number)
    assert owed(practice, record)["credit_china"].state == "acknowledged"
    assert owed(practice, record)["credit_jiangsu"].state == "asked"
    answers = {
        "sites_checked": ["credit_china", "credit_jiangsu"],
        "sites_found": "still_shown",
        "shown_on": ["credit_jiangsu"],
    }
    practice.answer(number, "verify_sites", answers)
    rows = owed(practice, record)
    assert rows["credit_china"].state == "done"
    assert acts(practice, rows["credit_jiangsu"])[-2:] == ["not_yet", "pushed"]


def test_what_was_never_reported_is_owed_by_no_platform(practice: Practice) -> None:
    record = practice.import_penalty()
    with practice.office.uow.begin() as session:
        row = session.get_one(models.Record, record)
        row.version += 1
        row.reporting = "pending"
    _happens(practice, record, RecordEvent.REVOKED)
    assert owed(practice, record).keys() == {"credit_kunshan", "enterprise_publicity", "industry"}


def test_a_record_imported_after_its_term_is_owed_by_nobody(practice: Practice) -> None:
    record = practice.import_penalty(CF_JDRQ="2018-03-02")
    assert practice.record(record).publication == "withdrawn_expired"
    assert owed(practice, record) == {}


def _happens(
    practice: Practice, record_id: UUID, event: RecordEvent, origin: Origin = Origin.CASE
) -> None:
    office, actor = practice.office, practice["lin"]
    number = "KSXY-YY-20200302-000009" if origin is Origin.CASE else ""
    cause = Cause(event, number, "step", actor.username, "昆信异〔2020〕1号", origin)
    with office.uow.begin() as session:
        record = session.get_one(models.Record, record_id, with_for_update=True)
        by = Writing(office, session, actor, practice.now)
        record_changes.change(by, record, cause)


def test_the_clock_tells_the_platform_what_no_case_told_it(practice: Practice) -> None:
    record = practice.import_penalty(CF_JDRQ="2019-03-02")
    practice.move_to(day(3, 3, 9))
    row = owed(practice, record)["credit_china"]
    assert acts(practice, row) == ["opened", "pushed"]
    sent = [orjson.loads(p.read_bytes()) for p in (practice.folder / "exchange/out").iterdir()]
    (notice,) = [each for each in sent if each["notice"] == "takedown"]
    assert str(row.id) in {line["line"] for line in notice["records"]}
    reporting.take_answers(practice.office, [LineAnswer(str(row.id), True)], now=practice.now)
    assert owed(practice, record)["credit_china"].state == "acknowledged"
    registers.sweep(practice.office, now=practice.now, at_once=True)
    assert acts(practice, row) == ["opened", "pushed", "acknowledged"]


def test_put_back_makes_the_opposite_obligation_and_reports_again(practice: Practice) -> None:
    record, _ = granted(practice)
    practice.show(day(3, 2, 11))
    _happens(practice, record, RecordEvent.PROMISE_BROKEN)
    rows = owed(practice, record)
    back = {site for site, row in rows.items() if row.duty == "put_back"}
    assert back == {"credit_kunshan", "credit_jiangsu", "credit_china"}
    assert rows["industry"].state == "dropped"  # never told to take it down: it shows it still
    practice.move_to(practice.now + (day(3, 3) - day(3, 2)))
    assert practice.record(record).reporting == "reported"
    assert acts(practice, owed(practice, record)["credit_china"]) == ["opened", "pushed"]
    with pytest.raises(Conflict, match="按规定正在公示"):
        say(practice, record)  # that it is shown again is what the site owes


def test_a_site_that_never_heard_of_a_removal_owes_nothing_when_it_is_taken_back(
    practice: Practice,
) -> None:
    record = practice.import_penalty()
    _happens(practice, record, RecordEvent.TEMPORARILY_WITHDRAWN)
    _happens(practice, record, RecordEvent.PUT_BACK)
    rows = owed(practice, record)
    assert {row.state for row in rows.values()} == {"dropped"}
    assert {row.duty for row in rows.values()} == {"remove"}


# ── the centre's work ───────────────────────────────────────────────────────────────────────────


def test_a_removal_is_told_seen_with_proof_confirmed_by_another_and_looked_at_again(
    practice: Practice,
) -> None:
    record, _ = granted(practice)
    row = owed(practice, record)["enterprise_publicity"]
    log(practice, row, "told", channel="phone", note="市场监管局信用科")
    with pytest.raises(Invalid) as refused:
        log(practice, row, "seen_done")
    assert "proof" in refused.value.fields
    log(practice, row, "seen_done", proof=PICTURE, channel="web")
    with pytest.raises(NotPermitted, match="须换人"):
        log(practice, row, "confirmed")
    log(practice, row, "confirmed", by="he")
    done = owed(practice, record)["enterprise_publicity"]
    assert done.state == "done"
    assert done.recheck_at is not None
    with pytest.raises(Conflict):
        log(practice, row, "told", channel="phone")
    practice.move_to(day(3, 30))
    waiting = site_lists.listed(
        practice.office, practice["lin"], now=practice.now, show="to_recheck"
    )
    assert done.id in {each.id for each in waiting.items}
    log(practice, row, "rechecked")
    assert owed(practice, record)["enterprise_publicity"].state == "closed"
    kept = site_work.proof(practice.office, practice["he"], row.id, 3)
    assert (kept.filename, kept.content) == (PICTURE.filename, PICTURE.content)


def test_a_site_has_done_it_when_it_was_seen_not_when_it_was_confirmed(practice: Practice) -> None:
    record, _ = granted(practice)
    row = owed(practice, record)["enterprise_publicity"]
    seen_at = practice.now
    log(practice, row, "seen_done", link="x")
    practice.show(seen_at + timedelta(days=1))
    log(practice, row, "confirmed", by="he")
    with practice.reading() as session:
        clock = session.get_one(models.RecordClock, row.clock_id)
        stop = record_clocks.entries_of(session, clock)[-1]
    told = (stop.kind, stop.effective_at, stop.recorded_at)
    assert told == (EntryKind.STOP, seen_at, practice.now)


def test_who_takes_on_what_is_done_does_not_move_the_day_of_the_second_look(
    practice: Practice,
) -> None:
    record, _ = granted(practice)
    row = owed(practice, record)["industry"]
    log(practice, row, "seen_done", link="x")
    again_at = owed(practice, record)["industry"].recheck_at
    assert again_at is not None
    practice.show(practice.now + timedelta(days=3))
    site_work.claim(practice.office, practice["lin"], row.id, now=practice.now)
    assert owed(practice, record)["industry"].recheck_at == again_at


def test_what_comes_back_opens_again_with_a_clock_that_begins_afresh(practice: Practice) -> None:
    record, _ = granted(practice)
    row = owed(practice, record)["industry"]
    log(practice, row, "seen_done", link="https://example.org/x")
    assert owed(practice, record)["industry"].state == "done"  # needs no second person
    practice.move_to(day(3, 20))
    with pytest.raises(Invalid):
        log(practice, row, "undone")
    log(practice, row, "undone", note="又出现了")
    again = owed(practice, record)["industry"]
    assert again.state == "open"
    assert due(practice, again) == date(2020, 3, 25)


def test_one_holds_it_and_another_may_not_work_on_it(practice: Practice) -> None:
    record, _ = granted(practice)
    row = owed(practice, record)["industry"]
    site_work.claim(practice.office, practice["lin"], row.id, now=practice.now)
    with pytest.raises(Conflict):
        site_work.claim(practice.office, practice["he"], row.id, now=practice.now)
    with pytest.raises(NotPermitted):
        log(practice, row, "told", by="he", channel="phone")
    site_work.release(practice.office, practice["lin"], row.id, now=practice.now)
    log(practice, row, "told", by="he", channel="phone")
    stale = owed(practice, record)["industry"].version - 1
    with pytest.raises(Conflict):
        log(practice, row, "told", by="he", channel="phone", version=stale)


def test_the_supervisor_sees_what_is_over(practice: Practice) -> None:
    record, number = granted(practice)
    practice.show(day(3, 20))
    with practice.reading() as session:
        assert site_lists.over_count(session, now=practice.now) == 4  # all but this city's own
    found = site_lists.listed(practice.office, practice["fang"], now=practice.now, show="over")
    assert {row.record_id for row in found.items} == {record}
    counted = site_lists.counts(practice.office, practice["fang"], now=practice.now)
    assert (counted.over, counted.done) == (4, 1)
    public = cases.track(
        practice.office, number, practice.case(number).query_code, now=practice.now
    )
    assert len(public.sites) == 5


# ── "still shown" ───────────────────────────────────────────────────────────────────────────────


def say(practice: Practice, record: UUID, site: str = "credit_china", **told: Any) -> UUID:
    given = {"link": "https://example.org/1", **told}
    return still_shown.say(practice.office, practice.firm, record, site, now=practice.now, **given)


def test_an_enterprise_says_still_shown_and_is_answered_within_a_limit(practice: Practice) -> None:
    record, number = granted(practice)
    practice.acknowledge(number)
    row = owed(practice, record)["credit_china"]
    log(practice, row, "seen_done", link="x")
    log(practice, row, "confirmed", by="he")
    with pytest.raises(Invalid):
        say(practice, record, link=" ")
    word = say(practice, record, proof=PICTURE)
    again = owed(practice, record)["credit_china"]
    assert again.state == "open"
    with pytest.raises(Conflict):
        say(practice, record)
    listed = site_lists.listed(practice.office, practice["lin"], now=practice.now, show="contested")
    assert [each.id for each in listed.items] == [row.id]
    told = [each.title for each in notices.mine(practice.office, practice["lin"]).items]
    assert any("仍在公示" in each.zh for each in told)

    def answer(finding: str, text: str = "已撤下", who: str = "lin") -> None:
        still_shown.answer(practice.office, practice[who], word, finding, text, now=practice.now)

    with pytest.raises(NotPermitted):
        answer("not_there", who="zhou")
    with pytest.raises(Conflict):
        answer("done_now")  # nobody has seen it gone
    with pytest.raises(Invalid):
        answer("not_there", " ")
    log(practice, row, "seen_done", link="x")
    answer("done_now")
    with pytest.raises(Conflict):
        answer("done_now")
    view = site_work.get(practice.office, practice.firm, row.id, now=practice.now)
    (contest,) = view.contests
    assert (contest.state, contest.answer, contest.answered_by) == ("answered", "已撤下", "")
    assert contest.clock is not None
    assert contest.clock.reading.state == "stopped"
    assert all(each.actor_name == "" for each in view.acts)
    mine = [each.title for each in notices.mine(practice.office, practice.firm).items]
    assert any("已答复" in each.zh for each in mine)


def test_a_third_partys_site_owes_something_once_somebody_finds_the_record_there(
    practice: Practice,
) -> None:
    record, _ = granted(practice)
    assert "third_party" not in owed(practice, record)
    say(practice, record, "third_party")
    assert owed(practice, record)["third_party"].state == "open"


def test_nobody_contests_what_is_shown_by_right_or_anothers(practice: Practice) -> None:
    record = practice.import_penalty()
    with pytest.raises(Conflict):
        say(practice, record)
    with pytest.raises(NotFound):
        still_shown.say(
            practice.office, practice.other_firm, record, "credit_china", link="x", now=practice.now
        )
    with pytest.raises(Invalid):
        say(practice, record, "nowhere")


def test_another_firm_sees_nothing_of_it(practice: Practice) -> None:
    record, number = granted(practice)
    row = owed(practice, record)["industry"]
    office, other, now = practice.office, practice.other_firm, practice.now
    for ask in (
        lambda: site_work.get(office, other, row.id, now=now),
        lambda: site_lists.of_case(office, other, number, now=now),
        lambda: record_file.get(office, other, record, now=now),
    ):
        with pytest.raises(NotFound):
            ask()
    assert len(site_lists.of_case(office, practice.firm, number, now=now)) == 5
    assert len(record_file.get(office, practice.firm, record, now=now).obligations) == 5


# ── the page of a record, and the late list ─────────────────────────────────────────────────────


def test_a_records_file_holds_cases_sites_and_its_clock(practice: Practice) -> None:
    record, number = granted(practice)
    found = record_file.get(practice.office, practice.firm, record, now=practice.now)
    assert [each.number for each in found.cases] == [number]
    assert found.cases[0].may_open
    assert found.report is not None
    assert found.reporting_clock is not None
    assert all(entry.actor == "" for entry in found.reporting_clock.entries)
    inside = record_file.get(practice.office, practice["zheng"], record, now=practice.now)
    assert not inside.cases[0].may_open


def test_the_late_list_says_by_department_how_many_and_through_whom(practice: Practice) -> None:
    in_time = practice.import_penalty(CF_JDRQ="2020-02-28")
    practice.import_penalty(CF_JDRQ="2020-02-10")  # came after its end
    refused = practice.import_penalty(CF_JDRQ="2020-02-28")
    for record, cause in ((in_time, ""), (refused, "格式不符")):
        (report,) = practice.all(select(models.Report).where(models.Report.record_id == record))
        line = LineAnswer(str(report.id), not cause, cause)
        reporting.take_answers(practice.office, [line], now=practice.now)
    practice.show(day(3, 20))
    (unit,) = report_lists.late_by_unit(practice.office, practice["fang"], now=practice.now)
    assert (unit.total, unit.in_time, unit.late, unit.over, unit.by_unit) == (3, 1, 1, 1, 1)
    assert unit.rate == pytest.approx(1 / 3)
    late = report_lists.listed(practice.office, practice["fang"], now=practice.now, show="late")
    assert {row.whose for row in late.items} == {"department", "office"}
    with practice.reading() as session:
        assert report_lists.over_count(session, now=practice.now) == 1
    book = report_sheet.late_sheet(
        practice.office, practice["fang"], now=practice.now, language="zh"
    )
    assert book[:2] == b"PK"
    with pytest.raises(NotPermitted):
        report_lists.late_by_unit(practice.office, practice.firm, now=practice.now)


def test_an_administrator_sets_how_long_a_site_has_where_no_law_says_it(practice: Practice) -> None:
    def set_to(value: str, key: str) -> None:
        parameters.set_value(
            practice.office,
            practice["feng"],
            scope="",
            key=key,
            value=value,
            basis="与省平台约定",
            now=practice.now,
        )

    offered = {each.key: each for each in parameters.listed(practice.office, practice["feng"])}
    assert (offered["site.platform_2019"].usual, offered["site.platform_2019"].unit) == (
        "3",
        "working_days",
    )
    set_to("2", "site.platform_2019")
    set_to("4", "site.still_shown")
    record, number = granted(practice)
    owed_by = {site: row.clock_id for site, row in owed(practice, record).items()}
    clocks = {each.id: each for each in practice.all(select(models.RecordClock))}
    amounts = {site: clocks[clock].amount for site, clock in owed_by.items()}
    assert (amounts["credit_china"], amounts["credit_jiangsu"], amounts["industry"]) == (2, 2, 3)
    practice.acknowledge(number)
    row = owed(practice, record)["credit_china"]
    log(practice, row, "seen_done", link="x")
    log(practice, row, "confirmed", by="he")
    say(practice, record, proof=PICTURE)
    (word,) = practice.all(select(models.StillShown))
    (clock,) = practice.all(
        select(models.RecordClock).where(models.RecordClock.id == word.clock_id)
    )
    assert clock.amount == 4


# ── the rules alone ─────────────────────────────────────────────────────────────────────────────


def test_every_site_has_a_limit_on_every_day_for_every_event() -> None:
    told = Downstream((ROOT / "workflows/common/sites.toml").read_text("utf-8"))
    days = (
        date(2019, 7, 1),
        date(2023, 4, 30),
        date(2023, 5, 1),
        date(2026, 3, 31),
        date(2026, 4, 1),
    )
    for site in told.sites:
        for event in RecordEvent:
            for kind in ("penalty", "court_default", "default_event"):
                for on in days:
                    limit = told.limit(site, event, kind, on)
                    assert limit.basis
                    assert "36号" not in limit.basis or on >= date(2026, 4, 1)
                    assert "22号" not in limit.basis or on >= date(2026, 4, 1)


@pytest.mark.parametrize("state", list(Progress))
@pytest.mark.parametrize("act", [each for each in Act if each is not Act.OPENED])
def test_an_act_is_possible_or_refused_and_a_dropped_one_stays_dropped(
    state: Progress, act: Act
) -> None:
    try:
        reached = after(state, act, needs_second=True)
    except Conflict:
        return
    assert state is not Progress.DROPPED
    if act is Act.SEEN_DONE:
        assert reached is Progress.CHECKED
    if act in (Act.UNDONE, Act.CONTESTED):
        assert reached in RUNNING


def test_only_what_leaves_or_enters_the_public_page_is_owed() -> None:
    for before in Publication:
        for now in Publication:
            duty = duty_of(before, now)
            if duty is Duty.REMOVE:
                assert before is Publication.SHOWN
            if duty is Duty.PUT_BACK:
                assert now is Publication.SHOWN
            if before is now:
                assert duty is None
