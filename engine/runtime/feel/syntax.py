"""What a cell says once it is read: expressions, and the unary tests of input entries."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from engine.runtime.feel.values import Value


@dataclass(frozen=True, slots=True)
class Constant:
    value: Value


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, with the keys that lead into it: `applicant.grade`."""

    path: tuple[str, ...]
    position: int

    @property
    def text(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Negative:
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Operation:
    """`operator`: + - * / ** = != < <= > >= and or."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Choice:
    condition: "Node"
    then: "Node"
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class Conversion:
    """`date(x)`, `time(x)`, `date and time(x)` or `duration(x)` of what only the data tell."""

    function: str
    operand: "Node"


Node: TypeAlias = Constant | Name | Sequence | Negative | Not | Operation | Choice | Conversion


@dataclass(frozen=True, slots=True)
class Anything:
    """`-` or an empty cell."""


@dataclass(frozen=True, slots=True)
class Equals:
    operand: Node


@dataclass(frozen=True, slots=True)
class Compares:
    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Between:
    low: Node
    high: Node
    has_low: bool
    has_high: bool


@dataclass(frozen=True, slots=True)
class OneOf:
    tests: tuple["TestNode", ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    tests: tuple["TestNode", ...]


TestNode: TypeAlias = Anything | Equals | Compares | Between | OneOf | NoneOf


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Sequence(items):
            return items
        case Negative(operand) | Not(operand) | Conversion(_, operand):
            return (operand,)
        case Operation(_, left, right):
            return (left, right)
        case Choice(condition, then, otherwise):
            return (condition, then, otherwise)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    yield node
    for part in _parts(node):
        yield from walk(part)


def names(node: Node | TestNode) -> Iterator[Name]:
    """The variables that an expression or a test reads."""
    roots = [operand for _, operand in ends(node)] if isinstance(node, TestNode) else [node]
    return (each for root in roots for each in walk(root) if isinstance(each, Name))


def ends(test: TestNode) -> Iterator[tuple[str, Node]]:
    """What a test compares with: `=` for equality, `<` where the order counts."""
    match test:
        case Equals(operand):
            yield "=", operand
        case Compares(_, operand):
            yield "<", operand
        case Between(low, high):
            yield "<", low
            yield "<", high
        case OneOf(tests) | NoneOf(tests):
            for each in tests:
                yield from ends(each)


def constants(test: TestNode) -> list[Value] | None:
    """The values of a test that only lists values, in the order written; None for other tests."""
    listed = test.tests if isinstance(test, OneOf) else (test,)
    values = [
        each.operand.value
        for each in listed
        if isinstance(each, Equals) and isinstance(each.operand, Constant)
    ]
    return values if len(values) == len(listed) else None
