"""The decisions of a file, joined by their requirements: read, asked, and looked over."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from engine.domain.errors import NotFound
from engine.runtime.decisions.building import build_table
from engine.runtime.decisions.declarations import Declarations
from engine.runtime.decisions.drawn import DrawnDecision, DrawnFile, read_drawn
from engine.runtime.decisions.findings import NO_ANSWERS, findings_of
from engine.runtime.decisions.policies import Outcome, answer
from engine.runtime.decisions.results import (
    AskedInput,
    DecisionRefused,
    DecisionResult,
    Finding,
    Place,
    Problem,
    Problems,
    ToldOutput,
)
from engine.runtime.decisions.table import Table
from engine.runtime.feel import Value, to_plain


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decision tables by id, each sound in itself; every decision that one asks is among them.

    `sha256` is of the file: the version of its tables.
    """

    tables: Mapping[str, Table]
    filename: str = ""
    sha256: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self.tables)

    def decide(self, decision_id: str, context: Mapping[str, object]) -> DecisionResult:
        """Ask a decision, and first those that it requires. `context`: the case's data.

        Raises NotFound; MissingVariable for data that the case does not have; DecisionFailed for
        values that are not allowed or do not fit, and for rows that contradict each other.
        """
        return self._ask(self.table(decision_id), context, {})[1]

    def table(self, decision_id: str) -> Table:
        try:
            return self.tables[decision_id]
        except KeyError:
            raise NotFound(
                f"没有决策 {decision_id}", f"there is no decision {decision_id}"
            ) from None

    def variables(self, decision_id: str) -> frozenset[str]:
        """The variables that a decision and those it requires read from the context."""
        reached = [self.table(decision_id)]
        for table in reached:
            reached += [
                self.tables[each] for each in table.requires if self.tables[each] not in reached
            ]
        return frozenset().union(*(table.variables for table in reached))

    def findings(
        self, answers: Mapping[str, str] = NO_ANSWERS, decision_id: str | None = None
    ) -> tuple[Finding, ...]:
        """Overlaps, gaps and dead rows of one or all tables, as far as they show without a case.

        `answers`: unary tests that the values of variables pass, by name (form_answers.py).
        """
        if decision_id is not None:
            return findings_of(self.table(decision_id), answers)
        return tuple(
            found for table in self.tables.values() for found in findings_of(table, answers)
        )

    def _ask(
        self,
        table: Table,
        context: Mapping[str, object],
        asked: dict[str, tuple[Value, DecisionResult]],
    ) -> tuple[Value, DecisionResult]:
        if table.id in asked:
            return asked[table.id]
        scope = context
        if table.requires:
            scope = dict(context)
            for each in table.requires:
                required = self.table(each)
                value, _ = self._ask(required, context, asked)
                scope.update(dict.fromkeys(required.names, value))
        values = table.values(scope)
        outcome = answer(table, values, scope)
        plain = _plain(outcome.value)
        result = DecisionResult(
            value=plain,
            rows=tuple(row.matched for row in outcome.rows),
            inputs=tuple(
                AskedInput(column.title, column.expression, _plain(value))
                for column, value in zip(table.inputs, values, strict=True)
            ),
            outputs=tuple(_told(table, each) for each in _answers(plain)),
            required=tuple((each, asked[each][1]) for each in table.requires),
        )
        asked[table.id] = _bare(table, outcome), result
        return asked[table.id]


def _answers(plain: Any) -> list[Any]:
    return plain if isinstance(plain, list) else [] if plain is None else [plain]


def _told(table: Table, answer: Any) -> tuple[ToldOutput, ...]:
    """An aggregation is a bare value of the one output column."""
    named = answer if isinstance(answer, dict) else {table.outputs[0].name: answer}
    return tuple(ToldOutput(each.title, each.name, named[each.name]) for each in table.outputs)


def _plain(value: Value) -> Any:
    if isinstance(value, dict):
        return {name: to_plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else to_plain(value)


def _bare(table: Table, outcome: Outcome) -> Value:
    """As other decisions see it: a lone output is its value, not a dict of one (DMN 1.5, 8.3)."""
    if len(table.outputs) > 1:
        return outcome.value
    if isinstance(outcome.value, list):
        return [next(iter(each.values())) for each in outcome.value]
    return next(iter(outcome.value.values())) if isinstance(outcome.value, dict) else outcome.value


def read_decisions(xml: bytes, filename: str) -> Decisions:
    """All decisions of a DMN file, checked and compiled.

    Raises XmlRefused for what is not harmless XML, DecisionRefused with every place that is wrong.
    """
    drawn = read_drawn(xml, filename)
    problems = Problems(filename)
    _check_requirements(drawn, problems)
    declarations = Declarations(drawn, problems)
    by_id = {each.id: each for each in drawn.decisions}
    tables = {each.id: build_table(each, by_id, declarations, problems) for each in drawn.decisions}
    problems.check()
    return Decisions(tables, filename, sha256(xml).hexdigest())


def join_decisions(parts: Iterable[Decisions]) -> Decisions:
    """The decisions of several files. DecisionRefused where two share an id."""
    tables: dict[str, Table] = {}
    for table in (table for part in parts for table in part.tables.values()):
        if table.id in tables:
            twice = Problem(Place(table.id), "决策编号重复", "the decision id is used twice")
            raise DecisionRefused("", (twice,))
        tables[table.id] = table
    return Decisions(tables)


def _check_requirements(drawn: DrawnFile, problems: Problems) -> None:
    by_id: dict[str, DrawnDecision] = {}
    for each in drawn.decisions:
        if each.id in by_id:
            problems.add(Place(each.id), "决策编号重复", "the decision id is used twice")
        by_id[each.id] = each
    for each in drawn.decisions:
        for required in each.requires:
            if required not in by_id:
                zh, english = f"所依赖的决策 {required} 不存在", f"there is no decision {required}"
                problems.add(Place(each.id), zh, english)
    if not drawn.decisions:
        problems.add(Place(), "文件中没有决策", "the file has no decision")
    for decision_id in _in_a_circle(by_id):
        problems.add(Place(decision_id), "决策循环依赖", "decisions require each other in a circle")


def _in_a_circle(decisions: Mapping[str, DrawnDecision]) -> Iterator[str]:
    """What is left when decisions with no unsettled requirement are settled, again and again."""
    unsettled = dict(decisions)
    while settled := [
        each.id
        for each in unsettled.values()
        if not any(required in unsettled for required in each.requires)
    ]:
        for decision_id in settled:
            del unsettled[decision_id]
    return iter(unsettled)
