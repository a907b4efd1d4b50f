"""The auditor's pages: which book answers, in which language; what is kept and what was erased."""

from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from flask.testing import FlaskClient

from engine.domain.audit import AuditLine, ChainState
from engine.domain.retention import By, Due, ErasureView, RetentionView, Rule
from engine.domain.views import Page
from engine.domain.words import Words
from tests.web import desk_samples as desk
from tests.web import sample_pages
from tests.web.sample_pages import Browser

office, open_as = sample_pages.office, sample_pages.open_as

AT = datetime(2020, 3, 2, 1, tzinfo=UTC)
CHAIN = ChainState(None, "key")
LINE = AuditLine(
    desk.sample_id("line"), AT, Words("查看完整号码", "numbers read whole"), "KSXY-XF-20200217-000003",
    "zhoumin", "周敏", detail="身份证号；事由：核对身份",
    detail_en="Identity number; reason: 核对身份", place="case",
)  # fmt: skip
DRAFTS = Rule("drafts", Words("草稿", "drafts"), By.JOB, "第十九条", "last_change", 1)
FILES = Rule("closed_cases", Words("案卷", "files"), By.PERSON, "第十二条", "closing", 360)
KEPT = Rule("records", Words("信用记录", "credit records"), By.NEVER, "第十二条")
GONE = ErasureView(
    "drafts", Words("草稿", "drafts"), AT, "system", "", 17, 6, "旧的第十九条", are_files_gone=False
)
SEEN = RetentionView((Due(DRAFTS, 3), Due(FILES, 0), Due(KEPT, 0)), (GONE,))


def auditor(open_as: Browser) -> FlaskClient:
    return open_as(
        desk.ADMINISTRATOR,
        history_checks__state=CHAIN,
        office_history__listed=Page((LINE,)),
        retention_view__look=SEEN,
    )


def test_what_was_read_is_named_in_the_readers_language(open_as: Browser) -> None:
    browser = auditor(open_as)
    assert "身份证号；事由：核对身份" in browser.get("/admin/audit?source=readings").text
    browser.set_cookie("kunxin_language", "en")
    html = browser.get("/admin/audit?source=readings").text
    assert 'Identity number; reason: <span lang="zh-CN">核对身份</span>' in html
    assert "身份证号" not in html


@pytest.mark.parametrize("address", ["", "/export.xlsx", "/export.csv"])
def test_a_book_that_is_not_kept_is_not_answered_with_another(
    open_as: Browser, address: str
) -> None:
    answer = auditor(open_as).get(f"/admin/audit{address}?source=diary")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "没有这一类审计记录" in answer.text
    assert LINE.about not in answer.text


def test_every_kind_of_data_stands_with_its_period_and_what_is_due(open_as: Browser) -> None:
    browser = auditor(open_as)
    html = browser.get("/admin/audit/retention").text
    assert "最后一次改动后 1 个月" in html
    assert "办结之日后 30 年" in html
    assert "kunxin retention --erase closed_cases" in html
    assert "一直保留" in html
    assert "旧的第十九条" in html
    browser.set_cookie("kunxin_language", "en")
    english = browser.get("/admin/audit/retention").text
    assert "1 month after the last change" in english
    assert "30 years after closing" in english
    assert "Its files are still being erased" in english
