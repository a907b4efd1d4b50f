"""Faults of the machine: a process that is killed loses nothing it acknowledged and leaves no halves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.settings import ROOT
from tests.offices import Practice
from tests.oracle import contradictions, unsound

CASES = 6
#: The steps of a granted case.
STEPS = 8


@contextmanager
def at_work(
    practice: Practice, url: str, numbers: Iterable[str]
) -> Iterator[subprocess.Popen[str]]:
    script = Path(__file__).with_name("relentless.py")
    command = [sys.executable, str(script), url, str(practice.folder), "3", *numbers]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def acknowledged(process: subprocess.Popen[str]) -> Iterator[tuple[str, str]]:
    assert process.stdout is not None
    for line in process.stdout:
        number, _, element_id = line.strip().partition(" ")
        yield number, element_id


@pytest.mark.parametrize("database_url", ["postgresql", "sqlite"], indirect=True)
def test_a_process_killed_in_the_middle_of_completions_loses_none_it_acknowledged(
    practice: Practice, database_url: str
) -> None:
    numbers = [practice.file_case().number for _ in range(CASES)]
    told: Counter[tuple[str, str]] = Counter()
    for completions in (2, 7, 11):  # three deaths on the way
        with at_work(practice, database_url, numbers) as process:
            for place, line in enumerate(acknowledged(process), 1):
                told[line] += 1
                if place == completions:
                    os.kill(process.pid, signal.SIGKILL)
                    break
            told.update(acknowledged(process))  # what it still said before it died
        stored = completions_in(practice, numbers)
        assert told - stored == Counter(), "an acknowledged completion is gone"
        # stored and not acknowledged: at most what the three hands had just done
        assert (stored - told).total() <= 3
        told = stored
        assert contradictions(practice.office) == []

    with at_work(practice, database_url, numbers) as process:
        told.update(acknowledged(process))
        assert process.wait(timeout=120) == 0, process.stderr and process.stderr.read()
    assert completions_in(practice, numbers) == told
    assert told.total() == CASES * STEPS
    assert {practice.case(number).outcome for number in numbers} == {"granted"}
    assert unsound(practice.office) == []


def completions_in(practice: Practice, numbers: Iterable[str]) -> Counter[tuple[str, str]]:
    return Counter(
        (number, event.element_id or "")
        for number in numbers
        for event in practice.history(number)
        if event.kind == "task_completed"
    )
