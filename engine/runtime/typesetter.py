"""Sets a source within a budget: in processes of their own, ended when a template goes on and on."""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore, Lock
from time import monotonic

from engine.runtime import typesetter_process
from engine.runtime.typesetter_process import FAULT, LENGTH

#: Seconds of the processor for one document: the longest letter takes one, on a slow machine three.
BUDGET = 8
#: Seconds on the clock, on a machine that has other work.
PATIENCE = 30
#: Bytes of memory; a letter with all its fonts takes some 200 MB.
MOST_MEMORY = 1 << 30
#: Bytes of a document.
LARGEST = 100 << 20
#: Documents set at once in this process of ours, and set by one of those before it makes room for a fresh one.
AT_ONCE, MOST_SET = 2, 500


class SourceBroken(ValueError):
    """The source cannot be set; `args[0]` says why."""


class Overran(Exception):
    """It was ended: it took more time, memory or paper than any document needs."""


class _Died(Overran):
    """The process ended by itself: its time was over, or it found no more memory."""


@dataclass
class _Setter:
    """One process. `set_before`: documents that it has set."""

    process: "subprocess.Popen[bytes]"
    set_before: int = 0

    @classmethod
    def begun(cls) -> "_Setter":
        return cls(
            subprocess.Popen(
                [sys.executable, "-I", typesetter_process.__file__, str(MOST_MEMORY)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )

    def end(self, *, by_itself: bool = False) -> None:
        if not by_itself:
            self.process.kill()
        # its pipes are closed, what it has not read goes with them, and its end is waited for
        with suppress(BrokenPipeError), self.process:
            pass

    def set(self, message: bytes) -> bytes:
        """Errors: SourceBroken, Overran; after the latter it is over."""
        assert self.process.stdin is not None  # noqa: S101 - asked for above
        assert self.process.stdout is not None  # noqa: S101
        until = monotonic() + PATIENCE
        try:
            self.process.stdin.write(LENGTH.pack(len(message)) + message)
            self.process.stdin.flush()
        except BrokenPipeError:
            raise _Died from None
        answer = self.process.stdout.fileno()
        head = _read(answer, 1 + LENGTH.size, until)
        size = LENGTH.unpack(head[1:])[0]
        if size > LARGEST:
            raise Overran
        told = _read(answer, size, until)
        self.set_before += 1
        if head[:1] == FAULT:
            raise SourceBroken(told.decode("utf-8", "replace"))
        return told


def _read(pipe: int, size: int, until: float) -> bytes:
    """So many bytes. Overran when they do not come in time, or at all."""
    held = bytearray()
    waiting = select.poll()  # whatever the number of the pipe: `select` knows a thousand
    waiting.register(pipe, select.POLLIN)
    while len(held) < size:
        ready = waiting.poll(max(0.0, until - monotonic()) * 1000)
        part = os.read(pipe, min(size - len(held), 1 << 20)) if ready else b""
        if not ready:
            raise Overran
        if not part:
            raise _Died
        held += part
    return bytes(held)


_idle: list[_Setter] = []
_lock, _room = Lock(), BoundedSemaphore(AT_ONCE)


def set_source(
    files: Mapping[str, bytes], handed: str, fonts: tuple[Path, ...], moment: datetime
) -> bytes:
    """PDF of `files["main.typ"]`, which reads `handed` as `sys.inputs.letter`; dated `moment`, aware.

    Errors: SourceBroken; Overran. What other documents have left in a process counts for nobody: where
    one that has set some finds no more memory, a fresh one tries again.
    """
    asked = {
        "files": {name: content.decode("latin-1") for name, content in files.items()},
        "handed": handed,
        "fonts": [str(each) for each in fonts],
        "moment": moment.isoformat(),
        "seconds": BUDGET,
    }
    message = json.dumps(asked).encode()
    with _room:
        setter = _taken()
        is_fresh = setter.set_before == 0
        try:
            return _set(setter, message)
        except _Died:
            if is_fresh or setter.process.returncode == -signal.SIGXCPU:
                raise
        return _set(_Setter.begun(), message)


def _taken() -> _Setter:
    with _lock:
        return _idle.pop() if _idle else _Setter.begun()


def _set(setter: _Setter, message: bytes) -> bytes:
    is_sound = is_dead = False
    try:
        told = setter.set(message)
        is_sound = True
        return told
    except SourceBroken:
        is_sound = True
        raise
    except _Died:
        is_dead = True
        raise
    finally:  # also when this very thread is stopped: half an answer would be taken for the next one's
        if is_sound and setter.set_before < MOST_SET:
            with _lock:
                _idle.append(setter)
        else:
            setter.end(by_itself=is_dead)


def _end_all() -> None:
    while _idle:
        _idle.pop().end()


def _forget() -> None:
    """After a fork: those belong to the parent, which may hold the lock at this moment."""
    global _idle, _lock, _room
    _left.extend(_idle)
    _idle, _lock, _room = [], Lock(), BoundedSemaphore(AT_ONCE)


#: Of the parent: not ours to end, nor to complain of.
_left: list[_Setter] = []
atexit.register(_end_all)
os.register_at_fork(after_in_child=_forget)
