"""What a file declares about names and types, before its cells are read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.runtime.decisions.drawn import DrawnFile, DrawnItem
from engine.runtime.decisions.results import Place, Problems
from engine.runtime.feel import Kind
from engine.runtime.feel.tokens import is_plain_name

_KINDS: Mapping[str, Kind] = {
    **{kind.value: kind for kind in Kind},
    "integer": Kind.NUMBER,
    "long": Kind.NUMBER,
    "double": Kind.NUMBER,
    "date and time": Kind.DATE_TIME,
    "days and time duration": Kind.DAYS,
    "years and months duration": Kind.MONTHS,
}
_WHOLE = frozenset({"integer", "long"})
_ANY = frozenset({"", "Any", "any", "feel:Any"})
DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Type:
    """`kind` None: anything. `is_whole`: a number without fraction. `allowed`: unary tests."""

    kind: Kind | None = None
    is_whole: bool = False
    allowed: str = ""


class Declarations:
    """Types by reference, and by the dotted names of the input data (`types`, `kinds`)."""

    def __init__(self, file: DrawnFile, problems: Problems) -> None:
        self._items = file.items
        self._problems = problems
        self.variables = frozenset(file.variables)
        types = [
            found
            for name, reference in file.variables.items()
            for found in self._of_variable(name, reference, DEEPEST)
        ]
        self.types = dict(types)
        self.kinds = {name: kind.kind for name, kind in types if kind.kind is not None}
        self.special_names = frozenset(
            name for name in self._all_names(file) if name[:1].isalpha() and not is_plain_name(name)
        )

    def resolve(self, reference: str, place: Place) -> Type:
        """The type that a typeRef means; a problem where it means none."""
        return self._resolve(reference, place, DEEPEST)

    def _resolve(self, reference: str, place: Place, depth: int) -> Type:
        name = reference.rpartition(":")[2]
        if reference in _ANY or not depth:
            return Type()
        if name in _KINDS:
            return Type(_KINDS[name], name in _WHOLE)
        item = self._items.get(name) or self._items.get(reference)
        if item is None:
            zh, english = f"不支持类型 {reference}", f"the type {reference} is not supported"
            self._problems.add(place, zh, english)
            return Type()
        if item.is_collection or item.components:
            return Type()
        type_ = self._resolve(item.type_ref, place, depth - 1)
        return Type(type_.kind, type_.is_whole, item.allowed or type_.allowed)

    def _of_variable(self, name: str, reference: str, depth: int) -> Iterator[tuple[str, Type]]:
        item = self._items.get(reference.rpartition(":")[2])
        if item is None or not item.components:
            yield name, self.resolve(reference, Place(column=name))
        elif depth and not item.is_collection:
            yield from self._of_components(name, item, depth)

    def _of_components(self, name: str, item: DrawnItem, depth: int) -> Iterator[tuple[str, Type]]:
        for part in item.components:
            dotted = f"{name}.{part.name}"
            if part.components and depth:
                yield from self._of_components(dotted, part, depth - 1)
            elif not part.is_collection:
                yield from self._of_variable(dotted, part.type_ref, depth - 1)

    def _all_names(self, file: DrawnFile) -> Iterator[str]:
        yield from file.variables
        for decision in file.decisions:
            yield from decision.names
        for item in self._items.values():
            yield from _component_names(item)


def _component_names(item: DrawnItem) -> Iterator[str]:
    for part in item.components:
        yield part.name
        yield from _component_names(part)
