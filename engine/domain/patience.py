"""How long work that nobody watches may take: whoever has it in hand is stopped after that."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class TookTooLong(Exception):
    """Work was stopped, wherever it stood. No refusal: no service may take it for one and go on."""


class Patience(Protocol):
    """What stops work of this process or thread."""

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """The block has so many real seconds. Errors: TookTooLong, raised in the middle of it."""
        ...

    def allow(self, seconds: float) -> None:
        """From now on the block around this has so many seconds."""
        ...


class Endless:
    """Where somebody watches: at the command line, and in a process that answers people."""

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        yield

    def allow(self, seconds: float) -> None:
        """Nothing is stopped."""
