"""The commands `kunxin audit`: is the history whole, and what somebody needs to ask that without us."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import click
import orjson

from engine.command_line.opening import opened
from engine.domain.calendar import SHANGHAI
from engine.domain.errors import Unavailable
from engine.domain.flaw import Flaw
from engine.services import history_checks, history_export, history_roots


@click.group("audit")
def audit_group() -> None:
    """防篡改的历史。The tamper-evident history."""


@audit_group.command("verify")
def verify() -> None:
    """核对每条历史链。Recompute every chain and compare it with the signed roots.

    Names the first bad or missing line of each case, the cut tail and the lost case too, and days
    without a root, which is no flaw: the server was off, or its clock was ahead.
    """
    _, office = opened()
    for first, last, number in history_roots.unrooted(office):
        click.echo(
            f"{first} – {last} 没有历史根，由根 {number:06d} 涵盖"
            f" no root was made on these days: root {number:06d} covers them"
        )
    report(history_checks.found_here(office))


@audit_group.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--case", "number", default=None, help="one case only, by its number")
def export(file: Path, number: str | None) -> None:
    """导出历史供外部核对。Write the history as lines of JSON.

    For deploy/verify_history.py, which needs no Kunxin.
    """
    _, office = opened()
    lines = history_export.export(office, number)
    with file.open("wb") as written:
        for told in lines:
            written.write(orjson.dumps(told) + b"\n")
    click.echo(f"{file}: {file.stat().st_size} 字节 bytes")


@audit_group.command("root")
def root() -> None:
    """现在写一个根。Write a root of history now, beside the one of each day."""
    _, office = opened()
    day = office.real_now().astimezone(SHANGHAI).date()
    with office.uow.begin() as session:
        history_roots.write_root(
            office, session, uuid4(), {"day": day.isoformat()}, office.real_now()
        )
    click.echo(f"根 root {office.roots.newest():06d}")


@audit_group.command("key")
def key() -> None:
    """签名公钥。The public key that signs the roots: write it down where this machine cannot change it."""
    _, office = opened()
    click.echo(office.roots.public_key())


def report(flaws: Iterator[Flaw]) -> None:
    """Each flaw on a line, then how many; exit code 1 when there are any."""
    found = 0
    try:
        for flaw in flaws:
            click.echo(f"{flaw.where}: {flaw.zh} {flaw.en}")
            found += 1
    except Unavailable as away:
        raise click.ClickException(f"{away} {away.english}") from None
    click.echo(f"{found} 处问题 flaws")
    if found:
        raise SystemExit(1)
