"""The parts that desk, enterprise and tracking pages share: clock strip, lights, stages, waiting card."""

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, g, render_template_string

from engine.domain.clock import Light, Whose
from engine.domain.whose_time import Part
from tests.web import desk_samples as desk
from tests.web.sample_pages import sample_app

IMPORTS = """
{%- from "macros/clock.html" import clock_strip -%}
{%- from "macros/lights.html" import task_light, whose_bar, whose_sum -%}
{%- from "macros/case.html" import stage_bar, stage_list, task_row, timeline, waiting_card -%}
"""


@pytest.fixture
def app() -> Flask:
    return sample_app()


def shown(app: Flask, text: str, **values: Any) -> str:
    with app.test_request_context(headers={"Accept-Language": "zh"}):
        g.now, g.actor = desk.NOW, None
        return render_template_string(IMPORTS + text, now=desk.NOW, **values)


def strip(app: Flask, name: str, **manner: Any) -> str:
    return shown(
        app, "{{ clock_strip(clock, now, **manner) }}", clock=desk.CLOCKS[name], manner=manner
    )


def test_the_strip_says_budget_used_left_and_the_last_day(app: Flask) -> None:
    html = strip(app, "running")
    text = re.sub(r"<[^>]+>", "", html)
    assert "办理期限10 个工作日" in text
    assert "已用 4（含今天） · 剩 6 · 到 3月10日 周二 · 暂停 2 天（现场核查）" in text
    assert "绿：正常 剩 6 天" in text


def test_the_bar_is_as_wide_as_its_days_and_today_stands_where_the_used_ones_end(
    app: Flask,
) -> None:
    html = strip(app, "running")
    assert [int(days) for days in re.findall(r'class="seg seg--\w+" style="--d:(\d+)"', html)] == [
        1,
        2,
        2,
        1,
        6,
    ]
    assert '<div class="mark" style="--at:50.0%"><span>今天</span></div>' in html


def test_the_working_shows_each_day_counted_or_not_and_whose_it_was(app: Flask) -> None:
    days = re.findall(r'<li class="day ([^"]+)"(.*?)</li>', strip(app, "running"), re.DOTALL)
    assert len(days) == 19
    assert "day--start" in days[0][0]
    assert ">–<" in days[0][1]
    assert 'data-who="dept"' in days[4][1]
    assert sum("day--paused" in kinds for kinds, _ in days) == 2
    assert "day--today" in days[10][0]
    assert days[-1][0].endswith("day--due")
    assert "末日" in days[-1][1]


def test_over_the_limit_the_line_stands_at_the_last_day(app: Flask) -> None:
    html = strip(app, "over")
    assert '<li class="seg seg--over" style="--d:5"' in html
    assert "末日 2月24日" in html
    assert "红：</span>超期 5 天" in html


def test_a_paused_clock_says_when_it_would_end_if_resumed_today(app: Flask) -> None:
    html = strip(app, "paused")
    assert "若今天恢复，到 3月11日 周三" in html
    assert "暂算 3月11日" in html


def test_a_long_limit_is_printed_in_weeks(app: Flask) -> None:
    assert "working--weeks" in strip(app, "festival")
    assert "working--weeks" not in strip(app, "running")
    assert "调休上班" in strip(app, "festival")
    assert strip(app, "festival").count(">春节<") == 10


def test_the_public_sees_the_working_but_not_the_ledger_with_its_names(app: Flask) -> None:
    desk_strip, public_strip = strip(app, "running"), strip(app, "running", public=True)
    assert "王芳" in desk_strip
    assert "王芳" not in public_strip
    assert 'class="working"' in public_strip


def test_a_clock_that_has_not_started_has_no_bar(app: Flask) -> None:
    html = strip(app, "not_started")
    assert "clock__bar" not in html
    assert "尚未起算" in html


@pytest.mark.parametrize("name", desk.CLOCKS)
def test_every_bar_sums_to_its_limit_or_to_what_was_used(app: Flask, name: str) -> None:
    reading = desk.CLOCKS[name].reading
    kinds = re.findall(r'class="seg seg--(\w+)" style="--d:(\d+)"', strip(app, name))
    counted = sum(int(days) for kind, days in kinds if kind != "paused")
    assert counted == (max(reading.total, reading.used) if kinds else 0)


@pytest.mark.parametrize(
    ("light", "days_left", "whose", "said"),
    [
        (Light.RED, -1, Whose.OFFICE, "超 1 天"),
        (Light.RED, 0, Whose.OFFICE, "已到点"),
        (Light.YELLOW, 0, Whose.OFFICE, "今天 17:00"),
        (Light.YELLOW, 1, Whose.OFFICE, "剩 1 天"),
        (Light.GREEN, None, Whose.COURT, "不限时"),
        (Light.BLUE, 5, Whose.APPLICANT, "等申请人"),
    ],
)
def test_a_light_is_shape_colour_word_and_time(
    app: Flask, light: Light, days_left: int | None, whose: Whose, said: str
) -> None:
    task = replace(
        desk.CURRENT, light=light, days_left=days_left, whose=whose, due_at=desk.at(3, 2, 17)
    )
    html = shown(app, "{{ task_light(task) }}", task=task)
    assert re.fullmatch(
        r'<span class="light light--\w+"><svg.*</svg><span class="vh">.：</span>'
        + said
        + "</span>",
        html.strip(),
        re.DOTALL,
    )


def test_a_finished_task_says_whether_it_was_in_time(app: Flask) -> None:
    done = replace(desk.CURRENT, state="completed", days_left=-7)
    assert "按时办结" in shown(app, "{{ task_light(task) }}", task=done)
    assert "超期办结" in shown(app, "{{ task_light(task) }}", task=replace(done, light=Light.RED))


def test_whose_time_is_summed_in_words_and_drawn_with_a_name(app: Flask) -> None:
    days = (Part(Whose.OFFICE, 4.0), Part(Whose.APPLICANT, 2.3), Part(Whose.DEPARTMENT, 1.9))
    assert "全程 8.2 个工作日 ＝ 本办 4 ＋ 您 2.3 ＋ 其他部门 1.9" in shown(
        app, "{{ whose_sum(days, you=true) }}", days=days
    )
    assert 'aria-label="本办 4 日，申请人 2.3 日，其他部门 1.9 日"' in shown(
        app, "{{ whose_bar(days) }}", days=days
    )


def test_the_waiting_card_is_marked_when_it_is_the_applicants_turn_or_an_outside_bodys(
    app: Flask,
) -> None:
    card = "{{ waiting_card(card, public=true, facts=true) }}"
    assert 'class="wait"' in shown(app, card, card=desk.WAITING)
    yours = replace(desk.WAITING, is_applicants_turn=True, whose=Whose.APPLICANT)
    assert 'class="wait wait--you"' in shown(app, card, card=yours)
    outside = replace(desk.WAITING, whose=Whose.COURT, until=None)
    assert 'class="wait wait--out" style="border-left-color:var(--who-court)"' in shown(
        app, card, card=outside
    )
    assert "不限时" in shown(app, card, card=outside)


def test_the_stage_of_today_is_named_as_the_current_one(app: Flask) -> None:
    for part in ("{{ stage_bar(stages) }}", "{{ stage_list(stages) }}"):
        html = shown(app, part, stages=desk.STAGES)
        assert html.count('aria-current="step"') == 1
        assert "最迟 3月10日" in html


def test_a_name_with_angle_brackets_stays_text(app: Flask) -> None:
    task = replace(desk.CURRENT, case_title="<b>昆山</b>公司")
    assert "&lt;b&gt;昆山&lt;/b&gt;公司" in shown(app, "{{ task_row(task, href='/x') }}", task=task)
