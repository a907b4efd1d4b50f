"""The scripts of deploy/ with bad input: each refuses in a sentence, and touches nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from engine.settings import ROOT

SETTINGS = {"KUNXIN_DATABASE_URL": "postgresql+psycopg://kunxin@/kunxin", "KUNXIN_DATA_DIR": "data"}


def run(
    folder: Path, script: str, *words: str, **settings: str
) -> subprocess.CompletedProcess[str]:
    """As a shell without any settings of ours, in that folder."""
    return subprocess.run(
        ["sh", "-eu", ROOT / "deploy" / script, *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **SETTINGS, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A machine's folder: data, a backup that is whole but for its sums, settings without a key."""
    for name in ("data", "backup", "backup.part", "changed"):
        (tmp_path / name).mkdir()
    (tmp_path / "changed/database").write_text("another")
    (tmp_path / "changed/SHA256SUMS").write_text(f"{'0' * 64}  database\n")
    (tmp_path / "kunxin.env").write_text("KUNXIN_SECRET_KEY=\n")
    return tmp_path


@pytest.mark.parametrize(
    ("script", "words", "told"),
    [
        ("backup.sh", [], "usage: backup.sh FOLDER"),
        ("backup.sh", [""], "usage: backup.sh FOLDER"),
        ("backup.sh", ["a", "b"], "usage: backup.sh FOLDER"),
        ("restore.sh", [], "usage: restore.sh BACKUP"),
        ("restore.sh", [""], "usage: restore.sh BACKUP"),
        ("restore.sh", ["nowhere"], "nowhere is no backup"),
        ("restore.sh", ["backup"], "backup is no backup"),
        ("restore.sh", ["backup.part"], "was interrupted"),
        ("restore.sh", ["changed"], "changed is not as it was made"),
        ("rotate-key.sh", [], "usage: rotate-key.sh ENVFILE"),
        ("rotate-key.sh", ["nowhere"], "nowhere is no file"),
        ("rotate-key.sh", ["data"], "data is no file"),
        ("rotate-key.sh", ["kunxin.env"], "holds no KUNXIN_SECRET_KEY"),
        ("lock.sh", [], "usage: lock.sh UV"),
        ("lock.sh", ["nowhere"], "nowhere is no program"),
        ("as-kunxin.sh", [], "a command as the account kunxin"),
        ("account.sh", [], "POSTGRES_USER"),
    ],
)
def test_what_it_cannot_use_is_refused_and_nothing_is_changed(
    folder: Path, script: str, words: list[str], told: str
) -> None:
    before = contents(folder)
    done = run(folder, script, *words)
    assert done.returncode not in (0, 127)
    assert told in done.stderr
    assert contents(folder) == before


def contents(folder: Path) -> dict[Path, str]:
    return {path: path.read_text() if path.is_file() else "" for path in folder.rglob("*")}


@pytest.mark.parametrize("script", ["backup.sh", "restore.sh"])
@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("KUNXIN_DATABASE_URL", "sqlite:///a.db", "no address of PostgreSQL"),
        ("KUNXIN_DATABASE_URL", "", "KUNXIN_DATABASE_URL"),
        ("KUNXIN_DATA_DIR", "", "KUNXIN_DATA_DIR"),
    ],
)
def test_settings_that_fit_no_server_are_named(
    folder: Path, script: str, name: str, given: str, told: str
) -> None:
    before = contents(folder)
    done = run(folder, script, "backup", **{name: given})
    assert done.returncode != 0
    assert told in done.stderr
    assert contents(folder) == before


def test_a_data_folder_that_is_not_mounted_is_not_taken_for_an_empty_one(folder: Path) -> None:
    done = run(folder, "backup.sh", "backups", KUNXIN_DATA_DIR="unmounted")
    assert done.returncode != 0
    assert "is its disk mounted?" in done.stderr
    assert not (folder / "backups").exists()


def test_a_backup_that_fails_leaves_nothing_behind(folder: Path) -> None:
    nobody = "postgresql+psycopg://kunxin@127.0.0.1:1/kunxin"
    done = run(folder, "backup.sh", "backups", KUNXIN_DATABASE_URL=nobody)
    assert done.returncode != 0
    assert list((folder / "backups").iterdir()) == []


def test_of_several_keys_the_one_in_use_is_kept_for_what_was_signed_with_it(folder: Path) -> None:
    settings = folder / "kunxin.env"
    settings.write_text("KUNXIN_SECRET_KEY=first\nPORT=1\nKUNXIN_SECRET_KEY=last\n")
    settings.chmod(0o640)
    (folder / "linked.env").symlink_to("kunxin.env")
    assert run(folder, "rotate-key.sh", "linked.env").returncode == 0
    kept = dict(line.split("=") for line in settings.read_text().splitlines())
    assert kept["KUNXIN_SECRET_KEY_OLD"] == "last"
    assert len(kept.pop("KUNXIN_SECRET_KEY")) == 64
    assert kept == {"PORT": "1", "KUNXIN_SECRET_KEY_OLD": "last"}
    assert settings.stat().st_mode & 0o777 == 0o640
    assert (folder / "linked.env").is_symlink()
