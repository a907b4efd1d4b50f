"""How a worker takes messages from the broker: one that is none is dropped, and ends nothing."""

from collections.abc import Callable
from typing import Any

import structlog
from celery.worker.consumer import Consumer

_log = structlog.get_logger()


class PatientConsumer(Consumer):
    """The library's own ends the worker at a message that it cannot take apart, and gives that message
    to the next one. Nothing is lost by dropping it: the tables know what is to be done."""

    def create_task_handler(self, *given: Any, **named: Any) -> Callable[[Any], object]:
        """The handler of messages that come in."""
        handle: Callable[[Any], object] = super().create_task_handler(*given, **named)

        def handle_or_drop(message: Any) -> object:
            try:
                return handle(message)
            except Exception as problem:
                # the library counts a key that lacks among the failures of a connection
                if isinstance(problem, self.connection_errors) and not isinstance(
                    problem, KeyError
                ):
                    raise
                _log.error("a message that is none", problem=type(problem).__name__)
                return message.reject_log_error(_log, self.connection_errors)

        return handle_or_drop
