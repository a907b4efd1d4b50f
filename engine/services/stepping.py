"""The one step service: lock the case, drive its instance, mirror what changed, all or nothing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Whose, all_told
from engine.persistence import endings, models
from engine.persistence.writing import remove
from engine.runtime import codec, stepper
from engine.runtime.stepper import Instance, Step, Wait
from engine.services import clock_moves, ledger, reopening, turns
from engine.services.calendar_application import catch_up
from engine.services.casework import Casework
from engine.services.holders import holders
from engine.services.incident_story import pass_by
from engine.services.office import Office
from engine.services.operations import OPERATIONS
from engine.services.step_ends import end_of
from engine.services.step_failure import told_by
from engine.services.task_access import EXTENDING

SUPERVISION = "supervision"
PROMISE = "promise"
#: Processes that run beside the case's own, between the offices.
BESIDE = (SUPERVISION, EXTENDING, PROMISE)
#: Those of them that the applicant and the public are not told of; promised papers are theirs to bring.
BETWEEN_OFFICES = (SUPERVISION, EXTENDING)
#: Those whose timers follow clocks that the case's own instance moves.
_FOLLOWING = frozenset({EXTENDING, PROMISE})
Act = Callable[[Casework, Instance], Step | None]


@dataclass
class Driven:
    """Instances that a transaction drove; they go to the cache only once it is stored."""

    kept: dict[UUID, tuple[int, Instance]] = field(default_factory=dict)

    def take(self, work: Casework, row: models.ProcessInstance) -> Instance:
        """The live instance: of this transaction, of the cache, or loaded from the row."""
        mine = self.kept.pop(row.id, None)
        if mine is not None:
            return mine[1]
        cached = work.office.instances.take(row.id, row.version)
        return cached or stepper.load(work.procedure, row.process_id, row.state)

    def keep(self, row: models.ProcessInstance, live: Instance) -> None:
        self.kept[row.id] = (row.version, live)

    def put_back(self, office: Office) -> None:
        def put() -> None:
            for instance_id, (version, live) in self.kept.items():
                office.instances.put(instance_id, version, live)

        office.uow.afterwards(put)


def open_casework(
    office: Office, session: Session, case: models.Case, actor: Actor, now: datetime
) -> Casework:
    procedure = office.procedure(session, case.definition_id)
    return Casework(office, session, case, procedure, actor, now, OPERATIONS)


def drive(work: Casework, row: models.ProcessInstance, act: Act, driven: Driven) -> bool:
    """One act on one instance; False when there was nothing to do."""
    catch_up(work, row)
    live = driven.take(work, row)
    before = dict(live.waits)
    work.instance_id, work.supervision = row.id, _supervision_of(work, row)
    with told_by(work):
        step = act(work, live)
        if step is not None:
            _mirror(work, row, live, step, before)
    driven.keep(row, live)
    return step is not None


def begin(
    work: Casework, process_id: str, data: Mapping[str, Any], driven: Driven
) -> models.ProcessInstance:
    """Start an instance of a process for the case and run it to its first wait."""
    row = models.ProcessInstance(
        id=uuid4(),
        case_id=work.case.id,
        definition_id=work.case.definition_id,
        process_id=process_id,
        version=0,
        is_finished=False,
        calendar_edition=work.calendar.edition,
        started_at=work.now_at,
        state=b"",
    )
    work.add(row)
    work.case.beside += process_id in _FOLLOWING
    work.instance_id = row.id
    with told_by(work):
        live, step = stepper.start(work.procedure, process_id, data, work)
        _mirror(work, row, live, step, {})
    driven.keep(row, live)
    return row


def settle(work: Casework, driven: Driven) -> None:
    """What a step leaves to be done in the same transaction: messages that somebody waits for
    now, supervisions that operations opened. Each may leave more of them."""
    while work.to_supervise or work.to_begin or _deliver_waiting(work, driven):
        for supervision in work.to_supervise:
            work.supervision, work.element = supervision, None
            row = begin(work, SUPERVISION, {}, driven)
            supervision.instance_id = row.id
        work.to_supervise.clear()
        work.supervision = None
        while work.to_begin:
            begin(work, work.to_begin.pop(0), {}, driven)


def deliver(
    work: Casework,
    message: models.InboundMessage,
    driven: Driven,
    rows: Iterable[Any],
    corrections: Mapping[str, Any] | None = None,
) -> bool:
    """Hand a stored message to the first instance that waits for it."""

    def act(inner: Casework, live: Instance) -> Step | None:
        if not stepper.waits_for(live, message.name):
            return None
        stepper.correct(live, corrections or {})
        return stepper.deliver(live, message.name, message.payload, inner)

    for row in rows:
        if drive(work, row, act, driven):
            message.delivered_at = work.now_at
            work.case.waiting_messages -= 1
            return True
    return False


def open_instances(work: Casework) -> list[models.ProcessInstance]:
    row = models.ProcessInstance
    found = select(row).where(row.case_id == work.case.id, row.is_finished.is_(False))
    return list(work.session.scalars(found.with_for_update()))


def _deliver_waiting(work: Casework, driven: Driven) -> bool:
    """Deliver the first message that somebody waits for; False when there is none."""
    if not work.case.waiting_messages:
        return False
    work.session.flush()
    message = models.InboundMessage
    found = (
        select(message)
        .where(message.case_id == work.case.id, message.delivered_at.is_(None))
        .order_by(message.received_at)
    )
    rows = open_instances(work)
    return any(deliver(work, each, driven, rows) for each in work.session.scalars(found).all())


def _supervision_of(work: Casework, row: models.ProcessInstance) -> models.Supervision | None:
    if row.process_id != SUPERVISION:
        return None
    found = select(models.Supervision).where(models.Supervision.instance_id == row.id)
    return work.session.scalar(found)


def _mirror(
    work: Casework,
    row: models.ProcessInstance,
    live: Instance,
    step: Step,
    before: Mapping[UUID, Wait],
) -> None:
    """Bring tasks, waits, timers, clocks and the instance's row up to what the step changed."""
    # nobody goes on with one that has ended: which elements it passed stays, answers are in the tasks
    row.state = codec.ended(live.dump()) if step.finished else live.dump()
    row.version += 1
    row.is_finished = step.finished
    _close(work, step.closed)
    _mirror_clocks(work, live, step, before)
    if work.case.open_incidents:
        pass_by(work, [wait.id for wait in step.closed], step.disarmed)
    for wait in step.opened:
        _open(work, row, wait)
    mirror_timers(work, row, step)
    clock_moves.follow(work, row, live, step)
    if work.held:
        clock_moves.hold_all(work)
    if row.process_id not in BESIDE:
        _mirror_case(work, row, live, step)
    elif row.process_id in _FOLLOWING and step.finished:
        work.case.beside -= 1
    if step.finished:
        reopening.lay_down(work, row.process_id)


def _close(work: Casework, closed: tuple[Wait, ...]) -> None:
    tasks = [w.id for w in closed if w.kind == "user"]
    waits = [w.id for w in closed if w.kind != "user"]
    done = work.session.info.pop("completed_task", None)
    gone = [each for each in tasks if each != done]
    endings.end(work.session, endings.CANCELLED, gone, work.now_at)
    endings.end(work.session, endings.OVER, waits, work.now_at)


def _open(work: Casework, row: models.ProcessInstance, wait: Wait) -> None:
    element = wait.element
    due_at, warn, budget = end_of(work, wait)
    place = {
        "id": wait.id,
        "case_id": work.case.id,
        "instance_id": row.id,
        "process_id": element.process_id,
        "element_id": element.id,
        "whose": element.whose,
        "due_at": due_at,
        "warn_at": warn,
        "amount": budget.amount if budget else None,
        "unit": budget.unit.value if budget else None,
        "mark_at": due_at if element.whose == Whose.EXPERT else warn,
    }
    if wait.kind != "user":
        work.add(models.Wait(**place, kind=wait.kind, begun_at=work.now_at))
        return
    group, department = holders(work, element.group or "")
    task = models.Task(
        **place,
        candidate_group=group,
        department=department,
        state="ready",
        created_at=work.now_at,
    )
    work.add(task)
    work.tell_of_task(task)
    turns.tell(work, task)


def mirror_timers(work: Casework, row: models.ProcessInstance, step: Step) -> None:
    """Rows of the timers that a step armed and disarmed."""
    disarmed = [each for each in step.disarmed if each != work.fired]
    if disarmed:
        remove(work.session, models.Timer, disarmed)
    for timer in step.armed:
        limit = work.limit(timer.limit, timer.data) if timer.limit else None
        budget = limit.begins_with_step if limit else None
        moment = clock_moves.armed(work, timer.clock) if timer.clock else {"due_at": timer.due_at}
        work.case.timer_count += 1
        work.add(
            models.Timer(
                id=timer.id,
                sequence=work.case.timer_count,
                instance_id=row.id,
                process_id=timer.element.process_id,
                element_id=timer.element.id,
                armed_at=work.now_at,
                amount=budget.amount if budget else None,
                unit=budget.unit.value if budget else None,
                **moment,
            )
        )


def _is_begun(work: Casework, key: str) -> bool:
    """Whether an operation has started the clock already, perhaps from an earlier moment: the
    receipt of a letter."""
    clock = work.clocks.get(key)
    return clock is not None and clock.state != ledger.STOPPED


def _mirror_clocks(work: Casework, live: Instance, step: Step, before: Mapping[UUID, Wait]) -> None:
    was = {w.element.clock for w in before.values()}
    now = {w.element.clock for w in live.waits.values()}
    left = [key for key in was - now if key]
    reached = {w.element.clock: w.element.due or "" for w in step.opened if w.element.clock}
    fresh = [
        (key, limit)
        for key, limit in reached.items()
        if key
        and (ledger.carries_step_limits(work, key) or not (key in was or _is_begun(work, key)))
    ]
    if left or fresh:
        ledger.follow_waits(work, left, fresh)
    _begin_afresh(work, step)
    if work.answers and step.opened:
        ledger.adjust(work, step.opened[0].data)


def _begin_afresh(work: Casework, step: Step) -> None:
    """The applicant has answered: a clock that waited for it begins again with the last paper."""
    answered = {w.element.clock for w in step.closed if w.element.whose == "applicant"}
    for wait in step.opened:
        key = wait.element.clock
        if key in answered & ledger.LED_BY_OPERATIONS and wait.element.whose == "office":
            ledger.start(work, key or "", reason="补正材料收齐", data=wait.data)


def _mirror_case(work: Casework, row: models.ProcessInstance, live: Instance, step: Step) -> None:
    case = work.case
    if reopening.is_another(work, row.process_id):
        return  # the rating of what was closed: the follow-up is where the case stands
    for wait in step.opened:
        if wait.element.stage and case.state == "open":
            work.reach(wait.element.stage)
    main = next(iter(live.waits.values()), None)
    case.step = f"{main.element.process_id}:{main.element.id}" if main else None
    clock = work.clocks.get(main.element.clock or "") if main and "clocks" in vars(work) else None
    if clock is None or main is None:
        return
    if clock.state != "paused":
        ledger.show(work, clock)
    elif main in step.opened and not all_told(ledger.open_pauses(work, clock.key)):
        # A paused clock's end moves away day by day: until it runs again, the wait's own end counts,
        # but for one that ends when the applicant was told.
        case.due_at, case.warn_at, _ = end_of(work, main)
