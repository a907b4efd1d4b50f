"""`type` of every refusal leads to a page that says what it means and what to do."""

from __future__ import annotations

import importlib
import pkgutil
import re
from http import HTTPStatus

import pytest
from flask.testing import FlaskClient
from werkzeug.exceptions import default_exceptions

import engine
from engine.command_line.early_refusal import TOO_LARGE
from tests.web import sample_views
from tests.web.sample_views import Sample
from web.problem_types import all_types, raised, told
from web.problems import slug_of_http

SLUGS = sorted(told()["refusals"])
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    sample = Sample()
    sample_views.install(sample, monkeypatch.setattr)
    return sample_views.make_app(sample).test_client()


def test_every_refusal_that_may_be_raised_is_described_and_no_other() -> None:
    for module in pkgutil.walk_packages(engine.__path__, "engine."):
        if not module.name.startswith("engine.runtime.typesetter_process"):
            importlib.import_module(module.name)
    ours = {slug for slug, kind in raised().items() if kind.__module__.startswith("engine.")}
    assert sorted(ours) == SLUGS
    of_http = {slug_of_http(code) for code in default_exceptions}
    assert of_http <= {each.slug for each in all_types()}


@pytest.mark.parametrize("slug", ["task-already-claimed", "no-room-for-papers", "bad-request"])
def test_its_page_says_status_meaning_and_remedy_in_both_languages(
    browser: FlaskClient, slug: str
) -> None:
    (one,) = (each for each in all_types() if each.slug == slug)
    for language, words in (("zh", "怎么办"), ("en", "What to do")):
        page = browser.get(f"/problems/{slug}", headers={"Accept-Language": language})
        assert page.status_code == HTTPStatus.OK
        for each in (one.title, one.meaning, one.remedy):
            assert each.within(language).replace("“", "").split("`")[0][:12] in page.text
        assert f"HTTP {one.status}" in page.text
        assert words in page.text


def test_each_has_a_page_and_english_is_english(browser: FlaskClient) -> None:
    for each in all_types():
        assert browser.get(f"/problems/{each.slug}").status_code == HTTPStatus.OK, each.slug
        assert not HAN.search(each.title.en + each.meaning.en + each.remedy.en), each.slug
    shown = browser.get("/problems").text
    assert [slug for slug in SLUGS if f'href="/problems/{slug}"' not in shown] == []


def test_what_is_no_type_is_not_found(browser: FlaskClient) -> None:
    assert browser.get("/problems/whatever").status_code == HTTPStatus.NOT_FOUND


def test_where_a_refusal_points_is_there(browser: FlaskClient) -> None:
    refused = browser.get("/api/v1/nowhere").get_json()
    for kind in (refused["type"], TOO_LARGE["type"]):
        assert browser.get(str(kind)).status_code == HTTPStatus.OK
    assert "/problems" in browser.get("/api/v1/openapi.json").get_json()["info"]["description"]
