"""What people do to a case's clocks by hand: pause, resume, ask for an extension, decide on it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.clock import EntryKind
from engine.domain.errors import Conflict, Invalid, NotFound
from engine.domain.parameters import EXTENSION
from engine.domain.words import Words
from engine.persistence import models
from engine.services import access, completion, extensions, ledger, pauses, timers
from engine.services.casework import Casework
from engine.services.clock_entries import Entry
from engine.services.office import Office
from engine.services.stepping import Driven, begin, open_casework, open_instances, settle
from engine.services.task_access import EXTENDING

SHORTEST_REASON = 2
#: Kinds of entry that somebody may have made by mistake; a start is corrected by another start.
CORRECTABLE = frozenset({"pause", "resume", "extend"})
T = TypeVar("T")


def pause(
    office: Office,
    actor: Actor,
    number: str,
    key: str,
    *,
    ground: str,
    reason: str,
    expected_on: date | None,
    now: datetime,
) -> None:
    """中止计时 by hand, on a lawful ground, with its letter.

    expected_on: the last day of the pause, as the applicant is told. Errors: Invalid with fields,
    Conflict where the clock does not run, has passed its end, or is paused on this ground.
    """

    def act(work: Casework, driven: Driven) -> None:
        named = pauses.ground_of(work, ground)
        wrong = _wrong_reason(reason)
        if not named.by_hand:
            wrong["ground"] = Words("这一事由由流程自动办理。", "the process sees to this ground")
        if expected_on is None or expected_on < work.today:
            wrong["expected_on"] = Words("请填写今天或以后的日期。", "a day from today on")
        _must_be_filled_in(wrong)
        clock = work.clocks.get(key)
        if clock is not None and clock.due_at is not None and now > clock.due_at:
            raise Conflict(
                "期限已过，暂停不能消除超期。", "the limit has passed: no pause hides it"
            )
        until = pauses.end_of_day(work, expected_on)
        pauses.begin(work, key, named, note=reason.strip(), expected_at=until)

    _act(office, actor, number, now, act, clock=key)


def resume(
    office: Office,
    actor: Actor,
    number: str,
    key: str,
    *,
    ground: str = "",
    reason: str,
    now: datetime,
) -> None:
    """恢复计时 by hand, with its letter. Conflict where no such pause is open."""

    def act(work: Casework, driven: Driven) -> None:
        _must_be_filled_in(_wrong_reason(reason))
        open_now = ledger.open_pauses(work, key)
        if any(e.ground in _of_diagram(work) for e in open_now if ground in ("", e.ground)):
            raise Conflict(
                "这次暂停由流程自动恢复。", "the process itself ends this pause: do its step"
            )
        pauses.end(work, key, ground, note=reason.strip())

    _act(office, actor, number, now, act, clock=key)


def _of_diagram(work: Casework) -> frozenset[str]:
    """Grounds of pauses that a step drawn in the diagram holds open."""
    grounds = {key for key, each in work.procedure.grounds.items() if not each.by_hand}
    if (work.case.step or "").endswith(":site_check"):
        grounds.add("site_check")
    return frozenset(grounds)


def correct_entry(
    office: Office,
    actor: Actor,
    number: str,
    key: str,
    sequence: int,
    *,
    reason: str,
    now: datetime,
) -> None:
    """更正: a pause, resumption or extension entered by mistake no longer counts. It stays to be
    read, with who corrected it and why; nothing is ever rewritten.

    Errors: NotFound for an entry that is not there or cannot be corrected, Conflict when it is
    corrected already.
    """

    def act(work: Casework, driven: Driven) -> None:
        _must_be_filled_in(_wrong_reason(reason))
        clock, entry = _correctable(work, key, sequence)
        told = Entry(EntryKind.VOID, reason.strip(), document=entry.document, voids=sequence)
        ledger.enter(work, clock, told)
        work.held.add(key)
        work.note(
            "clock_corrected",
            Words("更正期限账", "the ledger of a clock corrected"),
            detail=reason.strip(),
            changes={"clock": key, "entry": sequence, "kind": entry.kind},
        )

    _act(office, actor, number, now, act, needs=Permission.SUPERVISE)


def _correctable(work: Casework, key: str, sequence: int) -> tuple[models.Clock, models.ClockEntry]:
    clock = work.clocks.get(key)
    rows = [e for e in work.clock_entries if clock is not None and e.clock_id == clock.id]
    entry = next((e for e in rows if e.sequence == sequence), None)
    if clock is None or entry is None or entry.kind not in CORRECTABLE:
        raise NotFound("没有可更正的这一笔。", "there is no such entry to correct")
    if any(each.voids == sequence for each in rows):
        raise Conflict("这一笔已经更正。", "this entry is corrected already")
    return clock, entry


def ask_for_extension(
    office: Office,
    actor: Actor,
    number: str,
    *,
    amount: int,
    reason: str,
    now: datetime,
) -> UUID:
    """延长办理时限: asked for before the end, at most once approved in a case, within the cap of the
    procedure; a leader decides. The request's id.

    Errors: Invalid with fields, Conflict (too late, pending or approved already, not provided for).
    """

    def act(work: Casework, driven: Driven) -> UUID:
        cap, basis = cap_of(work)
        wrong = _wrong_reason(reason)
        if not 1 <= amount <= cap:
            wrong["amount"] = Words(f"应为 1 到 {cap} 日。", f"from 1 to {cap} days")
        _must_be_filled_in(wrong)
        clock = _still_to_extend(work)
        row = _request(work, clock, amount, reason.strip(), basis)
        work.add(row)
        work.note(
            "extension_requested",
            Words(f"申请延长办理时限 {amount} 日", f"extension by {amount} days asked for"),
            detail=row.reason,
            changes={"clock": clock.key, "amount": amount},
        )
        row.instance_id = begin(work, EXTENDING, {}, driven).id
        return row.id

    return _act(office, actor, number, now, act, clock=extensions.HANDLING)


def _still_to_extend(work: Casework) -> models.Clock:
    """The handling clock, running within its limit and never extended."""
    clock = work.clocks.get(extensions.HANDLING)
    if clock is None or clock.due_at is None or clock.state == ledger.STOPPED:
        raise Conflict("办理期限没有在计时。", "the handling clock does not run")
    if work.now_at > clock.due_at:
        raise Conflict("期限已过，不能再申请延长。", "the limit has passed: too late to ask")
    _must_be_first(work.session, work.case.id)
    if EXTENDING not in work.procedure.runnables:
        raise Conflict("本办件适用的流程版本没有延长审批。", "this edition provides for none")
    return clock


def _request(
    work: Casework, clock: models.Clock, amount: int, reason: str, basis: str
) -> models.Extension:
    return models.Extension(
        id=uuid4(),
        case_id=work.case.id,
        clock_key=clock.key,
        amount=amount,
        unit=clock.unit,
        reason=reason,
        basis=basis,
        requested_by=work.actor.username,
        requested_by_name=work.actor.name,
        requested_at=work.now_at,
        due_before=clock.due_at,
        state="requested",
        opinion="",
    )


def cap_of(work: Casework) -> tuple[int, str]:
    """By how many days handling may be extended at most in this procedure, and on what basis."""
    kind = work.procedure.clocks.get(extensions.HANDLING)
    rule = kind.extension if kind else None
    if rule is None:
        raise Conflict("本事项不能延长办理时限。", "this procedure provides for no extension")
    procedure = work.procedure
    cap = work.office.parameters().amount(
        EXTENSION + extensions.HANDLING, procedure.key, procedure.edition, rule.amount
    )
    return cap, rule.basis


def _must_be_first(session: Session, case_id: UUID) -> None:
    row = models.Extension
    earlier = session.scalars(select(row.state).where(row.case_id == case_id)).all()
    if "approved" in earlier:
        raise Conflict("每件只能延长一次。", "a case may be extended once only")
    if "requested" in earlier:
        raise Conflict("已有待审批的延长申请。", "an extension is waiting for a decision already")


def decide_extension(
    office: Office,
    actor: Actor,
    number: str,
    extension_id: UUID,
    *,
    approved: bool,
    opinion: str,
    now: datetime,
) -> None:
    """A leader's decision: completes the task in which it is asked for. Errors as of a task."""
    row, case, task = models.Extension, models.Case, models.Task
    with office.uow.read() as session:
        found = session.execute(
            select(row.state, task.id)
            .join(case, case.id == row.case_id)
            .outerjoin(task, (task.instance_id == row.instance_id) & task.state.in_(access.OPEN))
            .where(row.id == extension_id, case.number == number, access.visible_cases(actor))
        ).first()
    if found is None:
        raise NotFound("没有这个延长申请。", "there is no such request")
    state, task_id = found
    if state != "requested" or task_id is None:
        raise Conflict("这个延长申请已有结论。", "this request is decided already")
    answers = {
        "extension_decision": "approve" if approved else "refuse",
        "extension_opinion": opinion.strip(),
    }
    completion.complete(office, actor, task_id, answers, now=now)


def allow_second_correction(
    office: Office, actor: Actor, number: str, *, ground: str, now: datetime
) -> None:
    """A second correction request needs a supervisor's ground, which is recorded (行政许可法 art. 32
    asks for everything once). Conflict where none was made yet or one is allowed already."""
    actor.must(Permission.SUPERVISE)

    def act(work: Casework, driven: Driven) -> None:
        _must_be_filled_in(_wrong_reason(ground, "ground"))
        asked = sum(letter.key == "supplement_request" for letter in work.letters)
        if not asked or asked <= len(work.case.facts.get("second_corrections", [])):
            raise Conflict("现在没有可重开的补正。", "there is no correction to be reopened")
        if work.case.accepted_at is not None or work.case.state != "open":
            raise Conflict("已过收件审查阶段。", "the case is past its intake")
        allowed = {"by": actor.name, "at": now.isoformat(), "ground": ground.strip()}
        earlier = work.case.facts.get("second_corrections", [])
        work.remember(second_corrections=[*earlier, allowed])
        work.note(
            "correction_allowed",
            Words("准予再次补正告知", "a second correction request allowed"),
            detail=ground.strip(),
        )

    _act(office, actor, number, now, act, needs=Permission.SUPERVISE)


def _wrong_reason(reason: str, name: str = "reason") -> dict[str, str | Words]:
    if len(reason.strip()) >= SHORTEST_REASON:
        return {}
    return {name: Words("请写明理由。", "say why")}


def _must_be_filled_in(wrong: Mapping[str, str | Words]) -> None:
    if wrong:
        raise Invalid("有未填或填错的内容。", "something is missing or wrong", fields=wrong)


def _act(
    office: Office,
    actor: Actor,
    number: str,
    now: datetime,
    act: Callable[[Casework, Driven], T],
    *,
    needs: Permission = Permission.HANDLE_CLOCKS,
    clock: str = "",
) -> T:
    """One act on a case, locked, after what is due has happened; everything or nothing.

    clock: which of the case it is about, where who handles such cases may do it too.
    """

    def on_case(session: Session, driven: Driven) -> T:
        case = access.visible_case(session, actor, number, to_change=True)
        kept = office.procedure(session, case.definition_id).clocks.get(clock)
        if needs is not Permission.HANDLE_CLOCKS or not access.handles_clock(actor, kept):
            actor.must(needs)
        if case.state != "open":
            raise Conflict("办件已办结。", "the case is closed")
        work = open_casework(office, session, case, actor, now)
        timers.must_have_fired(session, open_instances(work), now=now)
        done = act(work, driven)
        settle(work, driven)
        pauses.settle(work)
        return done

    return timers.after_due(office, on_case, now=now)
