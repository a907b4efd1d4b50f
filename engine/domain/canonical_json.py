"""One text for one JSON value, whoever writes it: RFC 8785. What is hashed is written like this."""

from typing import Any

import orjson
import rfc8785

#: Beyond these RFC 8785 knows no integers; it refuses them.
LARGEST = 2**53 - 1


def canonical(value: Any) -> bytes:
    """The value in canonical JSON.

    Errors: rfc8785.CanonicalizationError for what JSON cannot say. Where there are no doubles and no
    keys whose order Unicode's encodings disagree on, a fast writer gives the same bytes.
    """
    if _is_plain(value):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return rfc8785.dumps(value)


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return bool(-LARGEST <= value <= LARGEST)
    if kind is dict:
        return all(
            type(key) is str and key.isascii() and _is_plain(each) for key, each in value.items()
        )
    return kind is list and all(map(_is_plain, value))
