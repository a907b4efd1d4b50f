"""The enterprise's day: records, guided application, its case, its turn, withdrawal, papers."""

from dataclasses import replace
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.domain.errors import AlreadyFiled, Invalid
from engine.domain.words import Words
from tests.web import desk_samples as desk
from tests.web import sample_views
from tests.web.sample_views import DRAFT_ID, GRANTED, RATE, REFUSED, SUPPLEMENT, TURN, Sample

DRAFT = f"/my/apply/{DRAFT_ID}"
COMPLETE = {
    "representative": "legal_representative",
    "handler_name": "沈婷",
    "handler_phone": "13800000000",
    "performed_on": "2019-11-30",
    "account": "已缴清罚款，更换全部包装标识并复检合格。",
    "epidemic_cause": "no",
    "electronic_service": True,
    "commitment": True,
}
TURN_PATH = f"/my/cases/{TURN.case_number}/tasks/{TURN.id}"


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> Sample:
    made = Sample()
    sample_views.install(made, monkeypatch.setattr)
    return made


@pytest.fixture
def app(sample: Sample) -> Flask:
    made = sample_views.make_app(sample)
    made.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    return made


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    made = app.test_client()
    made.post("/login", data={"username": "chengyuan", "password": sample_views.PASSWORD})
    return made


# ---- what it has


def test_the_day_begins_with_what_waits_for_the_enterprise(browser: FlaskClient) -> None:
    page = browser.get("/my").text
    assert page.index("轮到您") < page.index("<h2>办件</h2>")
    assert TURN_PATH in page
    assert f"/my/cases/{desk.NUMBER}" in page
    assert DRAFT in page
    assert page.count("btn--primary") == 1


def test_each_record_says_whether_and_when_it_can_be_repaired_and_why(
    browser: FlaskClient, sample: Sample
) -> None:
    page = browser.get("/my/records").text
    assert "您有 5 条记录，1 条今天就能申请" in page
    assert "还差 14 天" in page
    assert "规则 A-01" in page
    assert "3月16日起可以申请；早交会不予受理" in page
    assert page.count("disabled") == 3
    assert page.index("可以申请</span>") < page.index("正在修复</span>") < page.index("还差 14 天")
    assert f"/my/cases/{desk.NUMBER}" in page


def test_applying_for_a_record_starts_a_draft_and_opens_its_first_page(
    browser: FlaskClient, sample: Sample
) -> None:
    record = sample_views.RECORDS[0].id
    answer = browser.post("/my/apply", data={"procedure": "credit_repair", "record": str(record)})
    assert sample.calls == [("start", ("credit_repair", [record]))]
    assert answer.headers["Location"] == DRAFT
    assert browser.get(DRAFT).headers["Location"] == f"{DRAFT}/handler"


# ---- the guided application


def test_what_the_system_knows_is_filled_in_and_marked(browser: FlaskClient) -> None:
    page = browser.get(f"{DRAFT}/handler").text
    assert 'value="沈婷"' in page
    assert "系统已填好，请核对" in page
    assert "第 1 步，共 7 步" in page
    assert page.count("btn--primary") == 1


def test_a_page_with_a_mistake_comes_back_with_the_mistake_on_top(
    browser: FlaskClient, sample: Sample
) -> None:
    answer = browser.post(
        f"{DRAFT}/rectification", data={"performed_on": "昨天", "account": "改了"}
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "有 2 处要改" in answer.text
    assert 'href="#f-account"' in answer.text
    assert 'aria-describedby="f-account-hint f-account-error"' in answer.text
    assert "改了</textarea>" in answer.text
    assert "account" not in sample.answers


def test_a_good_page_is_saved_and_leads_on(browser: FlaskClient, sample: Sample) -> None:
    sent = {"performed_on": "2019-11-30", "account": COMPLETE["account"]}
    answer = browser.post(f"{DRAFT}/rectification", data=sent)
    assert answer.headers["Location"] == f"{DRAFT}/cause"
    assert sample.answers["account"] == COMPLETE["account"]


def test_a_half_filled_page_may_be_kept_for_later(browser: FlaskClient, sample: Sample) -> None:
    answer = browser.post(f"{DRAFT}/rectification", data={"account": "改了", "then": "later"})
    assert answer.headers["Location"] == "/my"
    assert sample.answers["account"] == "改了"  # too short yet, and kept as it stands
    browser.post(f"{DRAFT}/rectification", data={"performed_on": "2019-11-30", "then": "later"})
    assert sample.answers["performed_on"] == "2019-11-30"


def test_changing_an_answer_leads_straight_back_to_the_check(browser: FlaskClient) -> None:
    page = browser.get(f"{DRAFT}/check").text
    assert f"{DRAFT}/cause?change=1" in page
    answer = browser.post(f"{DRAFT}/cause?change=1", data={"epidemic_cause": "no"})
    assert answer.headers["Location"] == f"{DRAFT}/check"


def test_papers_are_uploaded_several_at_once_and_removed(
    browser: FlaskClient, sample: Sample
) -> None:
    files = [(BytesIO(b"%PDF-1"), "缴款凭证.pdf"), (BytesIO(b"%PDF-2"), "回单.pdf")]
    answer = browser.post(f"{DRAFT}/papers/performance_proof", data={"file": files})
    assert answer.headers["Location"] == f"{DRAFT}/papers#paper-performance_proof"
    page = browser.get(f"{DRAFT}/papers").text
    assert "缴款凭证.pdf" in page
    assert "回单.pdf" in page
    assert "不超过 20 MB" in page
    first = sample.papers["performance_proof"][0]
    browser.post(f"{DRAFT}/papers/remove/{first.id}")
    assert "缴款凭证.pdf" not in browser.get(f"{DRAFT}/papers").text


def test_a_refused_upload_tells_why_to_a_script_and_to_a_page(
    browser: FlaskClient, sample: Sample
) -> None:
    sample.refusal = Invalid("只收 PDF、JPG、PNG。", "only PDF, JPG or PNG")
    path = f"{DRAFT}/papers/performance_proof"
    told = browser.post(
        path, data={"file": (BytesIO(b"MZ"), "a.exe")}, headers={"Accept": "application/json"}
    )
    assert told.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert told.json == {"problem": "只收 PDF、JPG、PNG。"}
    browser.post(path, data={"file": (BytesIO(b"MZ"), "a.exe")})
    assert "只收 PDF、JPG、PNG。" in browser.get(f"{DRAFT}/papers").text


def test_nothing_is_submitted_while_something_is_missing(browser: FlaskClient) -> None:
    page = browser.get(f"{DRAFT}/check").text
    assert "还有 9 处没填完" in page
    assert "还缺：处罚履行证明" in page
    assert '<button class="btn btn--primary" disabled>提交信用修复申请</button>' in page


def test_the_check_page_shows_every_answer_and_submits(
    browser: FlaskClient, sample: Sample
) -> None:
    sample.answers = dict(COMPLETE)
    sample.papers["performance_proof"] = [desk.PAPERS[1]]
    assert browser.get(DRAFT).headers["Location"] == f"{DRAFT}/check"
    page = browser.get(f"{DRAFT}/check").text
    assert "法定代表人本人" in page
    assert "罚款缴款凭证.jpg" in page
    assert "由本办向处罚机关索取，您不用交" in page
    assert "2019年11月30日" in page
    assert "disabled>提交信用修复申请" not in page
    answer = browser.post(f"{DRAFT}/submit")
    assert answer.headers["Location"] == f"/my/apply/done/{desk.NUMBER}"


def test_a_filing_that_the_law_refuses_comes_back_to_the_check(
    browser: FlaskClient, sample: Sample
) -> None:
    sample.answers = dict(COMPLETE)
    sample.refusal = Invalid("最短公示期未满。", "the minimum period is not over")
    answer = browser.post(f"{DRAFT}/submit")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "最短公示期未满。" in answer.text


def test_an_application_handed_in_twice_leads_to_what_the_first_has_brought(
    browser: FlaskClient, sample: Sample
) -> None:
    sample.answers = dict(COMPLETE)
    sample.refusal = AlreadyFiled(desk.NUMBER)
    answer = browser.post(f"{DRAFT}/submit")
    assert answer.status_code == HTTPStatus.FOUND
    assert answer.headers["Location"] == f"/my/apply/done/{desk.NUMBER}"


def test_the_confirmation_gives_number_code_and_what_happens_when(browser: FlaskClient) -> None:
    page = browser.get(f"/my/apply/done/{desk.NUMBER}").text
    assert desk.NUMBER in page
    assert "7Q4M" in page
    assert "接下来，什么时候" in page
    assert "最迟 3月4日 周三" in page
    assert f"/my/cases/{desk.NUMBER}" in page


# ---- the case


def test_a_case_tells_who_has_it_until_when_and_whose_time_runs(browser: FlaskClient) -> None:
    page = browser.get(f"/my/cases/{desk.NUMBER}").text
    for told in (
        "查询码",
        "7Q4M",
        "3月10日",
        "谁在办",
        "在计谁的时间",
        "逐日计算",
        "凭证 收 14-10",
    ):
        assert told in page
    assert f"/letters/{desk.LETTERS[0].id}" in page
    assert f"/letters/{desk.LETTERS[1].id}" not in page  # not made yet
    assert "撤回本件" in page
    assert "申请复核" not in page
    thread = page[page.index('id="inquiries"') :]
    assert "&lt;b&gt;还要几天？&lt;/b&gt;" in thread
    assert thread.index("还要几天") < thread.index("三个工作日内。")


def test_when_it_is_the_applicants_turn_the_case_leads_to_its_task(browser: FlaskClient) -> None:
    page = browser.get(f"/my/cases/{SUPPLEMENT.number}").text
    assert TURN_PATH in page
    assert page.count("btn--primary") == 1


def test_a_granted_case_shows_the_removal_and_asks_for_a_rating(browser: FlaskClient) -> None:
    page = browser.get(f"/my/cases/{GRANTED.number}").text
    assert "已撤下（修复）" in page
    assert "上报状态：撤回已推送" in page
    assert f"/my/cases/{GRANTED.number}/tasks/{RATE.id}" in page
    assert "非常满意" in page


def test_a_record_that_is_down_for_now_is_told_before_the_case_has_ended(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = replace(GRANTED.records[0], publication="temporarily_withdrawn")
    running = replace(GRANTED, state="open", outcome=None, outcome_title=None, records=(record,))
    monkeypatch.setitem(sample_views.CASES, GRANTED.number, running)
    assert "记录撤下情况" in browser.get(f"/my/cases/{GRANTED.number}").text
    monkeypatch.setitem(
        sample_views.CASES,
        GRANTED.number,
        replace(running, records=(replace(record, publication="shown"),)),
    )
    assert "记录撤下情况" not in browser.get(f"/my/cases/{GRANTED.number}").text


def test_who_is_refused_is_sent_to_the_letter_and_not_told_to_do_nothing(
    browser: FlaskClient,
) -> None:
    page = browser.get(f"/my/cases/{REFUSED.number}").text
    assert "写在下面的文书里" in page
    assert "您不用做什么" not in page


def test_what_it_is_heard_on_is_offered_beside_the_rating(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A closed case taken up again waits for a defence while its rating is still open."""
    defend = replace(
        TURN,
        id=desk.sample_id("defend"),
        element_id="defend",
        title=Words("陈述申辩", "State your case"),
        case_number=GRANTED.number,
    )
    taken_up = replace(GRANTED, tasks=(RATE, defend))
    monkeypatch.setitem(sample_views.CASES, GRANTED.number, taken_up)
    page = browser.get(f"/my/cases/{GRANTED.number}").text
    assert f'href="/my/cases/{GRANTED.number}/tasks/{defend.id}"' in page
    assert f'action="/my/cases/{GRANTED.number}/tasks/{RATE.id}"' in page


def test_an_unknown_case_is_not_found(browser: FlaskClient) -> None:
    assert browser.get("/my/cases/KSXY-XF-20200101-000001").status_code == HTTPStatus.NOT_FOUND


# ---- what the applicant does


def test_the_correction_page_lists_everything_missing_with_its_reason_and_an_upload(
    browser: FlaskClient,
) -> None:
    page = browser.get(TURN_PATH).text
    assert "缺的原因：原件上看不清缴款日期" in page
    assert "要交：清晰照片，四角完整" in page
    assert f"{TURN_PATH}/papers/performance_proof" in page
    assert f"{TURN_PATH}/papers/rectification" in page
    assert page.index("整改情况说明") < page.index("缺的原因：未盖公章")
    assert "提交补正材料" in page


def test_a_paper_added_at_the_correction_goes_to_the_case(
    browser: FlaskClient, sample: Sample
) -> None:
    file = {"file": (BytesIO(b"%PDF-1"), "凭证.pdf")}
    answer = browser.post(f"{TURN_PATH}/papers/performance_proof", data=file)
    assert answer.headers["Location"] == f"{TURN_PATH}#paper-performance_proof"
    sent = (TURN.case_number, "performance_proof", "凭证.pdf", b"%PDF-1")
    assert sample.calls == [("attach_to_case", sent)]


def test_answering_without_a_choice_names_the_blank(browser: FlaskClient, sample: Sample) -> None:
    answer = browser.post(TURN_PATH, data={"note": "都在了"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'href="#f-completeness"' in answer.text
    assert sample.calls == []


def test_answering_completes_the_task_and_returns_to_the_case(
    browser: FlaskClient, sample: Sample
) -> None:
    answer = browser.post(TURN_PATH, data={"completeness": "all", "explanation": "不问就不算"})
    assert answer.headers["Location"] == f"/my/cases/{SUPPLEMENT.number}"
    assert sample.calls == [("complete", (TURN.id, {"completeness": "all"}))]


def test_an_answer_may_be_kept_without_being_handed_in(
    browser: FlaskClient, sample: Sample
) -> None:
    browser.post(TURN_PATH, data={"note": "还差一件", "then": "later"})
    assert sample.calls == [("save_draft", (TURN.id, {"note": "还差一件"}))]


def test_another_cases_number_does_not_open_the_task(browser: FlaskClient) -> None:
    path = TURN_PATH.replace(TURN.case_number, desk.NUMBER)
    assert browser.get(path).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("publication", "told"),
    [("shown", "记录照旧公示，因本件加的标记去掉"), ("not_shown", "到期照样上报和公示")],
)
def test_withdrawing_says_what_becomes_of_the_record(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch, publication: str, told: str
) -> None:
    held = sample_views.CASES[desk.NUMBER]
    record = replace(held.records[0], publication=publication)
    monkeypatch.setitem(sample_views.CASES, desk.NUMBER, replace(held, records=(record,)))
    assert told in browser.get(f"/my/cases/{desk.NUMBER}/withdraw").text
    monkeypatch.setitem(sample_views.CASES, desk.NUMBER, replace(held, records=()))
    page = browser.get(f"/my/cases/{desk.NUMBER}/withdraw").text
    assert "撤回后本件办结。" in page


def test_withdrawing_needs_a_tick(browser: FlaskClient, sample: Sample) -> None:
    path = f"/my/cases/{desk.NUMBER}/withdraw"
    refused = browser.post(path, data={"reason": "先不办了"})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert sample.calls == []
    browser.post(path, data={"reason": "先不办了", "confirmed": "true"})
    assert sample.calls == [("withdraw", (desk.NUMBER, "先不办了"))]


def test_what_is_not_open_to_the_applicant_leads_back_with_a_word(browser: FlaskClient) -> None:
    path = f"/my/cases/{GRANTED.number}"
    assert browser.get(f"{path}/withdraw").headers["Location"] == path
    assert "现在不能这样办" in browser.get(path).text


def test_reconsideration_needs_grounds_and_sends_them(browser: FlaskClient, sample: Sample) -> None:
    path = f"/my/cases/{REFUSED.number}/reconsider"
    short = browser.post(path, data={"grounds": "不服"})
    assert short.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    browser.post(path, data={"grounds": "处罚已经履行，缴款凭证在卷。"})
    told = {"grounds": "处罚已经履行，缴款凭证在卷。"}
    assert sample.calls == [("message", (REFUSED.number, "reconsideration_request", told))]


# ---- papers and letters


def test_a_letter_is_shown_in_the_browser_and_may_load_nothing(browser: FlaskClient) -> None:
    answer = browser.get(f"/letters/{desk.LETTERS[0].id}")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    name = quote(f"{desk.LETTERS[0].title.zh} {desk.LETTERS[0].number}.pdf")
    assert f"filename*=UTF-8''{name}" in answer.headers["Content-Disposition"]
    saved = browser.get(f"/letters/{desk.LETTERS[0].id}?download=1")
    assert saved.headers["Content-Disposition"].startswith("attachment")


def test_a_paper_that_a_browser_might_run_is_only_handed_out(browser: FlaskClient) -> None:
    answer = browser.get(f"/documents/{desk.sample_id('script')}")
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_nobody_reads_papers_without_signing_in(app: Flask) -> None:
    answer = app.test_client().get(f"/documents/{desk.sample_id('x')}")
    assert answer.headers["Location"].startswith("/login")


# ---- in English


def test_the_enterprises_pages_are_english_for_an_english_reader(
    app: Flask, browser: FlaskClient, tmp_path: Path
) -> None:
    sample_views.speak_english(app, tmp_path)
    page = browser.get(f"{DRAFT}/handler", headers={"Accept-Language": "en"}).text
    assert "Who applies" in page
    assert "Save and go on" in page
