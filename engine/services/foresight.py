"""What completing a task would do, letters included: done for real, looked at, and undone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import Conflict, NotFound
from engine.domain.views import ForeseenLetter, Foresight, PlanLine
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.letters import render
from engine.services import completion, timers
from engine.services.completion import Attempt
from engine.services.office import Office
from engine.services.repair_plan import lines_of
from engine.services.stepping import Driven
from engine.services.task_access import seen

#: Stands where the number will: it is taken when the letter is issued, not before.
NO_NUMBER = "〔签发时编号〕"


@dataclass(frozen=True, slots=True)
class _Letter:
    key: str
    title: Words
    data: Mapping[str, Any]
    procedure: str
    files: Mapping[str, bytes]


class _Shown(Exception):
    def __init__(self, lines: tuple[PlanLine, ...], letters: tuple[_Letter, ...]) -> None:
        self.lines, self.letters = lines, letters


def look(
    office: Office, actor: Actor, task_id: UUID, answers: Mapping[str, Any], *, now: datetime
) -> Foresight:
    """What these answers would lead to. Refuses as completing would; nothing of it remains."""
    shown = _try(office, actor, task_id, answers, now)
    return Foresight(
        lines=shown.lines,
        letters=tuple(ForeseenLetter(each.key, each.title) for each in shown.letters),
    )


def letter(
    office: Office,
    actor: Actor,
    task_id: UUID,
    answers: Mapping[str, Any],
    key: str,
    *,
    now: datetime,
) -> bytes:
    """One of those letters as PDF, without number, seal of a register or place in it. NotFound."""
    for each in _try(office, actor, task_id, answers, now).letters:
        if each.key == key:
            return render(
                each.files,
                each.key,
                {**each.data, "number": NO_NUMBER, "verify_url": ""},
                procedure=each.procedure,
                fonts=office.fonts,
                city_fonts=office.city_fonts,
            )
    raise NotFound("这一步不出这份文书。", "this step issues no such letter")


def _try(
    office: Office, actor: Actor, task_id: UUID, answers: Mapping[str, Any], now: datetime
) -> _Shown:
    attempt = Attempt(actor, task_id, answers, now, None)
    try:
        with office.uow.begin() as session:
            task, case = seen(session, actor, task_id)
            before = set(session.scalars(_letters(case.id, models.Letter.id)))

            def act(inner: Session) -> None:
                # what it drove is dropped with it: the cache never hears of it
                completion.perform(office, inner, attempt, Driven())

            lines = lines_of(office, session, task.case_id, act)
            raise _Shown(lines, _new_letters(office, session, case, before))
    except timers.TimersFirst:
        raise Conflict(
            "有到期的时限正在处理，请稍后再看。",
            "a limit that is due is being dealt with: try again soon",
        ) from None
    except _Shown as shown:
        return shown


def _letters(case_id: UUID, *columns: Any) -> Any:
    letter = models.Letter
    return select(*columns).where(letter.case_id == case_id).order_by(letter.created_at, letter.id)


def _new_letters(
    office: Office, session: Session, case: models.Case, before: set[UUID]
) -> tuple[_Letter, ...]:
    procedure = office.procedure(session, case.definition_id)
    return tuple(
        _Letter(
            row.key, Words(row.title, row.title_en), dict(row.data), procedure.key, procedure.files
        )
        for row in session.scalars(_letters(case.id, models.Letter))
        if row.id not in before and row.issued_at is not None
    )
