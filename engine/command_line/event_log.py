"""The command `kunxin export`: the history of cases as an event log for process mining."""

from datetime import datetime
from pathlib import Path

import click

from engine.command_line.opening import opened
from engine.command_line.refusals import DAY
from engine.domain.event_log import Form
from engine.services import event_log
from engine.services.event_log import Wanted


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--since", type=DAY, metavar="DATE", help="首日 first day of filing")
@click.option("--until", type=DAY, metavar="DATE", help="末日 last day of filing")
@click.option("--procedure", metavar="KEY", help="只要这个程序 of one procedure only")
@click.option("--form", type=click.Choice([*Form]), help="by the name of the file, else OCEL")
@click.option("--english", is_flag=True, help="活动名用英文 names of activities in English")
def export(
    file: Path,
    since: datetime | None,
    until: datetime | None,
    procedure: str | None,
    form: str | None,
    english: bool,
) -> None:
    """导出流程挖掘日志。Write the event log for process mining: XES or OCEL 2.0 (JSON).

    人员和企业都用编号代替，文字内容不导出。Cases filed in the period, without a day the last 91. People
    and subjects are numbered, and numbered anew in each file; no text that anybody wrote is in it.
    """
    _, office = opened()
    wanted = Wanted(
        form=Form(form) if form else Form.XES if file.suffix == ".xes" else Form.OCEL,
        since=since.date() if since else None,
        until=until.date() if until else None,
        procedure=procedure,
        language="en" if english else "zh",
    )
    pieces = event_log.written(office, wanted, now=office.now())
    with file.open("wb") as target:
        for piece in pieces:
            target.write(piece)
    click.echo(f"{file}: {file.stat().st_size} 字节 bytes")
