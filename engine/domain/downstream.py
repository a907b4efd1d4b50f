"""Other sites on which a record is shown: what each owes when the record changes, and how far it has come."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.domain.choice import Choice
from engine.domain.clock_ledger import Budget, Unit
from engine.domain.errors import Conflict, Invalid
from engine.domain.record import Publication, RecordEvent
from engine.domain.words import Words


class Duty(Choice):
    """What a site owes."""

    REMOVE = "remove", "撤下", "take down"
    PUT_BACK = "put_back", "恢复公示", "show again"
    CORRECT = "correct", "更正", "correct"


class Progress(Choice):
    """How far an obligation has come."""

    OPEN = "open", "待办", "to be done"
    ASKED = "asked", "已通知站点", "site told"
    ACKNOWLEDGED = "acknowledged", "站点已回执", "acknowledged by the site"
    CHECKED = "checked", "待第二人核实", "to be checked by a second person"
    DONE = "done", "已核实，待复查", "verified, to be looked at again"
    CLOSED = "closed", "复查无误", "looked at again, closed"
    DROPPED = "dropped", "不再需要", "no longer owed"


class Act(Choice):
    """What is done about an obligation; each leaves a line that stays."""

    OPENED = "opened", "发生", "arose"
    PUSHED = "pushed", "推送站点", "pushed to the site"
    TOLD = "told", "人工联系站点", "site contacted"
    ACKNOWLEDGED = "acknowledged", "站点回执", "acknowledged"
    REFUSED = "refused", "站点退回", "refused by the site"
    NOT_YET = "not_yet", "查看，站点未办", "looked: not done yet"
    SEEN_DONE = "seen_done", "查看，站点已办", "looked: done"
    CONFIRMED = "confirmed", "第二人核实", "confirmed by a second person"
    RETURNED = "returned", "第二人不认可", "not confirmed by the second person"
    RECHECKED = "rechecked", "复查无误", "looked at again: still so"
    UNDONE = "undone", "复查发现又变回", "looked at again: undone"
    CONTESTED = "contested", "企业反映未办", "the enterprise says it is not done"
    ANSWERED = "answered", "答复企业", "the enterprise was answered"
    CLAIMED = "claimed", "领取", "claimed"
    RELEASED = "released", "放回", "put back into the pool"
    DROPPED = "dropped", "不再需要", "no longer owed"


_P = Progress
_UNDER_WAY = frozenset({_P.OPEN, _P.ASKED, _P.ACKNOWLEDGED})
_LIVE = _UNDER_WAY | {_P.CHECKED}
_OVER = frozenset({_P.DONE, _P.CLOSED})
#: While an obligation is in one of these its clock runs.
RUNNING = _LIVE
#: Act -> from where it is possible, and where it leads; None stays where it is.
MOVES: Mapping[Act, tuple[frozenset[Progress], Progress | None]] = {
    Act.PUSHED: (_UNDER_WAY, _P.ASKED),
    Act.TOLD: (_UNDER_WAY, _P.ASKED),
    Act.ACKNOWLEDGED: (_UNDER_WAY, _P.ACKNOWLEDGED),
    Act.REFUSED: (_UNDER_WAY, _P.OPEN),
    Act.NOT_YET: (_LIVE, _P.OPEN),
    Act.SEEN_DONE: (_UNDER_WAY, _P.CHECKED),
    Act.CONFIRMED: (frozenset({_P.CHECKED}), _P.DONE),
    Act.RETURNED: (frozenset({_P.CHECKED}), _P.OPEN),
    Act.RECHECKED: (frozenset({_P.DONE}), _P.CLOSED),
    Act.UNDONE: (_OVER, _P.OPEN),
    Act.CONTESTED: (_LIVE | _OVER, _P.OPEN),
    Act.ANSWERED: (_LIVE | _OVER, None),
    Act.CLAIMED: (_LIVE | _OVER, None),
    Act.RELEASED: (_LIVE | _OVER, None),
    Act.DROPPED: (_LIVE | _OVER, _P.DROPPED),
}


def after(current: Progress, act: Act, *, needs_second: bool) -> Progress:
    """Where an act leads. What needs no second person is done as soon as somebody has seen it.

    Errors: Conflict, when the act is not possible now.
    """
    sources, target = MOVES[act]
    if current not in sources:
        raise Conflict(
            f"现在是“{current.words.zh}”，不能再“{act.words.zh}”",
            f"it is {current.words.en!r} now: {act.words.en!r} is not possible",
        )
    if act is Act.SEEN_DONE and not needs_second:
        return Progress.DONE
    return target or current


def duty_of(before: Publication, now: Publication) -> Duty | None:
    """What other sites owe when a record went from one state of publication to another."""
    if before is now:
        return None
    if before is Publication.SHOWN:
        return Duty.REMOVE
    # A record taken down for the time being that goes for good is off the sites already.
    if now is Publication.SHOWN and before is not Publication.NOT_SHOWN:
        return Duty.PUT_BACK
    return None


class Way(Choice):
    """How a site is told."""

    OWN = "own", "本市网站，中心自办", "this city's own"
    PLATFORM = "platform", "经上级平台交换", "through the upper platform"
    DEPARTMENT = "department", "由部门自办，中心联系", "the department's own"
    PUBLIC = "public", "第三方，发函联系", "a third party, by letter"


@dataclass(frozen=True, slots=True)
class Site:
    """A place where records are shown.

    kinds: which kinds of record; empty for all. authorities: only records of these departments.
    firms_only: nothing on natural persons is shown there. on_report: owes something only when
    somebody says that a record is shown there. recheck: working days after which it is looked at
    again; needs_second: a removal there counts when a second person has seen it.
    """

    key: str
    title: Words
    way: Way
    address: str
    kinds: frozenset[str]
    authorities: frozenset[str]
    firms_only: bool
    on_report: bool
    needs_second: bool
    recheck: int

    def shows(self, kind: str, authority: str | None, *, is_firm: bool) -> bool:
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.authorities or authority in self.authorities)
            and (is_firm or not self.firms_only)
        )


@dataclass(frozen=True, slots=True)
class SiteLimit:
    """How long a site has, from when to when, and the article that says so.

    key: what an administrator sets another amount by, where no law fixes this one.
    """

    key: str
    title: Words
    sites: frozenset[str]
    events: frozenset[RecordEvent]
    kinds: frozenset[str]
    since: date
    until: date
    budget: Budget
    basis: str

    def fits(self, site: str, event: RecordEvent, kind: str, on: date) -> bool:
        return (
            site in self.sites
            and (not self.events or event in self.events)
            and (not self.kinds or kind in self.kinds)
            and self.since <= on <= self.until
        )


class Downstream:
    """All sites and their limits, as workflows/common/sites.toml has them."""

    def __init__(self, source: str) -> None:
        told = tomllib.loads(source)
        self.sites = {each["key"]: _site(each) for each in told["sites"]}
        self.limits = tuple(_limit(each) for each in told["limits"])
        self.answers_in = Budget(told["still_shown"]["amount"], Unit(told["still_shown"]["unit"]))
        self.answers_basis = str(told["still_shown"]["basis"])

    def site(self, key: str) -> Site:
        try:
            return self.sites[key]
        except KeyError:
            raise Invalid(f"没有站点 {key}。", f"there is no site {key}") from None

    def owing(self, kind: str, authority: str | None, *, is_firm: bool) -> Iterator[Site]:
        """The sites on which such a record is shown without anybody having to say so."""
        for site in self.sites.values():
            if not site.on_report and site.shows(kind, authority, is_firm=is_firm):
                yield site

    def limit(self, site: str, event: RecordEvent, kind: str, on: date) -> SiteLimit:
        """The first limit that fits. Invalid when none does."""
        found = next((each for each in self.limits if each.fits(site, event, kind, on)), None)
        if found is None:
            raise Invalid(f"站点 {site} 没有规定时限。", f"no limit is set for the site {site}")
        return found


def _site(told: Mapping[str, Any]) -> Site:
    return Site(
        key=told["key"],
        title=Words(told["zh"], told["en"]),
        way=Way(told["way"]),
        address=told.get("address", ""),
        kinds=frozenset(told.get("kinds", ())),
        authorities=frozenset(told.get("authorities", ())),
        firms_only=bool(told.get("firms_only", False)),
        on_report=bool(told.get("on_report", False)),
        needs_second=bool(told.get("second_person", False)),
        recheck=int(told["recheck"]),
    )


def _limit(told: Mapping[str, Any]) -> SiteLimit:
    return SiteLimit(
        key=told["key"],
        title=Words(told["zh"], told["en"]),
        sites=frozenset(told["sites"]),
        events=frozenset(RecordEvent(each) for each in told.get("events", ())),
        kinds=frozenset(told.get("kinds", ())),
        since=told.get("from", date.min),
        until=told.get("to", date.max),
        budget=Budget(told["amount"], Unit(told["unit"])),
        basis=told["basis"],
    )
