"""The command `kunxin check-breached`: the whole list of breached passwords looked at, line by line."""

import click

from engine.exchange.breached_passwords import BreachedPasswords, ListBroken
from engine.settings import read_settings


@click.command("check-breached")
def check_breached() -> None:
    """检查泄露密码名单。Read the list of breached passwords whole: its form and its order.

    At the start only a thousand places of it are looked at. 启动时只抽查一千处。
    """
    path = read_settings().breached_passwords
    if path is None:
        raise click.ClickException("KUNXIN_BREACHED_PASSWORDS 未设置 is not set")
    try:
        held = BreachedPasswords(path).read_whole()
    except ListBroken as broken:
        raise click.ClickException(f"名单有误 the list is broken: {broken}") from None
    click.echo(f"名单完好，{held} 个密码 the list is whole: {held} passwords")
