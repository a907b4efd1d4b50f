"""Limits that are dates of the matter: the end of a record's publication, the end of a deferral or of
a removal, the day by which papers were promised."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engine.domain.calendar import Calendar, months_after
from engine.domain.calendar_backwards import open_day_before
from engine.domain.errors import Invalid
from engine.persistence import models
from engine.runtime.limit import Limit
from engine.runtime.procedure import Procedure
from engine.services.grading import appraise

PROMISED = "promise.until"


def moment_of(limit: Limit, last: date, calendar: Calendar) -> datetime:
    """When a limit on a last day ends: at midnight, not at closing time, but
    for what is to be brought to the office; a warning so many working
    days before it is given when the office opens."""
    if limit.before:
        return calendar.opening(open_day_before(calendar, last, limit.before))
    if limit.source == PROMISED:  # papers are brought in office hours (民法总则 art. 203)
        return calendar.closing(last)
    # the day that makes a round full: what follows has limits of its own
    if limit.budget is not None:
        return calendar.opening(last)
    midnight = datetime.combine(last, time(), calendar.zone) + timedelta(days=1)
    return midnight.astimezone(UTC)


def last_day(
    limit: Limit,
    procedure: Procedure,
    records: Sequence[models.Record],
    facts: Mapping[str, Any],
    today: date,
) -> date:
    """The day the limit names. Errors: Invalid for a source that is not known, or has no day."""
    if limit.source == "case.deferred_from" and limit.budget is not None:
        return next_round(date.fromisoformat(facts["deferral"]["from"]), limit.budget.amount, today)
    if limit.source == "case.deferred_until":
        return date.fromisoformat(facts["deferral"]["until"])
    if limit.source == PROMISED:
        return date.fromisoformat(facts["promise"]["ends_on"])
    if limit.source == "case.removed_until" and facts.get("removed_until"):
        return date.fromisoformat(facts["removed_until"])
    if limit.source != "record.ends_on":
        raise Invalid(f"时限 {limit.key} 的来源不明。", f"{limit.key}: unknown source")
    ends = (appraise(procedure, record).ends_on for record in records)
    last = max(filter(None, ends), default=None)
    if last is None:
        raise Invalid(f"{limit.title.zh}：记录没有公示期限。", f"{limit.key}: no fixed term")
    return last


def next_round(since: date, months: int, today: date) -> date:
    """The first day after today on which so many months since that day are full, once or again.

    Each is counted from the first day, not from the round before: the 31st comes back after a
    shorter month. Source: 民法典 art. 202 (2020: 民法总则 art. 202).
    """
    rounds = 1
    while (day := months_after(since, months * rounds)) <= today:
        rounds += 1
    return day
