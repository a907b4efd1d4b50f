"""Several tasks at once: first what would become of each, then the deed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import flash, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import EngineError, Invalid
from engine.domain.views import PersonView, TaskView
from engine.services import people, tasks, workload
from web.auth import safe_next
from web.locale import words
from web.office import current_office
from web.pages.fragments import is_fragment
from web.problems import sentence

ACTIONS = ("claim", "unclaim", "reassign")
MOST = 100


@dataclass(frozen=True, slots=True)
class Effect:
    """What the action would do to one task; without `after` it stays as it is, and `says` why."""

    task: TaskView
    before: str
    says: str
    after: str | None = None


def preview() -> str:
    action = _action(request.args.get("action"))
    chosen = _chosen(request.args.getlist("task"))
    offered = _offered(chosen) if action == "reassign" else {}
    everybody = {person.username: person for some in offered.values() for person in some}
    to = everybody.get(request.args.get("to", ""))
    effects = [_effect(action, task, to, offered.get(task.id, ())) for task in chosen]
    loads = _loads(everybody, chosen) if action == "reassign" else {}
    return render_template(
        "desk/bulk.html",
        action=action,
        effects=effects,
        ready=[effect.task for effect in effects if effect.after is not None],
        people=sorted(
            everybody.values(), key=lambda person: (person.department or "", person.name)
        ),
        to=to,
        loads=loads,
        after=_after(loads, effects, to),
        next=safe_next(request.args.get("next")),
        is_fragment=is_fragment(),
    )


def _loads(people: Iterable[str], chosen: Sequence[TaskView]) -> dict[str, int]:
    """What everybody concerned has in hand now."""
    holders = [task.assignee for task in chosen if task.assignee]
    return workload.in_hand(current_office(), g.actor, [*people, *holders])


def _after(
    loads: dict[str, int], effects: Sequence[Effect], to: PersonView | None
) -> tuple[tuple[str, int, int], ...]:
    """(name, in hand before, in hand after) of whoever gives or gets something."""
    moved = [effect.task for effect in effects if effect.after is not None and to]
    if to is None or not moved:
        return ()
    gone = Counter((task.assignee, task.assignee_name or "") for task in moved if task.assignee)
    givers = [
        (name, loads.get(who or "", n), loads.get(who or "", n) - n)
        for (who, name), n in gone.items()
    ]
    had = loads.get(to.username, 0)
    return ((to.name, had, had + len(moved)), *givers)


def act() -> Response:
    action = _action(request.form.get("action"))
    done, refused = 0, []
    for task_id in _ids(request.form.getlist("task")):
        try:
            _act(action, task_id)
            done += 1
        except EngineError as refusal:
            refused.append(sentence(refusal))
    if done:
        flash(_DONE[action](done), "ok")
    for said in dict.fromkeys(refused):
        flash(_("%(n)s 件没有办：%(why)s", n=refused.count(said), why=said), "warn")
    return redirect(safe_next(request.form.get("next")) or "/desk")


def _act(action: str, task_id: UUID) -> None:
    office, actor = current_office(), g.actor
    if action == "claim":
        tasks.claim(office, actor, task_id, now=g.now)
    elif action == "unclaim":
        tasks.unclaim(office, actor, task_id, now=g.now)
    else:
        to, reason = request.form.get("to", ""), request.form.get("reason", "").strip()
        tasks.reassign(office, actor, task_id, to, reason=reason, now=g.now)


_DONE = {
    "claim": lambda n: _("已领取 %(n)s 件。", n=n),
    "unclaim": lambda n: _("已退回 %(n)s 件。", n=n),
    "reassign": lambda n: _("已转办 %(n)s 件。", n=n),
}


def _action(given: str | None) -> str:
    if given not in ACTIONS:
        raise Invalid("没有这种批量操作。", "there is no such bulk action")
    return given


def _ids(given: Sequence[str]) -> list[UUID]:
    try:
        return list(dict.fromkeys(UUID(one) for one in given[:MOST]))
    except ValueError:
        raise Invalid("任务编号有误。", "that is not the id of a task") from None


def _chosen(given: Sequence[str]) -> list[TaskView]:
    """The tasks with these ids as the reader may see them."""
    office = current_office()
    return [tasks.get(office, g.actor, one, now=g.now).task for one in _ids(given)]


def _offered(chosen: Sequence[TaskView]) -> dict[UUID, tuple[PersonView, ...]]:
    office = current_office()
    return {task.id: people.colleagues(office, g.actor, task.id) for task in chosen}


def _effect(
    action: str, task: TaskView, to: PersonView | None, able: Sequence[PersonView]
) -> Effect:
    before = task.assignee_name or _("未领")
    if action == "claim":
        if task.may_claim:
            return Effect(task, before, _("领取"), g.actor.name)
        return Effect(task, before, words(task.reason_not) or _("不能领"))
    if action == "unclaim":
        if task.assignee == g.actor.username:
            return Effect(task, before, _("退回本组"), _("未领"))
        return Effect(task, before, _("不在您手里"))
    return _reassignment(task, before, to, able)


def _reassignment(
    task: TaskView, before: str, to: PersonView | None, able: Sequence[PersonView]
) -> Effect:
    if to is None:
        return Effect(task, before, _("先选人"))
    if to.username == task.assignee:
        return Effect(task, before, _("不改：已经在他手里"))
    if to.username not in {person.username for person in able}:
        return Effect(task, before, _("不改：不在本组，或须回避"))
    return Effect(task, before, _("转办"), to.name)
