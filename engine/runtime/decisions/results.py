"""What a decision answers, and what is wrong with one that cannot."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from engine.domain.errors import Invalid
from engine.domain.words import Words
from engine.runtime.feel import FeelFailed, FeelRefused

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """A row that held. `number` counts from 1; `annotations`: the articles it rests on."""

    row_id: str
    number: int
    annotations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskedInput:
    """An input column and the value it was asked with, fit for JSON."""

    label: Words
    expression: str
    value: Any


@dataclass(frozen=True, slots=True)
class ToldOutput:
    """An output column and what it says, fit for JSON."""

    label: Words
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """The answer and its reasons.

    `value`, fit for JSON: outputs by name (one hit), a list of these (several hits), a number
    (aggregation); the default outputs or None, or an empty list, where no row held.
    `outputs`: the same with their columns, one tuple for each answer; `required`: the results of
    the decisions it asked, by decision id.
    """

    value: Any
    rows: tuple[MatchedRow, ...]
    inputs: tuple[AskedInput, ...] = ()
    outputs: tuple[tuple[ToldOutput, ...], ...] = ()
    required: tuple[tuple[str, "DecisionResult"], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What is doubtful about a table, found without a case.

    `kind`: rows that hold together (overlap), inputs for which no row holds (gap), a row that can
    never hold (impossible) or never be reached (masked), a table too large to look over (unchecked).
    `example`: inputs that show it, by input expression and fit for JSON; empty where there are none.
    """

    decision_id: str
    kind: Literal["overlap", "gap", "impossible", "masked", "unchecked"]
    rows: tuple[int, ...]
    sentence_zh: str
    sentence_en: str
    example: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A decision, and where in its table: a row (from 1) and a column, as far as known."""

    decision_id: str = ""
    row: int | None = None
    column: str = ""
    column_en: str = ""

    @property
    def zh(self) -> str:
        row = f"第 {self.row} 行" if self.row else ""
        return " ".join(part for part in (self.decision_id, row, self.column) if part)

    @property
    def english(self) -> str:
        row = f"row {self.row}" if self.row else ""
        column = self.column_en or self.column
        return ", ".join(part for part in (self.decision_id, row, column) if part)


@dataclass(frozen=True, slots=True)
class Problem:
    place: Place
    zh: str
    english: str


class DecisionRefused(Invalid):
    """A file that is no sound set of decision tables. `problems` and `fields` name every place."""

    slug = "decision-refused"

    def __init__(self, filename: str, problems: tuple[Problem, ...]) -> None:
        first = problems[0]
        where_zh = " ".join(part for part in (filename, first.place.zh) if part)
        where_en = ", ".join(part for part in (filename, first.place.english) if part)
        more = len(problems) - 1
        super().__init__(
            f"{where_zh}：{first.zh}" + (f"（另有 {more} 处）" if more else ""),
            f"{where_en}: {first.english}" + (f" (and {more} more)" if more else ""),
            fields={problem.place.zh or filename: problem.zh for problem in problems},
        )
        self.filename = filename
        self.problems = problems


class DecisionFailed(FeelFailed):
    """The table has no answer for these data: rows that contradict each other, values of no use."""

    def __init__(self, place: Place, zh: str, english: str, rows: tuple[int, ...] = ()) -> None:
        fields = {place.column or place.decision_id: zh}
        super().__init__(f"{place.zh}：{zh}", f"{place.english}: {english}", fields=fields)
        self.place = place
        self.rows = rows


@dataclass(slots=True)
class Problems:
    """Collects what is wrong in a file, so that its author sees all of it at once."""

    filename: str
    found: list[Problem] = field(default_factory=list)

    def add(self, place: Place, zh: str, english: str) -> None:
        self.found.append(Problem(place, zh, english))

    def read(self, place: Place, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except FeelRefused as refusal:
            self.add(place, str(refusal), refusal.english)
            return otherwise

    def check(self) -> None:
        if self.found:
            raise DecisionRefused(self.filename, tuple(self.found))
