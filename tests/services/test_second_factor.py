"""Two-step sign-in: what an authenticator proves, once; what is on paper, once; who must have it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from engine.domain import second_factor as rules
from engine.domain.errors import (
    Conflict,
    Invalid,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    TooManyAttempts,
)
from engine.domain.second_factor import SecondFactorMissing, SecondFactorNeeded
from engine.exchange.sealing import Sealer
from engine.persistence import models
from engine.services import accounts, door_sweep, second_factors, sessions, tokens
from tests.doors import ELSEWHERE, HERE, PASSWORD, events, hash_cheaply, open_doors
from tests.offices import Practice

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def practice(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Practice]:
    hash_cheaply(monkeypatch)
    with closing(open_doors(database_url, tmp_path)) as opened:
        real = [opened.office.real_now()]
        opened.office.real_now = lambda: real[0]
        opened.pass_real = lambda seconds: real.__setitem__(0, real[0] + timedelta(seconds=seconds))  # type: ignore[attr-defined]
        yield opened


def wait(practice: Practice, seconds: float) -> None:
    practice.pass_real(seconds)  # type: ignore[attr-defined]


def shown(practice: Practice, secret: str, steps: int = 0) -> str:
    """What the authenticator shows now, or so many steps later."""
    real = practice.office.real_now() + timedelta(seconds=steps * rules.STEP)
    return pyotp.TOTP(secret).at(real)


def set_up(practice: Practice, username: str = "feng") -> tuple[str, tuple[str, ...]]:
    """The secret, and the recovery codes."""
    office, actor = practice.office, practice[username]
    secret = second_factors.begin(office, actor, PASSWORD, place=HERE).secret
    codes = second_factors.confirm(office, actor, shown(practice, secret), place=HERE)
    wait(practice, rules.STEP)
    return secret, codes


def enter(practice: Practice, code: str, username: str = "feng") -> str:
    person = practice[username].id
    assert person is not None
    return second_factors.check(practice.office, person, code, place=HERE).username


def test_it_is_asked_once_a_first_code_has_come_and_ends_what_the_password_opened(
    practice: Practice,
) -> None:
    office, feng = practice.office, practice["feng"]
    held = sessions.begin(office, feng, place=ELSEWHERE)
    begun = second_factors.begin(office, feng, PASSWORD, place=HERE)
    assert not second_factors.is_asked(office, feng)
    assert begun.address.startswith("otpauth://totp/Kunxin:feng?secret=")
    assert begun.picture.startswith("<svg")
    with pytest.raises(Invalid):
        second_factors.confirm(office, feng, "000000", place=HERE)
    second_factors.confirm(office, feng, shown(practice, begun.secret), place=HERE)
    assert second_factors.is_asked(office, feng)
    with pytest.raises(NotAuthenticated):
        sessions.open_session(office, held, now=practice.now)
    with pytest.raises(Conflict):
        second_factors.begin(office, feng, PASSWORD, place=HERE)
    (row,) = practice.all(select(models.SecondFactor))
    assert begun.secret not in row.secret, "it is kept sealed"
    assert "second_factor_on" in events(practice, "feng")


def test_a_code_opens_once_and_only_near_its_time(practice: Practice) -> None:
    secret, _ = set_up(practice)
    code = shown(practice, secret)
    assert enter(practice, f" {code[:3]} {code[3:]} ") == "feng"
    with pytest.raises(NotAuthenticated):
        enter(practice, code)
    wait(practice, 3 * rules.STEP)
    for steps in (-2, 2):
        with pytest.raises(NotAuthenticated):
            enter(practice, shown(practice, secret, steps))
    assert enter(practice, shown(practice, secret, 1)) == "feng"
    with pytest.raises(NotAuthenticated):
        enter(practice, shown(practice, secret))  # earlier than the one that was taken


def test_a_recovery_code_opens_once_and_new_ones_end_the_old(practice: Practice) -> None:
    office, feng = practice.office, practice["feng"]
    secret, codes = set_up(practice)
    assert len(set(codes)) == rules.RECOVERY_CODES
    assert enter(practice, codes[0].upper()) == "feng"
    with pytest.raises(NotAuthenticated):
        enter(practice, codes[0])
    assert second_factors.of(office, feng).codes_left == rules.RECOVERY_CODES - 1
    assert "recovery_used" in events(practice, "feng")
    fresh = second_factors.renew_codes(office, feng, shown(practice, secret), place=HERE)
    with pytest.raises(NotAuthenticated):
        enter(practice, codes[1])
    assert enter(practice, fresh[1]) == "feng"


def test_codes_are_not_guessed_faster_by_who_knows_the_password(practice: Practice) -> None:
    set_up(practice)
    office = practice.office
    for _ in range(5):
        with pytest.raises(SecondFactorNeeded):
            tokens.issue(office, "feng", PASSWORD, place=ELSEWHERE)
        with pytest.raises(NotAuthenticated):
            second_factors.check(office, practice["feng"].id, "000000", place=ELSEWHERE)  # type: ignore[arg-type]
    tokens_before = practice.all(select(models.Token))
    with pytest.raises(TooManyAttempts):
        second_factors.check(office, practice["feng"].id, "000000", place=ELSEWHERE)  # type: ignore[arg-type]
    assert practice.all(select(models.Token)) == tokens_before == []


def test_a_program_needs_the_code_too(practice: Practice) -> None:
    secret, _ = set_up(practice)
    office = practice.office
    with pytest.raises(NotAuthenticated):
        tokens.issue(office, "feng", PASSWORD, place=HERE, code="000000")
    token, _ = tokens.issue(office, "feng", PASSWORD, place=HERE, code=shown(practice, secret))
    assert tokens.actor_of(office, token, now=practice.now).username == "feng"


def test_whose_group_must_have_it_gets_no_token_without_and_cannot_remove_it(
    practice: Practice,
) -> None:
    office, feng = practice.office, practice["feng"]
    office.second_factor_for = frozenset({"administrator"})
    assert second_factors.lacks(office, feng)
    assert not second_factors.lacks(office, practice["wang"])
    with pytest.raises(SecondFactorMissing):
        tokens.issue(office, "feng", PASSWORD, place=HERE)
    secret, _ = set_up(practice)
    assert not second_factors.lacks(office, feng)
    with pytest.raises(NotPermitted):
        second_factors.remove(office, feng, shown(practice, secret), place=HERE)
    office.second_factor_for = frozenset()
    with pytest.raises(Invalid):
        second_factors.remove(office, feng, "000000", place=HERE)
    second_factors.remove(office, feng, shown(practice, secret), place=HERE)
    assert not second_factors.is_asked(office, feng)


def test_who_lost_everything_is_helped_by_another_administrator(practice: Practice) -> None:
    office = practice.office
    set_up(practice)
    held = sessions.begin(office, practice["feng"], place=HERE)
    with pytest.raises(NotPermitted):
        second_factors.reset(office, practice["wang"], "feng", place=HERE)
    with pytest.raises(Conflict):
        second_factors.reset(office, practice["feng"], "feng", place=HERE)
    second_factors.reset(office, practice["qin"], "feng", place=HERE)
    assert not second_factors.is_asked(office, practice["feng"])
    with pytest.raises(NotAuthenticated):
        sessions.open_session(office, held, now=practice.now)
    with pytest.raises(NotFound):
        second_factors.reset(office, practice["qin"], "feng", place=HERE)
    assert "second_factor_off" in events(practice, "feng")


def test_after_the_installations_key_was_changed_codes_are_taken_as_before(
    practice: Practice,
) -> None:
    secret, _ = set_up(practice)
    office = practice.office
    office.sealer = Sealer("a new key of the installation", ["for tests"])
    (before,) = practice.all(select(models.SecondFactor.secret))
    assert office.sealer.renewed(before) is not None
    office.sweeps.clear()
    door_sweep.tidy(office)
    office.sealer = Sealer("a new key of the installation")  # the old one is gone
    assert enter(practice, shown(practice, secret)) == "feng"


def test_a_password_set_by_an_administrator_goes_round_no_second_factor(practice: Practice) -> None:
    office, wang = practice.office, practice["wang"]
    set_up(practice, "wang")
    accounts.set_temporary_password(office, practice["feng"], "wang", place=HERE)
    assert second_factors.is_asked(office, wang)


@pytest.mark.parametrize("guess", ["renew_codes", "remove"])
def test_who_holds_a_copied_session_guesses_codes_no_faster_than_at_the_door(
    practice: Practice, guess: str
) -> None:
    secret, codes = set_up(practice, "wang")
    tries = getattr(second_factors, guess)
    for _ in range(5):
        with pytest.raises(Invalid):
            tries(practice.office, practice["wang"], "000000", place=ELSEWHERE)
    with pytest.raises(TooManyAttempts):  # not even looked at
        tries(practice.office, practice["wang"], codes[0], place=ELSEWHERE)
    assert (
        enter(practice, shown(practice, secret), "wang") == "wang"
    )  # the door is not slowed by it
    wait(practice, 3600)
    tries(practice.office, practice["wang"], codes[0], place=ELSEWHERE)
