"""The waiting card: every place at which a shipped diagram can rest gives a full sentence, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

import pytest

from engine.domain.calendar import Calendar
from engine.domain.clock import Light, Whose, step_due
from engine.domain.views import WaitingCard
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime import catalog
from engine.runtime.drawing import WAITS, Drawing, Element
from engine.runtime.procedure import Procedure
from engine.services import cases, waiting
from engine.services.waiting import Reader, Resting
from engine.settings import ROOT
from tests.domain.shipped import CALENDAR
from tests.offices import Practice, day

WORKFLOWS = ROOT / "workflows"
SINCE = day(3, 2, 10)
CHINESE = re.compile(r"[\u3400-\u9fff，。；：（）]")
TASK = UUID(int=7)


@cache
def procedures() -> tuple[Procedure, ...]:
    folders = sorted(each.parent.name for each in WORKFLOWS.glob("*/procedure.toml"))
    return tuple(catalog.load(catalog.read_folder(WORKFLOWS, key), key) for key in folders)


def timers(drawing: Drawing) -> Iterator[Element]:
    """Intermediate timers: a catch event with a limit rests the case, one for a message does too."""
    for element in drawing.elements.values():
        if element.kind == "intermediateCatchEvent":
            yield element


def rests() -> list[tuple[Procedure, Element]]:
    """Every element of every shipped drawing at which a token can stand still."""
    found = []
    for procedure in procedures():
        for drawing in procedure.drawings.values():
            held = [e for e in drawing.elements.values() if e.kind in WAITS]
            # what an event-based gateway waits for is told at the gateway
            behind = {
                target
                for source, target in drawing.flows
                if drawing.elements.get(source)
                and drawing.elements[source].kind == "eventBasedGateway"
            }
            held += [e for e in timers(drawing) if e.id not in behind]
            found += [(procedure, element) for element in held if element.id not in behind]
    return found


RESTS = rests()


def named(pair: tuple[Procedure, Element]) -> str:
    return f"{pair[0].key}-{pair[1].process_id}-{pair[1].id}"


def resting(procedure: Procedure, element: Element, calendar: Calendar) -> Resting:
    limit = procedure.limits[element.due or ""]
    due = step_due(SINCE, limit.budget, calendar) if limit.budget else SINCE + timedelta(days=30)
    is_task = element.kind in ("userTask", "manualTask")
    return Resting(
        element=element,
        who=Words("市信用办 周敏", "City Credit Office Zhou Min"),
        whose=Whose(element.whose),
        since=SINCE,
        due_at=due,
        warn_at=due - timedelta(days=1),
        is_paused=element.whose == "expert",
        task_id=TASK if is_task else None,
        is_timer=element.kind == "intermediateCatchEvent",
    )


def date_of(moment: datetime, calendar: Calendar) -> tuple[str, str]:
    local = calendar.local(moment)
    return f"{local.month}月{local.day}日", f"{local.day} {local:%B %Y}"


def check(card: WaitingCard, at: Resting, calendar: Calendar) -> None:
    assert at.due_at is not None
    zh, en = date_of(at.due_at, calendar)
    since_zh, since_en = date_of(at.since, calendar)
    title = at.element.title
    assert card.sentence.zh.endswith("。")
    assert zh in card.sentence.zh
    assert card.sentence.en.endswith(".")
    assert en in card.sentence.en
    for part in (since_zh, at.who.zh, title.zh.rstrip("？"), zh, card.time.zh, card.can_do.zh):
        assert part in card.whole.zh
    for part in (since_en, at.who.en, title.en.rstrip("?"), en, card.time.en, card.can_do.en):
        assert part
        assert part in card.whole.en
    for said in (card.headline, card.sentence, card.time, card.can_do, card.whole, card.step):
        assert len(said.zh) >= 2
        assert CHINESE.search(said.zh)
        assert said.en
        assert not CHINESE.search(said.en), said.en
    assert title.zh.rstrip("？") in card.headline.zh


@pytest.mark.parametrize("pair", RESTS, ids=[named(pair) for pair in RESTS])
@pytest.mark.parametrize("reader", Reader)
def test_every_place_at_which_a_case_can_rest_says_who_until_when_and_what_to_do(
    pair: tuple[Procedure, Element], reader: Reader
) -> None:
    at = resting(*pair, CALENDAR)
    check(waiting.card(at, reader, CALENDAR, now=SINCE), at, CALENDAR)
    assert at.due_at
    late = waiting.card(at, reader, CALENDAR, now=at.due_at + timedelta(hours=1))
    assert late.light is Light.RED
    assert "已过" in late.sentence.zh
    assert "has passed" in late.sentence.en


def test_the_walk_reaches_tasks_waits_and_choices_of_every_procedure() -> None:
    kinds = {element.kind for _, element in RESTS}
    assert {"userTask", "receiveTask", "eventBasedGateway"} <= kinds
    assert {procedure.key for procedure, _ in RESTS} >= {"credit_repair", "objection"}
    assert "supervision" in {element.process_id for _, element in RESTS}


def test_what_to_do_depends_on_who_reads() -> None:
    procedure, element = next(
        (p, e) for p, e in RESTS if e.id == "supplement" and e.kind == "userTask"
    )
    at = resting(procedure, element, CALENDAR)
    said = {r: waiting.card(at, r, CALENDAR, now=SINCE).can_do.zh for r in Reader}
    assert "本页" in said[Reader.APPLICANT]
    assert "登录" in said[Reader.PUBLIC]
    assert "提醒" in said[Reader.OFFICE]
    paused = waiting.card(replace(at, is_paused=True), Reader.OFFICE, CALENDAR, now=SINCE)
    assert paused.light is Light.BLUE
    assert "不计" in paused.time.zh


def test_desk_enterprise_and_tracking_are_told_by_the_same_card_and_the_public_no_name(
    practice: Practice,
) -> None:
    filed = practice.file_case()
    task = practice.drive_to(filed.number, "first_review")
    with practice.office.uow.begin() as session:
        person = session.get_one(models.Person, practice["wang"].id)
        person.name = "王小明"
        session.get_one(models.Task, task.id).assignee = "wang"
    now = practice.now
    desk = cases.get(practice.office, practice["fang"], filed.number, now=now).waiting[0]
    own = cases.get(practice.office, practice.firm, filed.number, now=now).waiting[0]
    public = cases.track(practice.office, filed.number, filed.query_code, now=now).waiting[0]
    assert desk.until == own.until == public.until
    assert desk.sentence == own.sentence == public.sentence
    assert "王小明" in desk.whole.zh
    for said in (public.headline, public.sentence, public.who, public.whole, public.can_do):
        assert "王小明" not in said.zh + said.en
        assert "wang" not in said.zh + said.en
    assert "市信用办" in public.whole.zh
