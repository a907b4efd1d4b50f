"""A template that goes on and on is ended, and nobody else's letter with it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from engine.domain.errors import Invalid
from engine.runtime import letters, typesetter
from engine.runtime.typesetter import Overran, SourceBroken
from engine.runtime.typesetting import fonts_in, typeset
from engine.settings import ROOT

FONTS = ROOT / "web/frontend/fonts"
AT = datetime(2020, 3, 2, 1, tzinfo=UTC)
HEAD = '#set document(title: "x")\n#set text(font: "Noto Serif SC", lang: "zh")\n'
ENDLESS = "#for a in range(9000) { for b in range(9000) { for c in range(9000) { } } }"


@pytest.fixture(autouse=True)
def short_of_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    typesetter._end_all()
    monkeypatch.setattr(typesetter, "BUDGET", 1)
    yield
    typesetter._end_all()


def put(source: str) -> bytes:
    files = {"main.typ": (HEAD + source).encode()}
    return typeset(files, "{}", fonts_in(FONTS, None), AT)


def workers() -> list[int]:
    return [each.process.pid for each in typesetter._idle]


@pytest.mark.parametrize(
    "source", [ENDLESS, '#(("a",) * 1000000000).len()', "#range(100000000000).len()"]
)
def test_a_source_without_end_or_measure_is_ended_and_the_next_one_is_set(source: str) -> None:
    with pytest.raises(Overran):
        put(source)
    assert workers() == []
    assert put("信用").startswith(b"%PDF")


def test_what_is_wrong_with_a_source_ends_nothing() -> None:
    before = put("信用")
    held = workers()
    with pytest.raises(SourceBroken, match="unknown variable: nope"):
        put("#nope")
    assert (workers(), put("信用")) == (held, before)


def test_who_set_others_before_and_has_no_room_left_is_replaced() -> None:
    put("信用")
    (held,) = workers()
    os.kill(held, signal.SIGKILL)
    assert put("信用").startswith(b"%PDF")
    assert held not in workers()


def test_whoever_is_stopped_in_the_middle_leaves_no_half_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put("信用")
    held, whole = workers(), typesetter._read

    class Stopped(BaseException):
        pass

    def stop(pipe: int, size: int, until: float) -> bytes:
        raise Stopped

    monkeypatch.setattr(typesetter, "_read", stop)
    with pytest.raises(Stopped):
        put("一")
    monkeypatch.setattr(typesetter, "_read", whole)
    assert workers() == []
    assert held != []
    assert put("信用").startswith(b"%PDF")


def test_the_refusal_names_template_and_lines() -> None:
    sources = {"p/letters/odd.typ": f"// title: 奇怪的信 | odd\n\n{HEAD}{ENDLESS}".encode()}
    data = {
        "number": "1",
        "issued_on": "2020-03-02",
        "issued_at": AT,
        "issuer": "市信用办",
        "case": {"number": "1"},
        "sandbox": True,
    }
    with pytest.raises(Invalid) as refused:
        letters.render(
            {**sources, "common/laws.toml": (ROOT / "workflows/common/laws.toml").read_bytes()},
            "odd",
            data,
            procedure="p",
            fonts=FONTS,
        )
    assert "p/letters/odd.typ" in str(refused.value)
    assert "第 5 行" in str(refused.value)
    assert "line 5" in refused.value.english
