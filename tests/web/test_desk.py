"""The caseworker's pages: the right task on top, everything about it on one page, nothing lost."""

import re
from dataclasses import replace
from http import HTTPStatus

import pytest

from engine.domain.errors import Invalid, NotPermitted, TaskAlreadyClaimed
from engine.domain.views import Completed, Page
from engine.services.inbox_columns import Arrangement
from tests.web import desk_samples as desk
from tests.web import sample_pages
from tests.web.sample_office import SampleOffice
from tests.web.sample_pages import Browser

office, open_as = sample_pages.office, sample_pages.open_as

OPEN = f"/desk/tasks/{desk.CURRENT.id}"
GRANT = {"proposal": "grant", "reasons": "处罚已履行，现场核查未见同类问题。", "version": "1"}


def titles(html: str) -> list[str]:
    return re.findall(r'class="list__group"><b>([^<]+)</b>', html)


# ---- inbox


def test_the_inbox_puts_what_is_late_first_and_what_waits_for_others_last(open_as: Browser) -> None:
    html = open_as(desk.CLERK).get("/desk").text
    assert titles(html) == ["今天要动", "本周", "暂停与等待"]
    assert html.index("昆山启衡五金制品有限公司") < html.index("昆山澄远包装材料有限公司")
    assert html.index("昆山澄远包装材料有限公司") < html.index("昆山乙禾农产品有限公司")


def test_each_row_says_why_it_stands_here_and_how_much_time_is_left(open_as: Browser) -> None:
    html = open_as(desk.CLERK).get("/desk").text
    assert "本步已超 1 天，全案还剩 2 天；水务局意见晚回 2 天" in html
    assert re.search(r'<span class="vh">红：</span>超 1 天', html)
    assert "等申请人" in html


def test_a_task_due_after_this_week_is_kept_for_later(
    open_as: Browser, office: SampleOffice
) -> None:
    office.tasks = (replace(desk.CURRENT, due_at=desk.at(3, 9, 17), days_left=5),)
    assert titles(open_as(desk.CLERK).get("/desk").text) == ["以后"]
    office.tasks = (replace(desk.CURRENT, due_at=desk.at(3, 8, 17), days_left=4),)
    assert titles(open_as(desk.CLERK).get("/desk").text) == ["本周"]


def test_what_was_chosen_on_the_rail_is_what_is_asked_for(
    open_as: Browser, office: SampleOffice
) -> None:
    open_as(desk.CLERK).get(
        "/desk?scope=group&light=red&procedure=credit_repair&q=启衡&sort=newest"
    )
    (asked,) = office.asked("tasks.inbox")
    chosen = {name: asked[name] for name in ("scope", "light", "procedure", "q", "sort")}
    assert chosen == {
        "scope": "group", "light": "red", "procedure": "credit_repair", "q": "启衡", "sort": "newest",
    }  # fmt: skip


def test_what_nobody_offers_is_not_asked_for(open_as: Browser, office: SampleOffice) -> None:
    assert (
        open_as(desk.CLERK).get("/desk?scope=theirs&light=pink&sort=luck").status_code
        == HTTPStatus.OK
    )
    (asked,) = office.asked("tasks.inbox")
    assert (asked["scope"], asked["light"], asked["sort"]) == ("mine", None, "slack")


def test_a_list_that_has_not_changed_costs_nothing_to_ask_for_again(open_as: Browser) -> None:
    browser = open_as(desk.CLERK)
    first = browser.get("/desk/rows")
    again = browser.get("/desk/rows", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == HTTPStatus.NOT_MODIFIED
    assert again.data == b""


def test_a_list_that_has_changed_is_sent_again(open_as: Browser, office: SampleOffice) -> None:
    browser = open_as(desk.CLERK)
    first = browser.get("/desk/rows")
    office.tasks = office.tasks[1:]
    again = browser.get("/desk/rows", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == HTTPStatus.OK
    assert "昆山启衡五金制品有限公司" not in again.text
    assert 'data-slot="rail"' in again.text


def test_the_task_stands_beside_the_list_and_remembers_which_list(open_as: Browser) -> None:
    html = open_as(desk.CLERK).get(f"/desk?task={desk.CURRENT.id}&light=green").text
    assert 'aria-current="true"' in html
    assert '<input type="hidden" name="back.light" value="green">' in html
    assert "data-complete" in html


def test_a_task_that_is_gone_leaves_the_list_standing(open_as: Browser) -> None:
    answer = open_as(desk.CLERK).get(f"/desk?task={desk.sample_id('gone')}")
    assert answer.status_code == HTTPStatus.OK
    assert "data-complete" not in answer.text


def test_an_empty_inbox_points_to_what_the_group_has(open_as: Browser) -> None:
    html = open_as(desk.CLERK, tasks__inbox=Page(())).get("/desk").text
    assert "手上的都办完了" in html
    assert "本组还有 2 件待领" in html


# ---- one task


def test_the_task_page_has_clock_stages_reason_form_and_file(open_as: Browser) -> None:
    html = open_as(desk.CLERK).get(OPEN).text
    for part in (
        "clock__bar",
        "逐日计算",
        'class="stages"',
        "现在由市信用办周敏初审。",
        "提交初审意见，转复审",
    ):
        assert part in html
    assert re.search(r'role="tab"[^>]*aria-selected="true"[^>]*>案卷', html)
    assert "草稿已存 10:18" in html


def test_the_application_stands_in_the_file_under_the_titles_of_its_form(open_as: Browser) -> None:
    html = open_as(desk.CLERK).get(OPEN).text
    assert "<dt>整改情况</dt>" in html
    assert "已更换全部包装标识并复检合格。" in html


def test_what_the_steps_before_said_stands_in_the_file_where_the_next_is_decided(
    open_as: Browser,
) -> None:
    page = open_as(desk.CLERK).get(f"/desk/cases/{desk.NUMBER}/parts/file").text
    assert "前面各步写的" in page
    assert "市市场监管局 朱海燕" in page
    assert "罚款已缴清，同意修复。" in page


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        ("papers", f'<iframe src="/documents/{desk.PAPERS[0].id}#'),
        ("papers", f'<img src="/documents/{desk.PAPERS[1].id}"'),
        ("history", "0b0b…0b0b"),
        ("diagram", '"first_review": "active"'),
        ("letters", "昆信用修〔2020〕受 11 号"),
    ],
)
def test_each_part_of_the_file_comes_when_its_tab_is_opened(
    open_as: Browser, part: str, shown: str
) -> None:
    browser = open_as(desk.CLERK)
    assert shown in browser.get(f"/desk/cases/{desk.NUMBER}/parts/{part}").text
    assert shown in browser.get(f"{OPEN}?tab={part}").text


def test_the_diagram_can_be_read_as_a_table(open_as: Browser) -> None:
    html = open_as(desk.CLERK).get(f"/desk/cases/{desk.NUMBER}/parts/diagram").text
    assert "市市场监管局 朱海燕" in html
    assert "1 / 3 日" in html
    assert html.index("审查") < html.index('class="process__fold"')


def test_completing_a_task_sends_the_answers_and_opens_the_next_one(
    open_as: Browser, office: SampleOffice
) -> None:
    answer = open_as(desk.CLERK).post(OPEN, data=GRANT)
    (sent,) = office.asked("tasks.complete")
    assert sent["given"][2] == {"proposal": "grant", "reasons": GRANT["reasons"]}
    assert sent["version"] == 1
    assert answer.headers["Location"] == f"/desk/tasks/{desk.TASKS[0].id}"


def test_completed_beside_the_list_the_reader_stays_in_that_list(open_as: Browser) -> None:
    sent = {**GRANT, "back": "1", "back.light": "green"}
    target = open_as(desk.CLERK).post(OPEN, data=sent).headers["Location"]
    assert target.startswith("/desk?")
    assert "light=green" in target
    assert f"task={desk.TASKS[0].id}" in target


def test_after_the_last_task_the_inbox_is_shown(open_as: Browser) -> None:
    last = Completed(desk.NUMBER, None)
    browser = open_as(desk.CLERK, tasks__complete=last, tasks__inbox=Page(()))
    assert browser.post(OPEN, data=GRANT).headers["Location"] == "/desk"


def test_a_missing_answer_is_named_beside_its_field_and_nothing_typed_is_lost(
    open_as: Browser, office: SampleOffice
) -> None:
    answer = open_as(desk.CLERK).post(OPEN, data={"reasons": "核查记录与材料一致", "version": "1"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'href="#f-proposal"' in answer.text
    assert "核查记录与材料一致" in answer.text
    assert not office.asked("tasks.complete")


def test_what_the_office_refuses_is_said_on_the_page(
    open_as: Browser, office: SampleOffice
) -> None:
    office.refusals["tasks.complete"] = Invalid(
        "有内容要改。", "change it", fields={"reasons": "请写明核查结论"}
    )
    answer = open_as(desk.CLERK).post(OPEN, data=GRANT)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "请写明核查结论" in answer.text


def test_a_lost_race_keeps_what_was_typed(open_as: Browser, office: SampleOffice) -> None:
    office.refusals["tasks.complete"] = TaskAlreadyClaimed(
        "已由他人领取。", "somebody else holds it"
    )
    answer = open_as(desk.CLERK).post(OPEN, data=GRANT)
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "已由他人领取。" in answer.text
    assert GRANT["reasons"] in answer.text


def test_four_eyes_leave_the_button_visible_with_the_reason_beside_it(open_as: Browser) -> None:
    barred = next(task for task in desk.TASKS if task.reason_not)
    html = open_as(desk.CLERK).get(f"/desk/tasks/{barred.id}").text
    assert re.search(r"<button[^>]*disabled[^>]*>.*提交初审意见", html)
    assert "您做过这件的初审，复审须换人。" in html
    assert "data-draft=" not in html


def test_a_task_that_nobody_holds_can_be_claimed(open_as: Browser, office: SampleOffice) -> None:
    free = next(task for task in desk.TASKS if task.may_claim)
    browser = open_as(desk.CLERK)
    assert f'action="/desk/tasks/{free.id}/claim"' in browser.get(f"/desk/tasks/{free.id}").text
    browser.post(f"/desk/tasks/{free.id}/claim")
    assert office.asked("tasks.claim")[0]["given"][1] == free.id


def test_a_claim_that_came_too_late_is_answered_in_place(
    open_as: Browser, office: SampleOffice
) -> None:
    office.refusals["tasks.claim"] = TaskAlreadyClaimed("已由他人领取。", "somebody else holds it")
    answer = open_as(desk.CLERK).post(f"{OPEN}/claim", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["detail"]) == (
        HTTPStatus.CONFLICT,
        "已由他人领取。",
    )


def test_a_draft_saves_itself_unfinished(open_as: Browser, office: SampleOffice) -> None:
    browser = open_as(desk.CLERK)
    answer = browser.post(
        f"{OPEN}/draft", data={"reasons": "半"}, headers={"Accept": "application/json"}
    )
    assert answer.get_json() == {"at": "10:20", "seen": "2020-03-02T02:20:00+00:00"}
    assert office.asked("tasks.save_draft")[0]["given"][2] == {"reasons": "半"}


def test_what_was_done_can_be_read_afterwards(open_as: Browser, office: SampleOffice) -> None:
    done = replace(
        desk.CURRENT, state="completed", completed_at=desk.at(3, 2, 10), may_complete=False
    )
    office.tasks = (done,)
    html = open_as(desk.CLERK).get(OPEN).text
    assert "周敏 于 3月2日 10:00 办结" in html
    assert "建议准予修复" in html
    assert "data-complete" not in html


# ---- handing over, several at once


def test_a_task_is_handed_over_with_a_reason(open_as: Browser, office: SampleOffice) -> None:
    browser = open_as(desk.CLERK)
    form = browser.get(f"{OPEN}/reassign", headers={"X-Fragment": "1"}).text
    assert 'value="gujianguo"' in form
    assert "<html" not in form
    browser.post(f"{OPEN}/reassign", data={"to": "gujianguo", "reason": "出差", "way": "delegate"})
    (asked,) = office.asked("tasks.delegate")
    assert (asked["given"][2], asked["reason"]) == ("gujianguo", "出差")


def test_a_receiver_kept_away_by_four_eyes_is_said_in_the_form(
    open_as: Browser, office: SampleOffice
) -> None:
    office.refusals["tasks.reassign"] = NotPermitted("前一步由此人办理，须换人。", "four eyes")
    answer = open_as(desk.CLERK).post(
        f"{OPEN}/reassign", data={"to": "gujianguo", "reason": "出差"}
    )
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "前一步由此人办理，须换人。" in answer.text
    assert "出差" in answer.text


def test_several_tasks_are_previewed_before_anything_happens(
    open_as: Browser, office: SampleOffice
) -> None:
    free, barred = desk.TASKS[1], desk.TASKS[5]
    html = open_as(desk.CLERK).get(f"/desk/bulk?action=claim&task={free.id}&task={barred.id}").text
    assert "1 件会办，1 件不会" in html
    assert "您做过这件的初审，复审须换人。" in html
    assert html.count('<input type="hidden" name="task"') == 1
    assert not office.asked("tasks.claim")


def test_a_reassignment_is_previewed_for_the_person_chosen(open_as: Browser) -> None:
    chosen = f"/desk/bulk?action=reassign&task={desk.CURRENT.id}"
    browser = open_as(desk.CLERK)
    assert "0 件会办，1 件不会" in browser.get(chosen).text
    assert "1 件会办，0 件不会" in browser.get(f"{chosen}&to=gujianguo").text


def test_what_cannot_be_done_does_not_stop_the_rest(open_as: Browser, office: SampleOffice) -> None:
    office.refusals["tasks.unclaim"] = NotPermitted(
        "只能退回自己领取的任务。", "you do not hold this task"
    )
    browser = open_as(desk.CLERK)
    two = [str(desk.TASKS[0].id), str(desk.TASKS[2].id)]
    answer = browser.post(
        "/desk/bulk", data={"action": "unclaim", "task": two}, follow_redirects=True
    )
    assert len(office.asked("tasks.unclaim")) == 2
    assert "2 件没有办：只能退回自己领取的任务。" in answer.text


def test_a_made_up_bulk_action_is_refused(open_as: Browser) -> None:
    answer = open_as(desk.CLERK).post(
        "/desk/bulk", data={"action": "burn", "task": str(desk.CURRENT.id)}
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


# ---- cases


def test_cases_are_listed_with_stage_holder_and_last_day(
    open_as: Browser, office: SampleOffice
) -> None:
    html = open_as(desk.CLERK).get("/desk/cases?state=open&light=red&q=启衡").text
    assert f'href="/desk/cases/{desk.NUMBER}"' in html
    (asked,) = office.asked("cases.find")
    assert (asked["state"], asked["light"], asked["q"]) == ("open", "red", "启衡")


def test_a_case_is_shown_with_its_tasks_and_without_a_form(open_as: Browser) -> None:
    html = open_as(desk.CLERK).get(f"/desk/cases/{desk.NUMBER}").text
    assert "data-complete" not in html
    assert f'href="/desk/tasks/{desk.CURRENT.id}"' in html
    assert "clock__bar" in html


def test_an_unknown_case_is_not_found(open_as: Browser) -> None:
    assert (
        open_as(desk.CLERK).get("/desk/cases/KSXY-XF-20200101-999999").status_code
        == HTTPStatus.NOT_FOUND
    )


# ---- who may enter


@pytest.mark.parametrize(
    "path", ["/desk", "/desk/rows", OPEN, "/desk/cases", "/records", "/supervision", "/admin"]
)
def test_an_enterprise_has_no_business_at_the_desk(open_as: Browser, path: str) -> None:
    assert open_as(desk.ENTERPRISE).get(path).status_code == HTTPStatus.FORBIDDEN


def test_whoever_is_not_signed_in_is_asked_to(open_as: Browser) -> None:
    browser = open_as(desk.CLERK)
    with browser.session_transaction() as session:
        session.clear()
    assert browser.get("/desk?scope=group").headers["Location"] == "/login?next=/desk?scope%3Dgroup"


def test_a_form_from_elsewhere_is_refused(open_as: Browser, office: SampleOffice) -> None:
    browser = open_as(desk.CLERK)
    browser.application.config["WTF_CSRF_ENABLED"] = True
    assert browser.post(OPEN, data=GRANT).status_code == HTTPStatus.BAD_REQUEST
    assert not office.asked("tasks.complete")


def test_no_page_of_the_desk_carries_a_script_of_its_own(open_as: Browser) -> None:
    browser = open_as(desk.CLERK)
    for path in ("/desk", f"/desk?task={desk.CURRENT.id}", f"{OPEN}?tab=diagram", "/desk/cases"):
        html = browser.get(path).text
        inline = [script for script in re.findall(r"<script([^>]*)>", html) if "src=" not in script]
        assert all("application/json" in script for script in inline), path
        assert not re.search(r"\son[a-z]+=", html), path


@pytest.mark.parametrize(
    ("address", "room"),
    [("/desk", "收件箱"), ("/desk/cases", "案件"), ("/records/reports", "记录")],
)
def test_the_navigation_marks_the_room_one_is_in(open_as: Browser, address: str, room: str) -> None:
    html = open_as(desk.SUPERVISOR).get(address).text
    (marked,) = re.findall(r'<nav class="nav".*?</nav>', html, re.DOTALL)
    assert re.findall(r'aria-current="page">.*?</svg>(\w+)', marked) == [room]


def test_the_inbox_is_a_table_for_who_chose_so_and_sorted_by_its_heads(
    office: SampleOffice, open_as: Browser
) -> None:
    table = Arrangement(is_table=True, columns=("filed", "stage"))
    browser = open_as(desk.CLERK, inbox_columns__arrangement=table, tasks__is_short=True)
    page = browser.get("/desk?by=-number").text
    assert office.asked("tasks.inbox")[-1]["by"] == "-number"
    assert 'aria-sort="descending"' in page
    (turned,) = re.findall(r'<th[^>]*aria-sort[^>]*><a href="([^"]+)"', page)
    assert "by=" not in turned  # the third click is the order of the list again
    assert offered(page) == {"due", "subject", "number", "procedure", "who", "filed"}
    assert "<table" not in browser.get(f"/desk?task={desk.CURRENT.id}").text  # beside its task


def test_a_list_too_long_to_be_sorted_offers_only_the_order_of_its_ends(
    office: SampleOffice, open_as: Browser
) -> None:
    table = Arrangement(is_table=True)
    many = Page(desk.TASKS, "further")
    browser = open_as(
        desk.CLERK,
        inbox_columns__arrangement=table,
        tasks__is_short=False,
        tasks__inbox=many,
    )
    page = browser.get("/desk?by=subject&cursor=of-that-order").text
    asked = office.asked("tasks.inbox")[-1]
    assert (asked["by"], asked["cursor"]) == ("", None)
    assert offered(page) == {"due"}
    assert "筛选以后才能按其他列排序" in page


def offered(page: str) -> set[str]:
    """By what the heads of the table sort."""
    heads = re.findall(r"<th scope=\"col\".*?</th>", page)
    found = (re.search(r"[?&;]by=-?(\w+)", head) for head in heads if "<a " in head)
    return {told.group(1) if told else "number" for told in found}
