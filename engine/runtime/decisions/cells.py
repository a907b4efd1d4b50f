"""Reads the cells of one decision and checks that their names and values can be meant."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine.runtime.decisions.declarations import Declarations
from engine.runtime.decisions.results import Place, Problems
from engine.runtime.feel import (
    FeelFailed,
    Kind,
    Node,
    TestNode,
    Value,
    compile_tests,
    ends,
    names,
    parse_expression,
    parse_tests,
)
from engine.runtime.feel.closures import Test
from engine.runtime.feel.syntax import Anything, Constant
from engine.runtime.feel.values import described, kind_of


@dataclass(slots=True)
class Cells:
    """`known`: names that cells may use; `foreign`: of decisions that this one does not require;
    `met`: the variables it turned out to read."""

    decision_id: str
    declarations: Declarations
    problems: Problems
    known: set[str]
    foreign: frozenset[str]
    met: set[str] = field(default_factory=set)

    def place(self, column: str, row: int | None = None) -> Place:
        return Place(self.decision_id, row, column)

    def expression(self, text: str, place: Place) -> Node:
        special = self.declarations.special_names
        nothing: Node = Constant(None)
        return self.problems.read(place, lambda: parse_expression(text, special), nothing)

    def tests(self, text: str, place: Place) -> TestNode:
        special = self.declarations.special_names
        nothing: TestNode = Anything()
        return self.problems.read(place, lambda: parse_tests(text, special), nothing)

    def introduce(self, node: Node, place: Place) -> None:
        """An input expression may read any variable of the case; it is known from there on."""
        for name in names(node):
            head = name.path[0]
            if head in self.foreign:
                zh = f"读取决策 {head}，却没有画出对它的依赖"
                self.problems.add(place, zh, f"{head} is a decision that this one does not require")
            self.known.add(head)
            self.met.add(head)

    def check_names(self, node: Node | TestNode, place: Place) -> None:
        for name in names(node):
            head = name.path[0]
            self.met.add(head)
            if head not in self.known:
                zh = f"不认识名称 {head}；如果是文字，要加双引号"
                english = f"unknown name {head}; text goes in double quotes"
                self.problems.add(place, zh, english)

    def check_kind(self, value: Value, kind: Kind | None, place: Place) -> None:
        found = kind_of(value)
        if kind is not None and found is not None and found is not kind:
            zh = f"{described(value)} 的类型是 {found}，这一列是 {kind}"
            english = f"{described(value)} is of type {found}, the column is {kind}"
            self.problems.add(place, zh, english)

    def check_tests(self, node: TestNode, kind: Kind | None, place: Place) -> None:
        """Names are known, values are of the column's kind, and what is ordered has an order."""
        self.check_names(node, place)
        for sign, operand in ends(node):
            if isinstance(operand, Constant):
                self.check_kind(operand.value, kind, place)
                if sign == "<" and kind_of(operand.value) in (None, Kind.BOOLEAN):
                    shown = described(operand.value)
                    self.problems.add(place, f"{shown} 没有大小", f"{shown} has no order")

    def allowed(self, text: str, kind: Kind | None, place: Place) -> tuple[TestNode, Test | None]:
        """The list of allowed values; None where there is none, or where it is not sound."""
        node = self.tests(text, place)
        if any(True for _ in names(node)):
            zh = "允许值中不能有变量"
            self.problems.add(place, zh, "a list of allowed values has no variables")
            return Anything(), None
        self.check_tests(node, kind, place)
        return node, None if isinstance(node, Anything) else compile_tests(node, kind)

    def check_allowed(self, values: Iterable[Value], allowed: Test | None, place: Place) -> None:
        for value in values:
            if allowed is not None and not _is_allowed(value, allowed):
                shown = described(value)
                self.problems.add(
                    place, f"{shown} 不在允许值之列", f"{shown} is not an allowed value"
                )


def _is_allowed(value: Value, allowed: Test) -> bool:
    try:
        return allowed(value, {}) is True
    except FeelFailed:  # of another type
        return False


def listed(node: TestNode) -> Iterator[Value]:
    """The constants that a test names as values, not as bounds."""
    return (
        operand.value
        for sign, operand in ends(node)
        if sign == "=" and isinstance(operand, Constant)
    )


def inferred(nodes: Iterable[TestNode]) -> Kind | None:
    """The one kind of all constants in a column whose type is not told."""
    kinds = {
        kind_of(operand.value)
        for node in nodes
        for _, operand in ends(node)
        if isinstance(operand, Constant) and operand.value is not None
    }
    return kinds.pop() if len(kinds) == 1 else None
