"""A credit record's three axes, what may follow what, and by which cause."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from engine.domain.actor import SYSTEM
from engine.domain.calendar import months_after
from engine.domain.choice import Choice
from engine.domain.errors import Conflict, Invalid, ObjectionFirst


class Publication(Choice):
    NOT_SHOWN = "not_shown", "未公示", "not shown"
    SHOWN = "shown", "公示中", "shown"
    WITHDRAWN_REPAIRED = "withdrawn_repaired", "已撤下（修复）", "taken down (repaired)"
    WITHDRAWN_EXPIRED = "withdrawn_expired", "已撤下（期满）", "taken down (period over)"
    WITHDRAWN_CORRECTED = "withdrawn_corrected", "已撤下（撤销或更正）", "taken down (corrected)"
    EXEMPT = "exempt", "不公示（轻微或豁免）", "not to be shown (exempt)"
    TEMPORARILY_WITHDRAWN = "temporarily_withdrawn", "临时撤下", "taken down for the time being"


class Reporting(Choice):
    PENDING = "pending", "待上报", "to be reported"
    HELD = "held", "上报临时冻结", "held back while it is decided"
    DEFERRED = "deferred", "暂缓上报", "reporting deferred"
    REPORTED = "reported", "已上报", "reported"
    RECALLED = "recalled", "撤回已推送", "report recalled"
    EXEMPT = "exempt", "豁免（不上报）", "exempt (not reported)"


class Flag(Choice):
    OBJECTION = "objection", "异议标注", "under objection"
    REPAIRING = "repairing", "修复中", "repair in hand"
    PROMISE_MISSING = "promise_missing", "缺失承诺", "promise not kept"
    EPIDEMIC = "epidemic", "疫情", "epidemic"


class Grade(Choice):
    """Gravity of the conduct, the lightest first, as the regimes tell grades apart: general,
    serious and grave (never repaired early) by 发改办财金〔2019〕527号; ordinary and key fields by
    国家发展改革委令第58号; minor, general and serious by 国家发展改革委令第36号."""

    MINOR = "minor", "轻微失信", "minor"
    GENERAL = "general", "一般失信", "general"
    ORDINARY = "ordinary", "一般领域", "ordinary field"
    SERIOUS = "serious", "严重失信", "serious"
    KEY_FIELD = "key_field", "重点领域", "key field"
    GRAVE = "grave", "特定严重失信", "grave, never repaired early"


class RecordEvent(Choice):
    """What may happen to a record."""

    COLLECTED = "collected", "归集并公示", "collected and shown"
    REPORTED = "reported", "上报", "reported"
    REPORT_REFUSED = "report_refused", "上级平台退回", "report refused by the upper platform"
    RECALLED = "recalled", "撤回推送", "report recalled"
    REPAIR_ACCEPTED = "repair_accepted", "受理信用修复", "repair accepted"
    REPAIR_GRANTED = "repair_granted", "准予信用修复，撤下公示", "repair granted, taken down"
    REPAIR_ENDED = "repair_ended", "信用修复未准予或撤回", "repair refused or withdrawn"
    PROMISE_BROKEN = "promise_broken", "违反修复承诺，恢复公示", "promise broken, shown again"
    OBJECTION_ACCEPTED = "objection_accepted", "受理异议，加注标注", "objection accepted, marked"
    OBJECTION_ENDED = "objection_ended", "异议办结，取消标注", "objection closed, mark lifted"
    CORRECTED = "corrected", "更正，撤下公示", "corrected, taken down"
    REVOKED = "revoked", "处罚撤销，撤下公示", "penalty revoked, taken down"
    HELD = "held", "临时冻结上报", "held back for now"
    HOLD_LIFTED = "hold_lifted", "解除临时冻结", "hold lifted"
    DEFERRED = "deferred", "暂缓上报", "reporting deferred"
    DEFERRAL_ENDED = "deferral_ended", "暂缓期满，恢复上报和公示", "deferral over, to be reported"
    RECTIFIED = "rectified", "暂缓期满已整改，不上报", "deferral over, put right: not reported"
    EXEMPTED = "exempted", "认定豁免", "exempted"
    EXPIRED = "expired", "公示期满，撤下公示", "period over, taken down"
    TEMPORARILY_WITHDRAWN = "temporarily_withdrawn", "临时撤下", "taken down for the time being"
    PUT_BACK = "put_back", "恢复公示", "shown again"
    COURT_WITHDREW = (
        "court_withdrew",
        "法院撤回修复或移出到期，恢复公示",
        "shown again for the court",
    )


@dataclass(frozen=True, slots=True)
class RecordState:
    """Where a record stands on its three axes. A new one is neither shown nor reported."""

    publication: Publication = Publication.NOT_SHOWN
    reporting: Reporting = Reporting.PENDING
    flags: frozenset[Flag] = field(default_factory=frozenset)


class Origin(Choice):
    """Who may make a record change; nobody else, and nobody by hand."""

    CASE = "case", "办件", "a case"
    IMPORT = "import", "归集", "an import"
    CLOCK = "clock", "到期或平台回执", "the clock, or an answer of the upper platform"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a record changes: what happened, in which case, at which element, by whom, on what."""

    event: RecordEvent
    case_number: str = ""
    element_id: str = ""
    actor: str = ""
    document: str = ""
    origin: Origin = Origin.CASE

    @classmethod
    def of_system(cls, event: RecordEvent, document: str) -> "Cause":
        """What time or an answer from outside brought about, without a case and without a person."""
        return cls(event, actor=SYSTEM.username, document=document, origin=Origin.CLOCK)


_P, _R, _F, _E = Publication, Reporting, Flag, RecordEvent
_VISIBLE = frozenset({_P.SHOWN, _P.TEMPORARILY_WITHDRAWN})

#: Event -> the states it may come upon, and the one it leads to.
PUBLICATION_MOVES: Mapping[RecordEvent, tuple[frozenset[Publication], Publication]] = {
    _E.COLLECTED: (frozenset({_P.NOT_SHOWN}), _P.SHOWN),
    _E.REPAIR_GRANTED: (_VISIBLE, _P.WITHDRAWN_REPAIRED),
    _E.PROMISE_BROKEN: (frozenset({_P.WITHDRAWN_REPAIRED}), _P.SHOWN),
    # Found wrong although its period has ended meanwhile: what was reported is recalled all the same.
    _E.CORRECTED: (_VISIBLE | {_P.NOT_SHOWN, _P.WITHDRAWN_EXPIRED}, _P.WITHDRAWN_CORRECTED),
    _E.REVOKED: (frozenset(_P) - {_P.WITHDRAWN_CORRECTED}, _P.WITHDRAWN_CORRECTED),
    # A wrong refusal may be overturned when the record has been reported and shown meanwhile.
    _E.DEFERRED: (frozenset({_P.NOT_SHOWN, _P.SHOWN}), _P.NOT_SHOWN),
    _E.DEFERRAL_ENDED: (frozenset({_P.NOT_SHOWN}), _P.SHOWN),
    _E.RECTIFIED: (frozenset({_P.NOT_SHOWN}), _P.NOT_SHOWN),
    _E.EXEMPTED: (_VISIBLE | {_P.NOT_SHOWN}, _P.EXEMPT),
    _E.EXPIRED: (_VISIBLE, _P.WITHDRAWN_EXPIRED),
    _E.TEMPORARILY_WITHDRAWN: (frozenset({_P.SHOWN}), _P.TEMPORARILY_WITHDRAWN),
    _E.PUT_BACK: (frozenset({_P.TEMPORARILY_WITHDRAWN}), _P.SHOWN),
    _E.COURT_WITHDREW: (frozenset({_P.TEMPORARILY_WITHDRAWN, _P.WITHDRAWN_REPAIRED}), _P.SHOWN),
}
REPORTING_MOVES: Mapping[RecordEvent, tuple[frozenset[Reporting], Reporting]] = {
    _E.REPORTED: (frozenset({_R.PENDING, _R.RECALLED}), _R.REPORTED),
    _E.REPORT_REFUSED: (frozenset({_R.REPORTED}), _R.PENDING),
    _E.RECALLED: (frozenset({_R.REPORTED}), _R.RECALLED),
    _E.HELD: (frozenset({_R.PENDING}), _R.HELD),
    _E.HOLD_LIFTED: (frozenset({_R.HELD}), _R.PENDING),
    _E.DEFERRED: (frozenset({_R.PENDING, _R.HELD, _R.RECALLED}), _R.DEFERRED),
    _E.DEFERRAL_ENDED: (frozenset({_R.DEFERRED}), _R.PENDING),
    _E.RECTIFIED: (frozenset({_R.DEFERRED}), _R.EXEMPT),
    _E.EXEMPTED: (frozenset(_R), _R.EXEMPT),
}
#: A record that was reported is recalled with these; one that was not stays unreported.
RECALLING = frozenset({_E.REPAIR_GRANTED, _E.REVOKED, _E.CORRECTED})
#: A record that was recalled waits to be reported again with these.
AGAIN = frozenset({_E.COURT_WITHDREW})
RAISES: Mapping[RecordEvent, Flag] = {
    _E.REPAIR_ACCEPTED: _F.REPAIRING,
    _E.OBJECTION_ACCEPTED: _F.OBJECTION,
    _E.PROMISE_BROKEN: _F.PROMISE_MISSING,
}
LOWERS: Mapping[RecordEvent, frozenset[Flag]] = {
    _E.REPAIR_GRANTED: frozenset({_F.REPAIRING}),
    _E.REPAIR_ENDED: frozenset({_F.REPAIRING}),
    _E.OBJECTION_ENDED: frozenset({_F.OBJECTION}),
    _E.CORRECTED: frozenset({_F.OBJECTION, _F.REPAIRING}),
    _E.REVOKED: frozenset({_F.OBJECTION, _F.REPAIRING}),
    _E.EXPIRED: frozenset({_F.REPAIRING}),
}
#: Who else than a case may cause what; all else is a case's alone.
ALSO_BY: Mapping[RecordEvent, frozenset[Origin]] = {
    _E.COLLECTED: frozenset({Origin.IMPORT}),
    _E.REPORTED: frozenset({Origin.CLOCK}),
    _E.REPORT_REFUSED: frozenset({Origin.CLOCK}),
    _E.RECALLED: frozenset({Origin.CLOCK}),
    _E.DEFERRAL_ENDED: frozenset({Origin.CLOCK}),
    _E.EXPIRED: frozenset({Origin.IMPORT, Origin.CLOCK}),
    _E.REVOKED: frozenset({Origin.IMPORT}),
}
#: What must rest on a document besides.
ON_PAPER = frozenset({_E.REPAIR_GRANTED, _E.COURT_WITHDREW, _E.DEFERRED, _E.RECTIFIED, _E.EXEMPTED})
#: What ends must have begun.
NEEDS: Mapping[RecordEvent, Flag] = {
    _E.REPAIR_GRANTED: _F.REPAIRING,
    _E.REPAIR_ENDED: _F.REPAIRING,
    _E.OBJECTION_ENDED: _F.OBJECTION,
}
#: Event -> how the other axis must stand: nothing is shown that is held back, nothing reported that
#: nobody may see.
NEEDS_REPORTING: Mapping[RecordEvent, frozenset[Reporting]] = {
    _E.COLLECTED: frozenset({_R.PENDING})
}
NEEDS_PUBLICATION: Mapping[RecordEvent, frozenset[Publication]] = {
    _E.REPORTED: frozenset({_P.SHOWN}),
}
_BEHIND_OBJECTION = frozenset({_E.REPAIR_ACCEPTED, _E.REPAIR_GRANTED})


def may_become(
    current: Publication | Reporting, target: Publication | Reporting, event: RecordEvent
) -> None:
    """Whether `event` leads from one state of an axis to another of the same axis.

    Errors: Invalid, when the event never leads there; Conflict, when not from `current`.
    """
    sources, leads_to = _move(current, event)
    if leads_to is not target:
        raise Invalid(
            f"“{event.words.zh}”不会使记录变为“{target.words.zh}”",
            f"{event.words.en!r} does not make a record {target.words.en!r}",
        )
    if current not in sources:
        raise Conflict(
            f"记录现在是“{current.words.zh}”，不能{event.words.zh}",
            f"the record is {current.words.en!r} now: {event.words.en!r} cannot happen to it",
        )


def after(state: RecordState, cause: Cause) -> RecordState:
    """The state after `cause`.

    Errors: Invalid, when the cause does not say enough; Conflict, when this may not happen
    to the record as it stands (another repair is open, an objection goes first).
    """
    _check_cause(cause)
    _check_flags(state, cause.event)
    _check_other_axis(state, cause.event)
    publication, reporting = state.publication, state.reporting
    if cause.event in PUBLICATION_MOVES:
        publication = PUBLICATION_MOVES[cause.event][1]
        may_become(state.publication, publication, cause.event)
    if cause.event in REPORTING_MOVES:
        reporting = REPORTING_MOVES[cause.event][1]
        may_become(state.reporting, reporting, cause.event)
    elif cause.event in RECALLING and state.reporting is Reporting.REPORTED:
        reporting = Reporting.RECALLED
    elif cause.event in AGAIN and state.reporting is Reporting.RECALLED:
        reporting = Reporting.PENDING
    raised = frozenset({RAISES[cause.event]}) if cause.event in RAISES else frozenset[Flag]()
    flags = (state.flags | raised) - LOWERS.get(cause.event, frozenset())
    return RecordState(publication, reporting, flags)


def _move(
    current: Publication | Reporting, event: RecordEvent
) -> tuple[frozenset[Publication | Reporting], Publication | Reporting | None]:
    if isinstance(current, Publication):
        shown = PUBLICATION_MOVES.get(event)
        return (frozenset(shown[0]), shown[1]) if shown else (frozenset(), None)
    if event in RECALLING:
        return frozenset({Reporting.REPORTED}), Reporting.RECALLED
    reported = REPORTING_MOVES.get(event)
    return (frozenset(reported[0]), reported[1]) if reported else (frozenset(), None)


def _check_cause(cause: Cause) -> None:
    event, origin = cause.event, cause.origin
    if origin is not Origin.CASE and origin not in ALSO_BY.get(event, ()):
        raise Invalid(
            f"“{event.words.zh}”不能由{origin.words.zh}引起",
            f"{event.words.en!r} is not caused by {origin.words.en}",
        )
    if origin is Origin.CASE and not (cause.case_number and cause.actor):
        raise Invalid(
            f"“{event.words.zh}”须写明办件编号和经办人",
            f"{event.words.en!r} must name its case and person",
        )
    if event in ON_PAPER and not (cause.element_id and cause.document):
        raise Invalid(
            f"“{event.words.zh}”须写明环节和文书",
            f"{event.words.en!r} must name its element and document",
        )


def _check_flags(state: RecordState, event: RecordEvent) -> None:
    """A repair needs a record on show, one at a time; an objection goes before a repair."""
    raises = RAISES.get(event)
    if raises in state.flags and raises is not Flag.PROMISE_MISSING:
        raise Conflict(f"记录已有“{raises.words.zh}”", f"the record is {raises.words.en!r} already")
    if event is RecordEvent.REPAIR_ACCEPTED and state.publication not in _VISIBLE:
        raise Conflict("记录没有在公示，无须修复", "the record is not shown: nothing to repair")
    if event in _BEHIND_OBJECTION and Flag.OBJECTION in state.flags:
        raise ObjectionFirst("异议尚未办结，修复须等候", "an objection is open: the repair waits")
    needs = NEEDS.get(event)
    if needs is not None and needs not in state.flags:
        raise Conflict(f"记录没有“{needs.words.zh}”", f"the record is not {needs.words.en!r}")


def _check_other_axis(state: RecordState, event: RecordEvent) -> None:
    needed: tuple[tuple[Publication | Reporting, Iterable[Choice] | None], ...] = (
        (state.reporting, NEEDS_REPORTING.get(event)),
        (state.publication, NEEDS_PUBLICATION.get(event)),
    )
    for current, allowed in needed:
        if allowed is not None and current not in allowed:
            raise Conflict(
                f"记录现在是“{current.words.zh}”，不能{event.words.zh}",
                f"the record is {current.words.en!r} now: {event.words.en!r} cannot happen to it",
            )


@dataclass(frozen=True, slots=True)
class PublicationPeriod:
    """How long a record is shown, in months from the day of the penalty decision.

    early: whether it may be repaired before the longest period is over.
    Source: the rule table of the regime in force (2020: 发改办财金〔2019〕527号).
    """

    min_months: int
    max_months: int
    early: bool

    def earliest_repair_on(self, decided_on: date) -> date | None:
        """The first day on which repair may be asked; None when never before the end."""
        return months_after(decided_on, self.min_months) if self.early else None

    def ends_on(self, decided_on: date) -> date:
        """The day on which the longest period is over. Calendar months, not moved for holidays."""
        return months_after(decided_on, self.max_months)
