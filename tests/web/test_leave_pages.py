"""The pages of leave cover: effect before it is entered, refusals beside the field, marked in the inbox."""

from dataclasses import replace
from datetime import date
from http import HTTPStatus

from engine.domain.errors import Invalid
from engine.domain.leave import Cover
from engine.domain.leave_views import Candidate, LeavePreview, LeaveView
from engine.domain.words import Words
from tests.web import board_samples as board
from tests.web import desk_samples as desk
from tests.web import sample_pages
from tests.web.sample_office import SampleOffice
from tests.web.sample_pages import Browser

office, open_as = sample_pages.office, sample_pages.open_as

PREVIEW = LeavePreview(
    "zhoumin", "周敏", board.BREACHES, board.BREACHES[:1], date(2020, 3, 9),
    (Candidate("xuhang", "徐航", True, 3, False), Candidate("gujianguo", "顾建国", False, 4, True)), None,
)  # fmt: skip
COVER = LeaveView(
    desk.sample_id("cover"), "zhoumin", "周敏", desk.OFFICE, "xuhang", "徐航", "沈国平", date(2020, 3, 2),
    date(2020, 3, 6), "探亲", "running", 4, "zhoumin", desk.NOW, None,
)  # fmt: skip
ANSWERS = {"leave__preview": PREVIEW, "leave__mine": (COVER,), "leave__overview": (COVER,)}
SPAN = {"starts_on": "2020-03-03", "ends_on": "2020-03-06", "substitute": "xuhang"}


def test_the_officer_sees_what_falls_due_before_the_return(open_as: Browser) -> None:
    html = open_as(desk.CLERK, **ANSWERS).get("/desk/leave", query_string=SPAN).text
    assert "在手 2 件，1 件在 3月9日 周一 返岗前到期" in html
    assert 'value="2020-03-06"' in html
    assert '<option value="xuhang" selected>徐航 · 在手 3</option>' in html
    assert "顾建国 · 在手 4 · 不同岗位 · 同期请假" in html
    assert "他也请假，现由 沈国平 办" in html


def test_leave_is_entered_with_its_dates_and_substitute(
    open_as: Browser, office: SampleOffice
) -> None:
    answer = open_as(desk.CLERK, **ANSWERS, leave__enter=COVER).post("/desk/leave", data=SPAN)
    assert answer.headers["Location"] == "/desk/leave"
    (asked,) = office.asked("leave.enter")
    first, last = date(2020, 3, 3), date(2020, 3, 6)
    assert asked["given"][1] == Cover(desk.CLERK.username, "xuhang", first, last)


def test_what_speaks_against_it_is_said_beside_the_field(
    open_as: Browser, office: SampleOffice
) -> None:
    office.refusals["leave.enter"] = Invalid(
        "代理人须是同一部门的人。",
        "same department",
        fields={"substitute": Words("须同一部门", "x")},
    )
    answer = open_as(desk.CLERK, **ANSWERS, leave__enter=COVER).post("/desk/leave", data=SPAN)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert '<span class="err">须同一部门</span>' in answer.text
    assert 'value="2020-03-03"' in answer.text


def test_the_supervisor_sees_who_is_away_and_a_clerk_does_not(open_as: Browser) -> None:
    html = open_as(desk.SUPERVISOR, **ANSWERS).get("/supervision/leave").text
    assert "周敏" in html
    assert "请假中" in html
    assert open_as(desk.CLERK).get("/supervision/leave").status_code == HTTPStatus.FORBIDDEN


def test_a_task_done_for_somebody_else_is_marked_in_the_inbox(
    open_as: Browser, office: SampleOffice
) -> None:
    office.tasks = (replace(desk.TASKS[0], covers_for="王芳"),)
    html = open_as(desk.CLERK).get("/desk?scope=all").text
    assert 'title="代 王芳 办"' in html


def test_a_leave_without_its_days_is_not_dropped_in_silence(
    open_as: Browser, office: SampleOffice
) -> None:
    answer = open_as(desk.CLERK, **ANSWERS, leave__enter=COVER).post(
        "/desk/leave", data={**SPAN, "ends_on": "x"}
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "请填写第一天和最后一天。" in answer.text
    assert not office.asked("leave.enter")
