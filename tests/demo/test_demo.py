"""The demo: filled once by its own services, then looked at as its people would."""

from __future__ import annotations

import shutil
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import bootstrap
from engine.demo import accounts, fill
from engine.demo.cast import cast
from engine.demo.papers import PAPERS
from engine.demo.story import APPLICANT, OFFICE_TIME, agenda, moment, phrases, stories
from engine.domain.actor import Actor
from engine.domain.clock import ClockState, Light
from engine.domain.identifiers import uscc_problem
from engine.domain.office_time import office_day, office_time
from engine.domain.views import CaseView
from engine.persistence import models
from engine.runtime import catalog
from engine.services import (
    applications,
    cases,
    documents,
    heat,
    incidents,
    jobs,
    letters,
    people,
    records,
    report_lists,
    site_lists,
    supervision,
    tasks,
    training,
)
from engine.services.office import Office
from engine.settings import ROOT, read_settings
from tests.oracle import broken_link

NOW = fill.ENDS
MAIN_CASE = "KSXY-XF-20200217-000003"


@dataclass(frozen=True)
class Demo:
    office: Office
    views: dict[str, CaseView]

    def actor(self, username: str) -> Actor:
        return people.actor_of_username(self.office, username)

    @property
    def open_elements(self) -> Counter[str]:
        return Counter(
            task.element_id
            for view in self.views.values()
            for task in view.tasks
            if task.state in ("ready", "claimed")
        )

    @property
    def kinds_of_event(self) -> set[str]:
        supervisor = self.actor("luxiaolan")
        return {
            event.kind
            for number in self.views
            for event in cases.history(self.office, supervisor, number, now=NOW)
        }


@pytest.fixture(scope="module")
def demo(filled_office: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The month that `kunxin demo` has filled, on a copy: filling it is what takes the time."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(filled_office, folder, dirs_exist_ok=True)
    settings = read_settings(
        {"KUNXIN_DATA_DIR": str(folder), "KUNXIN_SANDBOX": "1", "KUNXIN_SECRET_KEY": "for tests"}
    )
    office = bootstrap.open_office(settings)
    assert fill.is_filled(office)
    supervisor = people.actor_of_username(office, "luxiaolan")
    found = cases.find(office, supervisor, now=NOW, limit=200).items
    views = {row.number: cases.get(office, supervisor, row.number, now=NOW) for row in found}
    yield Demo(office, views)
    office.uow.engine.dispose()


# ── what a newcomer sees ────────────────────────────────────────────────────────────────────────


def test_a_newcomer_sees_thirty_cases_and_more(demo: Demo) -> None:
    assert len(demo.views) == sum(not story.until for story in stories())
    assert sum(view.state == "open" for view in demo.views.values()) >= 30


def test_the_clock_stands_at_nine_on_monday_the_second_of_march(demo: Demo) -> None:
    with demo.office.uow.read() as session:
        kept = session.scalar(select(models.Setting).where(models.Setting.key == training.KEY))
    assert kept is not None
    assert kept.value["shown"].startswith("2020-03-02T01:00:")


@pytest.mark.parametrize(
    "element",
    [
        "review_filing",
        "supplement",
        "give_opinion",
        "settle_silence",
        "assist",
        "first_review",
        "site_check",
        "second_review",
        "approve",
        "take_down",
        "verify",
        "verify_sites",
        "register_receipt",
        "reconsider",
        "approve_reconsideration",
        "answer",
        "check_answer",
        "handle",
        "rate",
        "answer_bad_rating",
        "check_producer",
        "visit_site",
        "match",
    ],
)
def test_there_is_an_open_task_of_each_kind(demo: Demo, element: str) -> None:
    assert demo.open_elements[element] >= 1


@pytest.mark.parametrize(
    "element", ["await_receipt", "may_ask", "court_decides", "await_reply", "in_term"]
)
def test_there_is_a_case_in_each_wait_that_is_nobody_s_task(demo: Demo, element: str) -> None:
    waiting = select(models.Wait.element_id).where(models.Wait.ended_at.is_(None))
    with demo.office.uow.read() as session:
        assert element in session.scalars(waiting).all()


@pytest.mark.parametrize(
    "outcome",
    [
        "granted",
        "refused",
        "not_accepted",
        "withdrawn",
        "deemed_withdrawn",
        "revoked",
        "expired",
        "court_refused",
    ],
)
def test_there_is_a_case_of_each_outcome(demo: Demo, outcome: str) -> None:
    assert outcome in {view.outcome for view in demo.views.values()}


@pytest.mark.parametrize(
    "kind",
    [
        "deemed_accepted",
        "reconsidered",
        "misconduct",
        "subject_corrected",
        "clock_paused",
        "clock_changed",
        "supervision_closed",
        "supervision_escalated",
        "task_reassigned",
        "served",
    ],
)
def test_the_turns_a_case_may_take_have_been_taken(demo: Demo, kind: str) -> None:
    assert kind in demo.kinds_of_event


def test_there_are_red_yellow_blue_and_green_lights(demo: Demo) -> None:
    board = supervision.board(demo.office, demo.actor("luxiaolan"), now=NOW)
    lights = board.lights
    assert lights.red >= 2
    assert lights.yellow >= 2
    assert lights.blue >= 2
    assert lights.green >= 10
    assert len(board.breaches) == min(lights.red, 8)


def test_a_case_whose_clock_stands_still_is_not_red(demo: Demo) -> None:
    supervisor = demo.actor("luxiaolan")
    rows = {
        row.number: row for row in cases.find(demo.office, supervisor, now=NOW, limit=200).items
    }
    paused = [
        number
        for number, view in demo.views.items()
        if view.state == "open"
        and any(clock.reading.state is ClockState.PAUSED for clock in view.clocks)
    ]
    assert len(paused) >= 4
    assert Light.RED not in {rows[number].light for number in paused}


def test_some_applications_are_still_being_written(demo: Demo) -> None:
    drafts = {
        firm: applications.mine(demo.office, demo.actor(firm), now=NOW)
        for firm in ("mulan", "yihe")
    }
    assert {firm: len(held) for firm, held in drafts.items()} == {"mulan": 1, "yihe": 1}
    assert drafts["mulan"][0].answers["commitment"] is True
    assert "commitment" not in drafts["yihe"][0].answers


def test_a_firm_sees_what_it_may_repair_now_later_and_never(demo: Demo) -> None:
    def outcomes(firm: str) -> list[str]:
        code = cast().firms[firm].code
        told = records.eligibility(demo.office, demo.actor(firm), code, now=NOW)
        return [record.eligibility.outcome for record in told if record.eligibility]

    assert sorted(outcomes("mulan")) == ["eligible", "not_yet", "not_yet", "objection_first"]
    assert sorted(outcomes("chengyuan")) == ["objection_first", "repair_pending"]
    assert "never" in outcomes("ruilu")


def test_the_second_file_shows_what_was_refused_and_what_was_known(demo: Demo) -> None:
    reports = records.imports(demo.office, demo.actor("zhengshu"))
    told = [(each.kind, each.taken, each.known, each.refused) for each in reports]
    assert told == [
        ("penalty", 6, 0, 0),
        ("court_default", 9, 0, 0),
        ("default_event", 6, 0, 0),
        ("default_event", 2, 0, 0),
        ("penalty", 3, 0, 0),
        ("default_event", 4, 0, 0),
        ("penalty", 3, 1, 2),
        ("default_event", 3, 0, 0),
        ("default_event", 3, 0, 0),
        ("penalty", 65, 0, 0),
    ]


def test_the_register_shows_reports_of_every_kind_and_sites_that_lag(demo: Demo) -> None:
    office, now = demo.office, NOW
    counted = report_lists.counts(office, demo.actor("fangjing"), now=now)
    assert counted.refused == 1
    assert counted.accepted > 50
    units = report_lists.late_by_unit(
        office, demo.actor("fangjing"), now=now, since=date(2020, 1, 1)
    )
    assert any(unit.late for unit in units)
    assert any(unit.rate == 1 for unit in units)
    sites = site_lists.counts(office, demo.actor("jiangwei"), now=now)
    assert sites.contested == 1
    assert sites.over < sites.done


# ── the case of the mock-ups ────────────────────────────────────────────────────────────────────


def test_the_case_of_the_mock_ups_stands_as_they_show_it(demo: Demo) -> None:
    view = demo.views[MAIN_CASE]
    assert view.subject.code == "91320583MA1X00017U"
    assert view.subject.address
    assert view.records[0].number == "昆市监处罚〔2019〕417号"
    done = [task.element_id for task in view.tasks if task.state == "completed"]
    assert done == [
        "review_filing",
        "supplement",
        "review_filing",
        "give_opinion",
        "first_review",
        "site_check",
    ]
    (current,) = [task for task in view.tasks if task.state == "claimed"]
    assert (current.element_id, current.assignee_name) == ("first_review", "周敏")
    assert view.decide_by is not None
    assert view.decide_by.astimezone(OFFICE_TIME).date().isoformat() == "2020-03-10"


def test_its_draft_is_kept_and_can_be_completed_as_it_stands(demo: Demo) -> None:
    zhoumin = demo.actor("zhoumin")
    (task,) = [t for t in demo.views[MAIN_CASE].tasks if t.state == "claimed"]
    page = tasks.get(demo.office, zhoumin, task.id, now=NOW)
    assert page.answers["proposal"] == "grant"
    assert page.draft_saved_at is not None


# ── nothing is wrong underneath ─────────────────────────────────────────────────────────────────


def test_no_case_is_silent_no_job_failed_nobody_need_look(demo: Demo) -> None:
    administrator = demo.actor("qinli")
    told = jobs.jobs(demo.office, administrator, limit=10_000)
    assert supervision.board(demo.office, administrator, now=NOW).silent == ()
    assert {job.state for job in told} == {"done"}
    assert incidents.incidents(demo.office, administrator) == ()


def test_every_chain_of_history_is_whole(demo: Demo) -> None:
    event = models.Event
    with demo.office.uow.read() as session:
        for number, case_id in session.execute(select(models.Case.number, models.Case.id)):
            found = select(event).where(event.case_id == case_id).order_by(event.sequence)
            assert broken_link(session.scalars(found).all(), number) is None


def test_every_letter_is_printed_and_every_paper_can_be_read(demo: Demo) -> None:
    supervisor = demo.actor("luxiaolan")
    for view in demo.views.values():
        for letter in view.letters:
            if letter.state != "pending":
                _, content = letters.open_letter(demo.office, supervisor, letter.id)
                assert content.startswith(b"%PDF-")
        for document in view.documents:
            _, content = documents.open_document(demo.office, supervisor, document.id)
            assert len(content) > 2000


def test_numbers_follow_the_order_of_filing(demo: Demo) -> None:
    filed = sorted(demo.views.values(), key=lambda view: view.filed_at)
    for prefix in ("KSXY-XF", "KSXY-YY"):
        numbers = [view.number for view in filed if view.number.startswith(prefix)]
        assert numbers == sorted(numbers)
    expected = [
        event for event in agenda(stories(), demo.office.calendar()) if event.step.act == "file"
    ]
    assert [view.filed_at.astimezone(OFFICE_TIME).strftime("%m-%d %H:%M") for view in filed] == [
        event.step.at.strftime("%m-%d %H:%M") for event in expected
    ]


# ── the stories themselves ──────────────────────────────────────────────────────────────────────


def test_officials_work_while_the_office_is_open(demo: Demo) -> None:
    calendar = demo.office.calendar()
    for event in agenda(stories(), calendar):
        at = event.step.at
        if event.step.who != APPLICANT and not event.story.unchecked:
            assert calendar.is_open(at.date()), event.step
            assert time(8, 30) <= at.time() <= time(17, 5), event.step
            assert not time(11, 45) <= at.time() < time(13), event.step


def test_an_official_works_at_a_task_from_minutes_to_days(demo: Demo) -> None:
    calendar, task = demo.office.calendar(), models.Task
    done = select(task.created_at, task.claimed_at, task.completed_at).where(
        task.state == "completed", task.assignee.in_({person.username for person in cast().people})
    )
    with demo.office.uow.read() as session:
        found = session.execute(done).all()
    rows = [(since, taken, until) for since, taken, until in found if taken and until]
    assert len(rows) == len(found)
    worked = sorted(office_time(calendar, taken, until) for _, taken, until in rows)
    assert all(since <= taken < until for since, taken, until in rows)
    assert worked[len(worked) // 4] > timedelta(minutes=20)
    assert worked[len(worked) // 2] > timedelta(minutes=45)
    assert office_day(calendar) < worked[-1] < 2 * office_day(calendar)


def test_the_heat_map_tells_the_work_apart_from_the_waiting(demo: Demo) -> None:
    seen = heat.heatmap(demo.office, demo.actor("luxiaolan"), "credit_repair", now=NOW)
    steps = {each.element_id: each for each in seen.elements}
    for step in ("review_filing", "give_opinion", "first_review", "second_review"):
        own, total = steps[step].own_median_days, steps[step].median_days
        assert own is not None
        assert total is not None
        assert 0.05 < own < total, step
    assert steps["rate"].own_median_days == steps["rate"].median_days  # nobody claims it


def test_what_happens_happens_in_order(demo: Demo) -> None:
    told = agenda(stories(), demo.office.calendar())
    assert [event.step.at for event in told] == sorted(event.step.at for event in told)
    assert told[-1].step.at < fill.ENDS
    assert moment("02-17 14:06").isoformat() == "2020-02-17T14:06:00+08:00"


def test_every_phrase_is_said_by_somebody() -> None:
    said = {
        (step.act.removeprefix("save "), step.how) for story in stories() for step in story.steps
    }
    assert {(task, how) for task, known in phrases().items() for how in known} <= said
    acts = [step.act for story in stories() for step in story.steps]
    handed_in = {act.removeprefix("attach ") for act in acts if act.startswith("attach ")}
    filed = {paper.partition(".")[0] for story in stories() for paper in story.papers}
    assert filed | handed_in == set(PAPERS)


def test_every_group_of_the_diagrams_has_two_people_in_each_department_it_needs() -> None:
    told = tomllib.loads((ROOT / "workflows/common/departments.toml").read_text("utf-8"))
    departments = {each["key"]: each for each in told["departments"]}
    workflows = ROOT / "workflows"
    procedures = [
        catalog.load(catalog.read_folder(workflows, key), key)
        for key in catalog.procedure_keys(workflows)
    ]
    lanes = {
        element.group
        for procedure in procedures
        for drawing in procedure.drawings.values()
        for element in drawing.elements.values()
        if element.kind == "userTask"
    }
    held = Counter(group for person in cast().people for group in person.groups)
    for group in lanes - {"applicant"}:
        assert held[group or ""] >= 2, group
    for person in cast().people:
        allowed = {*departments[person.department]["groups"], "responsible_unit"}
        assert set(person.groups) <= allowed | {"credit_officer", "administrator"}, person


def test_codes_carry_their_check_digits() -> None:
    assert [firm.key for firm in cast().firms.values() if uscc_problem(firm.code)] == []


def test_the_listing_names_accounts_that_exist_and_the_password() -> None:
    known = {person.username for person in cast().people} | set(cast().firms)
    assert {username for username, _, _ in accounts.SHOWN} <= known
    listing = accounts.listing()
    assert cast().password in listing
    assert all(username in listing for username, _, _ in accounts.SHOWN)
    assert "yihe" in listing
