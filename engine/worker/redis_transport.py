"""Redis as a broker: what lies in its lists and is no message is dropped, and ends nothing."""

from collections.abc import Mapping
from queue import Empty
from typing import Any

import structlog
from kombu.transport import TRANSPORT_ALIASES, redis
from redis.exceptions import DataError

#: Seconds of patience with a Redis whose machine is gone without a word, and which would be waited for
#: for ever; a message is awaited for one second at a time.
LINE: Mapping[str, Any] = {
    "socket_connect_timeout": 2,
    "socket_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 10,
}

_log = structlog.get_logger()


def use() -> None:
    """From now on addresses that begin with redis:// or rediss:// are served by this."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}:PatientTransport"


def is_of_broker(problem: Exception, connection: Any) -> bool:
    """Whether the broker failed, not a message: the library counts a key that lacks, and a value that
    Redis cannot take, among the failures of a connection, though a message can bring about both."""
    failures = (*connection.connection_errors, *connection.channel_errors)
    return isinstance(problem, failures) and not isinstance(problem, (KeyError, DataError))


class PatientChannel(redis.Channel):
    """The library's own ends the worker at whatever it cannot read. By then it is off the list, so to
    go on is to drop it; nothing is lost, as the tables know what is to be done."""

    def _brpop_read(self, **options: Any) -> object:
        try:
            return super()._brpop_read(**options)  # type: ignore[no-untyped-call]
        except Empty:
            raise
        except Exception as problem:
            if is_of_broker(problem, self.connection):
                raise
            _log.error("a message that is none", problem=type(problem).__name__)
            return True


class PatientTransport(redis.Transport):
    Channel = PatientChannel
