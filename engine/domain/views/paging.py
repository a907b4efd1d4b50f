"""A list in pages."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list by keyset; `next_cursor` is None on the last one."""

    items: tuple[Item, ...]
    next_cursor: str | None = None
    total: int | None = None
