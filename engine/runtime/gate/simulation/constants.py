"""The values that a diagram tells apart: what its expressions compare each variable with."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Stands for every text that no condition names.
OTHER = "其他"


@dataclass
class Compared:
    """Variable -> constants; (variable, key) -> constants for the members of a message."""

    values: dict[str, list[Any]] = field(default_factory=dict)
    members: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    def choices(self, name: str) -> tuple[Any, ...]:
        """Every value that makes a difference, and one that none of them is."""
        return _with_another(self.values.get(name, []))

    def keys_of(self, name: str) -> list[tuple[str, tuple[Any, ...]]]:
        return [
            (key, _with_another(held))
            for (variable, key), held in sorted(self.members.items())
            if variable == name
        ]


def compared_in(sources: Iterable[str]) -> Compared:
    found = Compared()
    for source in sources:
        try:
            tree = ast.parse(f"({source}\n)", mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # refused elsewhere
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare):
                _note(found, [node.left, *node.comparators])
            elif isinstance(node, ast.Name):
                found.values.setdefault(node.id, [])
            elif (member := _member(node)) is not None:
                found.members.setdefault(member, [])
    return found


def _note(found: Compared, operands: list[ast.expr]) -> None:
    constants = [value for operand in operands for value in _constants(operand)]
    for operand in operands:
        if isinstance(operand, ast.Name):
            found.values.setdefault(operand.id, []).extend(constants)
        elif (member := _member(operand)) is not None:
            found.members.setdefault(member, []).extend(constants)


def _member(node: ast.AST) -> tuple[str, str] | None:
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    ):
        return node.value.id, node.slice.value
    return None


def _constants(node: ast.expr) -> Iterator[Any]:
    if isinstance(node, ast.Constant):
        yield node.value
    elif isinstance(node, ast.List | ast.Tuple | ast.Set):
        for each in node.elts:
            yield from _constants(each)


def _with_another(constants: list[Any]) -> tuple[Any, ...]:
    unique = list(dict.fromkeys(constants))
    numbers = [each for each in unique if isinstance(each, int | float) and each is not True]
    beside = [number + step for number in numbers for step in (-1, 1)]
    is_text = any(isinstance(each, str) for each in unique) or not unique
    return tuple(dict.fromkeys([*unique, *beside, *([OTHER] if is_text else [])]))


def product_of(
    choices: Mapping[str, tuple[Any, ...]], most: int
) -> tuple[list[dict[str, Any]], bool]:
    """Combinations of one value each, and whether `most` cut them short."""
    found: list[dict[str, Any]] = [{}]
    for name, values in choices.items():
        found = [{**held, name: value} for held in found for value in values]
        if len(found) > most:
            return found[:most], True
    return found, False
