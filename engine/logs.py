"""How every program writes what happens: one JSON object a line on the standard error output.

Web, worker, beat, jobs by hand and the libraries under them write the same form; on a terminal it is
words for a person. A line names its request, its job and its case. What people typed, searched for or
sent is in none.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from engine.domain.personal_numbers import without_personal_numbers


def configure(level: int = logging.INFO, libraries: int = logging.WARNING) -> None:
    """From now on: our own lines from this level up, and those of libraries. May be called again."""
    structlog.configure(
        processors=[*_processors(), _renderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    root = logging.getLogger()
    for former in [each for each in root.handlers if isinstance(each, ToStandardError)]:
        root.removeHandler(former)
    root.addHandler(ToStandardError())
    root.setLevel(libraries)
    logging.captureWarnings(capture=True)


class ToStandardError(logging.StreamHandler[TextIO]):
    """What libraries log, in the same form; the output is that of the moment of writing."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=[structlog.stdlib.add_logger_name, *_processors()],
                processors=[
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    _without_personal_numbers,
                    _renderer(),
                ],
            )
        )

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, given: TextIO) -> None:
        """The base class names one; ours is asked for anew."""


def line(event: str) -> bytes:
    """One line of this form, for who may not log."""
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    told = {"event": event, "level": "info", "timestamp": now}
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"


def of_gunicorn(level: str = "INFO") -> dict[str, Any]:
    """Gunicorn's `logconfig_dict`: the lines of its own in the same form."""
    handler = {"class": "engine.logs.ToStandardError"}
    own = {"level": level, "handlers": ["kunxin"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {},
        "handlers": {"kunxin": handler},
        "loggers": {"gunicorn.error": own},
        "root": {"level": "WARNING", "handlers": ["kunxin"]},
    }


def _processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_personal_numbers,
    ]


def _renderer() -> Processor:
    if sys.stderr.isatty():
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _without_personal_numbers(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """A last net: the words of a failure are written by whoever raised it, and some by a library."""
    for key in ("event", "exception", "problem"):
        if isinstance(line.get(key), str):
            line[key] = without_personal_numbers(line[key])
    return line
