"""Turns cells into closures, once, so that a decision is a few plain calls."""

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from engine.runtime.expression_guards import MissingVariable
from engine.runtime.feel import syntax
from engine.runtime.feel.arithmetic import negative, reckon
from engine.runtime.feel.syntax import Node, TestNode
from engine.runtime.feel.values import (
    FeelFailed,
    Kind,
    Value,
    check_order,
    described,
    equal,
    read_duration,
    to_feel,
)

Scope: TypeAlias = Mapping[str, object]
Kinds: TypeAlias = Mapping[str, Kind]
Run: TypeAlias = Callable[[Scope], Value]
Test: TypeAlias = Callable[[Value, Scope], bool | None]

_ORDER: Mapping[str, Callable[[Value, Value], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NO_KINDS: Kinds = {}


def compile_expression(node: Node, kinds: Kinds = _NO_KINDS) -> Run:
    """`kinds`: types of the declared variables, by dotted name.

    The closure raises MissingVariable for a name that the scope lacks, and FeelFailed.
    """
    match node:
        case syntax.Constant(value):
            return lambda scope: value
        case syntax.Name():
            return _look_up(node, kinds.get(node.text))
        case syntax.Operation(sign, left, right):
            return _operation(
                sign, compile_expression(left, kinds), compile_expression(right, kinds)
            )
        case syntax.Choice(condition, then, otherwise):
            return _choice(*(compile_expression(n, kinds) for n in (condition, then, otherwise)))
        case syntax.Sequence(items):
            runs = [compile_expression(item, kinds) for item in items]
            return lambda scope: [run(scope) for run in runs]
        case _:
            return _applied(node, compile_expression(node.operand, kinds))


def _applied(node: syntax.Negative | syntax.Not | syntax.Conversion, run: Run) -> Run:
    match node:
        case syntax.Negative():
            return lambda scope: negative(run(scope))
        case syntax.Not():
            return lambda scope: opposite(_truth(run(scope)))
        case syntax.Conversion(function):
            return lambda scope: _converted(function, run(scope))


def _look_up(name: syntax.Name, kind: Kind | None) -> Run:
    path, text = name.path, name.text

    def run(scope: Scope) -> Value:
        value: object = scope
        for key in path:
            if value is None:
                return None
            if not isinstance(value, Mapping) or key not in value:
                raise MissingVariable(text)
            value = value[key]
        return to_feel(value, kind)

    return run


def _operation(sign: str, left: Run, right: Run) -> Run:
    if sign in ("and", "or"):
        return _junction(left, right, decisive=sign == "or")
    if sign in _ORDER:
        return lambda scope: ordered(sign, left(scope), right(scope))
    if sign in ("=", "!="):
        wanted = sign == "="
        return lambda scope: equal(left(scope), right(scope)) is wanted
    return lambda scope: reckon(sign, left(scope), right(scope))


def _junction(left: Run, right: Run, *, decisive: bool) -> Run:
    """`or` is settled by true, `and` by false, whatever the other side is, even null."""

    def run(scope: Scope) -> bool | None:
        first = _truth(left(scope))
        if first is decisive:
            return decisive
        second = _truth(right(scope))
        if second is decisive:
            return decisive
        return None if first is None or second is None else not decisive

    return run


def _choice(condition: Run, then: Run, otherwise: Run) -> Run:
    return lambda scope: then(scope) if _truth(condition(scope)) else otherwise(scope)


def _converted(function: str, value: Value) -> Value:
    if value is None:
        return None
    if function in _CONVERTED:
        kind, part = _CONVERTED[function]
        return part(value) if type(value) is datetime else to_feel(value, kind)
    found = read_duration(value) if isinstance(value, str) else None
    if found is None:
        raise FeelFailed(f"{described(value)} 不是时长", f"{described(value)} is no duration")
    return found


_CONVERTED: Mapping[str, tuple[Kind, Callable[[datetime], Value]]] = {
    "date": (Kind.DATE, datetime.date),
    "time": (Kind.TIME, datetime.timetz),
    "date and time": (Kind.DATE_TIME, lambda moment: moment),
}


def _truth(value: Value) -> bool | None:
    if value is None or type(value) is bool:
        return value
    raise FeelFailed(f"{described(value)} 不是真假值", f"{described(value)} is not true or false")


def opposite(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def ordered(sign: str, a: Value, b: Value) -> bool | None:
    if a is None or b is None:
        return None
    check_order(a, b)
    return _ORDER[sign](a, b)


def compile_tests(node: TestNode, kind: Kind | None = None, kinds: Kinds = _NO_KINDS) -> Test:
    """`kind`: the type of the column, which variables compared with must have too."""
    match node:
        case syntax.Anything():
            return lambda value, scope: True
        case syntax.Equals(operand):
            return _equals(operand, _operand(operand, kind, kinds))
        case syntax.Compares(sign, operand):
            run = _operand(operand, kind, kinds)
            return lambda value, scope: ordered(sign, value, run(scope))
        case syntax.Between():
            return _between(node, kind, kinds)
        case syntax.OneOf(tests):
            return _one_of([compile_tests(test, kind, kinds) for test in tests])
        case syntax.NoneOf(tests):
            one_of = _one_of([compile_tests(test, kind, kinds) for test in tests])
            return lambda value, scope: opposite(one_of(value, scope))


def _operand(node: Node, kind: Kind | None, kinds: Kinds) -> Run:
    run = compile_expression(node, kinds)
    if kind is None or isinstance(node, syntax.Constant):
        return run

    def of_kind(scope: Scope) -> Value:
        value = run(scope)
        if type(value) is list:
            return [to_feel(each, kind) for each in value]
        return to_feel(value, kind)

    return of_kind


def _equals(node: Node, run: Run) -> Test:
    if isinstance(node, syntax.Constant):
        constant = node.value
        return lambda value, scope: equal(value, constant)

    def test(value: Value, scope: Scope) -> bool:
        operand = run(scope)
        if type(operand) is list and type(value) is not list:
            return any(equal(value, each) for each in operand)
        return equal(value, operand)

    return test


def _between(node: syntax.Between, kind: Kind | None, kinds: Kinds) -> Test:
    low, high = _operand(node.low, kind, kinds), _operand(node.high, kind, kinds)
    above, below = (">=" if node.has_low else ">"), ("<=" if node.has_high else "<")

    def test(value: Value, scope: Scope) -> bool | None:
        first = ordered(above, value, low(scope))
        return ordered(below, value, high(scope)) if first else first

    return test


def _one_of(tests: list[Test]) -> Test:
    def test(value: Value, scope: Scope) -> bool | None:
        outcomes = [each(value, scope) for each in tests]
        if True in outcomes:
            return True
        return None if None in outcomes else False

    return test
