"""Every procedure proves itself: its scenarios, bare and through the services, reach all it draws."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.domain.form import validate
from engine.persistence import models
from engine.runtime import catalog, stepper
from engine.runtime.decision_task import answer_of
from engine.runtime.drawing import Element
from engine.runtime.procedure import Procedure
from engine.runtime.stepper import Instance, Step, Timer, Wait
from engine.services import cases, deployments, follow_ups, messages
from engine.services.operations.objection import JURISDICTION
from engine.settings import ROOT
from tests.letter_pages import flaws
from tests.offices import FIRM, MONDAY, Practice

WORKFLOWS = ROOT / "workflows"
EDITED = sorted(WORKFLOWS.glob("*/editions/*/scenarios/*.json"))
ALL = sorted(WORKFLOWS.glob("*/scenarios/*.json")) + EDITED
#: What is shared can only be run as a part of some procedure.
PROCEDURES = catalog.procedure_keys(WORKFLOWS)
EDITIONS = [(key, each) for key in PROCEDURES for each in catalog.editions(WORKFLOWS, key)]


def place(path: Path) -> tuple[str, str]:
    """The folder of a scenario and its edition; '' is the first."""
    _, folder, edition = catalog.place_of(path.parent.parent)
    return folder, edition


WHOLE = [path for path in ALL if place(path)[0] in PROCEDURES]


def name(path: Path) -> str:
    return "-".join(filter(None, (*place(path), path.stem)))


@cache
def procedure(key: str, edition: str = "") -> Procedure:
    return catalog.load(catalog.read_folder(WORKFLOWS, key, edition), key)


def read(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return told


# ── bare: the diagrams alone ────────────────────────────────────────────────────────────────────

#: What operations answer, and what they do to the outcome and to the letter that waits.
ANSWERS = {
    "accept_case": "accepted",
    "refuse_case": "not_accepted",
    "deem_withdrawn": "deemed_withdrawn",
    "check_eligibility": {"eligible": True},
    "record_certificate": "issue",
    "refuse_certificate": "refuse",
    "refuse_goods_certificate": "refuse",
    "drop_court_notice": "void",
}
#: Operations whose letter is served as soon as it is issued.
AT_ONCE = {
    *("apply_to_court", "write_to_court", "write_to_applicant", "take_down_by_court"),
    *("prolong_removal", "issue_goods_certificate"),
}
#: What is answered by a parameter, or by what the scenario gives.
OF_GIVEN = {
    "begin_court_takedown": ("removal", "deleted"),
    "decide_deferral": ("outcome", ""),
    "check_deferral": ("guard", "allowed"),
    "weigh_deferral": ("level", "leader"),
    "restore_record": ("restored", "shown"),
}
OUTCOMES = {
    "issue_certificate": "issued",
    "record_certificate": "issued",
    "refuse_certificate": "certificate_refused",
    "refuse_goods_certificate": "certificate_refused",
    "record_court_refusal": "court_refused",
    "make_removal_final": "granted",
    "put_back_by_court": "restored",
    "refuse_case": "not_accepted",
    "deem_withdrawn": "deemed_withdrawn",
    "withdraw_case": "withdrawn",
}
BY_ARGUMENT = {
    ("take_down_record", "revoked"): "revoked",
    ("take_down_record", "expired"): "expired",
    ("void_certificate", "false_papers"): "certificate_revoked",
}
LETTERS = {
    "refuse_case": "refusal_of_acceptance",
    "deem_withdrawn": "deemed_withdrawn",
    "withdraw_case": "withdrawal_confirmed",
}


#: A Monday, 09:00 in Shanghai, in the time of an edition.
DAYS = {
    "2022": datetime(2022, 6, 6, 1, tzinfo=UTC),
    "58": datetime(2023, 6, 5, 1, tzinfo=UTC),
    "36": datetime(2026, 5, 11, 1, tzinfo=UTC),
}


@dataclass
class Stub:
    """A world in which operations are only noted and every weekday is a working day."""

    drawn: Procedure
    given: Mapping[str, Any]
    moment: datetime = MONDAY
    dues: dict[str, datetime] = field(default_factory=dict)
    ends: dict[UUID, datetime] = field(default_factory=dict)
    operations: list[str] = field(default_factory=list)
    outcome: str | None = None
    pending: str = ""

    def now(self) -> datetime:
        return self.moment

    def due(self, limit: str, data: Mapping[str, Any]) -> datetime:
        budget = self.drawn.limit(limit, data).budget
        if budget is None:  # a date of the matter; a warning comes before it
            if self.dues.get(limit, self.moment) < self.moment:
                return self.moment  # that day has passed already
            far = timedelta(days=300 - self.drawn.limit(limit, data).before)
            self.dues[limit] = self.moment + far
            return self.dues[limit]
        days = self._span(budget.amount, budget.unit)
        self.dues[limit] = self.moment + days
        return self.dues[limit]

    def end_of(self, timer: Timer) -> datetime:
        """When an armed timer is due; a clock has run since the timer was first seen."""
        if timer.clock is None:
            return timer.due_at
        if timer.id not in self.ends:
            kind = self.drawn.clocks[timer.clock.key]
            limit = kind.statutory if timer.clock.event == "unlawful" else kind.limit
            end = self.due(limit or "", timer.data)
            early = timedelta(days=timer.clock.event == "warning")
            self.ends[timer.id] = end - early
        return self.ends[timer.id]

    def _span(self, amount: int, unit: str) -> timedelta:
        if unit != "working_days":
            return timedelta(days=amount)
        day = self.moment
        for _ in range(amount):
            day += timedelta(days=3 if day.weekday() == 4 else 1)
        return day - self.moment

    def decide(self, element: Element, decision_id: str, data: Mapping[str, Any]) -> Any:
        tables = self.drawn.decisions[decision_id]
        return answer_of(tables, decision_id, tables.decide(decision_id, data))

    def perform(self, element: Element, operation: str, arguments: dict[str, Any]) -> Any:
        self.operations.append(operation)
        told = next(iter(arguments.values()), "")
        outcome = arguments.get("outcome") or OUTCOMES.get(operation)
        self.outcome = outcome or BY_ARGUMENT.get((operation, told)) or self.outcome
        if operation not in AT_ONCE:
            self.pending = arguments.get("letter") or LETTERS.get(operation) or self.pending
        if operation == "record_reconsideration":
            if told != "not_requested":
                self.pending = f"reconsideration_{told}"
                self.outcome = getattr(self.drawn.reconsidering, told)
            return told
        if operation in OF_GIVEN:
            name, usual = OF_GIVEN[operation]
            return arguments.get(name) or self.given.get(name, usual)
        if operation == "route_objection":
            return JURISDICTION[self.given.get("belongs_to", "platform")]
        if operation == "find_pending_letter":
            return self.pending
        if operation == "issue_letter":
            self.pending = ""
            return self.given.get("service", "electronic")
        return ANSWERS.get(operation)


@dataclass
class Run:
    """One scenario on the bare diagrams; before every step the instance is dumped and loaded."""

    drawn: Procedure
    process_id: str
    world: Stub
    raw: bytes = b""
    is_finished: bool = False
    reached: set[tuple[str, str]] = field(default_factory=set)

    def begin(self, given: Mapping[str, Any]) -> None:
        live, step = stepper.start(self.drawn, self.process_id, given, self.world)
        self._keep(live, step)

    def _keep(self, live: Instance, step: Step) -> None:
        self.raw, self.is_finished = live.dump(), step.finished
        for timer in live.timers.values():
            self.world.end_of(timer)
        self.reached |= {(element.process_id, element.id) for element in step.passed}
        self.reached |= {
            (process_id, element_id)
            for process_id, states in stepper.element_states(live).items()
            for element_id, state in states.items()
            if state == "done"
        }

    def _load(self) -> Instance:
        return stepper.load(self.drawn, self.process_id, self.raw)

    def take(self, step: Mapping[str, Any]) -> None:
        if "pass" in step:
            self._pass(step["pass"])
        elif "follow_up" in step:
            self._follow_up(step)
        elif "message" in step:
            live = self._load()
            payload = step.get("payload", {})
            self._keep(live, stepper.deliver(live, step["message"], payload, self.world))
        else:
            live = self._load()
            wait = self._task(live, step)
            problems = self._problems(wait, step["answers"])
            assert problems == {}, problems
            self._keep(live, stepper.complete(live, wait.id, step["answers"], self.world))

    def _follow_up(self, step: Mapping[str, Any]) -> None:
        """What is begun when the case is closed: from here on the scenario tells of it."""
        assert self.is_finished
        kind = self.drawn.follow_ups[step["follow_up"]]
        assert step["lane"] in kind.who
        assert validate(self.drawn.form(kind.form), step["answers"]) == {}
        self.process_id, self.is_finished = kind.process, False
        told = {**self.world.given, **step["answers"]}
        self.begin({key: told[key] for key in told.keys() & self.drawn.variables})

    def _task(self, live: Instance, step: Mapping[str, Any]) -> Wait:
        open_now = [wait for wait in live.waits.values() if wait.kind == "user"]
        found = [wait for wait in open_now if wait.element.id == step["task"]]
        assert len(found) == 1, [wait.element.id for wait in open_now]
        assert found[0].element.group == step["lane"]
        return found[0]

    def _problems(self, wait: Wait, answers: Mapping[str, Any]) -> dict[str, str]:
        form = self.drawn.form(wait.element.form or wait.element.id)
        return {field: words.en for field, words in validate(form, answers).items()}

    def _pass(self, limit: str) -> None:
        """Move just past the limit; what falls due on the way fires, the earliest first."""
        self.world.moment = self.world.dues[limit] + timedelta(minutes=1)
        fired = 0
        while timer_id := self._due():
            live = self._load()
            step = stepper.fire(live, timer_id, self.world)
            assert step is not None
            self._keep(live, step)
            fired += 1
        assert fired, f"no timer was due when {limit} had passed"

    def _due(self) -> UUID | None:
        end_of = self.world.end_of
        armed = [t for t in self._load().timers.values() if end_of(t) <= self.world.moment]
        return min(armed, key=end_of).id if armed else None


def play(path: Path, key: str | None = None) -> Run:
    scenario, (folder, edition) = read(path), place(path)
    drawn = procedure(key or folder, edition)
    run = Run(drawn, scenario.get("process", folder), Stub(drawn, scenario["given"]))
    run.begin(scenario["given"])
    for number, step in enumerate(scenario["steps"], 1):
        try:
            run.take(step)
        except Exception as problem:
            raise AssertionError(f"step {number}, {step}: {problem}") from problem
    return run


def within(path: Path) -> str:
    """The procedure in which a scenario runs: that of its folder, or any for a shared process."""
    folder, _ = place(path)
    return folder if folder in PROCEDURES else PROCEDURES[0]


@pytest.mark.parametrize("path", ALL, ids=name)
def test_a_scenario_runs_on_the_diagrams_alone(path: Path) -> None:
    run, then = play(path, within(path)), read(path)["then"]
    assert run.is_finished is then["finished"]
    assert run.world.outcome == then["outcome"]
    assert run.world.operations == then["operations"]


@pytest.mark.parametrize(("folder", "edition"), [*EDITIONS, ("common", "")])
def test_every_element_is_reached_by_a_scenario(folder: str, edition: str) -> None:
    """Of its own by the edition's own scenarios; of what is shared by any procedure's."""
    own = [path for path in ALL if folder == "common" or place(path) == (folder, edition)]
    reached = set().union(*(play(path, within(path)).reached for path in own))
    drawn = procedure(folder if folder in PROCEDURES else PROCEDURES[0], edition)
    assert drawn_elements(drawn, folder, edition) - reached == set()


def drawn_elements(drawn: Procedure, folder: str, edition: str) -> set[tuple[str, str]]:
    """What can be reached: an event behind an event-based gateway is passed by way of it."""
    here = WORKFLOWS / folder / "editions" / edition if edition else WORKFLOWS / folder
    own = {f"{folder}/{path.name}" for path in here.glob("*.bpmn")}
    return {
        (process_id, element.id)
        for process_id, drawing in drawn.drawings.items()
        if drawing.filename in own
        for element in drawing.elements.values()
    }


@pytest.mark.parametrize(("key", "edition"), EDITIONS)
def test_the_gate_lets_what_is_shipped_pass_without_a_warning(key: str, edition: str) -> None:
    folder = WORKFLOWS / key / "editions" / edition if edition else WORKFLOWS / key
    assert deployments.check_folder(folder).findings == ()


@pytest.mark.parametrize(("key", "edition"), EDITIONS)
def test_a_procedure_is_proven_by_eight_scenarios_at_least(key: str, edition: str) -> None:
    assert len([path for path in WHOLE if place(path) == (key, edition)]) >= 8


# ── through the services: everything stored ─────────────────────────────────────────────────────


def about(practice: Practice, record: Mapping[str, Any]) -> UUID:
    """The record of a scenario: a penalty, or a default by its DS_ codes."""
    if any(name.startswith("DS_") for name in record):
        return practice.enter_default(**record)
    if record.get("kind") == "court_default":
        return practice.import_court_default(SX_QX=record["ground"], SX_FBSJ=record["decided_on"])
    kinds = ";".join(record["kinds"])
    return practice.import_penalty(
        **record.get("columns", {}),
        CF_JDRQ=record["decided_on"],
        CF_CFLB=kinds,
        CF_NR_FK=record.get("fine", ""),
        CF_NR_WFFF="1" if "没收" in kinds else "",
        CF_WFXW=record["conduct"],
    )


def pass_limit(practice: Practice, number: str, limit: str) -> None:
    """Move the clock just past the end of a limit that a timer of the case watches."""
    drawn = drawn_of(practice, number)
    timer, instance, case = models.Timer, models.ProcessInstance, models.Case
    armed = practice.all(
        select(timer)
        .join(instance, instance.id == timer.instance_id)
        .join(case, case.id == instance.case_id)
        .where(case.number == number, timer.fired_at.is_(None))
        .order_by(timer.due_at)
    )
    watching = [each for each in armed if limit in limits_of(drawn, each)]
    assert watching, [(each.process_id, each.element_id) for each in armed]
    practice.move_to(watching[0].due_at + timedelta(minutes=1))


def drawn_of(practice: Practice, number: str) -> Procedure:
    """The version of the procedure on which the case runs."""
    with practice.reading() as session:
        return practice.office.procedure(session, practice.case(number).definition_id)


def limits_of(drawn: Procedure, timer: models.Timer) -> set[str | None]:
    drawing = drawn.drawings[timer.process_id]
    if timer.clock_event == "warning":
        return set()
    if timer.clock_key is not None:
        kind = drawn.clocks[timer.clock_key]
        return {kind.statutory if timer.clock_event == "unlawful" else kind.limit}
    asked = {
        source.removeprefix('due("').removesuffix('")')
        for element_id, source in drawing.expressions
        if element_id == timer.element_id
    }
    return asked | {drawing.elements[timer.element_id].due}


def take(practice: Practice, number: str, step: Mapping[str, Any]) -> None:
    if "pass" in step:
        pass_limit(practice, number, step["pass"])
    elif "follow_up" in step:
        actor = practice.of_group(step["lane"])
        key, answers = step["follow_up"], step["answers"]
        follow_ups.start(practice.office, actor, number, key, answers, now=practice.now)
    elif "message" in step:
        sent = step.get("payload", {})
        if step["message"] == "withdrawal":
            cases.withdraw(practice.office, practice.firm, number, reason="", now=practice.now)
            return
        sender = practice.firm if step["message"] in messages.OF_APPLICANT else practice["lin"]
        cases.message(practice.office, sender, number, step["message"], sent, now=practice.now)
    else:
        task = practice.open_task(number, step["task"])
        lanes = drawn_of(practice, number).lanes
        known = {"authority": "credit_clerk", "provider": "credit_centre", **lanes}.get(
            step["lane"]
        )
        assert task.candidate_group in (step["lane"], known)
        practice.answer(number, step["task"], step["answers"])


def play_through(path: Path, practice: Practice) -> tuple[str, list[UUID]]:
    """File what a scenario files and do what it does: number of the case, its records."""
    scenario, (key, edition) = read(path), place(path)
    if edition:
        practice.show(DAYS[edition])
    filing = scenario["filing"]
    records = [about(practice, filing["record"])] if "record" in filing else []
    number = cases.file(
        practice.office, practice.firm, key, FIRM, records, filing["application"], now=practice.now
    ).number
    for step in scenario["steps"]:
        take(practice, number, step)
    practice.run_jobs()
    return number, records


#: On PostgreSQL every third, some of each folder: what another database changes are statements, and these
#: are the same in all. All of them in `make test-faults`.
ON_EITHER = [
    pytest.param(
        kind,
        path,
        id=f"{kind}-{name(path)}",
        marks=() if kind == "sqlite" or number % 3 == 0 else pytest.mark.heavy,
    )
    for kind in ("sqlite", "postgresql")
    for number, path in enumerate(WHOLE)
]


@pytest.mark.parametrize(("database_url", "path"), ON_EITHER, indirect=["database_url"])
def test_a_scenario_runs_through_the_services(path: Path, practice: Practice) -> None:
    scenario, key = read(path), place(path)[0]
    then = scenario["then"]
    number, records = play_through(path, practice)
    grade = practice.case(number).grade
    assert grade == scenario["given"].get("grade", grade)
    assert is_finished(practice, number, key) is then["finished"]
    assert practice.case(number).outcome == then["outcome"]
    assert [axes(practice.record(each)) for each in records] == [then.get("record")] * len(records)
    assert issued(practice, number) == then["letters"]
    assert left_over(practice, number) == []
    assert flawed_letters(practice, number) == []


def flawed_letters(practice: Practice, number: str) -> list[str]:
    """What a reader of the printed letters would be ashamed of, by letter."""
    return [
        f"{letter.key}: {flaw}"
        for letter in practice.of_case(models.Letter, number)
        for flaw in flaws(practice.office.files.get(letter.sha256 or ""))
    ]


def is_finished(practice: Practice, number: str, key: str) -> bool:
    held = practice.of_case(models.ProcessInstance, number)
    assert [each.process_id for each in held].count(key) == 1
    follow_ups = {each.process for each in procedure(key).follow_ups.values()}
    return all(each.is_finished for each in held if each.process_id in {key, *follow_ups})


def axes(record: models.Record) -> dict[str, Any]:
    return {
        "publication": record.publication,
        "reporting": record.reporting,
        "flags": sorted(record.flags),
    }


def issued(practice: Practice, number: str) -> list[str]:
    """Keys of the letters in the order in which the history tells of them."""
    told = {"letter_issued": "letter", "supervision_opened": None}
    return [
        "supervision_notice" if event.kind == "supervision_opened" else event.changes["letter"]
        for event in practice.history(number)
        if event.kind in told
    ]


def left_over(practice: Practice, number: str) -> list[str]:
    """What must not be there when a case is over, and is."""
    found = [
        f"clock {clock.key} is {clock.state}"
        for clock in practice.of_case(models.Clock, number)
        if clock.state != "stopped" and clock.key != "supervision"
    ]
    found += [
        f"job {job.operation} is {job.state}: {job.last_error}"
        for job in practice.of_case(models.Job, number)
        if job.state != "done" or job.last_error
    ]
    found += [
        f"letter {letter.key} is {letter.state}, {letter.size} bytes"
        for letter in practice.of_case(models.Letter, number)
        if letter.state != "served" or not letter.size
    ]
    found += [
        f"message {message.name} was never delivered"
        for message in practice.of_case(models.InboundMessage, number)
        if message.delivered_at is None
    ]
    return found
