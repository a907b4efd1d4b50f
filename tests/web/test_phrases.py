"""What templates say by their quick way is what the slow one says: texts and addresses."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import g, url_for
from markupsafe import Markup

from tests.web.sample_pages import sample_app
from web import phrases

ONE, OTHER = uuid4(), uuid4()
ADDRESSES: list[tuple[str, dict[str, Any]]] = [
    ("desk.task", {"task_id": ONE}),
    ("desk.task", {"task_id": OTHER}),
    ("desk.pane", {"task_id": ONE, "scope": "group", "q": "昆山 & 第一"}),
    ("desk.pane", {"task_id": ONE, "scope": "group", "q": "另"}),
    ("desk.pane", {"task_id": OTHER, "scope": "group", "q": None}),
    ("desk.inbox", {"scope": "group", "task": ONE}),
    ("desk.inbox", {"scope": "group", "task": str(ONE)}),
    ("desk.inbox", {}),
    ("desk.cases", {"light": ["red", "yellow"]}),
    ("desk.filter_remove", {"filter_id": ONE, "_anchor": "found"}),
    ("desk.task", {"task_id": ONE, "_external": True}),
    ("static", {"filename": "icons.svg"}),
    ("desk.inbox", {"task": ONE, "other": OTHER}),
]


@pytest.mark.parametrize("repeated", [1, 3])
def test_addresses_are_those_of_the_framework(repeated: int) -> None:
    with sample_app().test_request_context("/desk"):
        for endpoint, values in ADDRESSES * repeated:
            assert phrases._url_for(endpoint, **values) == url_for(endpoint, **values)


def test_an_id_never_takes_the_place_of_another() -> None:
    with sample_app().test_request_context("/desk"):
        built = [phrases._url_for("desk.task", task_id=UUID(int=n)) for n in range(50)]
    assert built == [f"/desk/tasks/{UUID(int=n)}" for n in range(50)]


@pytest.mark.parametrize(
    ("n", "said"), [(1, "1 working day"), ("1", "1 working day"), (11, "11 working days")]
)
def test_one_of_a_unit_is_said_in_the_singular(n: int | str, said: str) -> None:
    english = Markup("%(n)s working days")
    assert phrases.Phrases.counting(english, n) % {"n": n} == said


@pytest.mark.parametrize(("tongue", "said"), [("zh", "剩 3 天"), ("en", "3 d left")])
def test_texts_are_those_of_the_catalogue(tongue: str, said: str) -> None:
    with sample_app().test_request_context("/", headers={"Accept-Language": tongue}):
        assert phrases._say("剩 %(days)s 天", days=3) == said
        assert phrases._say("剩 %(days)s 天", days=3) == said


def test_what_is_put_into_a_text_is_escaped() -> None:
    with sample_app().test_request_context("/", headers={"Accept-Language": "zh"}):
        assert phrases._say("选择 %(name)s", name="<b>") == Markup("选择 &lt;b&gt;")
        assert phrases._say("百分之百：100%%") == "百分之百：100%"


def test_one_reader_is_never_given_the_words_of_another() -> None:
    app = sample_app()
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        english = phrases._say("收件箱")
    with app.test_request_context("/", headers={"Accept-Language": "zh"}):
        assert phrases._say("收件箱") == "收件箱" != english


def test_a_light_that_was_drawn_before_is_the_one_that_would_be_drawn() -> None:
    app = sample_app()
    moments = (None, datetime(2020, 3, 2, 9, tzinfo=UTC), datetime(2020, 3, 2, 2, tzinfo=UTC))
    with app.test_request_context("/"):
        g.now = moments[1]
        macros: Any = app.jinja_env.get_template("macros/lights.html").module
        for light, days, due, whose in product(
            ("green", "yellow", "red", "blue", "provisional"),
            (None, -2, 0, 3),
            moments,
            ("office", "applicant"),
        ):
            task = SimpleNamespace(
                state="ready", light=light, days_left=days, due_at=due, whose=whose
            )
            drawn = macros.light_tag(light, macros.time_left(light, days, due, whose))
            if light != "provisional" and days == 0 and due is None:
                continue  # what ends today has a moment
            assert macros.task_light(task) == drawn
