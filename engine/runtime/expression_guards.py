"""What a compiled expression may do at run time: look up, compare, reckon, all within bounds."""

import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from engine.domain.errors import EngineError

#: Larger than any sum of money or count of days; a product of two stays a small number.
LARGEST = 10**15
#: Characters and items of a value that an expression looks through or gives back.
MOST_PARTS = 200_000


class ExpressionFailed(EngineError):
    """The data of this case do not fit the expression."""

    slug = "expression-failed"


class MissingVariable(ExpressionFailed):
    """The expression reads a variable that the case does not have (yet)."""

    slug = "missing-variable"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"案件中没有变量 {name}",
            f"the case has no variable {name}",
            fields={name: "没有这个变量"},
        )
        self.name = name


def is_bounded(value: float | Decimal) -> bool:
    return bool(-LARGEST <= value <= LARGEST)  # false for nan, too


def variable(data: Mapping[str, object], name: str) -> object:
    try:
        return data[name]
    except KeyError:
        raise MissingVariable(name) from None


def item(value: object, key: str | int, path: str) -> object:
    fits = isinstance(value, Mapping) if type(key) is str else isinstance(value, list | tuple)
    if not fits:
        kind = type(value).__name__
        raise ExpressionFailed(f"取不到 {path}：值是 {kind}", f"{path}: the value is a {kind}")
    try:
        return value[key]  # type: ignore[index]
    except (KeyError, IndexError):
        raise MissingVariable(path) from None


def function(functions: Mapping[str, Callable[..., object]], name: str) -> Callable[..., object]:
    try:
        return functions[name]
    except KeyError:
        raise ExpressionFailed(
            f"这里不能使用函数 {name}", f"the function {name} is not available here"
        ) from None


def check_size(*values: object) -> None:
    """ExpressionFailed for values that it would take long to look through or to keep."""
    left, waiting = MOST_PARTS, list(values)
    while waiting:
        value = waiting.pop()
        left -= len(value) if isinstance(value, str | bytes) else 1
        if isinstance(value, Mapping):
            left -= len(value)
            inside: Iterable[object] = value.values() if left > 0 else ()
        else:
            inside = value if isinstance(value, list | tuple | set | frozenset) else ()
        if left < 0 or (left < MOST_PARTS and len(waiting) > left):
            raise ExpressionFailed("值太大", "the value is too large")
        waiting.extend(islice(inside, left + 1))


def same(a: object, b: object) -> bool:
    if isinstance(a, _LARGE) and isinstance(b, _LARGE):
        check_size(a, b)
    return bool(a == b)


_LARGE = (list, tuple, set, frozenset, Mapping)


def contains(collection: object, value: object) -> bool:
    is_text = isinstance(collection, str) and isinstance(value, str)
    if not is_text and not isinstance(collection, list | tuple | set | frozenset | Mapping):
        raise _unfit("in", value, collection)
    check_size(collection)
    try:
        return value in collection  # type: ignore[operator]
    except TypeError:
        raise _unfit("in", value, collection) from None


def distinct(items: tuple[object, ...]) -> set[object]:
    try:
        return set(items)
    except TypeError:
        raise _unfit("{}", *items) from None


def _unfit(sign: str, *operands: object) -> ExpressionFailed:
    kinds = ", ".join(type(operand).__name__ for operand in operands)
    return ExpressionFailed(f"运算 {sign} 不适用于 {kinds}", f"{sign} does not fit {kinds}")


def _ordering(sign: str, compare: Callable[[Any, Any], bool]) -> Callable[[object, object], bool]:
    def guarded(a: object, b: object) -> bool:
        try:
            return compare(a, b)
        except (TypeError, ArithmeticError):
            raise _unfit(sign, a, b) from None

    return guarded


_NUMBERS = frozenset({int, float, Decimal})


def _check_number(sign: str, value: Any) -> None:
    if type(value) not in _NUMBERS:
        raise _unfit(sign, value)
    if not is_bounded(value):
        raise ExpressionFailed("数字过大", "a number is too large")


def _arithmetic(sign: str, reckon: Callable[..., Any]) -> Callable[..., object]:
    def guarded(*operands: object) -> object:
        for operand in operands:
            _check_number(sign, operand)
        try:
            result = reckon(*operands)
        except (TypeError, ArithmeticError):
            raise _unfit(sign, *operands) from None
        _check_number(sign, result)
        return result

    return guarded


#: Everything that a compiled expression can see.
BY_NAME: Mapping[str, Callable[..., object]] = {
    "variable": variable,
    "item": item,
    "function": function,
    "contains": contains,
    "distinct": distinct,
    "same": same,
    "less": _ordering("<", operator.lt),
    "at_most": _ordering("<=", operator.le),
    "greater": _ordering(">", operator.gt),
    "at_least": _ordering(">=", operator.ge),
    "add": _arithmetic("+", operator.add),
    "subtract": _arithmetic("-", operator.sub),
    "multiply": _arithmetic("*", operator.mul),
    "divide": _arithmetic("/", operator.truediv),
    "remainder": _arithmetic("%", operator.mod),
    "negative": _arithmetic("-", operator.neg),
    "positive": _arithmetic("+", operator.pos),
}
