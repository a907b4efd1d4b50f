"""What an entry of procedure.toml says, as a value; `told` is the entry as TOML has it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from engine.domain.clock import Budget, Unit
from engine.domain.emergency import EmergencyKind
from engine.domain.errors import Invalid
from engine.domain.record_kind import RecordKind
from engine.domain.words import Words
from engine.runtime.drawing import Drawing
from engine.runtime.expressions import Expression, compile_expression
from engine.runtime.limit import Limit
from engine.runtime.procedure import (
    ClockKind,
    CommitmentRule,
    CopyRule,
    EmergencyRule,
    Entrance,
    ExtensionRule,
    FilingRule,
    FollowUp,
    Letterhead,
    Paper,
    PauseGround,
    Reconsidering,
    StageKind,
)


def words(told: Mapping[str, Any]) -> Words:
    return Words(told["zh"], told.get("en", ""))


def optional_date(told: object) -> date | None:
    return told if isinstance(told, date) else None


def condition(told: Mapping[str, Any]) -> Expression | None:
    return compile_expression(told["when"]) if "when" in told else None


#: As older versions write a kind of record.
OLDER_KINDS = {"administrative_penalty": RecordKind.PENALTY.value}


def record_kinds(told: Iterable[str]) -> frozenset[str]:
    """Which kinds of records it may act on. Invalid for a kind that there is not."""
    kinds = frozenset(OLDER_KINDS.get(kind, kind) for kind in told)
    unknown = "、".join(sorted(kinds - {kind.value for kind in RecordKind}))
    if unknown:
        raise Invalid(
            f"procedure.toml：没有记录类别 {unknown}。",
            f"procedure.toml: there is no kind of record {unknown}",
        )
    return kinds


def filing(told: Mapping[str, Any]) -> FilingRule:
    needs_records = told.get("records", "required") == "required"
    return FilingRule(told.get("hold", ""), needs_records, told.get("line", ""))


#: Who signs where procedure.toml names nobody.
CREDIT_OFFICE = "昆山市社会信用体系建设领导小组办公室"


def letterhead(told: Mapping[str, Any]) -> Letterhead:
    above = words(told["superior"]) if "superior" in told else None
    asked = told.get("department", "service_window")
    return Letterhead(told.get("issuer", CREDIT_OFFICE), asked, above)


def entrance(told: Mapping[str, Any]) -> Entrance:
    said = told.get("entrance", {})
    without = said.get("without_record")
    return Entrance(
        title=words(said.get("title", told["title"])),
        button=words(said.get("button", told["title"])),
        without_record=words(without) if without else None,
        above=said.get("above", ""),
    )


def reconsidering(told: Mapping[str, Any] | None) -> Reconsidering | None:
    return Reconsidering(told["of"], told["upheld"], told["overturned"]) if told else None


def copies(told: Mapping[str, Any] | None) -> CopyRule | None:
    return CopyRule(frozenset(told["to"])) if told else None


def follow_up(
    key: str,
    told: Mapping[str, Any],
    drawings: Mapping[str, Drawing],
    forms: Mapping[str, Any],
) -> FollowUp:
    """Invalid for one whose process nobody draws, or whose form is not there."""
    process, form = told.get("process", ""), told.get("form", key)
    if process not in drawings and not told.get("tells"):
        raise Invalid(
            f"[follow_up.{key}]：没有流程 {process}。",
            f"[follow_up.{key}]: no process has the id {process}",
        )
    if form not in forms:
        raise Invalid(f"[follow_up.{key}]：没有表单 {form}。", f"[follow_up.{key}]: no form {form}")
    title = words(told)
    return FollowUp(
        key=key,
        process=process,
        form=form,
        title=title,
        button=words(told["button"]) if "button" in told else title,
        who=frozenset(told.get("who", ())),
        outcomes=frozenset(told.get("outcomes", ())),
        message=told.get("message", ""),
        tells=told.get("tells", ""),
        once=told.get("once", ""),
    )


def stage(told: Mapping[str, Any]) -> StageKind:
    return StageKind(told["key"], words(told), bool(told.get("optional")))


def limit(key: str, told: Mapping[str, Any]) -> Limit:
    source = told.get("from")
    is_date = source is not None and "amount" not in told
    budget = None if is_date else Budget(int(told["amount"]), Unit(told["unit"]))
    return Limit(
        key=key,
        title=words(told),
        basis=told.get("basis", ""),
        budget=budget,
        source=source,
        replaces=told.get("replaces"),
        when=condition(told),
        since=optional_date(told.get("since")),
        before=int(told.get("before", 0)),
        within_clock=bool(told.get("within_clock", False)),
    )


def clock(key: str, told: Mapping[str, Any]) -> ClockKind:
    extension = told.get("extension")
    return ClockKind(
        key=key,
        title=words(told),
        limit=told.get("limit"),
        statutory=told.get("statutory"),
        basis=told.get("basis", ""),
        counts_from=told.get("counts_from", ""),
        extension=ExtensionRule(int(extension["amount"]), extension["basis"])
        if extension
        else None,
        keepers=frozenset(told.get("keepers", ())),
    )


def ground(key: str, told: Mapping[str, Any]) -> PauseGround:
    by_hand = bool(told.get("by_hand", True))
    return PauseGround(key, words(told), told["basis"], told["whose"], by_hand)


def commitment(key: str, told: Mapping[str, Any]) -> CommitmentRule:
    return CommitmentRule(
        key=key,
        kind=told["kind"],
        openness=told["openness"],
        made_by=told.get("made_by", ""),
        outcomes=frozenset(told.get("outcomes", ())),
        valid_until=told.get("valid_until", ""),
        reason=told["reason"],
        content=told["content"],
        sanction=told["sanction"],
    )


def paper(told: Mapping[str, Any]) -> Paper:
    return Paper(
        key=told["key"],
        title=words(told),
        help=Words(told.get("help_zh", ""), told.get("help_en", "")),
        grades=frozenset(told.get("grades", ())),
        source=told.get("source", "applicant"),
        required=bool(told.get("required", True)),
        when=condition(told),
        course=told.get("course", ""),
    )


def emergency(told: Mapping[str, Any] | None) -> EmergencyRule | None:
    if told is None:
        return None
    try:
        kind = EmergencyKind(told["kind"])
    except (KeyError, ValueError):
        raise Invalid(
            "procedure.toml 的 [emergency] 没有写明应急响应的种类。",
            "procedure.toml: [emergency] names no kind of response",
        ) from None
    return EmergencyRule(kind, condition(told), words(told) if "zh" in told else None)
