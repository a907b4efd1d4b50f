"""Statements and procedures are compiled once in a run, not for each of the thousands of offices it opens."""

from typing import Any

import sqlalchemy
from sqlalchemy import URL, Dialect, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from sqlalchemy.util import LRUCache

from engine.runtime import catalog
from engine.runtime.procedure import Procedure

#: What concerns a pool and not how statements are written.
_OF_POOLS = ("pool_size", "max_overflow", "pool_reset_on_return")
_written: LRUCache[Any, Any] = LRUCache(4000)
_dialects: dict[tuple[str, Any], Dialect] = {}


def create_engine(url: str | URL, **given: Any) -> Engine:
    """As SQLAlchemy's; engines of one kind share a dialect, and by it what it has compiled."""
    engine = sqlalchemy.create_engine(url, **given)
    kind = engine.dialect.name, given.get("isolation_level")
    if kind not in _dialects and not _meet(kind, url, given):
        return engine
    engine.dialect = _dialects[kind]
    engine.update_execution_options(compiled_cache=_written)
    return engine


def _meet(kind: tuple[str, Any], url: str | URL, given: dict[str, Any]) -> bool:
    """Ask a server of this kind once what it can do; False while it cannot be reached."""
    plain = {name: value for name, value in given.items() if name not in _OF_POOLS}
    asking = sqlalchemy.create_engine(
        "sqlite://" if kind[0] == "sqlite" else url, poolclass=NullPool, **plain
    )
    try:
        asking.connect().close()
    except OperationalError:
        return False
    _dialects[kind] = asking.dialect
    return True


_load = catalog.load
_loaded: LRUCache[tuple[str, str], Procedure] = LRUCache(40)


def load(files: catalog.Files, key: str) -> Procedure:
    """As the catalogue's, remembered by what is in the files."""
    version = catalog.digest(files), key
    if version not in _loaded:
        _loaded[version] = _load(files, key)
    return _loaded[version]
