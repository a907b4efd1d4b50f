"""Fills an empty training installation with a month of an office's life, ending on 2 March 2020."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from engine.demo import accounts, desks, registers, response
from engine.demo.cast import DATA
from engine.demo.player import Player, move_clock
from engine.demo.story import agenda, moment, stories
from engine.domain.actor import SYSTEM, Actor
from engine.domain.record_kind import RecordKind
from engine.services import cases, deployments, people, records, training
from engine.services.office import Office

BEGINS, ENDS = moment("02-03 08:30"), moment("03-02 09:00")
#: Who imports which file when.
IMPORTS = (
    (moment("02-03 08:45"), "zhengshu", "penalties.csv", RecordKind.PENALTY),
    (moment("02-06 16:30"), "zhengshu", "defaults_0206.csv", RecordKind.DEFAULT_EVENT),
    (moment("02-12 17:10"), "zhengshu", "defaults_0212.csv", RecordKind.DEFAULT_EVENT),
    (moment("02-17 17:10"), "zhengshu", "defaults_0217.csv", RecordKind.DEFAULT_EVENT),
    (moment("02-26 17:00"), "zhengshu", "defaults_0226.csv", RecordKind.DEFAULT_EVENT),
    (moment("02-17 09:05"), "liangchen", "penalties_february.csv", RecordKind.PENALTY),
    (moment("02-18 10:20"), "liangchen", "penalties_mid_february.csv", RecordKind.PENALTY),
    (moment("02-27 16:20"), "zhengshu", "defaults.csv", RecordKind.DEFAULT_EVENT),
    (moment("02-27 16:40"), "liangchen", "court_list.csv", RecordKind.COURT_DEFAULT),
    (moment("02-28 14:10"), "liangchen", "penalties_late_february.csv", RecordKind.PENALTY),
)
LOWERS = moment("02-24 17:20")
_ANYBODY = Actor(None, "demo", "demo", groups=frozenset({"administrator"}))

Say = Callable[[str], object]
Due = tuple[datetime, Callable[[], None]]


def is_filled(office: Office) -> bool:
    """Whether there are cases."""
    return bool(cases.find(office, _ANYBODY, now=office.now(), limit=1).items)


def is_half_filled(office: Office) -> bool:
    """Whether a fill was interrupted: the demo's people have cases, and it never came to its end."""
    begun = is_filled(office) and accounts.are_there(office)
    return begun and not training.is_demo_whole(office)


def fill(office: Office, say: Say) -> None:
    """Deploy, add people, import records, and play the stories under the training clock."""
    training.anchor(office, BEGINS)
    deployments.deploy_all(office, SYSTEM, now=office.now())
    accounts.add_people(office, now=office.now())
    response.declare(office)
    waiting: list[Due] = [
        *_imports(office),
        *registers.acts(office),
        (LOWERS, partial(response.lower, office)),
    ]
    waiting.sort(key=lambda each: each[0])
    _do_until(office, waiting, BEGINS.replace(hour=9))
    accounts.add_firms(office, now=office.now())
    say("  流程、人员、处罚信息已就绪 procedures, people and penalties are in")
    player, day = Player(office), ""
    for event in agenda(stories(), office.calendar()):
        _do_until(office, waiting, event.step.at)
        player.play(event)
        if day != f"{event.step.at:%m-%d}":
            day = f"{event.step.at:%m-%d}"
            say(f"  2020-{day}")
    _do_until(office, waiting, ENDS)
    move_clock(office, ENDS)
    desks.arrange(office)
    accounts.give_addresses(office)
    training.note_demo(office)


def _imports(office: Office) -> list[Due]:
    return [(at, partial(_import, office, who, name, kind)) for at, who, name, kind in IMPORTS]


def _import(office: Office, username: str, name: str, kind: RecordKind) -> None:
    actor, content = people.actor_of_username(office, username), (DATA / name).read_bytes()
    records.import_file(office, actor, name, content, kind=kind, now=office.now())


def _do_until(office: Office, waiting: list[Due], until: datetime) -> None:
    """What the office does besides its cases, each at its moment."""
    while waiting and waiting[0][0] <= until:
        at, act = waiting.pop(0)
        move_clock(office, at)
        act()
