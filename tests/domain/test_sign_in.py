"""How long whoever guesses has to wait, and why nobody can be locked out by others."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.domain.actor import Actor
from engine.domain.errors import Invalid
from engine.domain.password import LONGEST, check, temporary
from engine.domain.scope import Scope, ScopeMissing, must_cover, read_scopes
from engine.domain.sign_in import (
    FORGOTTEN_AFTER,
    OF_ADDRESS,
    OF_NAME,
    OF_PAIR,
    Count,
    Place,
    counts,
    keys_of,
)

NOW = datetime(2020, 3, 2, 1, tzinfo=UTC)
HERE, ELSEWHERE = Place("203.0.113.7", "cookie"), Place("198.51.100.9")


def rules(username: str, place: Place, *known: str) -> set[tuple[int, timedelta]]:
    found = counts(username, place, frozenset(known))
    return {(count.patience.free, count.patience.longest) for count in found}


def of(*patience: object) -> set[tuple[int, timedelta]]:
    return {(each.free, each.longest) for each in patience}  # type: ignore[attr-defined]


def test_the_first_failures_are_free_then_the_wait_doubles_to_its_end() -> None:
    waits = [OF_PAIR.wait(failures).total_seconds() for failures in range(4, 15)]
    assert waits == [0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert OF_PAIR.wait(10_000) == timedelta(minutes=15)


def test_what_strangers_try_keeps_an_owner_waiting_a_minute_at_most() -> None:
    assert OF_NAME.wait(1_000_000) == timedelta(minutes=1)


def test_a_stranger_is_counted_by_name_by_address_and_by_both() -> None:
    assert rules("wang", ELSEWHERE) == of(OF_PAIR, OF_ADDRESS, OF_NAME)


def test_a_browser_that_the_name_has_used_answers_for_itself_alone() -> None:
    device, _ = keys_of(HERE)
    assert rules("wang", HERE, device) == of(OF_PAIR)


def test_a_known_address_is_spared_what_is_tried_elsewhere() -> None:
    _, network = keys_of(ELSEWHERE)
    assert rules("wang", ELSEWHERE, network) == of(OF_PAIR, OF_ADDRESS)


def test_a_device_of_one_name_is_nothing_to_another_name() -> None:
    device, _ = keys_of(HERE)
    wang = {count.key for count in counts("wang", HERE, frozenset({device}))}
    gu = {count.key for count in counts("gu", HERE, frozenset())}
    assert not wang & gu


def test_capitals_and_spaces_make_no_other_name() -> None:
    first, second = (
        [count.key for count in counts(name, ELSEWHERE, frozenset())] for name in ("wang", " Wang ")
    )
    assert first == second


def test_of_ipv6_a_whole_64_is_one_address() -> None:
    near = [Place(f"2001:db8:1:2::{n}").network for n in (1, 2)]
    assert near[0] == near[1] != Place("2001:db8:1:3::1").network
    assert Place("::ffff:203.0.113.7").network == Place("203.0.113.7").network


def test_an_hour_without_failure_and_nothing_is_held_against_anybody() -> None:
    count = Count("key", OF_PAIR)
    assert count.waits_until(30, NOW, NOW + timedelta(minutes=14)) == NOW + timedelta(minutes=15)
    assert count.waits_until(30, NOW, NOW + timedelta(minutes=15)) is None
    assert count.waits_until(30, NOW, NOW + FORGOTTEN_AFTER) is None


@pytest.mark.parametrize(
    "password",
    ["kurz", "12345678901", "password123", "qwertyuiop", "wangfang2020!x", "aaaaaaaaaaaaaa"],
)
def test_what_is_guessed_first_is_no_password(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(password, username="wangfang", name="王芳")
    assert refused.value.fields["new_password"]
    assert refused.value.fields_within("en") != refused.value.fields


@pytest.mark.parametrize(
    "password",
    ["corkscrew lantern ridge", "七里山塘的三只石狮子会唱评弹", "x" * 3 + "Tq7!vbPz0_kd"],
)
def test_words_that_do_not_belong_together_are_in_any_script(password: str) -> None:
    check(password, username="wangfang", name="王芳")


def test_a_password_has_an_end() -> None:
    with pytest.raises(Invalid):
        check("correct horse battery staple " * 5, username="wang")
    assert len("correct horse battery staple " * 5) > LONGEST


def test_temporary_passwords_differ_and_may_be_passwords() -> None:
    drawn = {temporary() for _ in range(50)}
    assert len(drawn) == 50
    for each in drawn:
        check(each, username="wang")


def test_a_token_does_what_its_scopes_name_and_a_person_what_they_may() -> None:
    person = Actor(None, "wang", "王芳")
    must_cover(person, Scope.CASES_WRITE)
    token = Actor(None, "wang", "王芳", scopes=frozenset({"cases:read"}))
    must_cover(token, Scope.CASES_READ)
    with pytest.raises(ScopeMissing) as refused:
        must_cover(token, Scope.CASES_WRITE)
    assert refused.value.extra == {"scope": "cases:write"}


def test_scopes_are_of_the_vocabulary_and_not_none() -> None:
    assert read_scopes(["tasks:read", "cases:read"]) == (Scope.CASES_READ, Scope.TASKS_READ)
    for wrong in (["cases:all"], []):
        with pytest.raises(Invalid):
            read_scopes(wrong)
