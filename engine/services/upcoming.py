"""What will come to an actor's groups next: the steps drawn behind the ones that are open now."""

from functools import lru_cache

from sqlalchemy import ColumnElement, and_, false, select, tuple_

from engine.domain.actor import Actor
from engine.persistence import models
from engine.runtime.drawing import Drawing
from engine.services import access
from engine.services.holders import possible
from engine.services.office import Office


def parts(office: Office, actor: Actor) -> list[ColumnElement[bool]]:
    """Open tasks of others whose next user task is drawn in a lane of the actor's groups: one part for
    each group that has them now, so that its index finds them."""
    task = models.Task
    before = _before(office, actor)
    others = ~access.offered_to(actor)
    place = tuple_(task.process_id, task.element_id)
    return [
        and_(access.is_open(), task.candidate_group == group, place.in_(sorted(places)), others)
        for group, places in sorted(before.items())
    ] or [false()]


def _before(office: Office, actor: Actor) -> dict[str, set[tuple[str, str]]]:
    """Group -> the places (process, element) of its lanes behind which the actor's groups come."""
    with office.uow.read() as session:
        ids = session.scalars(select(models.ProcessDefinition.id)).all()
        procedures = [office.procedure(session, each) for each in ids]
    found: dict[str, set[tuple[str, str]]] = {}
    for procedure in procedures:
        for drawing in procedure.drawings.values():
            for element_id, lanes in _next_groups(drawing.xml, drawing.process_id, _Held(drawing)):
                after = {each for lane in lanes for each in possible(office, procedure, lane)}
                if not after & actor.groups:
                    continue
                for group in possible(office, procedure, drawing.elements[element_id].group or ""):
                    found.setdefault(group, set()).add((drawing.process_id, element_id))
    return found


class _Held:
    """Carries a drawing past the cache key: equal XML has equal answers."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)


@lru_cache(maxsize=256)
def _next_groups(
    xml: bytes, process_id: str, held: _Held
) -> tuple[tuple[str, frozenset[str]], ...]:
    drawing = held.drawing
    after: dict[str, list[str]] = {}
    for source, target in drawing.flows:
        after.setdefault(source, []).append(target)
    return tuple(
        (element.id, _reached_groups(drawing, after, element.id))
        for element in drawing.elements.values()
        if element.kind == "userTask"
    )


def _reached_groups(drawing: Drawing, after: dict[str, list[str]], start: str) -> frozenset[str]:
    groups: set[str] = set()
    seen, waiting = {start}, list(after.get(start, ()))
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        element = drawing.elements.get(here)
        if element is None:
            continue
        if element.kind == "userTask":
            groups.add(element.group or "")
        else:
            waiting.extend(after.get(here, ()))
    return frozenset(groups)
