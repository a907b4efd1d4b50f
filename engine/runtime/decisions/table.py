"""A decision table ready to be asked: its columns, its rows, and which of them hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.domain.words import Words
from engine.runtime.decisions.results import DecisionFailed, MatchedRow, Place
from engine.runtime.expression_guards import MissingVariable
from engine.runtime.feel import FeelFailed, Kind, Scope, TestNode, Value, equal, to_feel
from engine.runtime.feel.closures import Run, Test
from engine.runtime.feel.values import described


@dataclass(frozen=True, slots=True)
class InputColumn:
    """`allowed` None: any value of the kind; `allowed_node` is the same, as read; `reads`: the
    variables of the expression, with the keys that lead into them."""

    label: str
    label_en: str
    expression: str
    reads: tuple[str, ...]
    run: Run
    kind: Kind | None
    is_whole: bool
    allowed_node: TestNode
    allowed: Test | None
    allowed_text: str

    @property
    def title(self) -> Words:
        return Words(self.label, self.label_en)

    def value(self, scope: Scope) -> Value:
        value = to_feel(self.run(scope), self.kind)
        if self.is_whole and value is not None and value != value.to_integral_value():
            raise FeelFailed(f"{value} 不是整数", f"{value} is not a whole number")
        if self.allowed is not None and not self.allowed(value, scope):
            shown = described(value)
            raise FeelFailed(f"不允许的值 {shown}", f"the value {shown} is not allowed")
        return value


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """`order`: its values from the most to the least important; None where it has no list."""

    name: str
    label: str
    label_en: str
    kind: Kind | None
    allowed: Test | None
    allowed_text: str
    default_text: str
    order: tuple[Value, ...] | None
    default: Run | None

    @property
    def title(self) -> Words:
        return Words(self.label, self.label_en)

    def with_default(self, default: Run | None) -> "OutputColumn":
        return replace(self, default=default)

    def checked(self, value: Value, scope: Scope) -> Value:
        value = to_feel(value, self.kind)
        if self.allowed is not None and not self.allowed(value, scope):
            shown = described(value)
            raise FeelFailed(f"不允许的结果 {shown}", f"the output {shown} is not allowed")
        return value

    def rank(self, value: Value) -> int:
        """Its place among the output values; every value is equal where there is no list."""
        if self.order is None:
            return 0
        return next((n for n, each in enumerate(self.order) if equal(each, value)), len(self.order))


@dataclass(frozen=True, slots=True)
class Row:
    """`tests`: those that can fail, with the index of their column; `texts`: the cells as drawn."""

    id: str
    number: int
    tests: tuple[tuple[int, Test], ...]
    nodes: tuple[TestNode, ...]
    outputs: tuple[Run, ...]
    texts: tuple[str, ...]
    annotations: tuple[str, ...]

    @property
    def matched(self) -> MatchedRow:
        return MatchedRow(self.id, self.number, self.annotations)


@dataclass(frozen=True, slots=True)
class Table:
    """One decision. `requires`: ids of the decisions it asks; `names`: under which it is known;
    `variables`: what it reads from the case's data; `notes`: headings of its annotations."""

    id: str
    title: Words
    description: str
    is_literal: bool
    names: tuple[str, ...]
    requires: tuple[str, ...]
    variables: frozenset[str]
    hit_policy: str
    aggregation: str
    inputs: tuple[InputColumn, ...]
    outputs: tuple[OutputColumn, ...]
    notes: tuple[str, ...]
    rows: tuple[Row, ...]

    def values(self, scope: Scope) -> tuple[Value, ...]:
        """What its input columns are asked with."""
        return tuple(self._input(column, scope) for column in self.inputs)

    def holding(self, values: Sequence[Value], scope: Scope) -> Iterator[Row]:
        """The rows that hold for these inputs, in the order drawn."""
        return (row for row in self.rows if self._holds(row, values, scope))

    def _input(self, column: InputColumn, scope: Scope) -> Value:
        try:
            return column.value(scope)
        except (FeelFailed, MissingVariable) as failure:
            raise self._placed(failure, None, column.title) from failure

    def _holds(self, row: Row, values: Sequence[Value], scope: Scope) -> bool:
        column = 0
        try:
            for column, test in row.tests:
                if test(values[column], scope) is not True:
                    return False
        except (FeelFailed, MissingVariable) as failure:
            raise self._placed(failure, row, self.inputs[column].title) from failure
        return True

    def outputs_of(self, row: Row, scope: Scope) -> tuple[Value, ...]:
        return tuple(
            self._output(column, row, run, scope)
            for column, run in zip(self.outputs, row.outputs, strict=True)
        )

    def _output(self, column: OutputColumn, row: Row | None, run: Run, scope: Scope) -> Value:
        try:
            return column.checked(run(scope), scope)
        except (FeelFailed, MissingVariable) as failure:
            raise self._placed(failure, row, column.title) from failure

    def defaults(self, scope: Scope) -> tuple[Value, ...] | None:
        """The default outputs, None where the table has none."""
        if all(column.default is None for column in self.outputs):
            return None
        return tuple(
            None if column.default is None else self._output(column, None, column.default, scope)
            for column in self.outputs
        )

    def failed(self, zh: str, english: str, rows: Sequence[Row]) -> DecisionFailed:
        numbers = tuple(row.number for row in rows)
        return DecisionFailed(Place(self.id), zh, english, numbers)

    def _placed(
        self, failure: FeelFailed | MissingVariable, row: Row | None, column: Words
    ) -> FeelFailed | MissingVariable:
        place = Place(self.id, row.number if row else None, column.zh, column.en)
        if isinstance(failure, MissingVariable):
            failure.named["decision"] = Words(place.zh, place.english)
            return failure
        return DecisionFailed(place, str(failure), failure.english)
