"""Ends a conversation that goes on for too long: each answer may take its time, all of them together may not."""

from contextlib import suppress
from socket import SHUT_RDWR, socket
from threading import Timer
from types import TracebackType


class Watch:
    """Hangs up so many seconds after it was set over a connection, whoever drips bytes at the other end.

    What waits for that connection then reads its end, or fails with an OSError.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        #: Whether it hung up: then the end that was read is ours, not theirs.
        self.has_hung_up = False
        self._held: list[tuple[Timer, socket]] = []

    def over(self, line: socket) -> None:
        """From now on. TLS may be put around the connection later: the watch has an end of its own."""
        own = line.dup()
        timer = Timer(self._seconds, self._hang_up, (own,))
        timer.daemon = True
        timer.start()
        self._held.append((timer, own))

    def __enter__(self) -> "Watch":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for timer, own in self._held:
            timer.cancel()
            own.close()
        self._held.clear()

    def _hang_up(self, line: socket) -> None:
        self.has_hung_up = True
        with suppress(OSError):
            line.shutdown(SHUT_RDWR)
