"""The upper credit platform (信用江苏、信用中国): notices go out, acknowledgements come back."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import orjson

from engine.domain.errors import EngineError, Invalid, Unavailable
from engine.exchange.outgoing import CallFailed, CallRefused, Outgoing


class PlatformUnreachable(EngineError):
    slug = "platform-unreachable"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An answer of the platform. `key` is its own number: the same one twice counts once."""

    key: str
    case_number: str
    message: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What the platform made of one line of a notice; `cause` says why it refused it."""

    line: str
    is_accepted: bool
    cause: str = ""


@dataclass(frozen=True, slots=True)
class NoticeAnswer:
    """An answer to a notice of many lines: line by line. The same `key` twice counts once."""

    key: str
    lines: tuple[LineAnswer, ...]


Answer = Acknowledgement | NoticeAnswer


class CreditPlatform(Protocol):
    def send(self, notice_id: str, notice: dict[str, Any]) -> None:
        """Hand over a notice. The same `notice_id` again changes nothing on the other side."""

    def collect(self) -> Iterator[Answer]:
        """Answers not yet settled."""

    def settle(self, acknowledgement: Answer) -> None:
        """Do not offer this one again."""


class ExchangeFolder:
    """Adapter by folder: `out/*.json` are notices, `in/*.json` acknowledgements, `done/` settled.

    Several may collect at once; what another has settled meanwhile is left to it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, notice_id: str, notice: dict[str, Any]) -> None:
        told = orjson.dumps({"id": notice_id, **notice}, option=orjson.OPT_INDENT_2)
        try:
            _write_whole(self._sub("out") / f"{notice_id}.json", told)
        except OSError as failure:  # a disk that is full, or may only be read
            raise Unavailable(
                f"交换文件夹写不进去：{failure.strerror}",
                f"the exchange folder cannot be written: {failure.strerror}",
            ) from failure

    def collect(self) -> Iterator[Answer]:
        for path in sorted(self._sub("in").glob("*.json")):
            with suppress(FileNotFoundError):
                try:
                    found = _answer(orjson.loads(path.read_bytes()), path.stem)
                except (orjson.JSONDecodeError, Invalid):
                    path.replace(self._sub("refused") / path.name)
                else:
                    yield found

    def settle(self, acknowledgement: Answer) -> None:
        path = self._sub("in") / f"{acknowledgement.key}.json"
        with suppress(FileNotFoundError):
            path.replace(self._sub("done") / path.name)

    def _sub(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _write_whole(path: Path, content: bytes) -> None:
    """The file appears with all it holds, or not at all."""
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    part.write_bytes(content)
    part.replace(path)


class HttpPlatform:
    """Adapter by HTTP: notices are PUT under their id; acknowledgements come to our own API."""

    def __init__(self, url: str, *, outgoing: Outgoing | None = None, timeout: float = 10) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise Invalid(f"平台地址无效：{url}", f"not an HTTP address: {url}")
        self._url = url.rstrip("/")
        self._outgoing = outgoing or Outgoing()
        self._timeout = timeout  # seconds

    def send(self, notice_id: str, notice: dict[str, Any]) -> None:
        try:
            answer = self._outgoing.send(
                "PUT",
                f"{self._url}/notices/{notice_id}",
                headers={"Content-Type": "application/json", "Idempotency-Key": notice_id},
                body=orjson.dumps({"id": notice_id, **notice}),
                is_trusted=True,  # KUNXIN_PLATFORM_URL
                in_all=self._timeout,
            )
        except (CallFailed, CallRefused) as problem:
            raise PlatformUnreachable(
                f"上级平台无法连接：{problem}", f"the platform cannot be reached: {problem.english}"
            ) from problem
        if not answer.is_good:
            raise PlatformUnreachable(
                f"上级平台没有收下：HTTP {answer.status}",
                f"the platform did not take it: HTTP {answer.status}",
            )

    def collect(self) -> Iterator[Answer]:
        return iter(())

    def settle(self, acknowledgement: Answer) -> None:
        return None


#: An upper platform answers on the next day, not at once: so a trainee sees the wait.
PRACTICE_ANSWERS_AFTER = timedelta(hours=20)


class PracticePlatform:
    """A training installation has no platform above it: this one answers its own folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._exchange = folder, ExchangeFolder(folder)

    def send(self, notice_id: str, notice: dict[str, Any]) -> None:
        self._exchange.send(notice_id, notice)

    def answer(self, now: datetime) -> int:
        """Acknowledge what has lain in `out/` for most of a day of the training clock; how many."""
        answered = 0
        for path in sorted((self._folder / "out").glob("*.json")):
            place = self._folder / "in" / path.name
            if (self._folder / "done" / path.name).exists() or place.exists():
                continue
            notice = orjson.loads(path.read_bytes())
            if not _is_answered(notice):
                continue
            sent_at = datetime.fromisoformat(notice["sent_at"])
            if now - sent_at >= PRACTICE_ANSWERS_AFTER:
                place.parent.mkdir(parents=True, exist_ok=True)
                _write_whole(place, _practice_answer(notice))
                answered += 1
        return answered

    def collect(self) -> Iterator[Answer]:
        return self._exchange.collect()

    def settle(self, acknowledgement: Answer) -> None:
        self._exchange.settle(acknowledgement)


def _is_answered(notice: dict[str, Any]) -> bool:
    """A notice of a case that was taken down, or one whose lines have numbers."""
    return notice.get("notice") == "takedown" or bool(_lines_of(notice))


def _lines_of(notice: dict[str, Any]) -> list[dict[str, Any]]:
    records = notice.get("records")
    return [each for each in records if each.get("line")] if isinstance(records, list) else []


#: How the number of a decision is written by GB/T 9704: the year in hexagonal brackets. The practice
#: platform refuses others, as the real one does; courts number their cases in round ones.
_NUMBER = re.compile(r"〔\d{4}〕")
BADLY_WRITTEN = "决定书文号格式不符：年份须用六角括号〔〕"


def _practice_lines(notice: dict[str, Any]) -> list[dict[str, Any]]:
    is_publication = notice.get("notice") == "publish"
    return [
        {"line": each["line"], "accepted": False, "cause": BADLY_WRITTEN}
        if is_publication and _is_badly_written(each)
        else {"line": each["line"], "accepted": True}
        for each in _lines_of(notice)
    ]


def _is_badly_written(line: dict[str, Any]) -> bool:
    return line.get("kind") == "penalty" and not _NUMBER.search(str(line.get("number", "")))


def _practice_answer(notice: dict[str, Any]) -> bytes:
    if not notice.get("case_number"):
        answer = {"notice": notice.get("id"), "lines": _practice_lines(notice)}
        return orjson.dumps(answer, option=orjson.OPT_INDENT_2)
    told = {
        "case_number": notice.get("case_number"),
        "message": "takedown_acknowledged",
        "payload": {"site": "信用中国", "notice": notice.get("id")},
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def _answer(told: Any, key: str) -> Answer:
    if isinstance(told, dict) and isinstance(told.get("lines"), list):
        return NoticeAnswer(key, tuple(_line_answer(each) for each in told["lines"]))
    return _acknowledgement(told, key)


def _line_answer(told: Any) -> LineAnswer:
    if not isinstance(told, dict) or not isinstance(told.get("accepted"), bool):
        raise Invalid("回执的行不完整。", "a line of the answer says neither yes nor no")
    return LineAnswer(str(told.get("line", "")), told["accepted"], str(told.get("cause", "")))


def _acknowledgement(told: Any, key: str) -> Acknowledgement:
    if not isinstance(told, dict) or not isinstance(told.get("case_number"), str):
        raise Invalid("回执缺办件编号。", "the acknowledgement names no case")
    payload = told.get("payload")
    return Acknowledgement(
        key=key,
        case_number=told["case_number"],
        message=str(told.get("message", "")),
        payload=payload if isinstance(payload, dict) else {},
    )
