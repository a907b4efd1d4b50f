"""The command `kunxin retention`: what is kept for how long, what is due, and to have it erased."""

import click

from engine.command_line.opening import opened
from engine.domain.errors import EngineError
from engine.domain.retention import By, Due
from engine.services import people
from engine.services import retention as services


@click.command()
@click.option("--erase", "key", default=None, help="erase what is due of this kind")
@click.option("--as", "username", default=None, help="account of the administrator who orders it")
def retention(key: str | None, username: str | None) -> None:
    """保存期限与清除。Show what is kept for how long, on what basis, and what is due.

    Changes nothing by itself.
    """
    _, office = opened()
    if key is None:
        for due in services.preview(office, now=office.now()):
            click.echo(_line(due))
        return
    if username is None:
        raise click.UsageError(
            "--erase 要带 --as：由谁下令要留痕。 --erase wants --as: who orders it is kept"
        )
    try:
        actor = people.actor_of_username(office, username)
        done = services.erase(office, actor, key, now=office.now())
    except EngineError as refused:
        raise click.ClickException(f"{refused} {refused.english}") from None
    click.echo(f"{key}: 已清除 erased {done}")


def _line(due: Due) -> str:
    rule = due.rule
    if rule.by is By.NEVER:
        return (
            f"{rule.key:<16} 保留 kept          {rule.title.zh} {rule.title.en}\n    {rule.basis}"
        )
    how = "自动 by itself" if rule.by is By.JOB else "经命令 by order"
    return (
        f"{rule.key:<16} {rule.months} 个月 months，{how}，到期 due: {due.count}"
        f"  {rule.title.zh} {rule.title.en}\n    {rule.basis}"
    )
