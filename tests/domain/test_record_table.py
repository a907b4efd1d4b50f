"""The table of record states, cell by cell, and what holds whatever happens to a record."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import Conflict, Invalid
from engine.domain.record import (
    AGAIN,
    ALSO_BY,
    LOWERS,
    PUBLICATION_MOVES,
    REPORTING_MOVES,
    Cause,
    Flag,
    Origin,
    Publication,
    RecordEvent,
    RecordState,
    Reporting,
    after,
)

P, R, E, F = Publication, Reporting, RecordEvent, Flag
CASE = ("KSXY-XF-20200302-000001", "note_takedown", "林晓", "昆信用修〔2020〕决1号")

NEW = RecordState()
SHOWN_PENDING = RecordState(P.SHOWN, R.PENDING)
SHOWN = RecordState(P.SHOWN, R.REPORTED)
REPAIRING = RecordState(P.SHOWN, R.REPORTED, frozenset({F.REPAIRING}))
MARKED = RecordState(P.SHOWN, R.REPORTED, frozenset({F.OBJECTION}))
DEFERRED = RecordState(P.NOT_SHOWN, R.DEFERRED)


def state(publication: Publication, reporting: Reporting, *flags: Flag) -> RecordState:
    return RecordState(publication, reporting, frozenset(flags))


def happen(before: RecordState, *events: RecordEvent) -> RecordState:
    for event in events:
        before = after(before, cause_of(event))
    return before


def cause_of(event: RecordEvent, origin: Origin | None = None) -> Cause:
    """As whoever usually brings it about."""
    usual = next(iter(sorted(ALSO_BY.get(event, ()))), Origin.CASE)
    chosen = origin or usual
    return Cause(event, *CASE) if chosen is Origin.CASE else Cause(event, origin=chosen)


#: What happened -> from, events, and the row of the table: publication, reporting, flags.
ROWS: dict[str, tuple[RecordState, tuple[RecordEvent, ...], RecordState]] = {
    "collected, kind shown": (NEW, (E.COLLECTED, E.REPORTED), SHOWN),
    "repair accepted": (SHOWN, (E.REPAIR_ACCEPTED,), REPAIRING),
    "repair granted and taken down": (
        REPAIRING,
        (E.REPAIR_GRANTED,),
        state(P.WITHDRAWN_REPAIRED, R.RECALLED),
    ),
    "repair refused or withdrawn": (REPAIRING, (E.REPAIR_ENDED,), SHOWN),
    "objection accepted": (SHOWN, (E.OBJECTION_ACCEPTED,), MARKED),
    "objection accepted on what is not reported yet": (
        SHOWN_PENDING,
        (E.OBJECTION_ACCEPTED,),
        state(P.SHOWN, R.PENDING, F.OBJECTION),
    ),
    "objection: wrong": (MARKED, (E.CORRECTED,), state(P.WITHDRAWN_CORRECTED, R.RECALLED)),
    "objection: right": (MARKED, (E.OBJECTION_ENDED,), SHOWN),
    "deferral granted": (NEW, (E.DEFERRED,), DEFERRED),
    "deferral granted on what is shown, not reported": (SHOWN_PENDING, (E.DEFERRED,), DEFERRED),
    "deferral ended, rectified": (DEFERRED, (E.RECTIFIED,), state(P.NOT_SHOWN, R.EXEMPT)),
    "deferral ended, not rectified": (DEFERRED, (E.DEFERRAL_ENDED, E.REPORTED), SHOWN),
    "exemption": (NEW, (E.EXEMPTED,), state(P.EXEMPT, R.EXEMPT)),
    "maximum period reached": (SHOWN, (E.EXPIRED,), state(P.WITHDRAWN_EXPIRED, R.REPORTED)),
    "maximum period reached in a repair": (
        REPAIRING,
        (E.EXPIRED,),
        state(P.WITHDRAWN_EXPIRED, R.REPORTED),
    ),
    "penalty revoked": (SHOWN, (E.REVOKED,), state(P.WITHDRAWN_CORRECTED, R.RECALLED)),
    "penalty revoked in a repair": (
        REPAIRING,
        (E.REVOKED,),
        state(P.WITHDRAWN_CORRECTED, R.RECALLED),
    ),
    "refused by the platform": (SHOWN, (E.REPORT_REFUSED,), SHOWN_PENDING),
}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_row_of_the_table_holds_in_all_three_axes(row: str) -> None:
    before, events, expected = ROWS[row]
    assert happen(before, *events) == expected


EVERY_STATE = st.builds(
    RecordState,
    st.sampled_from(list(P)),
    st.sampled_from(list(R)),
    st.frozensets(st.sampled_from(list(F))),
)
EVENTS = st.sampled_from(list(E))


@given(EVERY_STATE, EVENTS)
def test_a_change_touches_only_the_axes_its_event_names(
    before: RecordState, event: RecordEvent
) -> None:
    try:
        reached = after(before, cause_of(event))
    except (Conflict, Invalid):
        return
    if event not in PUBLICATION_MOVES:
        assert reached.publication is before.publication
    if event not in REPORTING_MOVES:
        waits_again = event in AGAIN and before.reporting is R.RECALLED
        assert reached.reporting in (before.reporting, R.PENDING if waits_again else R.RECALLED)
    assert before.flags - reached.flags <= LOWERS.get(event, frozenset())
    assert len(reached.flags - before.flags) <= 1


@given(EVERY_STATE, EVENTS, st.sampled_from(list(Origin)))
def test_nobody_causes_what_is_not_his_to_cause(
    before: RecordState, event: RecordEvent, origin: Origin
) -> None:
    allowed = origin is Origin.CASE or origin in ALSO_BY.get(event, frozenset())
    try:
        after(before, cause_of(event, origin))
    except Invalid:
        assert not allowed
    except Conflict:
        assert allowed
    else:
        assert allowed


@given(EVERY_STATE, EVENTS)
def test_a_case_that_changes_a_record_names_itself_and_its_person(
    before: RecordState, event: RecordEvent
) -> None:
    for nameless in (Cause(event), Cause(event, CASE[0]), Cause(event, actor="林晓")):
        with pytest.raises(Invalid):
            after(before, nameless)


@given(st.lists(EVENTS, max_size=30))
def test_no_history_leads_out_of_an_exemption_from_reporting(events: Iterable[RecordEvent]) -> None:
    at, was_exempt = NEW, False
    for event in events:
        try:
            at = after(at, cause_of(event))
        except (Conflict, Invalid):
            continue
        assert not was_exempt or at.reporting is R.EXEMPT
        was_exempt = at.reporting is R.EXEMPT


@given(st.lists(EVENTS, max_size=30))
def test_no_history_reaches_what_the_table_does_not_know(events: Iterable[RecordEvent]) -> None:
    at = NEW
    for event in events:
        try:
            at = after(at, cause_of(event))
        except (Conflict, Invalid):
            continue
        # Repaired means recalled, or never reported; deferred and exempt are not on show.
        if at.publication is P.WITHDRAWN_REPAIRED:
            assert at.reporting is not R.REPORTED
        if at.reporting is R.DEFERRED:
            assert at.publication in (P.NOT_SHOWN, P.WITHDRAWN_CORRECTED)
        if at.publication is P.EXEMPT:
            assert at.reporting is R.EXEMPT


@given(EVERY_STATE)
def test_a_repair_waits_for_an_objection_and_for_another_repair(before: RecordState) -> None:
    if F.OBJECTION in before.flags or F.REPAIRING in before.flags:
        with pytest.raises(Conflict):
            after(before, cause_of(E.REPAIR_ACCEPTED))


@pytest.mark.parametrize("publication", [p for p in P if p not in (P.SHOWN, P.NOT_SHOWN)])
def test_what_was_taken_down_is_collected_no_second_time(publication: Publication) -> None:
    with pytest.raises(Conflict):
        after(RecordState(publication), cause_of(E.COLLECTED))
