"""Who gets in and who waits; what ends a session and a token."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from engine.domain.account import NewAccount
from engine.domain.errors import (
    Conflict,
    EngineError,
    Invalid,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    PasswordMustChange,
    TooManyAttempts,
)
from engine.domain.sign_in import Place
from engine.persistence import models
from engine.services import (
    account_log,
    accounts,
    door_sweep,
    own_password,
    passwords,
    sessions,
    sign_ins,
    tokens,
)
from tests.doors import ELSEWHERE, HERE, PASSWORD, events, hash_cheaply, open_doors
from tests.offices import Practice

NEW = "another quiet harbour wall"
ONE_KIND = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def practice(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Practice]:
    hash_cheaply(monkeypatch)
    with closing(open_doors(database_url, tmp_path)) as opened:
        yield opened


def enter(practice: Practice, username: str, password: str = PASSWORD, place: Place = HERE) -> str:
    """Sign in; what the browser keeps."""
    actor = sign_ins.sign_in(practice.office, username, password, place=place)
    return sessions.begin(practice.office, actor, place=place)


def is_open(practice: Practice, session: str) -> bool:
    try:
        sessions.open_session(practice.office, session, now=practice.now)
    except NotAuthenticated:
        return False
    return True


def opens(practice: Practice, token: str) -> bool:
    try:
        tokens.actor_of(practice.office, token, now=practice.now)
    except NotAuthenticated:
        return False
    return True


def guess(practice: Practice, username: str, times: int, place: Place = ELSEWHERE) -> None:
    """Wrong passwords, one after the other, each as soon as it is looked at."""
    for _ in range(times):
        try:
            sign_ins.sign_in(practice.office, username, "guess", place=place)
        except TooManyAttempts as slowed:
            practice.clock.pass_by(timedelta(seconds=slowed.retry_after))
        except NotAuthenticated:
            pass


# ── guessing ────────────────────────────────────────────────────────────────────────────────────


def test_after_five_wrong_passwords_the_sixth_is_not_looked_at_even_if_it_is_right(
    practice: Practice,
) -> None:
    for _ in range(5):
        with pytest.raises(NotAuthenticated):
            enter(practice, "wang", "guess")
    with pytest.raises(TooManyAttempts) as slowed:
        enter(practice, "wang")
    assert slowed.value.retry_after == 5
    practice.clock.pass_by(timedelta(seconds=5))
    assert is_open(practice, enter(practice, "wang"))
    assert events(practice, "wang") == ["slowed", "signed_in"]


@ONE_KIND
def test_an_attempt_that_waits_makes_the_wait_no_longer(practice: Practice) -> None:
    guess(practice, "wang", 5)
    for _ in range(20):
        with pytest.raises(TooManyAttempts) as slowed:
            enter(practice, "wang", "guess", ELSEWHERE)
    assert slowed.value.retry_after == 5


@ONE_KIND
def test_whoever_is_attacked_from_everywhere_still_enters_where_they_always_do(
    practice: Practice,
) -> None:
    own = replace(HERE, device="the browser of wang")
    enter(practice, "wang", place=own)
    for n in range(60):
        guess(practice, "wang", 1, Place(f"198.51.100.{n}"))
    stranger = Place("192.0.2.1", "a browser never seen")
    with pytest.raises(TooManyAttempts) as slowed:
        enter(practice, "wang", place=stranger)
    assert slowed.value.retry_after <= 60
    assert is_open(practice, enter(practice, "wang", place=own))
    assert is_open(practice, enter(practice, "wang", place=HERE))  # a program at a known address


@ONE_KIND
def test_whoever_guesses_next_door_does_not_slow_a_known_browser(practice: Practice) -> None:
    own = replace(HERE, device="the browser of wang")
    enter(practice, "wang", place=own)
    guess(practice, "wang", 12, HERE)
    assert is_open(practice, enter(practice, "wang", place=own))


@ONE_KIND
def test_one_password_tried_on_everybody_is_slowed_by_its_address(practice: Practice) -> None:
    for n in range(50):
        with pytest.raises(NotAuthenticated):
            enter(practice, f"somebody{n}", "Spring2020", ELSEWHERE)
    with pytest.raises(TooManyAttempts):
        enter(practice, "somebody else", "Spring2020", ELSEWHERE)
    assert is_open(practice, enter(practice, "wang", place=HERE))


def test_many_guesses_in_one_instant_are_counted_each(practice: Practice) -> None:
    def attempt(_: int) -> str:
        try:
            sign_ins.sign_in(practice.office, "wang", "guess", place=ELSEWHERE)
        except EngineError as refusal:
            return refusal.slug
        return "entered"

    with ThreadPoolExecutor(8) as crowd:
        told = sorted(crowd.map(attempt, range(16)))
    assert told == ["not-authenticated"] * 5 + ["too-many-attempts"] * 11


@ONE_KIND
def test_a_name_that_nobody_has_is_answered_as_one_that_somebody_has(practice: Practice) -> None:
    told = set()
    for username in ("wang", "nobody", "court"):
        with pytest.raises(NotAuthenticated) as refused:
            enter(practice, username, "guess")
        told.add((str(refused.value), refused.value.english))
    assert len(told) == 1


# ── sessions ────────────────────────────────────────────────────────────────────────────────────


def test_a_session_that_was_copied_is_dead_after_its_owner_signs_out(practice: Practice) -> None:
    stolen = enter(practice, "wang")
    assert is_open(practice, stolen)
    sessions.end(practice.office, stolen, place=HERE)
    assert not is_open(practice, stolen)


@ONE_KIND
def test_each_sign_in_has_an_id_of_its_own_and_the_tables_hold_none_of_them(
    practice: Practice,
) -> None:
    first, second = enter(practice, "wang"), enter(practice, "wang")
    assert first != second
    kept = practice.all(select(models.WebSession.hash))
    assert len(kept) == 2
    assert not {first, second} & set(kept)


@ONE_KIND
def test_a_session_ends_after_two_hours_without_use_and_after_twelve_in_any_case(
    practice: Practice,
) -> None:
    rests, works = enter(practice, "wang"), enter(practice, "wang")
    for _ in range(11):
        practice.clock.pass_by(timedelta(minutes=59))
        assert is_open(practice, works)
    assert not is_open(practice, rests)
    practice.clock.pass_by(timedelta(hours=1, minutes=30))
    assert not is_open(practice, works)


@ONE_KIND
def test_others_sessions_are_nobodys_business(practice: Practice) -> None:
    of_wang = sessions.open_session(practice.office, enter(practice, "wang"), now=practice.now)
    with pytest.raises(NotFound):
        sessions.end_one(
            practice.office,
            practice["lin"],
            of_wang.id,
            this=None,
            password=PASSWORD,
            place=HERE,
        )
    kept = enter(practice, "wang")
    this = sessions.open_session(practice.office, kept, now=practice.now)
    asked: dict[str, Any] = {"this": this.id, "place": HERE}
    with pytest.raises(Invalid):
        sessions.end_others(practice.office, practice["wang"], password="guessed", **asked)
    with pytest.raises(Invalid):
        sessions.end_one(practice.office, practice["wang"], of_wang.id, password="", **asked)
    assert len(sessions.mine(practice.office, this.actor)) == 2
    sessions.end_others(practice.office, practice["wang"], password=PASSWORD, **asked)
    assert [one.is_this for one in sessions.mine(practice.office, this.actor, this=this.id)] == [
        True
    ]


def test_who_has_no_password_ends_sessions_just_after_the_provider_vouched(
    practice: Practice,
) -> None:
    office, wang = practice.office, practice["wang"]
    kept = [sessions.begin(office, wang, place=HERE, id_token="x") for _ in range(2)]
    with office.uow.begin() as session:
        session.get_one(models.Person, wang.id).password_hash = passwords.NONE
    this = sessions.open_session(office, kept[0], now=practice.now)
    moment = office.real_now()
    office.real_now = lambda: moment + timedelta(minutes=11)
    with pytest.raises(Conflict):
        sessions.end_others(office, wang, this=this.id, password="", place=HERE)
    office.real_now = lambda: moment + timedelta(minutes=9)
    sessions.end_others(office, wang, this=this.id, password="", place=HERE)
    assert [each.id for each in sessions.mine(office, wang)] == [this.id]


# ── passwords ───────────────────────────────────────────────────────────────────────────────────


def test_a_new_password_ends_every_session_and_token(practice: Practice) -> None:
    session = enter(practice, "wang")
    token, _ = tokens.issue(practice.office, "wang", PASSWORD, place=HERE)
    own_password.change(practice.office, practice["wang"], PASSWORD, NEW, place=HERE)
    assert not is_open(practice, session)
    assert not opens(practice, token)
    with pytest.raises(NotAuthenticated):
        enter(practice, "wang")
    assert is_open(practice, enter(practice, "wang", NEW))


@ONE_KIND
def test_who_holds_a_copied_session_guesses_the_password_no_faster_than_at_the_door(
    practice: Practice,
) -> None:
    for _ in range(5):
        with pytest.raises(Invalid):
            own_password.change(practice.office, practice["wang"], "a guess", NEW, place=ELSEWHERE)
    with pytest.raises(TooManyAttempts):  # not even looked at
        own_password.change(practice.office, practice["wang"], PASSWORD, NEW, place=ELSEWHERE)
    assert is_open(practice, enter(practice, "wang"))  # the door is not slowed by it


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("guess", NEW, "old_password"),
        (PASSWORD, PASSWORD, "new_password"),
        (PASSWORD, "short", "new_password"),
    ],
)
def test_a_password_changes_only_with_the_present_one_to_a_good_one(
    practice: Practice, old: str, new: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        own_password.change(practice.office, practice["wang"], old, new, place=HERE)
    assert set(refused.value.fields) == {field}
    assert is_open(practice, enter(practice, "wang"))


@ONE_KIND
def test_a_password_kept_with_less_effort_is_kept_anew_at_the_next_sign_in(
    practice: Practice,
) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD)
    row = models.Person
    with practice.office.uow.begin() as session:
        session.execute(update(row).where(row.username == "wang").values(password_hash=weak))
    enter(practice, "wang")
    (kept,) = practice.all(select(row.password_hash).where(row.username == "wang"))
    assert kept != weak
    assert not passwords.is_outdated(kept)
    enter(practice, "wang")
    assert practice.all(select(row.password_hash).where(row.username == "wang")) == [kept]


@ONE_KIND
def test_a_temporary_password_must_be_changed_and_opens_for_three_days(practice: Practice) -> None:
    before = enter(practice, "wang")
    given, _ = accounts.set_temporary_password(
        practice.office, practice["feng"], "wang", place=HERE
    )
    assert not is_open(practice, before)
    with pytest.raises(NotAuthenticated):
        enter(practice, "wang")
    entered = sessions.open_session(
        practice.office, enter(practice, "wang", given), now=practice.now
    )
    assert entered.must_change_password
    with pytest.raises(PasswordMustChange):
        tokens.issue(practice.office, "wang", given, place=HERE)
    own_password.change(practice.office, entered.actor, given, NEW, place=HERE)
    opened = sessions.open_session(practice.office, enter(practice, "wang", NEW), now=practice.now)
    assert not opened.must_change_password
    late, _ = accounts.set_temporary_password(practice.office, practice["feng"], "wang", place=HERE)
    practice.clock.pass_by(timedelta(days=3))
    with pytest.raises(NotAuthenticated):
        enter(practice, "wang", late)


# ── accounts ────────────────────────────────────────────────────────────────────────────────────


def test_a_disabled_account_is_out_at_once_and_comes_back_without_its_tokens(
    practice: Practice,
) -> None:
    session = enter(practice, "wang")
    token, _ = tokens.issue(practice.office, "wang", PASSWORD, place=HERE)
    accounts.disable(practice.office, practice["feng"], "wang", place=HERE)
    assert not is_open(practice, session)
    assert not opens(practice, token)
    with pytest.raises(NotAuthenticated):
        enter(practice, "wang")
    accounts.enable(practice.office, practice["feng"], "wang", place=HERE)
    assert not is_open(practice, session)
    assert not opens(practice, token)
    assert is_open(practice, enter(practice, "wang"))
    assert {"disabled", "enabled"} <= set(events(practice, "wang"))


@ONE_KIND
def test_an_office_keeps_an_administrator(practice: Practice) -> None:
    feng, qin = practice["feng"], practice["qin"]
    with pytest.raises(Conflict):
        accounts.disable(practice.office, feng, "feng", place=HERE)
    accounts.disable(practice.office, feng, "qin", place=HERE)
    with pytest.raises(Conflict):
        accounts.disable(practice.office, qin, "feng", place=HERE)


def test_who_administers_adds_accounts_and_nobody_else_does(practice: Practice) -> None:
    new = NewAccount("mei.li", "李梅", None, ("administrator",))
    with pytest.raises(NotPermitted):
        accounts.add(practice.office, practice["wang"], new, place=HERE, now=practice.now)
    given = accounts.add(practice.office, practice["feng"], new, place=HERE, now=practice.now)
    session = enter(practice, "mei.li", given)
    assert sessions.open_session(practice.office, session, now=practice.now).must_change_password
    with pytest.raises(Conflict):
        accounts.add(practice.office, practice["feng"], new, place=HERE, now=practice.now)
    wrong = NewAccount("Mei Li", "", "nowhere", ("nobodys",))
    with pytest.raises(Invalid) as refused:
        accounts.add(practice.office, practice["feng"], wrong, place=HERE, now=practice.now)
    assert set(refused.value.fields) == {"username", "name", "department", "groups"}


def test_what_happened_to_an_account_is_added_to_and_never_changed(practice: Practice) -> None:
    enter(practice, "wang")
    row = models.AccountEvent
    for statement in (update(row).values(actor="somebody"), delete(row)):
        with pytest.raises((Conflict, SQLAlchemyError)), practice.office.uow.begin() as session:
            session.execute(statement)
    told = account_log.listed(practice.office, practice["feng"], q="wang")
    assert [(one.what.en, one.address) for one in told] == [("signed in", HERE.address)]
    with pytest.raises(NotPermitted):
        account_log.listed(practice.office, practice["wang"])


# ── tokens ──────────────────────────────────────────────────────────────────────────────────────


def test_a_token_is_told_once_and_kept_as_a_hash(practice: Practice) -> None:
    token, until = tokens.make(
        practice.office, practice["wang"], "月报", ["cases:read"], 30, place=HERE
    )
    (held,) = practice.all(select(models.Token))
    assert token not in (held.hash, held.prefix)
    assert token.startswith(held.prefix)
    assert until == practice.clock() + timedelta(days=30)
    actor = tokens.actor_of(practice.office, token, now=practice.now)
    assert (actor.username, actor.scopes) == ("wang", frozenset({"cases:read"}))
    (listed,) = tokens.mine(practice.office, practice["wang"])
    assert (listed.title, listed.last_used_at) == ("月报", practice.clock())


def test_a_token_is_over_when_its_time_is_and_when_it_is_revoked(practice: Practice) -> None:
    wang = practice["wang"]
    short, _ = tokens.make(practice.office, wang, "short", ["cases:read"], 1, place=HERE)
    long, _ = tokens.make(practice.office, wang, "long", ["cases:read"], 90, place=HERE)
    practice.clock.pass_by(timedelta(days=1))
    assert not opens(practice, short)
    assert opens(practice, long)
    (view,) = tokens.mine(practice.office, wang)
    with pytest.raises(NotFound):
        tokens.revoke(practice.office, practice["lin"], view.id, place=HERE)
    tokens.revoke(practice.office, practice["feng"], view.id, place=HERE)
    assert not opens(practice, long)
    assert sorted(events(practice, "wang")) == ["token_issued", "token_issued", "token_revoked"]


@ONE_KIND
def test_a_token_makes_no_tokens_and_nobody_makes_one_for_another_person(
    practice: Practice,
) -> None:
    token, _ = tokens.make(practice.office, practice["wang"], "a", ["cases:read"], 1, place=HERE)
    program = tokens.actor_of(practice.office, token, now=practice.now)
    with pytest.raises(NotPermitted):
        tokens.make(practice.office, program, "b", ["cases:write"], 1, place=HERE)
    with pytest.raises(NotPermitted):
        tokens.make(
            practice.office, practice["feng"], "c", ["cases:read"], 1, place=HERE, username="wang"
        )


@ONE_KIND
@pytest.mark.parametrize(
    ("title", "scopes", "days", "field"),
    [
        ("", ["cases:read"], 1, "title"),
        ("a", [], 1, "scopes"),
        ("a", ["all"], 1, "scopes"),
        ("a", ["cases:read"], 400, "days"),
    ],
)
def test_what_is_wrong_with_a_token_is_named(
    practice: Practice, title: str, scopes: list[str], days: int, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        tokens.make(practice.office, practice["wang"], title, scopes, days, place=HERE)
    assert set(refused.value.fields) == {field}


@ONE_KIND
def test_a_program_of_the_court_comes_by_token_only_and_never_to_a_page(practice: Practice) -> None:
    token, _ = tokens.make(
        practice.office,
        practice["feng"],
        "法院",
        ["messages:write"],
        90,
        place=HERE,
        username="court",
    )
    actor = tokens.actor_of(practice.office, token, now=practice.now)
    assert actor.is_service
    assert not actor.is_staff
    with pytest.raises(NotAuthenticated):
        enter(practice, "court")
    with pytest.raises(Conflict):
        accounts.set_temporary_password(practice.office, practice["feng"], "court", place=HERE)


@ONE_KIND
def test_what_opens_nothing_any_more_is_swept_away_and_what_does_stays(
    practice: Practice,
) -> None:
    office, wang = practice.office, practice["wang"]
    enter(practice, "wang")
    tokens.make(office, wang, "short", ["cases:read"], 1, place=HERE)
    long, _ = tokens.make(office, wang, "long", ["cases:read"], 90, place=HERE)
    guess(practice, "lin", 1)
    assert door_sweep.tidy(office)
    assert not door_sweep.tidy(office)  # not again within the hour
    practice.clock.pass_by(timedelta(days=2))
    assert door_sweep.tidy(office)
    assert practice.all(select(models.WebSession)) == []
    assert practice.all(select(models.SignInCount)) == []
    assert [row.title for row in practice.all(select(models.Token))] == ["long"]
    assert opens(practice, long)
