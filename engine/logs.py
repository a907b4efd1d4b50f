"""How a server's programs write what happens: one JSON object a line on the standard error output.

A line names its request and its case by number. What people typed, searched for or sent is in none.
"""

import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

from engine.domain.identifiers import without_personal_numbers


def configure() -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _without_personal_numbers,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _without_personal_numbers(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """A last net: the words of a failure are written by whoever raised it."""
    for key in ("exception", "problem"):
        if isinstance(line.get(key), str):
            line[key] = without_personal_numbers(line[key])
    return line
