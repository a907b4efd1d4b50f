"""Checks the history of every case: its chains, its end, and what the signed roots say it must hold."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.flaw import Flaw
from engine.domain.history import Head, ends, first_broken
from engine.domain.history_root import Named, Roll
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.bulk import among
from engine.services import decision_check, history_roots
from engine.services.office import Office

#: Cases whose lines are in memory together.
AT_ONCE = 200


def verify_history(
    office: Office, seen: Callable[[int], None] = lambda lines: None
) -> Iterator[Flaw]:
    """The first bad or missing line of every case's history: the cut tail too, the lost case, and every
    answer of a decision table that is not what its line covers.

    `seen` is told of each case how many lines it has, when these were looked at.
    """
    roll, broken = Roll(), set[str]()
    with office.uow.read() as session:
        for place, words in history_roots.read_roll(office, session, roll):
            yield Flaw(place, words.zh, words.en)
    for case, lines in histories(office):
        flaw = _first_flaw(case, lines, roll.heads.pop(case.number, None))
        seen(len(lines))
        if flaw is not None:
            broken.add(flaw.where)
            yield flaw
    # a line that is broken itself can prove nothing about its decision
    yield from (flaw for flaw in decision_check.flaws(office) if flaw.where not in broken)
    for number, named in sorted(roll.heads.items()):
        told = _by_root(named)
        yield Flaw(
            number,
            f"整个办件不在了；{told.zh}它有 {named.head.count} 行",
            f"the whole case is gone; {told.en} it had {named.head.count} lines",
        )


def histories(
    office: Office, number: str | None = None
) -> Iterator[tuple[models.Case, list[models.Event]]]:
    """Every case, or the one of that number, with the lines of its history in their order.

    So many at a time are seen as of one moment, or a step between them would look like a cut tail; for
    all of them together a moment would hold up vacuum.
    """
    case, last = models.Case, ""
    while True:
        asked = select(case).where(case.number > last).order_by(case.number).limit(AT_ONCE)
        if number is not None:
            asked = asked.where(case.number == number)
        with office.uow.scan() as session:
            found = list(_with_lines(session, session.scalars(asked).all()))
        if not found:
            return
        yield from found
        last = found[-1][0].number


def _with_lines(
    session: Session, cases: Sequence[models.Case]
) -> Iterator[tuple[models.Case, list[models.Event]]]:
    event = models.Event
    asked = select(event).where(among(session, event.case_id, [case.id for case in cases]))
    found = session.scalars(asked.order_by(event.case_id, event.sequence))
    lines = {key: list(group) for key, group in groupby(found, key=lambda line: line.case_id)}
    yield from ((case, lines.get(case.id, [])) for case in cases)


def _first_flaw(
    case: models.Case, lines: Sequence[models.Event], named: Named | None
) -> Flaw | None:
    end = Head(case.event_count, case.event_hash, case.event_sm3)
    if broken := first_broken(case.number, lines, end):
        return Flaw(f"{case.number}#{broken.sequence}", broken.words.zh, broken.words.en)
    if named is None:
        return None
    told, count = _by_root(named), named.head.count
    if len(lines) < count:
        return Flaw(
            f"{case.number}#{len(lines) + 1}",
            f"末尾被截断；{told.zh}有 {count} 行",
            f"the tail is cut off; {told.en} there were {count} lines",
        )
    if _end_at(case.number, lines, count, end) != named.head:
        return Flaw(
            f"{case.number}#{count}",
            f"这一行或之前的行被改写；{told.zh}哈希不同",
            f"this line or one before was written anew; {told.en} its hash was another",
        )
    return None


def _end_at(number: str, lines: Sequence[models.Event], count: int, end: Head) -> Head:
    """Where the chains, which hold and end at `end`, stood with so many lines."""
    return end if count == len(lines) else next(islice(ends(number, lines), count - 1, None))


def _by_root(named: Named) -> Words:
    return Words(
        f"据 {named.day} 的根 {named.root:06d}，", f"by root {named.root:06d} of {named.day}"
    )
