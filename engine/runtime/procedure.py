"""A deployed procedure in memory: what its folder says, ready to be asked and run."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from engine.domain.emergency import EmergencyKind
from engine.domain.errors import Invalid
from engine.domain.law import Laws
from engine.domain.words import Words
from engine.runtime.codec import Codec
from engine.runtime.decisions import DecisionResult, Decisions, Table
from engine.runtime.drawing import Drawing, Element
from engine.runtime.expressions import Expression
from engine.runtime.limit import Limit

_DUE = re.compile(r"""due\(\s*["'](\w+)["']\s*\)""")


@dataclass(frozen=True, slots=True)
class ExtensionRule:
    """By how much a clock may be extended at most, once in a case, and on what basis."""

    amount: int
    basis: str


@dataclass(frozen=True, slots=True)
class ClockKind:
    """A clock of the procedure.

    limit, statutory: names of the promised limit and of the law's own; without a limit it carries
        its steps' limits. counts_from: "service" where the law counts from the day of service,
        "receipt" where it counts handling from the application, not from its acceptance.
    keepers: groups that handle such cases, and so pause it and ask for more time.
    """

    key: str
    title: Words
    limit: str | None
    statutory: str | None
    basis: str
    counts_from: str = ""
    extension: ExtensionRule | None = None
    keepers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PauseGround:
    """A ground on which the law lets a clock be paused; `whose` time the pause is."""

    key: str
    title: Words
    basis: str
    whose: str
    by_hand: bool


@dataclass(frozen=True, slots=True)
class StageKind:
    key: str
    title: Words
    is_optional: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper the applicant, the authority or a register has to give.

    course: the course (workflows/common/training) whose certificate stands for the paper.
    """

    key: str
    title: Words
    help: Words
    grades: frozenset[str]
    source: str
    required: bool
    when: Expression | None
    course: str = ""


@dataclass(frozen=True, slots=True)
class FilingRule:
    """How a case takes its records.

    hold: the word under which a record is held; one open case of a hold for each record.
    needs_records: whether a filing without a record is refused.
    line: answer of the application that tells cases without a record apart in lists.
    """

    hold: str
    needs_records: bool
    line: str = ""


@dataclass(frozen=True, slots=True)
class CommitmentRule:
    """A commitment 信用承诺 that cases of the procedure make, in the words of the register.

    made_by: answer of the application that makes it; '' for one that an operation makes.
    outcomes: outcomes of a case with which it goes on; with any other it lapses at the end.
    valid_until: "record.ends_on", "promise.until" or '' for none.
    reason, content, sanction: Chinese, with {case}, {title}, {line}, {papers}, {until}.
    """

    key: str
    kind: str
    openness: str
    made_by: str
    outcomes: frozenset[str]
    valid_until: str
    reason: str
    content: str
    sanction: str


@dataclass(frozen=True, slots=True)
class CopyRule:
    """Procedures whose open cases of the same enterprise get a copy of each certificate."""

    to: frozenset[str]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who signs its letters, which department is asked about them, and who stands above it."""

    issuer: str
    department: str
    superior: Words | None


@dataclass(frozen=True, slots=True)
class Entrance:
    """How the portal leads to an application: page, button, and the way without a record."""

    title: Words
    button: Words
    without_record: Words | None
    above: str  # answer `entrance` of what the national platform hands over; "" takes none


@dataclass(frozen=True, slots=True)
class EmergencyRule:
    """What of the procedure may be filed only while an emergency response of a kind is in force.

    when: answers of the application for which it holds; None: for all of it. part: how that line
    is called.
    """

    kind: EmergencyKind
    when: Expression | None = None
    part: Words | None = None


@dataclass(frozen=True, slots=True)
class Reconsidering:
    """What reconsideration makes of the decision whose letter is `of`: outcomes of the case."""

    of: str
    upheld: str
    overturned: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A process that may be begun on a closed case: a repair revoked, a certificate issued anew.

    form: what is answered to begin it. who: candidate groups; `applicant` is the enterprise itself.
    outcomes: of cases that ended so, any when empty. message: what begins it from outside. tells:
    the message given to the open case instead. once: a fact with which it is offered no more.
    """

    key: str
    process: str
    form: str
    title: Words
    button: Words
    who: frozenset[str]
    outcomes: frozenset[str]
    message: str = ""
    tells: str = ""
    once: str = ""


@dataclass(frozen=True)
class Runnable:
    """One process that can be started: its specification and the codec of its instances."""

    process_id: str
    spec: Any
    subprocess_specs: dict[str, Any]

    @cached_property
    def codec(self) -> Codec:
        return Codec(self.spec, self.subprocess_specs)


@dataclass(frozen=True, eq=False)  # as loaded: what is known of one may be kept by it
class Procedure:
    """What one folder under workflows/ says, together with what it shares (workflows/common)."""

    key: str
    prefix: str
    document_mark: str  # 代字 of its letters
    edition: str
    title: Words
    summary: Words
    basis: tuple[str, ...]
    effective_from: date
    effective_to: date | None
    applicants: frozenset[str]
    record_kinds: frozenset[str]
    filing: FilingRule
    entrance: Entrance
    given: Mapping[str, Any]  # what every case knows at its start, besides the application
    lanes: Mapping[str, str]  # group of a shared lane -> the one that stands in for it
    letterhead: Letterhead
    outcomes: Mapping[str, Words]
    reconsidering: Reconsidering | None
    follow_ups: Mapping[str, FollowUp]  # what may be begun on its closed cases, by key
    copies: CopyRule | None
    stages: tuple[StageKind, ...]
    limits: Mapping[str, Limit]
    clocks: Mapping[str, ClockKind]
    grounds: Mapping[str, PauseGround]
    commitments: Mapping[str, CommitmentRule]
    papers: tuple[Paper, ...]
    rules: Mapping[str, str]
    forms: Mapping[str, dict[str, Any]]
    drawings: Mapping[str, Drawing]
    runnables: Mapping[str, Runnable]
    decisions: Mapping[str, Decisions]  # by decision id
    files: Mapping[str, bytes]
    #: Answers that a condition or parameter of any diagram reads; only these enter process data.
    variables: frozenset[str]
    emergency: EmergencyRule | None = None
    #: The laws that its texts cite, with the days on which they were in force.
    laws: Laws = field(default=Laws(), compare=False)
    #: Finds an element that only another version of the procedure draws.
    elsewhere: Callable[[str, str], Element] | None = field(default=None, compare=False)

    def element(self, process_id: str, element_id: str) -> Element:
        """An element of a process, or of a sub-process drawn inside one.

        Cases that came from an older version have done steps that this one does not draw: those are
        as the older version drew them. KeyError for what no version draws.
        """
        try:
            return self.drawings[self.home(process_id)].elements[element_id]
        except KeyError:
            if self.elsewhere is None:
                raise
            return self.elsewhere(process_id, element_id)

    def home(self, process_id: str) -> str:
        """The process whose diagram shows it: itself, or the one a sub-process is drawn in."""
        return process_id if process_id in self.drawings else self._homes[process_id]

    @cached_property
    def _homes(self) -> Mapping[str, str]:
        return {
            element.id: drawing.process_id
            for drawing in self.drawings.values()
            for element in drawing.elements.values()
            if element.kind in ("subProcess", "transaction")
        }

    def form(self, key: str) -> dict[str, Any]:
        try:
            return self.forms[key]
        except KeyError:
            raise Invalid(f"没有表单 {key}。", f"there is no form {key}") from None

    def outcome(self, key: str) -> Words:
        """An outcome in words; its key where no words are given."""
        return self.outcomes.get(key, Words(key, key))

    def follow_up_of(self, process_id: str) -> FollowUp | None:
        """The follow-up that this process is; None for one of an open case."""
        found = (each for each in self.follow_ups.values() if each.process == process_id != "")
        return next(found, None)

    def begun_by(self, message: str) -> FollowUp | None:
        """The follow-up that a message from outside begins."""
        found = (each for each in self.follow_ups.values() if each.message == message)
        return next(found, None) if message else None

    def limit(self, key: str, data: Mapping[str, object], on: date | None = None) -> Limit:
        """The limit of that name, or the variant that `data` calls for (its `when` holds) or that
        the law has put in its place before the day `on`."""
        for variant in self.limits.values():
            if variant.replaces == key and _applies(variant, data, on):
                return variant
        try:
            return self.limits[key]
        except KeyError:
            raise Invalid(f"没有时限 {key}。", f"there is no limit {key}") from None

    def timer_limit(self, element: Element) -> str | None:
        """The limit that a timer's `due("limit")` asks for; None when it asks for something else."""
        asked = dict(self.drawings[element.process_id].expressions).get(element.id, "")
        found = _DUE.fullmatch(asked)
        return found[1] if found else None

    def decide(self, rule: str, context: Mapping[str, object]) -> DecisionResult:
        """The result of the decision table that plays the part `rule` in procedure.toml [rules]."""
        decision_id = self.rules[rule]
        return self.decisions[decision_id].decide(decision_id, context)

    def table(self, rule: str) -> Table:
        """The decision table that plays the part `rule` in procedure.toml [rules]."""
        decision_id = self.rules[rule]
        return self.decisions[decision_id].table(decision_id)

    def is_in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


def _applies(variant: Limit, data: Mapping[str, object], on: date | None) -> bool:
    if variant.since is not None and (on is None or on < variant.since):
        return False
    return variant.when is None or holds(variant.when, data)


def holds(condition: Expression, data: Mapping[str, object]) -> bool:
    """Whether a `when` of procedure.toml holds; what it asks for and is not known yet does not."""
    return condition.names <= data.keys() and bool(condition.evaluate(data, {}))
