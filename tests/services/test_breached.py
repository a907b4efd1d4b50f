"""Passwords that others have: none becomes a new one, and who still has one is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine import bootstrap
from engine.command_line import main
from engine.domain.errors import Invalid, Unavailable
from engine.exchange.breached_passwords import BreachedPasswords
from engine.services import own_password, sign_ins, tokens
from engine.settings import SettingMissing, read_settings
from tests.doors import HERE, PASSWORD, events, hash_cheaply, open_doors
from tests.exchange.test_breached_passwords import lines
from tests.offices import Practice
from web.app import create_app

ONE_KIND = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
#: Hard to guess, and yet in other hands.
STOLEN, FRESH = "another quiet harbour wall", "seven herons over slate"


@pytest.fixture
def practice(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Practice]:
    hash_cheaply(monkeypatch)
    with closing(open_doors(database_url, tmp_path)) as opened:
        keep_list(opened, tmp_path, STOLEN)
        yield opened


def keep_list(practice: Practice, folder: Path, *passwords: str) -> Path:
    path = folder / "breached.txt"
    path.write_text("\n".join(lines(["one", "two", *passwords])))
    practice.office.breached = BreachedPasswords(path)
    return path


def change(practice: Practice, new: str) -> None:
    own_password.change(practice.office, practice.cast["wang"], PASSWORD, new, place=HERE)


@ONE_KIND
def test_a_breached_password_does_not_become_a_new_one(practice: Practice) -> None:
    with pytest.raises(Invalid, match="已泄露") as refused:
        change(practice, STOLEN)
    assert refused.value.fields_within("en")["new_password"].startswith("this password stands")
    change(practice, FRESH)
    assert sign_ins.sign_in(practice.office, "wang", FRESH, place=HERE).username == "wang"


@ONE_KIND
def test_while_the_list_cannot_be_read_no_password_is_changed_and_people_still_enter(
    practice: Practice, tmp_path: Path
) -> None:
    keep_list(practice, tmp_path).unlink()
    with pytest.raises(Unavailable):
        change(practice, FRESH)
    assert tokens.issue(practice.office, "wang", PASSWORD, place=HERE)
    assert "breached" not in events(practice, "wang")


@ONE_KIND
def test_who_enters_with_one_is_told_and_it_is_on_record(
    practice: Practice, tmp_path: Path
) -> None:
    settings = read_settings({"KUNXIN_DATA_DIR": str(tmp_path / "data"), "KUNXIN_SANDBOX": "1"})
    app = create_app(practice.office, replace(settings, secret_key="k" * 40))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    browser, told = app.test_client(), {"username": "wang", "password": PASSWORD}
    sent = {**told, "next": "/account"}
    assert "已泄露的密码名单" not in browser.post("/login", data=sent, follow_redirects=True).text
    browser.post("/logout")
    keep_list(practice, tmp_path, PASSWORD)
    page = browser.post("/login", data=sent, follow_redirects=True)
    assert (page.request.path, "已泄露的密码名单" in page.text) == ("/account", True)
    wrong = app.test_client().post("/login", data={**told, "password": STOLEN})
    assert (wrong.status_code, "泄露" in wrong.text) == (401, False)
    assert events(practice, "wang").count("breached") == 1
    tokens.issue(practice.office, "wang", PASSWORD, place=HERE)
    assert events(practice, "wang").count("breached") == 2


def test_an_office_whose_list_is_broken_does_not_open_and_the_setting_is_named(
    tmp_path: Path,
) -> None:
    path = tmp_path / "list"
    for text in ("", "123456\nletmein\n"):
        path.write_text(text)
        told = {"KUNXIN_DATA_DIR": str(tmp_path), "KUNXIN_BREACHED_PASSWORDS": str(path)}
        with pytest.raises(SettingMissing, match="KUNXIN_BREACHED_PASSWORDS: "):
            bootstrap.open_office(read_settings(told))
    path.unlink()
    refused = run(tmp_path, path, "doctor")
    assert (refused.exit_code, "KUNXIN_BREACHED_PASSWORDS" in refused.output) == (1, True)


def run(folder: Path, path: Path, *words: str):  # type: ignore[no-untyped-def]  # click says no types
    told = {"KUNXIN_DATA_DIR": str(folder), "KUNXIN_BREACHED_PASSWORDS": str(path)}
    none = dict.fromkeys(("KUNXIN_DATABASE_URL", "KUNXIN_BROKER_URL", "KUNXIN_SANDBOX"))
    return CliRunner().invoke(main, words, env={**none, **told})


def test_the_command_line_takes_none_either_and_reads_the_list_whole(tmp_path: Path) -> None:
    path, account = tmp_path / "list", ("user", "add", "lin", "--name", "林", "--password")
    path.write_text("\n".join(lines(["one", STOLEN])))
    refused = run(tmp_path, path, *account, STOLEN)
    assert (refused.exit_code, "已泄露" in refused.output) == (1, True)
    assert "too easily" in run(tmp_path, path, *account, "password123").output
    assert run(tmp_path, path, *account, FRESH).exit_code == 0
    assert "2 passwords" in run(tmp_path, path, "check-breached").output
    path.write_text("\n".join(reversed(lines(["one", STOLEN]))))
    assert "line 2" in run(tmp_path, path, "check-breached").output
