"""How messages to webhooks are signed and how long they are tried."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.domain.errors import Invalid
from engine.domain.webhook import (
    WAITS,
    WebhookEvent,
    headers,
    is_genuine,
    new_secret,
    next_wait,
    read_events,
)

NOW = datetime(2020, 3, 2, 1, tzinfo=UTC)
BODY = b'{"test": 2432232314}'


def test_the_signature_is_the_one_of_the_standards_own_example() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    moment = datetime.fromtimestamp(1614265330, UTC)
    sent = headers("msg_p5jXN8AQM9LWM0D4loKWxJek", moment, BODY, [secret])
    assert sent == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_receiver_knows_what_is_genuine_and_fresh() -> None:
    secret, other = new_secret(), new_secret()
    sent = headers("msg_1", NOW, BODY, [secret])
    assert is_genuine(sent, BODY, secret, now=NOW + timedelta(minutes=5))
    assert not is_genuine(sent, BODY, other, now=NOW)
    assert not is_genuine(sent, BODY + b" ", secret, now=NOW)
    assert not is_genuine({**sent, "webhook-id": "msg_2"}, BODY, secret, now=NOW)
    assert not is_genuine(sent, BODY, secret, now=NOW + timedelta(minutes=5, seconds=1))
    later = {**sent, "webhook-timestamp": str(int(NOW.timestamp()) + 60)}
    assert not is_genuine(later, BODY, secret, now=NOW)


def test_while_a_secret_is_changed_both_receivers_are_served() -> None:
    old, new = new_secret(), new_secret()
    sent = headers("msg_1", NOW, BODY, [new, old])
    assert is_genuine(sent, BODY, old, now=NOW)
    assert is_genuine(sent, BODY, new, now=NOW)


def test_attempts_come_at_growing_intervals_and_end_within_a_day() -> None:
    waits = [next_wait(attempt) for attempt in range(1, 9)]
    assert waits == [*WAITS, None]
    assert list(WAITS) == sorted(WAITS)
    assert sum(WAITS, timedelta()) < timedelta(days=1)


@pytest.mark.parametrize("given", [[], ["case.stolen"], ["webhook.test"]])
def test_only_what_happens_to_cases_is_told(given: list[str]) -> None:
    with pytest.raises(Invalid):
        read_events(given)
    assert read_events(["task.created", "case.filed"]) == [
        WebhookEvent.CASE_FILED,
        WebhookEvent.TASK_CREATED,
    ]
