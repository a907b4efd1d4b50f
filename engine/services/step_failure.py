"""What a step that could not be made says of itself, so that people and incidents can tell."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from engine.domain.errors import (
    DeferralRefused,
    EngineError,
    MoveRefused,
    ObjectionFirst,
    PromiseRefused,
    StepFailed,
    TaskNotOpen,
    Unavailable,
)
from engine.domain.words import Words
from engine.runtime.drawing import Element
from engine.services.casework import Casework

#: Nobody needs to look at these: somebody was faster, asked for too much, or the database is away.
_PASSING = (
    TaskNotOpen,
    ObjectionFirst,
    DeferralRefused,
    MoveRefused,
    PromiseRefused,
    StepFailed,
    StaleDataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    Unavailable,
)


@contextmanager
def told_by(work: Casework) -> Iterator[None]:
    """What goes wrong inside is a StepFailed that names the element and the cause."""
    try:
        yield
    except _PASSING:
        raise
    except Exception as problem:
        raise _failed(work, problem) from problem


def _failed(work: Casework, problem: Exception) -> StepFailed:
    element = _element_of(work, problem)
    title = element.title if element else work.procedure.title
    cause = _cause(problem, element)
    failed = StepFailed(
        f"办件在“{title.zh}”处无法继续：{cause.zh}",
        f"the case cannot go on at {title.en or title.zh}: {cause.en}",
        cause=cause,
        title=title,
    )
    failed.drawn_at = (element.process_id, element.id) if element else None
    return failed


def _element_of(work: Casework, problem: Exception) -> Element | None:
    place = getattr(problem, "drawn_at", None)
    if place is not None:
        process_id, element_id = place
        drawing = work.procedure.drawings.get(process_id)
        return drawing.elements.get(element_id) if drawing else None
    return work.element


def _cause(problem: Exception, element: Element | None) -> Words:
    if isinstance(problem, EngineError):
        return Words(str(problem), problem.english)
    said = f"{type(problem).__name__}: {problem}"
    if element is None or element.operation is None:
        return Words(f"系统错误 {said}", f"an error of the system, {said}")
    return Words(
        f"操作 {element.operation} 出错：{said}",
        f"the operation {element.operation} failed: {said}",
    )
