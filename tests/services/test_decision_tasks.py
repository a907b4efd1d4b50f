"""A diagram asks a decision table: its answer leads the way, and the case can say which row it was."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine.domain.errors import StepFailed
from engine.persistence import models
from engine.services import decisions
from engine.services.decisions import is_untouched
from tests.oracle import contradictions
from tests.runtime.dmn_samples import decision
from tests.runtime.dmn_samples import file as dmn
from tests.runtime.hostile import checked
from tests.runtime.sketches import Sketch, folder
from tests.services.test_event_subprocesses import file, open_now
from tests.services.test_sample_procedures import Opened, opened

__all__ = ["opened"]

WAY = decision(
    ['"small" | - | "desk" // 办法第三条', '"large" | "no" | "chief" // 办法第四条',
     '"large" | "yes" | "leader" // 办法第四条第二款'],
    inputs=('size: string = "small","large","odd"', 'repeated: string = "no","yes"'),
    outputs=("way: string",),
    decision_id="who_decides",
    name="由谁决定",
)  # fmt: skip


def drawn(table: str = WAY, **asked: Any) -> Sketch:
    """A form, the table, and by its answer one of three tasks."""
    choices: dict[str, Any] = {"size": ["small", "large", "odd"], "repeated": ["no", "yes"]}
    return (
        Sketch()
        .start()
        .task("look", "desk", "chief", "leader")
        .asks("look", **{**choices, **asked})
        .rule("ask", "who_decides", "way")
        .beside("who_decides.dmn", dmn(table))
        .exclusive("which", default="desk")
        .end()
        .flow("start > look > ask > which > desk > end")
        .flow("which > chief", when='way == "chief"')
        .flow("which > leader", when='way == "leader"')
        .flow("chief > end")
        .flow("leader > end")
    )


@pytest.mark.parametrize(
    ("size", "repeated", "task", "row", "article"),
    [
        ("small", "yes", "desk", 1, "办法第三条"),
        ("large", "no", "chief", 2, "办法第四条"),
        ("large", "yes", "leader", 3, "办法第四条第二款"),
    ],
)
def test_the_row_that_held_leads_the_way_and_is_kept_with_its_article(
    opened: Opened, size: str, repeated: str, task: str, row: int, article: str
) -> None:
    practice = opened(drawn())
    another = opened(deployed=False)
    number = file(practice)
    another.answer(number, "look", {"size": size, "repeated": repeated})
    assert open_now(practice, number) == [task]
    (kept,) = decisions.of_case(practice.office, practice["zhou"], number, now=practice.now)
    assert (kept.decision_id, kept.title.zh, kept.element and kept.element.zh) == (
        "who_decides",
        "由谁决定",
        "ask",
    )
    assert [(each.number, each.annotations) for each in kept.rows] == [(row, (article,))]
    assert [(each.name, each.value) for each in kept.inputs] == [
        ("size", size),
        ("repeated", repeated),
    ]
    (event,) = [e for e in practice.history(number) if e.kind == "decision_made"]
    assert (event.element_id, event.detail, event.changes["rows"]) == ("ask", article, [row])
    (made,) = practice.all(select(models.DecisionMade))
    assert is_untouched(made, event)
    assert contradictions(practice.office) == []


def test_where_no_row_holds_the_case_stops_as_an_incident_and_goes_on_with_a_better_answer(
    opened: Opened,
) -> None:
    practice = opened(drawn())
    number = file(practice)
    with pytest.raises(StepFailed, match="ask"):
        practice.answer(number, "look", {"size": "odd", "repeated": "no"})
    (incident,) = practice.all(select(models.Incident))
    assert incident.element_id == "ask"
    assert "没有一行适用" in incident.cause
    assert open_now(practice, number) == ["look"]
    assert practice.all(select(models.DecisionMade)) == []
    practice.answer(number, "look", {"size": "small", "repeated": "no"})
    assert open_now(practice, number) == ["desk"]


def test_a_default_output_is_an_answer_without_a_row(opened: Opened) -> None:
    table = WAY.replace(
        '<output name="way" typeRef="string">',
        '<output name="way" typeRef="string"><defaultOutputEntry><text>"leader"</text>'
        "</defaultOutputEntry>",
    )
    assert table != WAY
    practice = opened(drawn(table))
    number = file(practice)
    practice.answer(number, "look", {"size": "odd", "repeated": "no"})
    assert open_now(practice, number) == ["leader"]
    (kept,) = decisions.of_case(practice.office, practice["zhou"], number, now=practice.now)
    assert kept.rows == ()


def test_several_outputs_are_read_by_name_and_asked_again_in_each_round(opened: Opened) -> None:
    table = decision(
        ['"small" | "desk" | "on" // 一', '"large" | "chief" | "back" // 二'],
        inputs=('size: string = "small","large"',),
        outputs=("way: string", "then: string"),
        decision_id="who_decides",
    )
    sketch = (
        Sketch()
        .start()
        .task("look", "after")
        .asks("look", size=["small", "large"])
        .exclusive("begin", default="look")
        .rule("ask", "who_decides", "found")
        .beside("who_decides.dmn", dmn(table))
        .exclusive("which", default="after")
        .end()
        .flow("start > begin > look > ask > which > after > end")
        .flow("which > begin", when='found["then"] == "back"')
    )
    practice = opened(sketch)
    another = opened(deployed=False)
    number = file(practice)
    practice.answer(number, "look", {"size": "large"})
    assert open_now(another, number) == ["look"]
    another.answer(number, "look", {"size": "small"})
    assert open_now(practice, number) == ["after"]
    kept = decisions.of_case(practice.office, practice["zhou"], number, now=practice.now)
    assert [each.rows[0].number for each in kept] == [1, 2]  # the newest first
    assert contradictions(practice.office) == []


def test_what_the_table_reads_has_to_be_asked_for_by_a_form() -> None:
    sketch = drawn()
    del sketch.asked["look"]["repeated"]
    (found,) = checked(folder(sketch)).refusals
    assert (found.code, found.element_id) == ("decision-input-unknown", "ask")
    assert "repeated" in found.zh


def test_a_way_that_no_row_leads_is_told_by_the_walk() -> None:
    """The walk tries every answer that the table may give, and no other."""
    table = WAY.replace('"leader"', '"chief"')
    assert table != WAY
    found = checked(folder(drawn(table))).findings
    assert {each.element_id for each in found if each.code == "walk-unreached"} == {"leader"}
