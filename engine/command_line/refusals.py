"""What a command cannot do is said in a line or two, not shown as a failure of the program."""

from typing import Any

import click

from engine.domain.errors import EngineError, Unavailable
from engine.persistence.outage import told_as_outage
from engine.settings import SettingMissing

#: Wide enough that the list of commands says of each what it does, in both languages.
WIDE = {"max_content_width": 120, "terminal_width": 120, "help_option_names": ["-h", "--help"]}
#: A day as it is typed.
DAY = click.DateTime(["%Y-%m-%d"])


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
        except OSError as refused:  # a folder that is not there, a full disk, a port that is taken
            if isinstance(refused, BrokenPipeError):
                raise
            where = f"{refused.filename}: " if refused.filename else ""
            raise click.ClickException(f"{where}{refused.strerror or refused}") from None
        except SettingMissing as missing:
            raise click.ClickException(str(missing)) from None


def _first_line(cause: BaseException | None) -> str:
    """What the database's driver said: whom it tried to reach, or that the password is wrong."""
    said = str(getattr(cause, "orig", None) or "")
    return said.splitlines()[0] if said else ""
