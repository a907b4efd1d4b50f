"""Incidents: what gets stuck is written down once, in words, and a person can put it right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.domain.errors import Conflict, Invalid, NotPermitted, StepFailed
from engine.domain.views import IncidentView, RepairPlan
from engine.persistence import models
from engine.services import cases, deploying, incidents, tasks, timers
from engine.services.incidents import Correction, Move
from engine.services.operations import OPERATIONS
from tests.offices import FIRM, Practice, day, open_practice
from tests.oracle import contradictions
from tests.runtime.sketches import Sketch
from tests.services.sample_folders import sharing, write
from tests.services.test_sample_procedures import overlooking

Opened = Callable[..., Practice]


@pytest.fixture
def opened(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """Opens a practice whose only procedure is drawn by the given sketches, faults and all."""
    monkeypatch.setattr(deploying, "judged", overlooking)
    workflows = sharing(tmp_path)
    with ExitStack() as stack:

        def open_with(*sketches: Sketch) -> Practice:
            write(workflows, *sketches)
            practice = open_practice(database_url, tmp_path, workflows=workflows)
            return stack.enter_context(closing(practice))

        yield open_with


def file(practice: Practice) -> str:
    return cases.file(
        practice.office, practice.firm, "sample", FIRM, [], {}, now=practice.now
    ).number


def which() -> Sketch:
    """A decision without a default: an answer it does not know leads nowhere."""
    return (
        Sketch()
        .start()
        .task("look", "red", "other")
        .asks("look", colour=[])
        .exclusive("which")
        .end()
        .flow("start > look > which")
        .flow("which > red", when='colour == "red"')
        .flow("which > other", when='colour == "blue"')
        .flow("red > end")
        .flow("other > end")
    )


def listed(practice: Practice) -> list[IncidentView]:
    return list(incidents.incidents(practice.office, practice["feng"]))


def stuck(practice: Practice, colour: str = "green") -> tuple[str, IncidentView]:
    """A case whose answer leads nowhere, and its incident."""
    number = file(practice)
    with pytest.raises(StepFailed):
        practice.answer(number, "look", {"colour": colour}, by=practice["zhou"])
    return number, listed(practice)[0]


def places(practice: Practice, number: str) -> list[str]:
    return sorted(task.element_id for task in practice.open_tasks(number))


# ── written down ────────────────────────────────────────────────────────────────────────────────


def test_an_answer_that_leads_nowhere_is_an_incident_in_words_and_the_case_stays(
    opened: Opened,
) -> None:
    practice = opened(which())
    number = file(practice)
    with pytest.raises(StepFailed) as refused:
        practice.answer(number, "look", {"colour": "green"}, by=practice["zhou"])
    (incident,) = listed(practice)
    assert refused.value.incident == incident.number
    assert incident.number in str(refused.value)
    assert (incident.kind, incident.case_number) == ("step", number)
    assert (incident.process_id, incident.element_id) == ("sample", "which")
    assert "没有一条去路的条件成立" in incident.cause.zh
    assert "no flow out of it has a condition that holds" in incident.cause.en
    assert incident.act == {"colour": "green"}
    assert incident.tried.zh == "zhou 办理这一步"
    assert (incident.attempts, incident.resolved_at) == (1, None)
    task = practice.open_task(number, "look")
    assert (task.state, task.draft) == ("ready", {"colour": "green"}), "nothing typed is lost"
    assert practice.case(number).open_incidents == 1
    assert practice.kinds(number) == ["filed", "incident_raised"]
    assert contradictions(practice.office) == []


def test_what_got_stuck_keeps_a_number_whole_and_shows_it_hidden(opened: Opened) -> None:
    practice, phone, hidden = opened(which()), "13812345678", "138******78"
    number, office, zhou = file(practice), practice.office, practice["zhou"]
    task = practice.open_task(number, "look")
    tasks.save_draft(office, zhou, task.id, {"colour": phone}, now=practice.now)
    shown = tasks.get(office, zhou, task.id, now=practice.now).answers
    assert shown == {"colour": hidden}
    with pytest.raises(StepFailed):
        tasks.complete(office, zhou, task.id, shown, now=practice.now)
    (incident,) = listed(practice)
    assert incident.act == {"colour": hidden}
    (kept,) = practice.all(select(models.Incident.act))
    assert kept["answers"] == practice.open_task(number, "look").draft == {"colour": phone}
    again = Correction({"colour": f"{hidden}a"}, reason="改")
    with pytest.raises(StepFailed):
        incidents.answer(office, practice["feng"], incident.id, again, now=practice.now)
    right = Correction({"colour": "red"}, reason="改")
    incidents.answer(office, practice["feng"], incident.id, right, now=practice.now)
    line = cases.history(office, practice["feng"], number, now=practice.now)
    assert phone not in repr(line)
    assert places(practice, number) == ["red"]


def test_the_same_failure_again_is_the_same_incident(opened: Opened) -> None:
    practice = opened(which())
    number, first = stuck(practice)
    for _ in range(2):
        with pytest.raises(StepFailed):
            practice.answer(number, "look", {"colour": "green"}, by=practice["zhou"])
    (incident,) = listed(practice)
    assert (incident.id, incident.attempts) == (first.id, 3)
    assert practice.case(number).open_incidents == 1
    assert practice.kinds(number).count("incident_raised") == 1


def test_another_case_is_not_held_up(opened: Opened) -> None:
    practice = opened(which())
    stuck(practice)
    other = file(practice)
    practice.answer(other, "look", {"colour": "red"})
    assert places(practice, other) == ["red"]


def test_an_operation_that_breaks_names_itself(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, _ = practice.at("review_filing")

    def breaks(*given: Any, **named: Any) -> None:
        raise RuntimeError("no ink")

    with monkeypatch.context() as broken:
        broken.setitem(OPERATIONS, "accept_case", breaks)
        with pytest.raises(StepFailed):
            practice.complete(number, "review_filing")
    (incident,) = listed(practice)
    assert "accept_case" in incident.cause.zh
    assert "no ink" in incident.cause.en
    assert incident.process_id == "intake"
    assert practice.case(number).stage == "receipt"
    plan = incidents.retry(practice.office, practice["feng"], incident.id, now=practice.now)
    assert plan.is_applied
    assert places(practice, number) == ["give_opinion"]


def test_whoever_takes_the_task_with_an_answer_that_fits_ends_the_incident(
    opened: Opened,
) -> None:
    practice = opened(which())
    number, incident = stuck(practice)
    practice.answer(number, "look", {"colour": "red"}, by=practice["qian"])
    (after,) = listed(practice)
    assert (after.id, after.resolution, after.resolved_by) == (incident.id, "passed", "qian")
    assert practice.case(number).open_incidents == 0


def test_a_message_that_breaks_its_step_is_kept_and_can_be_taken_again(opened: Opened) -> None:
    sketch = (
        Sketch()
        .start()
        .receive("wait", "verdict")
        .exclusive("which")
        .task("red")
        .end()
        .flow("start > wait > which")
        .flow("which > red", when='colour == "red"')
        .flow("red > end")
    )
    practice = opened(sketch)
    number = file(practice)
    with pytest.raises(StepFailed):
        cases.message(practice.office, practice["lin"], number, "verdict", {}, now=practice.now)
    (incident,) = listed(practice)
    assert (incident.kind, incident.case_number) == ("message", number)
    assert practice.case(number).waiting_messages == 0
    corrected = Correction(variables={"colour": "red"}, reason="the court said so by telephone")
    incidents.answer(practice.office, practice["feng"], incident.id, corrected, now=practice.now)
    assert places(practice, number) == ["red"]
    assert [m.delivered_at for m in practice.of_case(models.InboundMessage, number)] == [
        practice.now
    ]


# ── put right ───────────────────────────────────────────────────────────────────────────────────


def test_a_retry_that_fails_again_counts_and_tells_its_story(opened: Opened) -> None:
    practice = opened(which())
    number, incident = stuck(practice)
    with pytest.raises(StepFailed):
        incidents.retry(practice.office, practice["feng"], incident.id, now=practice.now)
    (after,) = listed(practice)
    assert (after.id, after.attempts, after.resolved_at) == (incident.id, 2, None)
    assert [line.by for line in after.story] == ["feng"]
    assert practice.case(number).open_incidents == 1


def test_corrected_answers_are_shown_before_they_are_applied(opened: Opened) -> None:
    practice = opened(which())
    number, incident = stuck(practice)
    before = practice.everything()
    corrected = Correction(answers={"colour": "red"}, reason="typing error")
    plan = incidents.answer(
        practice.office, practice["feng"], incident.id, corrected, now=practice.now, is_preview=True
    )
    assert told(plan) == [("close", "look"), ("open", "red")]
    assert not plan.is_applied
    assert practice.everything() == before
    incidents.answer(practice.office, practice["feng"], incident.id, corrected, now=practice.now)
    assert places(practice, number) == ["red"]
    (after,) = listed(practice)
    assert (after.resolution, after.resolved_by) == ("answered", "feng")
    line = next(e for e in practice.history(number) if e.kind == "incident_resolved")
    assert (line.actor, line.changes) == ("feng", {"colour": ["green", "red"]})
    assert line.detail == "typing error"
    done = next(t for t in practice.of_case(models.Task, number) if t.element_id == "look")
    assert done.completed_by == "zhou", "four eyes still see whose step it was"


def told(plan: RepairPlan) -> list[tuple[str, str]]:
    return [(line.kind, line.title.zh) for line in plan.lines if line.kind != "clock"]


def test_answers_that_the_form_does_not_know_are_refused(practice: Practice) -> None:
    number, _ = practice.at("review_filing")
    with pytest.MonkeyPatch.context() as broken:
        broken.setitem(OPERATIONS, "accept_case", None)
        with pytest.raises(StepFailed):
            practice.complete(number, "review_filing")
    (incident,) = listed(practice)
    with pytest.raises(Invalid) as refused:
        incidents.answer(
            practice.office,
            practice["feng"],
            incident.id,
            Correction(answers={"acceptance": "perhaps"}),
            now=practice.now,
        )
    assert "acceptance" in refused.value.fields
    (after,) = listed(practice)
    assert (after.resolved_at, after.attempts) == (None, 1)


def test_a_variable_that_no_diagram_reads_is_refused(opened: Opened) -> None:
    practice = opened(which())
    _, incident = stuck(practice)
    with pytest.raises(Invalid) as refused:
        incidents.answer(
            practice.office,
            practice["feng"],
            incident.id,
            Correction(variables={"weather": "fine"}),
            now=practice.now,
        )
    assert refused.value.fields.keys() == {"weather"}


def test_a_stuck_timer_fires_once_the_variable_is_there(opened: Opened) -> None:
    sketch = (
        which()
        .boundary_timer("over", "look", "step", interrupting=False)
        .exclusive("how")
        .task("warn")
        .flow("over > how")
        .flow("how > warn", when='tone == "mild"')
        .flow("warn > end")
    )
    practice = opened(sketch)
    number = file(practice)
    practice.move_to(day(3, 9))
    (incident,) = listed(practice)
    assert (incident.kind, incident.element_id) == ("timer", "over")
    assert "tone" in incident.cause.zh
    mild = Correction(variables={"tone": "mild"})
    incidents.answer(practice.office, practice["feng"], incident.id, mild, now=practice.now)
    assert places(practice, number) == ["look", "warn"]
    assert timers.due_timers(practice.office, now=practice.now) == []


def test_a_resolved_incident_is_not_resolved_again(opened: Opened) -> None:
    practice = opened(which())
    number, incident = stuck(practice)
    practice.answer(number, "look", {"colour": "red"})
    with pytest.raises(Conflict):
        incidents.retry(practice.office, practice["feng"], incident.id, now=practice.now)


# ── moved ───────────────────────────────────────────────────────────────────────────────────────


def to(practice: Practice, number: str, element_id: str, **more: Any) -> Move:
    return Move(practice.open_task(number, "look").id, "sample", element_id, **more)


def test_a_move_shows_its_plan_and_changes_nothing(opened: Opened) -> None:
    practice = opened(which().boundary_timer("over", "look", "step").flow("over > red"))
    number, incident = stuck(practice)
    before = practice.everything()
    plan = incidents.move(
        practice.office,
        practice["feng"],
        incident.id,
        to(practice, number, "other"),
        now=practice.now,
        is_preview=True,
    )
    assert told(plan) == [("close", "look"), ("open", "other"), ("disarm", "over")]
    assert practice.everything() == before


def test_a_moved_token_goes_on_from_the_other_element_with_its_data(opened: Opened) -> None:
    practice = opened(which().boundary_timer("over", "look", "step").flow("over > red"))
    number, incident = stuck(practice)
    wanted = to(practice, number, "other", reason="the form has no such colour")
    plan = incidents.move(practice.office, practice["feng"], incident.id, wanted, now=practice.now)
    assert plan.is_applied
    assert places(practice, number) == ["other"]
    (after,) = listed(practice)
    assert (after.resolution, practice.case(number).open_incidents) == ("moved", 0)
    line = next(e for e in practice.history(number) if e.kind == "token_moved")
    assert (line.actor, line.detail) == ("feng", "the form has no such colour")
    assert (line.changes["from"], line.changes["to"]) == ("sample:look", "sample:other")
    assert contradictions(practice.office) == []
    practice.answer(number, "other", {})
    (instance,) = practice.of_case(models.ProcessInstance, number)
    assert instance.is_finished


def test_a_move_wants_a_reason_and_a_place_that_is_drawn(opened: Opened) -> None:
    practice = opened(which())
    number, incident = stuck(practice)
    for wanted in (
        to(practice, number, "other"),
        to(practice, number, "start", reason="why not"),
        to(practice, number, "nowhere", reason="why not"),
    ):
        with pytest.raises(Invalid):
            incidents.move(practice.office, practice["feng"], incident.id, wanted, now=practice.now)
    assert places(practice, number) == ["look"]


def test_a_move_after_which_a_join_would_wait_for_ever_is_refused_unless_alone(
    opened: Opened,
) -> None:
    sketch = (
        which()
        .parallel("fork", "join")
        .task("left", "right", "after")
        .flow("red > fork > left > join > after")
        .flow("fork > right > join")
    )
    sketch.flows = [flow for flow in sketch.flows if 'id="red_to_end"' not in flow]
    sketch.flow("after > end")
    practice = opened(sketch)
    number = file(practice)
    practice.answer(number, "look", {"colour": "red"})
    practice.answer(number, "red", {})
    incident_id = _broken_at(practice, number, "left")
    wait = practice.open_task(number, "left").id
    wanted = Move(wait, "sample", "after", reason="done on paper")
    with pytest.raises(Invalid, match="走不完"):
        incidents.move(practice.office, practice["feng"], incident_id, wanted, now=practice.now)
    alone = Move(wait, "sample", "after", reason="done on paper", alone=True)
    incidents.move(practice.office, practice["feng"], incident_id, alone, now=practice.now)
    assert places(practice, number) == ["after"]


def _broken_at(practice: Practice, number: str, element_id: str) -> UUID:
    from engine.runtime import stepper

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(stepper, "complete", None)
        with pytest.raises(StepFailed):
            practice.complete(number, element_id)
    return listed(practice)[0].id


def test_out_of_a_called_process_into_the_one_that_called_it(practice: Practice) -> None:
    number, _ = practice.at("give_opinion")
    incident_id = _broken_at(practice, number, "give_opinion")
    wait = practice.open_task(number, "give_opinion").id
    wanted = Move(wait, "credit_repair", "close", reason="settled in court")
    plan = incidents.move(
        practice.office, practice["feng"], incident_id, wanted, now=practice.now, is_preview=True
    )
    assert ("close", "出具书面意见") in told(plan) or any(k == "close" for k, _ in told(plan))
    incidents.move(practice.office, practice["feng"], incident_id, wanted, now=practice.now)
    assert "give_opinion" not in places(practice, number)
    assert practice.kinds(number).count("token_moved") == 1


def test_where_a_second_person_is_asked_for_another_administrator_confirms(
    opened: Opened,
) -> None:
    practice = opened(which())
    number, incident = stuck(practice)
    office, feng = practice.office, practice["feng"]
    incidents.require_second(office, feng, is_required=True)
    plan = incidents.move(
        office, feng, incident.id, to(practice, number, "other", reason="so"), now=practice.now
    )
    assert (plan.is_applied, plan.awaits_second) == (False, True)
    assert places(practice, number) == ["look"]
    with pytest.raises(NotPermitted):
        incidents.confirm(office, feng, incident.id, now=practice.now)
    other = practice["fang"]
    with pytest.raises(NotPermitted):
        incidents.confirm(office, other, incident.id, now=practice.now)  # no administrator
    second = type(feng)(feng.id, "second", "second", feng.department, feng.groups)
    shown = incidents.get(office, second, incident.id, now=practice.now)
    assert shown.proposal is not None
    assert shown.proposal.target.zh == "other"
    incidents.confirm(office, second, incident.id, now=practice.now)
    assert places(practice, number) == ["other"]
    line = next(e for e in practice.history(number) if e.kind == "token_moved")
    assert (line.actor, line.changes["proposed_by"]) == ("second", "feng")


def test_the_page_of_an_incident_has_all_that_is_needed(practice: Practice) -> None:
    number, _ = practice.at("give_opinion")
    incident_id = _broken_at(practice, number, "give_opinion")
    shown = incidents.get(practice.office, practice["feng"], incident_id, now=practice.now)
    assert shown.actions == {"retry", "answer", "move"}
    assert shown.form["properties"].keys() >= shown.answers.keys()
    assert shown.waits[0].element_id == "give_opinion"
    could = {(p.process_id, p.element_id) for p in shown.targets[str(shown.waits[0].wait_id)]}
    assert ("credit_repair", "close") in could
    assert ("credit_repair_examination", "give_opinion") in could
    assert any(view.is_current for view in shown.diagrams)


def test_only_administrators_repair(opened: Opened) -> None:
    practice = opened(which())
    number, incident = stuck(practice)
    for actor in (practice["fang"], practice["zhou"], practice.firm):
        with pytest.raises(NotPermitted):
            incidents.retry(practice.office, actor, incident.id, now=practice.now)
        with pytest.raises(NotPermitted):
            incidents.get(practice.office, actor, incident.id, now=practice.now)
        with pytest.raises(NotPermitted):
            incidents.move(
                practice.office, actor, incident.id, to(practice, number, "red"), now=practice.now
            )


def test_a_draft_of_somebody_else_is_not_written_over(opened: Opened) -> None:
    practice = opened(which())
    number = file(practice)
    task = practice.open_task(number, "look")
    tasks.claim(practice.office, practice["zhou"], task.id, now=practice.now)
    tasks.save_draft(practice.office, practice["zhou"], task.id, {"colour": "r"}, now=practice.now)
    with pytest.raises(StepFailed):
        practice.answer(number, "look", {"colour": "green"}, by=practice["zhou"])
    assert practice.open_task(number, "look").draft == {"colour": "green"}
    assert practice.open_task(number, "look").assignee == "zhou"


def test_two_who_fail_in_the_same_instant_make_one_incident(opened: Opened) -> None:
    from tests.services.crowds import refusals, together

    practice = opened(which())
    number = file(practice)
    task = practice.open_task(number, "look")

    def answer() -> None:
        tasks.complete(
            practice.office, practice["zhou"], task.id, {"colour": "green"}, now=practice.now
        )

    outcomes = together(*[answer] * 4)
    assert {type(each) for each in refusals(outcomes)} == {StepFailed}
    (incident,) = listed(practice)
    assert incident.attempts == 4
    assert practice.all(select(models.Case.open_incidents)) == [1]


def test_an_application_that_cannot_become_a_case_is_filed_later_for_its_author(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = practice.import_penalty()
    with monkeypatch.context() as broken:
        broken.setitem(OPERATIONS, "receive_filing", None)
        for _ in range(2):
            with pytest.raises(StepFailed):
                practice.file_case(record)
    (incident,) = listed(practice)
    assert (incident.kind, incident.case_number, incident.attempts) == ("filing", None, 2)
    shown = incidents.get(practice.office, practice["feng"], incident.id, now=practice.now)
    assert shown.actions == {"retry", "answer"}
    assert shown.form["properties"].keys() >= shown.answers.keys()
    incidents.retry(practice.office, practice["feng"], incident.id, now=practice.now)
    (case,) = practice.all(select(models.Case))
    assert (case.applicant_id, case.record_ids) == (practice.firm.id, [str(record)])


def test_two_messages_that_fail_alike_are_both_kept(opened: Opened) -> None:
    sketch = (
        Sketch()
        .start()
        .receive("wait", "verdict")
        .exclusive("which")
        .task("red")
        .end()
        .flow("start > wait > which > red > end")
    )
    sketch.flows = [
        flow.replace(
            "></bpmn:sequenceFlow>",
            "><bpmn:conditionExpression>colour</bpmn:conditionExpression></bpmn:sequenceFlow>",
        )
        if 'id="which_to_red"' in flow
        else flow
        for flow in sketch.flows
    ]
    practice = opened(sketch)
    number = file(practice)
    for page in (1, 2):
        with pytest.raises(StepFailed):
            cases.message(
                practice.office,
                practice["lin"],
                number,
                "verdict",
                {"page": page},
                now=practice.now,
            )
    assert sorted(each.act["page"] for each in listed(practice)) == [1, 2]
    assert practice.case(number).open_incidents == 2
