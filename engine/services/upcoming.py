"""What will come to an actor's groups next: the steps drawn behind the ones that are open now."""

from functools import lru_cache
from uuid import UUID

from engine.domain.actor import Actor
from engine.runtime.drawing import Drawing
from engine.services import deployed
from engine.services.holders import Whose, coming, possible
from engine.services.office import Office

#: Group, of which cases, and the places (process, element) of its lanes behind which somebody comes.
Before = tuple[tuple[str, Whose, tuple[tuple[str, str], ...]], ...]
#: By the deployed versions, which never change, and the groups of who asks.
_KNOWN: dict[tuple[tuple[UUID, ...], frozenset[str]], Before] = {}
MOST_KNOWN = 200


def before(office: Office, actor: Actor) -> Before:
    """Where tasks rest that lead to the actor's groups next, by the group that has them."""
    ids = tuple(sorted(each.id for each in deployed.versions(office)))
    key = (ids, actor.groups)
    if key not in _KNOWN:
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[key] = _before(office, ids, actor.groups)
    return _KNOWN[key]


def _before(office: Office, ids: tuple[UUID, ...], groups: frozenset[str]) -> Before:
    with office.uow.read() as session:
        procedures = [office.procedure(session, each) for each in ids]
    found: dict[tuple[str, Whose], set[tuple[str, str]]] = {}
    for procedure in procedures:
        for drawing in procedure.drawings.values():
            for element_id, lanes in _next_groups(drawing.xml, drawing.process_id, _Held(drawing)):
                after = {each for lane in lanes for each in coming(office, procedure, lane)}
                here = possible(office, procedure, drawing.elements[element_id].group or "")
                for whose in {whose for group, whose in after if group in groups}:
                    for group in here:
                        place = (drawing.process_id, element_id)
                        found.setdefault((group, whose), set()).add(place)
    return tuple((*key, tuple(sorted(places))) for key, places in sorted(found.items()))


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
