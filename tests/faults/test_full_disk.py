"""Disks that are really full: of papers and letters, and of the database. Run by `make test-faults` as root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from engine.persistence import models
from engine.services.job_operations import MOST_RETRIES
from tests.faults.city import City, wait_for
from tests.faults.test_servers_that_die import assert_all_is_done, filed, is_printed
from tests.oracle import unsound

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: only root mounts a small disk"),
]
KB = 1024


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A disk of so many bytes in place of the folder, with what was in it."""
    folder.mkdir(exist_ok=True)
    held = folder.with_name(f"{folder.name}-before")
    subprocess.run(["cp", "-a", str(folder), str(held)], check=True)  # owners too
    owner = folder.stat()
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={size // KB}k", "tmpfs", str(folder)]
    if subprocess.run(mounted, check=False, capture_output=True).returncode:
        pytest.skip("NOT TESTED: no small disk can be mounted here")
    try:
        subprocess.run(["cp", "-a", f"{held}/.", str(folder)], check=True)
        os.chown(folder, owner.st_uid, owner.st_gid)
        folder.chmod(owner.st_mode & 0o777)
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leaves no room on the disk; the file that takes it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (64 * KB, KB, 1):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue
    return ballast


def test_letters_wait_for_room_and_lose_no_try_and_work_goes_on_meanwhile(city: City) -> None:
    numbers = filed(city, 1)
    with small_disk(city.folder / "files", 2_000 * KB) as disk:
        ballast = fill(disk)
        with city.web(), city.worker(), city.beat():
            (letter,) = [
                job
                for job in city.practice.of_case(models.Job, numbers[0])
                if job.operation == "print_letter"
            ]

            def told() -> str:
                found = city.practice.of_case(models.Job, numbers[0])
                return next(job.last_error for job in found if job.id == letter.id)

            wait_for(lambda: "Unavailable" in told(), "the job to find no room")
            with city.worked_by(1, numbers) as work:
                work.until(2)
                ballast.unlink()
            wait_for(lambda: is_printed(city, numbers[0]), "the letters")
        assert_all_is_done(city, work)
        jobs = city.practice.of_case(models.Job, numbers[0])
        assert {job.retries_left for job in jobs} == {MOST_RETRIES}
        assert unsound(city.practice.office) == []
        kept = {path for path in disk.rglob("*") if path.is_file()}
        assert all(len(path.name) == 64 for path in kept), "something half written is left"
        shutil.copytree(disk, city.folder / "kept")
    shutil.rmtree(city.folder / "files")
    (city.folder / "kept").rename(city.folder / "files")


def test_a_database_whose_disk_is_full_loses_nothing_and_goes_on_when_there_is_room(
    city: City,
) -> None:
    numbers = filed(city, 4)
    city.practice.close()
    city.database.end()
    folder = city.folder.parent / "database"
    taken = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(folder, taken + 64 * KB * KB))
        city.database.start()
        stack.callback(city.practice.close)
        with city.web(), city.worked_by(2, numbers) as work:
            work.until(2)
            ballast = fill(disk)
            work.until_answered(503)
            page = city.ask("GET", "/track")
            ballast.unlink()
            if city.database.process is None or city.database.process.poll() is not None:
                city.database.start()  # it ends itself when its log cannot be written
            city.practice.close()
        assert b"Traceback" not in page.body
        assert_all_is_done(city, work)
        assert unsound(city.practice.office) == []
        city.practice.close()
        city.database.end()
        shutil.copytree(disk, folder.with_name("kept"), symlinks=True)
        subprocess.run(["cp", "-a", f"{disk}/.", str(folder.with_name("kept"))], check=True)
    shutil.rmtree(folder)
    folder.with_name("kept").rename(folder)
    city.database.start()
