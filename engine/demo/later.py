"""Fills an empty training installation with cases of the later editions of credit repair: 2023 and 2026."""

from collections.abc import Callable
from datetime import datetime

from engine.demo import accounts
from engine.demo.cast import DATA
from engine.demo.player import Player, move_clock
from engine.demo.story import agenda, moment, stories
from engine.domain.actor import SYSTEM
from engine.services import deployments, people, records, training
from engine.services.office import Office

BEGINS, ENDS = moment("2023-06-05 08:30"), moment("2026-05-25 09:00")
IMPORTS = (
    (moment("2023-06-05 08:45"), "penalties_2023.csv"),
    (moment("2026-05-11 08:45"), "penalties_2026.csv"),
)

Say = Callable[[str], object]


def fill(office: Office, say: Say) -> None:
    """Deploy, add people, import each year's file, and play the stories; the clock ends in 2026."""
    training.anchor(office, BEGINS)
    deployments.deploy_all(office, SYSTEM, now=office.now())
    accounts.add_people(office, now=office.now())
    waiting = list(IMPORTS)
    _import_until(office, waiting, BEGINS.replace(hour=9))
    accounts.add_firms(office, now=office.now())
    player, year = Player(office), 0
    for event in agenda(stories("later.toml"), office.calendar()):
        _import_until(office, waiting, event.step.at)
        player.play(event)
        if year != event.step.at.year:
            year = event.step.at.year
            say(f"  {year}")
    move_clock(office, ENDS)
    training.note_demo(office)


def _import_until(office: Office, waiting: list[tuple[datetime, str]], until: datetime) -> None:
    while waiting and waiting[0][0] <= until:
        at, name = waiting.pop(0)
        move_clock(office, at)
        actor = people.actor_of_username(office, "zhengshu")
        records.import_file(office, actor, name, (DATA / name).read_bytes(), now=office.now())
