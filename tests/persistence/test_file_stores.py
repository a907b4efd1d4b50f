"""Every store of files keeps to the same: by hash, once, whole, and never 'gone' for 'out of reach'."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from engine import bootstrap
from engine.domain.errors import NotFound, Unavailable
from engine.persistence import object_store
from engine.persistence.file_store import FileStore, key_of
from engine.persistence.folder_store import FolderStore
from engine.persistence.object_store import Bucket, ObjectStore, bucket_at, open_object_store
from engine.settings import SettingMissing, read_settings, refuse_unsafe
from tests import servers
from tests.persistence import object_stores
from tests.persistence.object_stores import BUCKET, KEY, SECRET, StoreServer

PAPER = "营业执照".encode() * 400


@dataclass(frozen=True)
class Kept:
    """A store, and what somebody who goes past it can do to what lies there."""

    store: FileStore
    overwrite: Callable[[str, bytes], object]
    remove: Callable[[str], object]
    count: Callable[[], int]


@pytest.fixture(scope="module")
def server() -> Iterator[StoreServer]:
    with object_stores.running() as running:
        yield running


@pytest.fixture(params=["folder", "objects"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    if request.param == "folder":
        place = tmp_path / "files"
        return Kept(
            FolderStore(place),
            lambda key, content: (place / key[:2] / key).write_bytes(content),
            lambda key: (place / key[:2] / key).unlink(),
            lambda: sum(path.is_file() for path in place.rglob("*")),
        )
    server: StoreServer = request.getfixturevalue("server")
    client, prefix = server.client(), f"of-{tmp_path.name}"
    store = open_object_store(f"{server.endpoint}/{BUCKET}/{prefix}", KEY, SECRET)

    def name(key: str) -> str:
        return f"{prefix}/{key[:2]}/{key}"

    return Kept(
        store,
        lambda key, content: client.put_object(Bucket=BUCKET, Key=name(key), Body=content),
        lambda key: client.delete_object(Bucket=BUCKET, Key=name(key)),
        lambda: client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["KeyCount"],
    )


def test_what_was_put_is_given_back_under_its_sha256(kept: Kept) -> None:
    key = kept.store.put(PAPER)
    assert key == hashlib.sha256(PAPER).hexdigest()
    assert kept.store.get(key) == PAPER
    assert kept.store.holds(key)


def test_the_same_content_lies_once_however_often_and_by_however_many_it_is_put(
    kept: Kept,
) -> None:
    with ThreadPoolExecutor(8) as hands:
        keys = set(hands.map(kept.store.put, [PAPER] * 16))
    assert keys == {key_of(PAPER)}
    assert kept.count() == 1


def test_an_empty_content_is_a_content(kept: Kept) -> None:
    assert kept.store.get(kept.store.put(b"")) == b""


def test_what_is_not_there_is_not_found(kept: Kept) -> None:
    with pytest.raises(NotFound):
        kept.store.get(key_of(b"never put"))
    assert not kept.store.holds(key_of(b"never put"))


def test_what_was_taken_away_is_missed_and_can_be_put_again(kept: Kept) -> None:
    key = kept.store.put(PAPER)
    kept.remove(key)
    assert not kept.store.holds(key)
    kept.store.put(PAPER)
    assert kept.store.holds(key)


def test_what_was_erased_is_gone_and_erasing_it_again_changes_nothing(kept: Kept) -> None:
    key, other = kept.store.put(PAPER), kept.store.put(b"another paper")
    for _ in range(2):
        kept.store.erase(key)
        assert not kept.store.holds(key)
    assert kept.store.holds(other)
    assert kept.store.put(PAPER) == key
    assert kept.store.get(key) == PAPER


def test_what_somebody_changed_is_never_given_out(kept: Kept) -> None:
    key = kept.store.put(PAPER)
    kept.overwrite(key, PAPER + b" ")
    with pytest.raises(NotFound, match="哈希"):
        kept.store.get(key)
    assert not kept.store.holds(key)


def test_a_folder_names_what_lies_in_it_but_nothing_half_written(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    keys = {store.put(content) for content in (b"a", b"b", PAPER)}
    (tmp_path / key_of(b"a")[:2] / "tmp1234").write_bytes(b"half")
    assert list(store.keys()) == sorted(keys)


# ── the store is away ───────────────────────────────────────────────────────────────────────────


@contextmanager
def answering(status: int, code: str) -> Iterator[str]:
    """The endpoint of a store that answers everything with one refusal."""
    told = f"<Error><Code>{code}</Code><Message/></Error>".encode()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(told)

        do_GET = do_PUT = do_HEAD = answer  # noqa: N815 - named by the library

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()
        thread.join()


@pytest.fixture(params=["nobody listens", "overrun", "key refused", "no bucket"])
def away(request: pytest.FixtureRequest) -> Iterator[ObjectStore]:
    if request.param == "nobody listens":
        endpoint = f"http://127.0.0.1:{servers.free_port()}"
        yield open_object_store(f"{endpoint}/{BUCKET}", KEY, SECRET)
        return
    if request.param == "no bucket":
        server: StoreServer = request.getfixturevalue("server")
        yield open_object_store(f"{server.endpoint}/another", KEY, SECRET)
        return
    status, code = {"overrun": (503, "SlowDown"), "key refused": (403, "AccessDenied")}[
        request.param
    ]
    with answering(status, code) as endpoint:
        yield open_object_store(f"{endpoint}/{BUCKET}", KEY, SECRET)


def test_while_the_store_is_away_nothing_is_said_to_be_gone(away: ObjectStore) -> None:
    with pytest.raises(Unavailable):
        away.put(PAPER)
    with pytest.raises(Unavailable):
        away.get(key_of(PAPER))
    with pytest.raises(Unavailable):
        away.holds(key_of(PAPER))
    with pytest.raises(Unavailable):
        away.erase(key_of(PAPER))


def test_a_store_that_is_silent_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_store, "ANSWER_WITHIN", 0.2)
    monkeypatch.setattr(object_store, "TRIES", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Unavailable):
            open_object_store(f"{endpoint}/{BUCKET}", KEY, SECRET).get(key_of(PAPER))


# ── settings ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "https://store.example.gov.cn:9000/papers",
            Bucket("https://store.example.gov.cn:9000", "papers", "", "us-east-1", False),
        ),
        (
            "https://obs.example.cn/papers/kunxin/2020?region=cn-east-3&addressing=virtual",
            Bucket("https://obs.example.cn", "papers", "kunxin/2020/", "cn-east-3", True),
        ),
    ],
)
def test_an_address_names_endpoint_bucket_and_prefix(address: str, expected: Bucket) -> None:
    assert bucket_at(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "papers",
        "s3://papers",
        "https://store.example.gov.cn",
        "https://key:secret@store.example.gov.cn/papers",
        "https://store.example.gov.cn/papers?addressing=sideways",
        "https://store.example.gov.cn/papers?regoin=cn",
    ],
)
def test_another_address_is_refused_before_anything_is_stored(address: str) -> None:
    with pytest.raises(ValueError, match="https://host/bucket"):
        open_object_store(address, KEY, SECRET)


def test_an_installation_with_the_address_of_a_bucket_keeps_its_files_there(
    server: StoreServer, tmp_path: Path
) -> None:
    given = {
        "KUNXIN_DATA_DIR": str(tmp_path),
        "KUNXIN_OBJECT_STORE_URL": server.address,
        "KUNXIN_OBJECT_STORE_KEY": KEY,
        "KUNXIN_OBJECT_STORE_SECRET": SECRET,
    }
    key = bootstrap.file_store(read_settings(given)).put(PAPER)
    assert server.open().get(key) == PAPER
    assert isinstance(bootstrap.file_store(read_settings({"KUNXIN_DATA_DIR": "/"})), FolderStore)


def test_a_server_does_not_send_papers_in_the_clear() -> None:
    safe = {
        "KUNXIN_SECRET_KEY": "k" * 64,
        "KUNXIN_PUBLIC_URL": "https://credit.example.gov.cn",
        "KUNXIN_DATABASE_URL": "postgresql+psycopg:///kunxin",
    }
    for url in ("https://store.example/papers", "http://127.0.0.1:9000/papers"):
        given = {**safe, "KUNXIN_OBJECT_STORE_URL": url}
        refuse_unsafe(read_settings(given), given)
    given = {**safe, "KUNXIN_OBJECT_STORE_URL": "http://store.example/papers"}
    with pytest.raises(SettingMissing, match="KUNXIN_OBJECT_STORE_URL"):
        refuse_unsafe(read_settings(given), given)


def test_a_folder_whose_disk_is_not_mounted_is_away_not_empty_and_nothing_is_hidden_under_it(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "files"
    store = FolderStore(folder, is_given=True)
    store.make()
    key = store.put(PAPER)
    folder.rename(tmp_path / "elsewhere")
    for ask in (store.get, store.holds):
        with pytest.raises(Unavailable):
            ask(key)
    with pytest.raises(Unavailable):
        store.put(PAPER)
    assert not folder.exists()
    (tmp_path / "elsewhere").rename(folder)
    assert store.get(key) == PAPER
