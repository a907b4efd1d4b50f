"""The command `kunxin copy-files`: papers and letters of the data folder into an object store."""

import click

from engine import bootstrap
from engine.domain.errors import Unavailable
from engine.services import kept_files
from engine.settings import read_settings


@click.command("copy-files")
def copy_files() -> None:
    """复制文件到对象存储。Copy every file of the data folder into the object store; safe to run again.

    Run it before the servers are given KUNXIN_OBJECT_STORE_URL, and once more after.
    """
    settings = read_settings()
    if settings.object_store is None:
        raise click.ClickException("KUNXIN_OBJECT_STORE_URL 未设置 is not set")
    source, target = bootstrap.folder_store(settings), bootstrap.file_store(settings)
    try:
        told = list(kept_files.copied(source, target))
    except Unavailable as away:
        raise click.ClickException(f"{away} {away.english}") from None
    for key in (key for key, is_copied in told if not is_copied):
        click.echo(f"{key}: 文件缺失或被改动 the file is missing or changed")
    copied = sum(is_copied for _, is_copied in told)
    click.echo(f"已复制 copied: {copied}/{len(told)}")
    if copied < len(told):
        raise SystemExit(1)
