"""Every command says what it does in both languages, and what it cannot do in words, with its exit code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from engine.command_line import main
from engine.settings import ROOT


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One office for all: nothing that is refused here leaves anything in it."""
    return tmp_path_factory.mktemp("office")


def run(folder: Path, *words: str) -> Result:
    settings = {
        "KUNXIN_DATA_DIR": str(folder),
        "KUNXIN_DATABASE_URL": None,
        "KUNXIN_BROKER_URL": None,
        "KUNXIN_SANDBOX": None,
    }
    told = (word.replace("{folder}", str(folder)) for word in words)
    return CliRunner().invoke(main, tuple(told), env=settings)


ACCOUNT = ("user", "add", "lin", "--name", "林", "--password", "a-secret-x")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("calendar", "due", "2020-13-40", "3"), 2, "DATE"),
        (("calendar", "due", "2020-01-22", "0"), 1, "at least 1 working day"),
        (("check", "/nowhere"), 2, "does not exist"),
        (("check", str(ROOT / "tests")), 1, "tests has no procedure.toml"),
        (("deploy", str(ROOT / "tests")), 1, "缺 procedure.toml"),
        (("import-records", str(ROOT / "README.md"), "--as", "nobody"), 1, "没有账号 nobody"),
        (("audit", "export", "/nowhere/file"), 1, "/nowhere/file: No such file"),
        (("audit", "export", "{folder}/file", "--case", "KSXY-XF-20200101-000001"), 1, "no such case"),
        (("retention", "--erase", "drafts"), 2, "由谁下令"),
        ((*ACCOUNT, "--group", "wizard"), 1, "there is no group wizard"),
        ((*ACCOUNT, "--department", "moon"), 1, "没有部门 moon"),
        (("serve", "--port", "99999"), 2, "65535"),
        (("worker",), 1, "KUNXIN_BROKER_URL"),
        (("demo",), 1, "KUNXIN_SANDBOX=1"),
    ],
)  # fmt: skip
def test_what_a_command_cannot_do_is_said_and_nothing_is_left_half_done(
    folder: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    result = run(folder, *words)
    assert (result.exit_code, type(result.exception)) == (code, SystemExit), result.output
    assert said in result.output
    assert not (folder / "file").exists()


def test_a_name_that_is_taken_is_called_so(folder: Path) -> None:
    taken = ("user", "add", "zhao", "--name", "赵", "--password", "a-secret-x", "--group", "window")
    assert run(folder, *taken).exit_code == 0
    assert "the username is taken" in run(folder, *taken).output


def names(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from names(command, (*before, name))


@pytest.mark.parametrize("words", [*names(main)], ids=" ".join)
def test_a_command_says_what_it_does_in_chinese_and_in_english(
    folder: Path, words: tuple[str, ...]
) -> None:
    told = run(folder, *words, "--help").output.partition("\n\n")[2].partition("Options:")[0]
    assert re.search(r"[\u4e00-\u9fff]{2}", told)
    assert re.search(r"[A-Za-z]{3} [a-z]{2}", told)
    above = run(folder, *words[:-1], "--help").output.splitlines()
    (line,) = [one for one in above if one.startswith(f"  {words[-1]} ")]
    assert not line.endswith("...")
