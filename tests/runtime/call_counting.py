"""How much work something is, in calls of functions: the same on every machine, unlike seconds."""

import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from engine.domain.errors import EngineError


class TooMuch(BaseException):
    """Nothing that the code under test could catch by mistake."""


def calls_of(work: Callable[[], object], most: int = 20_000_000) -> int:
    """Calls, of Python's own functions too, that `work` takes to its end or to a refusal."""
    count = 0

    def profile(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        if event in ("call", "c_call"):
            count += 1
            if count > most:
                raise TooMuch(f"more than {most} calls")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        with suppress(EngineError):
            work()
    finally:
        sys.setprofile(before)
    return count
