"""The command `kunxin upgrade`: the database of this release, its procedures, and who may do what there."""

import click

from engine import bootstrap
from engine.command_line.opening import prepared
from engine.domain.actor import SYSTEM
from engine.services import deployments
from engine.settings import Settings


@click.command()
def upgrade() -> None:
    """升级到本版。Bring the database to this release and deploy its procedures; safe to run again.

    With KUNXIN_OWNER_DATABASE_URL the tables belong to that account, and the one of
    KUNXIN_DATABASE_URL may add to history, not change it. Rows of an earlier release are packed at
    the end, beside the running office; who is interrupted goes on there the next time.
    """
    settings, office = prepared()
    made = deployments.deploy_all(office, SYSTEM, now=office.now())
    click.echo(f"数据库已是本版 the database is of this release；新部署 deployed: {made}")
    click.echo(_rights(settings))
    for table in bootstrap.repack(settings):
        click.echo(f"已按本版存放 stored as this release does: {table}")


def _rights(settings: Settings) -> str:
    if bootstrap.may_change_history(settings):
        return (
            "提醒 note：运行账户能改写历史 the account of web and workers could change history"
            " (KUNXIN_OWNER_DATABASE_URL)"
        )
    return "运行账户只能追加历史 the account of web and workers may only add to history"
