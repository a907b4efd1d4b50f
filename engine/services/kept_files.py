"""Which rows name a file, and which of those files the store does not have."""

from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import ColumnElement, select, true, union
from sqlalchemy.orm import Session

from engine.domain.errors import NotFound
from engine.persistence import content_lock, models
from engine.persistence.file_store import FileStore, key_of
from engine.persistence.folder_store import FolderStore
from engine.services.office import Office

#: Every column that holds the hash of a file in the store, and which of its rows. An erased letter's
#: hash only proves a copy that somebody else has.
COLUMNS: tuple[tuple[Any, ColumnElement[bool]], ...] = (
    (models.Paper.sha256, true()),
    (models.Letter.sha256, models.Letter.erased_at.is_(None)),
    (models.CourseCertificate.sha256, true()),
    (models.ObligationAct.proof_sha256, true()),
    (models.StillShown.proof_sha256, true()),
)
#: Files read at once: most of the time is waiting for the disk or for the object store.
AT_ONCE = 8


def keep(office: Office, session: Session, content: bytes) -> str:
    """The hash of a content that a row of this transaction will name; it is in the store then.

    Whoever erases it with the last row that named it comes before this, and it is put back, or after,
    and finds the new row.
    """
    content_lock.hold(session, key_of(content))
    return office.files.put(content)


def erase_unnamed(office: Office, session: Session, keys: Collection[str]) -> list[str]:
    """Take out of the store what no row names. What is left: contents that somebody is about to name."""
    busy = [key for key in keys if not content_lock.try_hold(session, key)]
    ours = [key for key in keys if key not in busy]
    held = still_named(session, ours)
    for key in ours:
        if key not in held:
            office.files.erase(key)
    return busy


def named_by_rows(session: Session) -> Iterator[str]:
    """The hash of each file that some row names, once."""
    named = union(*(select(column).where(column.is_not(None), which) for column, which in COLUMNS))
    return (key for key in session.scalars(named.execution_options(yield_per=1000)) if key)


def still_named(session: Session, keys: Collection[str]) -> set[str]:
    """Those of these hashes that some row names."""
    named = union(*(select(column).where(column.in_(keys), which) for column, which in COLUMNS))
    return {key for key in session.scalars(named) if key}


def lost(office: Office, session: Session) -> Iterator[str]:
    """The hashes of files that are missing or no longer what was stored; each is read whole.

    Unavailable when the store does not answer: that says nothing about its files.
    """
    for key, is_held in _looked_up(office.files, named_by_rows(session)):
        if not is_held:
            yield key


def _looked_up(files: FileStore, keys: Iterable[str]) -> Iterator[tuple[str, bool]]:
    with ThreadPoolExecutor(AT_ONCE) as hands:
        batch: list[str] = []
        for key in keys:
            batch.append(key)
            if len(batch) == AT_ONCE * 100:
                yield from zip(batch, hands.map(files.holds, batch), strict=True)
                batch = []
        yield from zip(batch, hands.map(files.holds, batch), strict=True)


def copied(source: FolderStore, target: FileStore) -> Iterator[tuple[str, bool]]:
    """Each file of the folder, and whether it could be read and is in the other store now; safe to
    run again, and while people work. Unavailable when the other store does not answer."""

    def copy(key: str) -> bool:
        try:
            return target.put(source.get(key)) == key
        except NotFound:  # it was changed in the folder: the doctor names its rows
            return False

    with ThreadPoolExecutor(AT_ONCE) as hands:
        keys = list(source.keys())
        yield from zip(keys, hands.map(copy, keys), strict=True)
