"""Jobs and timers inside the one process: a thread that does what a worker and beat would do."""

import threading

import structlog

from engine.services.duty import keep_training_clock, round_of
from engine.services.office import Office
from engine.worker.patience import ThreadPatience

#: Seconds between two rounds when nobody wakes the thread; a breach is seen within a minute.
INTERVAL = 2.0
#: Rounds between two notes of where a training clock stands.
KEEP_EVERY = 15

_log = structlog.get_logger()


class EmbeddedWorker:
    """Started with the server, stopped with it; `wake` is called when a job was stored."""

    def __init__(self, office: Office) -> None:
        self._office = office
        office.patience = ThreadPatience()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="kunxin-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        """Finish the round that runs, then end."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=30)
        keep_training_clock(self._office)

    def _work(self) -> None:
        rounds = 0
        while not self._stop.is_set():
            try:
                round_of(self._office)
            except Exception:  # noqa: BLE001 - the thread must outlive any round
                _log.exception("a round of the embedded worker failed; the next one goes on")
            rounds += 1
            if rounds % KEEP_EVERY == 0:
                keep_training_clock(self._office)
            self._wake.wait(INTERVAL)
            self._wake.clear()
