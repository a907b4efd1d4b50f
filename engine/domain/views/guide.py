"""The guide to a service (办事指南), as its procedure's folder says it."""

from dataclasses import dataclass

from engine.domain.views.installation import ProcedureView
from engine.domain.views.paper import PaperView
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class GuideLimit:
    """One limit of the service. unit: of engine/domain/clock.py."""

    key: str
    title: Words
    amount: int
    unit: str
    basis: str


@dataclass(frozen=True, slots=True)
class GuidePaper:
    """A paper it asks for; `grades`: of which grades of a record, empty for all."""

    paper: PaperView
    grades: tuple[Words, ...]
    is_conditional: bool


@dataclass(frozen=True, slots=True)
class Guide:
    """What can be done online, for whom, with which papers, in what time, on what law, and what the
    form asks."""

    procedure: ProcedureView
    applicants: tuple[str, ...]
    papers: tuple[GuidePaper, ...]
    limits: tuple[GuideLimit, ...]
    questions: tuple[tuple[Words, tuple[Words, ...]], ...]
    outcomes: tuple[Words, ...]
    reconsidered: bool
