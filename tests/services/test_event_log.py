"""The history as an event log: every line is in it, nobody's name is, and other programs can read it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import func, select

from engine.domain.errors import Invalid, NotFound
from engine.domain.event_log import Form, StandIns, activity
from engine.persistence import models
from engine.services import event_log, tasks
from engine.services.event_log import Wanted
from tests.offices import MONDAY, Practice

XES = "{http://www.xes-standard.org/}"
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def exported(practice: Practice, **wanted: Any) -> bytes:
    return event_log.export(practice.office, practice["feng"], Wanted(**wanted), now=practice.now)


def lines_by_case(practice: Practice) -> dict[str, int]:
    event, case = models.Event, models.Case
    asked = select(case.number, func.count()).join(event, event.case_id == case.id)
    with practice.office.uow.read() as session:
        return {row[0]: row[1] for row in session.execute(asked.group_by(case.number))}


@pytest.mark.parametrize(
    ("kind", "title", "named"),
    [
        ("task_claimed", "领取：收件审查", "收件审查"),
        ("task_completed", "收件审查", "收件审查"),
        ("task_reassigned", "reassigned: First review", "First review"),
        ("clock_extended", "延长期限 3 日：原案卷已移交市档案馆", "延长期限 3 日"),
        ("supervision_opened", "签发督办单：市水务局", "签发督办单"),
        ("deferral_registered", "登记暂缓至2020年2月21日", "登记暂缓至…"),
        ("deferral_registered", "deferred until 21 February 2020", "deferred until …"),
        ("archived", "", "archived"),
    ],
)
def test_the_same_act_has_the_same_name_without_whom_or_why(
    kind: str, title: str, named: str
) -> None:
    assert activity(kind, title) == named


def test_one_person_has_one_number_in_a_file() -> None:
    people = StandIns("person")
    assert [people.of(name) for name in ("feng", "qian", "feng", "")] == [
        "person-1", "person-2", "person-1", "",
    ]  # fmt: skip


def test_a_trace_holds_every_line_of_its_case_with_when_a_step_began_and_ended(
    practice: Practice,
) -> None:
    number = practice.file_case().number
    review = practice.open_task(number, "review_filing")
    window = practice.of_group(review.candidate_group)
    tasks.claim(practice.office, window, review.id, now=practice.now)
    practice.drive_to(number, "give_opinion")
    practice.file_case()
    log = etree.fromstring(exported(practice, form=Form.XES))
    traces = {
        trace.xpath("string(*[@key='concept:name']/@value)"): trace.findall(f"{XES}event")
        for trace in log.iter(f"{XES}trace")
    }
    assert {name: len(events) for name, events in traces.items()} == lines_by_case(practice)
    told = [{held.get("key"): held.get("value") for held in event} for event in traces[number]]
    steps = [one for one in told if one["concept:name"] == "收件审查"]
    assert [one["lifecycle:transition"] for one in steps] == ["start", "complete"]
    moments = [datetime.fromisoformat(str(one["time:timestamp"])) for one in told]
    assert moments == sorted(moments)
    assert {moment.utcoffset() for moment in moments} == {timedelta(hours=8)}


def test_objects_and_events_name_nothing_that_is_not_in_the_file(practice: Practice) -> None:
    number = practice.file_case().number
    practice.drive_to(number, "give_opinion")
    log = json.loads(exported(practice))
    types = Counter(each["type"] for each in log["objects"])
    assert (types["case"], types["subject"], types["record"]) == (1, 1, 1)
    objects = {each["id"] for each in log["objects"]}
    assert len(objects) == len(log["objects"])
    named = {
        relation["objectId"]
        for each in [*log["objects"], *log["events"]]
        for relation in each["relationships"]
    }
    assert named <= objects
    assert {each["type"] for each in log["events"]} == {each["name"] for each in log["eventTypes"]}
    assert types.keys() <= {each["name"] for each in log["objectTypes"]}
    assert len(log["events"]) == lines_by_case(practice)[number]
    done = [each for each in log["events"] if {"name": "kind", "value": "task_completed"} in each["attributes"]]  # fmt: skip
    assert all("task" in {one["qualifier"] for one in each["relationships"]} for each in done)
    assert done


@one_database
@pytest.mark.parametrize("form", Form)
def test_nobody_is_named_and_no_text_of_anybody_is_told(practice: Practice, form: Form) -> None:
    number = practice.file_case().number
    practice.drive_to(number, "give_opinion")
    with practice.office.uow.read() as session:
        case = session.scalars(select(models.Case)).one()
        actors = {(line.actor, line.actor_name) for line in session.scalars(select(models.Event))}
        details = [line.detail for line in session.scalars(select(models.Event)) if line.detail]
        hidden = {case.subject_code, case.subject_name, case.query_code, *details}
    hidden |= {name for pair in actors for name in pair if pair[0] != "system"}
    told = exported(practice, form=form).decode()
    assert len(hidden) > 6
    assert [name for name in hidden if f'"{name}"' in told] == []
    assert case.subject_name not in told


@one_database
def test_only_cases_of_the_days_and_the_procedure_are_taken(practice: Practice) -> None:
    practice.file_case()
    before = MONDAY.date() - timedelta(days=1)
    assert json.loads(exported(practice, since=date(2020, 1, 1), until=before))["events"] == []
    assert json.loads(exported(practice, procedure="objection"))["events"] == []
    assert json.loads(exported(practice, procedure="credit_repair"))["events"]
    with pytest.raises(NotFound):
        exported(practice, procedure="launch")
    with pytest.raises(Invalid):
        exported(practice, since=MONDAY.date(), until=before)


@one_database
def test_more_cases_than_one_answer_holds_are_left_to_the_command(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        practice.file_case()
    monkeypatch.setattr(event_log, "AT_ONCE", 2)
    whole = exported(practice)
    assert Counter(each["type"] for each in json.loads(whole)["objects"])["case"] == 3
    monkeypatch.setattr(event_log, "MOST", 2)
    with pytest.raises(Invalid) as refused:
        exported(practice)
    assert "since" in refused.value.fields
    pieces = event_log.written(practice.office, Wanted(), now=practice.now)
    assert b"".join(pieces) == whole
