"""What an open incident means for the case: said where the case waits, to whoever reads it."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.views import WaitingCard
from engine.domain.words import Words
from engine.persistence import models

#: Jobs do not hold a case up: a letter that cannot be printed is late, the case goes on.
HOLDING = ("step", "timer", "message")


def open_incidents(session: Session, case: models.Case) -> Sequence[models.Incident]:
    """What holds the case up now, the oldest first; nothing is asked for a case without any."""
    if not case.open_incidents:
        return ()
    incident = models.Incident
    found = select(incident).where(
        incident.case_id == case.id,
        incident.resolved_at.is_(None),
        incident.kind.in_(HOLDING),
    )
    return session.scalars(found.order_by(incident.raised_at)).all()


def told_on(
    cards: tuple[WaitingCard, ...], incidents: Sequence[models.Incident], *, to_staff: bool
) -> tuple[WaitingCard, ...]:
    """The cards with what got stuck said on them: on that of its task, else on the first."""
    if not incidents or not cards:
        return cards
    at_task = {row.task_id: row for row in incidents if row.task_id}
    others = [row for row in incidents if row.task_id not in {card.task_id for card in cards}]
    told = []
    for number, card in enumerate(cards):
        row = at_task.get(card.task_id) if card.task_id else None
        if row is None and number == 0 and others:
            row = others[0]
        told.append(card if row is None else _marked(card, row, to_staff=to_staff))
    return tuple(told)


def _marked(card: WaitingCard, row: models.Incident, *, to_staff: bool) -> WaitingCard:
    said = for_staff(row) if to_staff else for_others(row)
    return replace(
        card,
        sentence=Words(
            f"{said.zh}{card.sentence.zh}", f"{said.en} {card.sentence.en or card.sentence.zh}"
        ),
    )


def for_staff(row: models.Incident) -> Words:
    title = row.title_en or row.title
    return Words(
        f"“{row.title}”处出了故障（{row.number}），管理员正在处理。",
        f"Something got stuck at {title} ({row.number}); an administrator is looking after it.",
    )


def for_others(row: models.Incident) -> Words:
    """No causes, no names: the applicant and the public are told that it is being seen to."""
    return Words(
        f"系统在这一步出了故障（{row.number}），本办正在处理。",
        f"The system got stuck at this step ({row.number}); the office is seeing to it.",
    )
