"""Changes of the calendar and notices as pages: what moves, who may decide, what is unread."""

from dataclasses import replace
from http import HTTPStatus
from io import BytesIO
from typing import Any

import pytest

from engine.domain.calendar_change import ChangedDay
from engine.domain.calendar_views import (
    CalendarChangeView,
    CaseMoved,
    ChangePreview,
    LimitMoved,
    MovedLimit,
    NoticeReading,
    Tally,
    UnreadClause,
)
from engine.domain.errors import Invalid
from engine.domain.notice import NoticeChoices, NoticeView
from engine.domain.views import Page
from engine.domain.words import Words
from tests.web import desk_samples as desk
from tests.web import sample_pages
from tests.web.api.samples import sample
from tests.web.sample_office import SampleOffice
from tests.web.sample_pages import Browser

office, open_as = sample_pages.office, sample_pages.open_as

LIMIT = sample(
    MovedLimit,
    case_number=desk.NUMBER,
    title=Words("办理期限", "Handling"),
    kind="clock",
    before=desk.at(2, 1, 17),
    after=desk.at(2, 4, 17),
    days=3,
    turns="red",
    in_letter=True,
)
DAY = ChangedDay(desk.CALENDAR.day(desk.at(1, 31).date()), desk.CALENDAR.day(desk.at(1, 31).date()))
PREVIEW = sample(
    ChangePreview,
    years=(2020,),
    document="国办发明电〔2020〕1号",
    days=(DAY,),
    reading=NoticeReading(
        ("假期延长至2月2日",), (UnreadClause("2月30日放假", Words("没有这一天")),), ()
    ),
    tally=Tally(looked_at=60, later=41, staying=19, newly_red=1, in_letters=12),
    limits=(LIMIT,),
)
PROPOSED = sample(
    CalendarChangeView,
    state="proposed",
    years=(2020,),
    days=(DAY,),
    decided_by=None,
    may_decide=False,
    why_not=Words("须由另一人核对"),
    may_revoke=False,
    revokes=None,
)
CHANGES: dict[str, Any] = {
    "calendar_changes__changes": (PROPOSED,),
    "calendar_changes__change": PROPOSED,
    "calendar_changes__change_preview": PREVIEW,
    "calendar_moved__moved": Page(()),
    "calendar_drafts__preview": PREVIEW,
    "calendar_changes__propose": PROPOSED.id,
}
APPLIED = replace(
    PROPOSED, state="applied", edition=1, moved=1, remaining=0, why_not=None, may_revoke=True
)
MOVED = CaseMoved(
    case_number=desk.NUMBER,
    subject_name="东川某公司",
    procedure=desk.REPAIR,
    at=desk.at(1, 26, 20),
    limits=(
        LimitMoved(
            "handling", "clock", LIMIT.title, desk.at(2, 1, 17), desk.at(2, 4, 17), 3, "green"
        ),
    ),
)
ROOM = "/admin/calendars/changes"


def test_a_pasted_notice_is_previewed_and_what_was_not_understood_stands_on_top(
    open_as: Browser,
) -> None:
    browser = open_as(desk.ADMINISTRATOR, **CHANGES)
    html = browser.post(ROOM, data={"source": "file", "text": "关于延长假期"}).text
    assert html.index("没读懂，没有猜") < html.index('id="limits"')
    assert "2月30日放假" in html
    assert "没有这一天" in html
    assert "60 个未结期限，移动 41 个" in html
    assert "变超期" in html
    assert 'name="acknowledged"' in html


def test_a_proposal_needs_its_reason_and_says_so_beside_the_field(
    open_as: Browser, office: SampleOffice
) -> None:
    browser = open_as(desk.ADMINISTRATOR, **CHANGES)
    office.refusals["calendar_changes.propose"] = Invalid(
        "不完整", "incomplete", fields={"reason": Words("请写明理由")}
    )
    answer = browser.post(ROOM, data={"source": "file", "text": "x", "propose": "1"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "请写明理由" in answer.text


def test_who_proposed_it_sees_the_button_and_why_it_cannot_be_pressed(open_as: Browser) -> None:
    html = open_as(desk.ADMINISTRATOR, **CHANGES).get(f"{ROOM}/{PROPOSED.id}").text
    button = html.split("批准，应用到 41 个期限")[0].rsplit("<button", 1)[1]
    assert "disabled" in button
    assert "须由另一人核对" in html


def test_an_applied_change_shows_each_limit_it_moved_from_when_to_when_and_goes_on(
    open_as: Browser, office: SampleOffice
) -> None:
    page = Page((MOVED,), "further")
    applied = CHANGES | {"calendar_changes__change": APPLIED, "calendar_moved__moved": page}
    applied["calendar_sheet__moved"] = b"PK"
    browser = open_as(desk.ADMINISTRATOR, **applied)
    html = browser.get(f"{ROOM}/{APPLIED.id}").text
    part = html.split('id="moved"')[1].split("</section>")[0]
    for told in (
        desk.NUMBER,
        "东川某公司",
        "办理期限",
        "2月1日",
        "2月4日",
        "延后 3 天",
        "不再超期",
    ):
        assert told in part
    assert "cursor=further#moved" in part
    sheet = browser.get(f"{ROOM}/{APPLIED.id}/differences.xlsx")
    assert f'href="{ROOM}/{APPLIED.id}/differences.xlsx"' in html
    assert "spreadsheetml.sheet" in sheet.headers["Content-Type"]
    assert "回到开头" not in part
    assert "回到开头" in browser.get(f"{ROOM}/{APPLIED.id}?cursor=further").text
    assert [one["cursor"] for one in office.asked("calendar_moved.moved")] == [None, "further"]
    assert not office.asked("calendar_changes.change_preview")


@pytest.mark.parametrize("who", [desk.CLERK, desk.SUPERVISOR])
def test_the_rooms_of_changes_are_the_administrators(open_as: Browser, who: Any) -> None:
    answer = open_as(who, **CHANGES).get(ROOM)
    assert answer.status_code == HTTPStatus.FORBIDDEN


def test_notices_stand_on_a_page_with_a_badge_and_can_be_read_at_once(
    open_as: Browser, office: SampleOffice
) -> None:
    told = sample(NoticeView, title=Words("办件已收件"), read_at=None, case_number=desk.NUMBER)
    browser = open_as(
        desk.CLERK,
        notices__mine=Page((told,)),
        notices__unread=3,
        notices__choices=NoticeChoices("a@example.org", "", ("email",), "zh"),
        notices__read=told,
        notices__read_all=None,
    )
    html = browser.get("/notices").text
    assert "3 条未读" in html
    assert "办件已收件" in html
    assert 'value="a@example.org"' in html
    read = browser.get(f"/notices/{told.id}")
    assert read.headers["Location"].endswith(f"/cases/{desk.NUMBER}")
    browser.post("/notices/read")
    assert office.asked("notices.read_all")


NOTICE = "国务院办公厅关于2027年部分节假日安排的通知\n一、元旦：2027年1月1日放假，共1天。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_notice_is_read_in_the_encoding_of_the_program_it_was_saved_with(
    open_as: Browser, office: SampleOffice, encoding: str
) -> None:
    sent = (BytesIO(NOTICE.encode(encoding)), "通知.txt")
    open_as(desk.ADMINISTRATOR, **CHANGES).post(ROOM, data={"source": "file", "file": sent})
    ((_, asked),) = [call["given"] for call in office.asked("calendar_drafts.preview")]
    assert (asked.source, asked.text) == ("notice", NOTICE)


@pytest.mark.parametrize(
    ("content", "told"), [(b"%PDF-1.4\x00\x01", "不是文本文件"), (b"", "是空的")]
)
def test_what_is_no_text_is_refused_and_not_shown_as_text(
    open_as: Browser, office: SampleOffice, content: bytes, told: str
) -> None:
    answer = open_as(desk.ADMINISTRATOR, **CHANGES).post(
        ROOM, data={"source": "file", "file": (BytesIO(content), "通知.pdf")}
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert told in answer.text
    assert "%PDF" not in answer.text
    assert not office.asked("calendar_drafts.preview")


def test_the_year_of_a_notice_that_names_none_can_be_given(
    open_as: Browser, office: SampleOffice
) -> None:
    browser = open_as(desk.ADMINISTRATOR, **CHANGES)
    assert 'name="year"' in browser.get(ROOM).text
    html = browser.post(ROOM, data={"source": "file", "text": "1月1日放假", "year": "2027"}).text
    ((_, asked),) = [call["given"] for call in office.asked("calendar_drafts.preview")]
    assert asked.year == 2027
    assert 'name="year" value="2027"' in html
