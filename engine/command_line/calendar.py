"""The commands `kunxin calendar`: what a limit comes to, and a new calendar proposed."""

from datetime import date, datetime
from pathlib import Path

import click

from engine.command_line.opening import opened
from engine.command_line.refusals import DAY
from engine.domain.calendar_views import ChangePreview
from engine.domain.errors import EngineError
from engine.services import calendar_changes, calendar_drafts, calendars, deployments, people
from engine.services.calendar_drafts import Request


@click.group()
def calendar() -> None:
    """工作日历。The working calendar."""


@calendar.command("due")
@click.argument("start", type=DAY, metavar="DATE")
@click.argument("working_days", type=int)
def calendar_due(start: datetime, working_days: int) -> None:
    """期限的末日。The last day of a limit; the start day is not counted."""
    _, office = opened()
    deployments.load_shared(office, office.workflows)
    last: date = calendars.due(office, start.date(), working_days)
    click.echo(last.isoformat())


@calendar.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "username", required=True, help="account of an administrator")
@click.option("--reason", required=True)
@click.option("--document", default="", help="number of the notice, where the file has none")
@click.option("--year", type=int, help="of a notice that names none")
@click.option("--preview", is_flag=True, help="say what would move, and propose nothing")
def calendar_import(
    file: Path, username: str, reason: str, document: str, year: int | None, preview: bool
) -> None:
    """提出新日历。Propose a year's CSV or a notice in prose; a second person approves it in the pages."""
    _, office = opened()
    actor = people.actor_of_username(office, username)
    try:
        text = calendar_drafts.text_of(file.name, file.read_bytes())
        source = "file" if text.lstrip().startswith("#") else "notice"
        asked = Request(source=source, text=text, year=year, document=document, reason=reason)
        told = calendar_drafts.preview(office, actor, asked, now=office.now())
        _say(told)
        if not preview:
            made = calendar_changes.propose(office, actor, asked, now=office.now())
            click.echo(f"已提出，等另一人批准 proposed, a second person approves: {made}")
    except EngineError as refusal:
        told_fields = "".join(f"\n  {name}: {why}" for name, why in refusal.fields.items())
        raise click.ClickException(f"{refusal} {refusal.english}{told_fields}") from None


def _say(told: ChangePreview) -> None:
    for each in told.days:
        now_is = "上班 work" if each.after.is_open else "休息 off"
        click.echo(f"{each.on} {now_is} {each.after.name}")
    for unread in told.reading.not_understood if told.reading else ():
        click.echo(f"没读懂 not understood: {unread.clause}（{unread.why.zh}）")
    tally = told.tally
    click.echo(
        f"延后 later {tally.later}，提前 earlier {tally.earlier}，"
        f"新超期 newly red {tally.newly_red}，不变 unchanged {tally.staying}"
    )
