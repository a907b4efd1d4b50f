"""The credit platform: by folder, by HTTP, and the one that a training installation plays itself."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from engine.domain.errors import Invalid
from engine.exchange.credit_platform import (
    Acknowledgement,
    ExchangeFolder,
    HttpPlatform,
    NoticeAnswer,
    PlatformUnreachable,
    PracticePlatform,
)

NOTICE = {"case_number": "KSXY-XF-20200302-000001", "notice": "takedown"}
SENT = datetime(2020, 3, 2, 1, tzinfo=UTC)


def acknowledge(folder: Path, name: str, **told: Any) -> None:
    (folder / "in").mkdir(parents=True, exist_ok=True)
    (folder / "in" / f"{name}.json").write_text(json.dumps(told), "utf-8")


def test_a_notice_is_a_file_named_by_its_id(tmp_path: Path) -> None:
    ExchangeFolder(tmp_path).send("a1", NOTICE)
    (file,) = (tmp_path / "out").iterdir()
    assert file.name == "a1.json"
    assert json.loads(file.read_text("utf-8")) == {"id": "a1", **NOTICE}


def test_the_same_notice_again_is_one_file(tmp_path: Path) -> None:
    for _ in range(2):
        ExchangeFolder(tmp_path).send("a1", NOTICE)
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_an_acknowledgement_is_offered_until_it_is_settled(tmp_path: Path) -> None:
    platform = ExchangeFolder(tmp_path)
    acknowledge(tmp_path, "r7", case_number="KSXY-1", message="takedown_acknowledged", payload={})
    (found,) = platform.collect()
    assert isinstance(found, Acknowledgement)
    assert (found.key, found.case_number) == ("r7", "KSXY-1")
    assert [each.key for each in platform.collect()] == ["r7"]
    platform.settle(found)
    assert list(platform.collect()) == []


def test_an_acknowledgement_that_cannot_be_read_is_laid_aside_and_kept(tmp_path: Path) -> None:
    acknowledge(tmp_path, "bad", message="takedown_acknowledged")
    (tmp_path / "in" / "worse.json").write_text("{", "utf-8")
    assert list(ExchangeFolder(tmp_path).collect()) == []
    assert {each.name for each in (tmp_path / "refused").iterdir()} == {"bad.json", "worse.json"}


def test_what_another_process_settles_meanwhile_is_left_to_it(tmp_path: Path) -> None:
    here, there = ExchangeFolder(tmp_path), ExchangeFolder(tmp_path)
    for key in ("r1", "r2"):
        acknowledge(
            tmp_path, key, case_number="KSXY-1", message="takedown_acknowledged", payload={}
        )
    offered = here.collect()
    first = next(offered)
    for each in there.collect():
        there.settle(each)
    assert list(offered) == []
    here.settle(first)
    assert {each.name for each in (tmp_path / "done").iterdir()} == {"r1.json", "r2.json"}


def test_the_practice_platform_answers_a_take_down_after_a_while_and_once(tmp_path: Path) -> None:
    platform = PracticePlatform(tmp_path)
    platform.send("a1", {**NOTICE, "sent_at": SENT.isoformat()})
    platform.send("a2", {"notice": "publish", "records": []})
    assert platform.answer(SENT) == 0
    later = SENT + timedelta(days=1)
    assert platform.answer(later) == 1
    (found,) = platform.collect()
    assert isinstance(found, Acknowledgement)
    assert (found.key, found.message) == ("a1", "takedown_acknowledged")
    platform.settle(found)
    assert platform.answer(later) == 0


def test_the_practice_platform_answers_reports_line_by_line_and_refuses_a_badly_written_number(
    tmp_path: Path,
) -> None:
    platform = PracticePlatform(tmp_path)
    lines = [
        {"line": "l1", "kind": "penalty", "number": "昆市监罚〔2020〕1号"},
        {"line": "l2", "kind": "penalty", "number": "昆市监罚【2020】2号"},
        {"line": "l3", "kind": "court_default", "number": "（2019）苏0583执1号"},
    ]
    platform.send("b1", {"notice": "publish", "sent_at": SENT.isoformat(), "records": lines})
    assert platform.answer(SENT + timedelta(days=1)) == 1
    (found,) = platform.collect()
    assert isinstance(found, NoticeAnswer)
    answered = [(each.line, each.is_accepted) for each in found.lines]
    assert answered == [("l1", True), ("l2", False), ("l3", True)]  # courts write round brackets
    assert "六角括号" in found.lines[1].cause


def test_an_answer_whose_line_says_neither_yes_nor_no_is_laid_aside(tmp_path: Path) -> None:
    acknowledge(tmp_path, "half", notice="b1", lines=[{"line": "l1"}])
    assert list(ExchangeFolder(tmp_path).collect()) == []
    assert (tmp_path / "refused" / "half.json").exists()


class _Receiver(BaseHTTPRequestHandler):
    received: list[tuple[str, str | None, Any]]

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append((self.path, self.headers["Idempotency-Key"], json.loads(body)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return None


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[tuple[str, str | None, Any]]]]:
    received: list[tuple[str, str | None, Any]] = []
    handler = type("Receiver", (_Receiver,), {"received": received})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_by_http_a_notice_is_put_under_its_id(
    receiver: tuple[str, list[tuple[str, str | None, Any]]],
) -> None:
    url, received = receiver
    HttpPlatform(url).send("a1", NOTICE)
    assert received == [("/notices/a1", "a1", {"id": "a1", **NOTICE})]


def test_a_platform_that_is_away_is_said_to_be_away() -> None:
    with pytest.raises(PlatformUnreachable):
        HttpPlatform("http://127.0.0.1:9", timeout=1).send("a1", NOTICE)


def test_only_http_addresses_are_taken_for_a_platform() -> None:
    with pytest.raises(Invalid):
        HttpPlatform("file:///etc")
