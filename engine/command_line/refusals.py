"""What a command cannot do is said in a line or two, not shown as a failure of the program."""

from typing import Any

import click

from engine.domain.errors import EngineError, Unavailable
from engine.persistence.outage import told_as_outage
from engine.settings import SettingMissing


class Commands(click.Group):
    """Commands whose refusals end them with exit code 1 and words; a fault of ours stays one."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with told_as_outage():
                return super().invoke(ctx)
        except Unavailable as away:
            said = f"{away} {away.english}\n{_first_line(away.__cause__)}"
            raise click.ClickException(said.strip()) from None
        except EngineError as refused:
            both = dict.fromkeys((str(refused), refused.english))
            raise click.ClickException(" ".join(both)) from None
        except SettingMissing as missing:
            raise click.ClickException(str(missing)) from None


def _first_line(cause: BaseException | None) -> str:
    """What the database's driver said: whom it tried to reach, or that the password is wrong."""
    said = str(getattr(cause, "orig", None) or "")
    return said.splitlines()[0] if said else ""
