"""A record's axes: what may follow what, by which cause, and when it may be repaired."""

from datetime import date

import pytest

from engine.domain.errors import Conflict, Invalid
from engine.domain.record import (
    Cause,
    Flag,
    Grade,
    Origin,
    Publication,
    PublicationPeriod,
    RecordEvent,
    RecordState,
    Reporting,
    after,
    may_become,
)

SHOWN = RecordState(Publication.SHOWN, Reporting.REPORTED)
REPAIRING = RecordState(Publication.SHOWN, Reporting.REPORTED, frozenset({Flag.REPAIRING}))
DISPUTED = RecordState(Publication.SHOWN, Reporting.REPORTED, frozenset({Flag.OBJECTION}))


def cause(event: RecordEvent) -> Cause:
    return Cause(event, "KSXY-XF-20200302-000001", "withdraw", "钱一鸣", "昆信用修〔2020〕决 1 号")


def by_itself(event: RecordEvent, origin: Origin = Origin.CLOCK) -> Cause:
    return Cause(event, origin=origin)


def test_a_collected_record_is_shown_and_then_reported() -> None:
    shown = after(RecordState(), by_itself(RecordEvent.COLLECTED, Origin.IMPORT))
    assert (shown.publication, shown.reporting) == (Publication.SHOWN, Reporting.PENDING)
    assert after(shown, by_itself(RecordEvent.REPORTED)) == SHOWN


def test_an_accepted_repair_is_a_flag_and_changes_nothing_else() -> None:
    assert after(SHOWN, cause(RecordEvent.REPAIR_ACCEPTED)) == REPAIRING


def test_a_granted_repair_takes_the_record_down_recalls_it_and_lifts_the_flag() -> None:
    assert after(REPAIRING, cause(RecordEvent.REPAIR_GRANTED)) == RecordState(
        Publication.WITHDRAWN_REPAIRED, Reporting.RECALLED
    )


def test_a_refused_repair_leaves_the_record_as_it_was() -> None:
    assert after(REPAIRING, cause(RecordEvent.REPAIR_ENDED)) == SHOWN


def test_a_record_never_reported_is_not_recalled() -> None:
    pending = RecordState(Publication.SHOWN, Reporting.PENDING, frozenset({Flag.REPAIRING}))
    assert after(pending, cause(RecordEvent.REPAIR_GRANTED)).reporting is Reporting.PENDING


def test_a_record_is_repaired_only_through_an_accepted_case() -> None:
    with pytest.raises(Conflict, match="没有“修复中”"):
        after(SHOWN, cause(RecordEvent.REPAIR_GRANTED))


@pytest.mark.parametrize(
    "incomplete",
    [
        Cause(RecordEvent.REPAIR_GRANTED),
        Cause(RecordEvent.REPAIR_GRANTED, "KSXY-XF-20200302-000001", "withdraw", "钱一鸣"),
        Cause(RecordEvent.REPAIR_GRANTED, "", "withdraw", "钱一鸣", "决 1 号"),
        Cause(RecordEvent.REPAIR_GRANTED, "KSXY-XF-20200302-000001", "withdraw", "", "决 1 号"),
        Cause(RecordEvent.REPAIR_GRANTED, "KSXY-XF-20200302-000001", "", "钱一鸣", "决 1 号"),
    ],
)
def test_a_removal_must_name_case_element_person_and_document(incomplete: Cause) -> None:
    with pytest.raises(Invalid, match="须写明"):
        after(REPAIRING, incomplete)


def test_only_one_repair_is_open_on_a_record() -> None:
    with pytest.raises(Conflict, match="已有“修复中”"):
        after(REPAIRING, cause(RecordEvent.REPAIR_ACCEPTED))


def test_an_objection_goes_before_a_repair() -> None:
    with pytest.raises(Conflict, match="异议尚未办结"):
        after(DISPUTED, cause(RecordEvent.REPAIR_ACCEPTED))
    both = after(REPAIRING, cause(RecordEvent.OBJECTION_ACCEPTED))
    with pytest.raises(Conflict, match="异议尚未办结"):
        after(both, cause(RecordEvent.REPAIR_GRANTED))
    settled = after(both, cause(RecordEvent.OBJECTION_ENDED))
    assert after(settled, cause(RecordEvent.REPAIR_GRANTED)).publication is (
        Publication.WITHDRAWN_REPAIRED
    )


@pytest.mark.parametrize(
    "publication",
    [
        Publication.NOT_SHOWN,
        Publication.EXEMPT,
        Publication.WITHDRAWN_REPAIRED,
        Publication.WITHDRAWN_EXPIRED,
    ],
)
def test_what_is_not_shown_has_nothing_to_repair(publication: Publication) -> None:
    with pytest.raises(Conflict, match="无须修复"):
        after(RecordState(publication), cause(RecordEvent.REPAIR_ACCEPTED))


def test_an_objection_marks_the_record_and_leaves_its_publication() -> None:
    assert after(SHOWN, cause(RecordEvent.OBJECTION_ACCEPTED)) == DISPUTED
    with pytest.raises(Conflict, match="已有“异议标注”"):
        after(DISPUTED, cause(RecordEvent.OBJECTION_ACCEPTED))
    assert after(DISPUTED, cause(RecordEvent.CORRECTED)) == RecordState(
        Publication.WITHDRAWN_CORRECTED, Reporting.RECALLED
    )


def test_a_broken_promise_brings_a_repaired_record_back_with_its_mark() -> None:
    repaired = after(REPAIRING, cause(RecordEvent.REPAIR_GRANTED))
    back = after(repaired, cause(RecordEvent.PROMISE_BROKEN))
    assert back.publication is Publication.SHOWN
    assert back.flags == {Flag.PROMISE_MISSING}
    assert after(back, by_itself(RecordEvent.REPORTED)).reporting is Reporting.REPORTED


def test_a_promise_broken_again_brings_the_record_back_again() -> None:
    repaired = RecordState(
        Publication.WITHDRAWN_REPAIRED, Reporting.RECALLED, frozenset({Flag.PROMISE_MISSING})
    )
    back = after(repaired, cause(RecordEvent.PROMISE_BROKEN))
    assert back.publication is Publication.SHOWN
    assert back.flags == {Flag.PROMISE_MISSING}


@pytest.mark.parametrize(
    ("before", "then"),
    [
        (Reporting.RECALLED, Reporting.PENDING),
        (Reporting.REPORTED, Reporting.REPORTED),
        (Reporting.EXEMPT, Reporting.EXEMPT),
    ],
)
def test_a_court_that_withdraws_its_notice_has_reported_again_only_what_was_recalled(
    before: Reporting, then: Reporting
) -> None:
    away = RecordState(Publication.TEMPORARILY_WITHDRAWN, before)
    assert after(away, cause(RecordEvent.COURT_WITHDREW)) == RecordState(Publication.SHOWN, then)


def test_a_deferred_record_is_reported_and_shown_when_the_deferral_is_over() -> None:
    deferred = after(RecordState(), cause(RecordEvent.DEFERRED))
    assert deferred == RecordState(Publication.NOT_SHOWN, Reporting.DEFERRED)
    over = after(deferred, by_itself(RecordEvent.DEFERRAL_ENDED))
    assert over == RecordState(Publication.SHOWN, Reporting.PENDING)


def test_what_is_reported_can_no_longer_be_deferred() -> None:
    with pytest.raises(Conflict, match="不能暂缓上报"):
        after(SHOWN, cause(RecordEvent.DEFERRED))


def test_an_exempt_record_is_neither_shown_nor_reported_for_good() -> None:
    exempt = after(RecordState(), cause(RecordEvent.EXEMPTED))
    assert exempt == RecordState(Publication.EXEMPT, Reporting.EXEMPT)
    for event in (RecordEvent.COLLECTED, RecordEvent.REPORTED, RecordEvent.DEFERRED):
        with pytest.raises(Conflict):
            after(exempt, cause(event))


def test_a_record_taken_down_for_a_time_may_be_put_back_or_repaired() -> None:
    hidden = after(REPAIRING, cause(RecordEvent.TEMPORARILY_WITHDRAWN))
    assert hidden.publication is Publication.TEMPORARILY_WITHDRAWN
    assert after(hidden, cause(RecordEvent.PUT_BACK)) == REPAIRING
    assert after(hidden, cause(RecordEvent.REPAIR_GRANTED)).publication is (
        Publication.WITHDRAWN_REPAIRED
    )


def test_the_end_of_the_longest_period_takes_it_down_whoever_is_repairing() -> None:
    assert after(REPAIRING, by_itself(RecordEvent.EXPIRED)) == RecordState(
        Publication.WITHDRAWN_EXPIRED, Reporting.REPORTED
    )


def test_a_revoked_penalty_leaves_no_record_in_any_state() -> None:
    for publication in Publication:
        state = RecordState(publication)
        if publication is Publication.WITHDRAWN_CORRECTED:
            with pytest.raises(Conflict):
                after(state, cause(RecordEvent.REVOKED))
        else:
            assert after(state, cause(RecordEvent.REVOKED)).publication is (
                Publication.WITHDRAWN_CORRECTED
            )


def test_may_become_tells_the_impossible_from_the_untimely() -> None:
    may_become(Publication.SHOWN, Publication.WITHDRAWN_REPAIRED, RecordEvent.REPAIR_GRANTED)
    may_become(Reporting.REPORTED, Reporting.RECALLED, RecordEvent.REPAIR_GRANTED)
    with pytest.raises(Invalid, match="不会使记录变为"):
        may_become(Publication.SHOWN, Publication.WITHDRAWN_REPAIRED, RecordEvent.EXPIRED)
    with pytest.raises(Invalid):
        may_become(Publication.SHOWN, Reporting.RECALLED, RecordEvent.REPAIR_GRANTED)
    with pytest.raises(Conflict, match="记录现在是“已撤下（期满）”"):
        may_become(
            Publication.WITHDRAWN_EXPIRED,
            Publication.WITHDRAWN_REPAIRED,
            RecordEvent.REPAIR_GRANTED,
        )


def test_values_are_stored_as_text_and_come_back() -> None:
    assert Publication("withdrawn_repaired") is Publication.WITHDRAWN_REPAIRED
    assert f"{Publication.SHOWN}" == "shown"
    assert Publication.WITHDRAWN_REPAIRED.words.zh == "已撤下（修复）"


@pytest.mark.parametrize("kind", [Publication, Reporting, Flag, Grade, RecordEvent, Origin])
def test_everything_has_a_name_in_both_languages(kind: type) -> None:
    for member in kind:  # type: ignore[attr-defined]
        assert member.words.zh
        assert member.words.en
        assert member.words.zh != member.words.en


@pytest.mark.parametrize(
    ("period", "decided", "earliest", "ends"),
    [
        (PublicationPeriod(3, 12, early=True), "2019-11-08", "2020-02-08", "2020-11-08"),
        (PublicationPeriod(3, 12, early=True), "2019-11-30", "2020-02-29", "2020-11-30"),
        (PublicationPeriod(3, 12, early=True), "2019-11-28", "2020-02-28", "2020-11-28"),
        (PublicationPeriod(6, 36, early=True), "2019-08-31", "2020-02-29", "2022-08-31"),
        (PublicationPeriod(36, 36, early=False), "2019-08-31", None, "2022-08-31"),
    ],
)
def test_periods_run_in_calendar_months_from_the_decision(
    period: PublicationPeriod, decided: str, earliest: str | None, ends: str
) -> None:
    day = date.fromisoformat(decided)
    found = period.earliest_repair_on(day)
    assert (found.isoformat() if found else None) == earliest
    assert period.ends_on(day) == date.fromisoformat(ends)
