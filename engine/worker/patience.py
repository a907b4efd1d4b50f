"""Stops a job that takes too long: first it is told, and one that does not listen loses its process."""

import ctypes
import faulthandler
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Timer, get_ident
from types import FrameType

from engine.domain.patience import TookTooLong

#: Seconds that work which was stopped has to write down what became of it.
GRACE = 60.0


class ProcessPatience:
    """For the process of a worker, which does one job at a time in its main thread.

    A signal raises TookTooLong where Python runs or waits. Who stands in a library that never comes
    back sees none: after the grace the process ends itself, and the pool puts another in its place.
    That the job was its last is noted by whoever gets the message again.
    """

    def __init__(self, grace: float = GRACE) -> None:
        self._grace = grace
        # where each thread stood would be no line of JSON
        self._nowhere = os.open(os.devnull, os.O_WRONLY)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        former = signal.signal(signal.SIGALRM, _raise)
        try:
            self.allow(seconds)
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            faulthandler.cancel_dump_traceback_later()
            signal.signal(signal.SIGALRM, former)

    def allow(self, seconds: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        # its clock is a thread of C: it runs also when the interpreter does not
        faulthandler.dump_traceback_later(seconds + self._grace, exit=True, file=self._nowhere)


def _raise(number: int, frame: FrameType | None) -> None:
    raise TookTooLong("it was stopped: it took too long")


class ThreadPatience:
    """For the one thread that does the jobs of an embedded installation, beside people's requests.

    TookTooLong is raised when the thread next runs Python; a library that never comes back keeps it.
    """

    def __init__(self) -> None:
        self._lock, self._thread = Lock(), 0
        self._timer: Timer | None = None

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        self._thread = get_ident()
        try:
            self.allow(seconds)
            yield
        finally:
            with self._lock:
                self._forget()
                _raise_in(self._thread, None)  # what is not raised yet would be, outside the block

    def allow(self, seconds: float) -> None:
        with self._lock:
            self._forget()
            self._timer = Timer(seconds, self._stop)
            self._timer.daemon = True
            self._timer.start()

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _stop(self) -> None:
        with self._lock:
            if self._timer is not None:
                _raise_in(self._thread, TookTooLong)


def _raise_in(thread: int, kind: type[BaseException] | None) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), ctypes.py_object(kind) if kind is not None else None
    )
