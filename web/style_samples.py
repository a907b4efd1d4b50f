"""What the style guide shows: one morning at the office in plain values, computed as real ones are."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid5

from engine.domain.calendar import SHANGHAI, Calendar
from engine.domain.clock import (
    Budget,
    ClockEntry,
    EntryKind,
    Holder,
    Light,
    Unit,
    Whose,
    narrate,
    read,
)
from engine.domain.views import ClockView, EventView, StageView, TaskView, WaitingCard
from engine.domain.whose_time import Part
from engine.domain.words import Words

SPACE = UUID("5f9d5b0e-0000-4000-8000-000000000000")
NUMBER = "KSXY-XF-20200217-000003"


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2020, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


NOW = at(3, 2, 10, 20)
CLOSING = time(17)


def closing(month: int, day: int) -> datetime:
    return datetime.combine(date(2020, month, day), CLOSING, SHANGHAI).astimezone(UTC)


# ---- clocks: the strip is drawn from a ledger, as everywhere


def _entry(kind: EntryKind, moment: datetime, reason: str) -> ClockEntry:
    return ClockEntry(kind, moment, moment, "", "", "", reason)


ACCEPTED = _entry(EntryKind.START, at(2, 21, 16, 40), "受理")
PAUSED = _entry(EntryKind.PAUSE, at(2, 26, 17, 5), "实地核查")
RESUMED = _entry(EntryKind.RESUME, at(3, 2, 8, 30), "实地核查")
HOLDERS = (
    Holder(at(2, 21, 16, 40), Whose.OFFICE, "市信用办"),
    Holder(at(2, 24, 17, 10), Whose.DEPARTMENT, "市市场监管局"),
    Holder(at(2, 26, 17, 5), Whose.OFFICE, "市信用办"),
)
#: name -> (ledger, whose time, working days)
LEDGERS: dict[str, tuple[tuple[ClockEntry, ...], tuple[Holder, ...], int]] = {
    "running": ((ACCEPTED, PAUSED, RESUMED), HOLDERS, 10),
    "near": ((_entry(EntryKind.START, at(2, 18, 10), "收件"),), HOLDERS[:1], 10),
    "over": ((_entry(EntryKind.START, at(2, 13, 10), "收件"),), HOLDERS[:1], 7),
    "paused": ((ACCEPTED, PAUSED), HOLDERS, 10),
    "festival": ((_entry(EntryKind.START, at(1, 17, 10), "收件"),), HOLDERS[:1], 7),
    "stopped": ((ACCEPTED, _entry(EntryKind.STOP, at(2, 27, 15), "办结")), HOLDERS, 10),
    "not_started": ((), (), 10),
}


def clocks(calendar: Calendar) -> dict[str, ClockView]:
    """A clock in each of its states, read from its ledger by the calendar of this installation."""
    return {name: _clock(calendar, *ledger) for name, ledger in LEDGERS.items()}


def _clock(
    calendar: Calendar, entries: tuple[ClockEntry, ...], holders: tuple[Holder, ...], days: int
) -> ClockView:
    budget = Budget(days, Unit.WORKING_DAYS)
    reading = read(budget, entries, calendar, now=NOW, holders=holders)
    narrative = Words(narrate(reading), narrate(reading, language="en"))
    return ClockView(
        "handling", Words("办理期限", "Handling time"), budget, "", reading, narrative, ()
    )


WHOSE_DAYS = (Part(Whose.OFFICE, 4.5), Part(Whose.APPLICANT, 2), Part(Whose.DEPARTMENT, 2))

# ---- a case: waiting cards, stages, history

OFFICE_CARD = WaitingCard(
    headline=Words("现在由市信用办周敏初审。", "The City Credit Office is doing the first review."),
    sentence=Words(
        "现场核查结果 2月28日 16:20 回传，今天起恢复计时；初审最迟 3月4日完成。",
        " The site check came back on 28 February; the review ends by 4 March at the latest.",
    ),
    who=Words("市信用办", "City Credit Office"),
    step=Words("初审", "First review"),
    since=at(2, 28, 16, 20),
    until=closing(3, 4),
    whose=Whose.OFFICE,
    is_applicants_turn=False,
    light=Light.GREEN,
    element_id="office",
    task_id=None,
    time=Words("这段时间计在本办", "the time is the office's"),
    can_do=Words("现在不用做什么，可以随时来查", "there is nothing to do now"),
    whole=Words("2月28日起在市信用办处。", "Since 28 February with the City Credit Office."),
)
YOUR_CARD = replace(
    OFFICE_CARD,
    headline=Words("轮到您：补交 1 份材料。", "Your turn: one paper is missing."),
    sentence=Words(
        "罚款缴款凭证看不清缴款日期；3月9日前交来，本办期限从交齐那天起算。",
        " The receipt does not show the day of payment; hand it in by 9 March.",
    ),
    who=Words("您", "You"),
    until=closing(3, 9),
    whose=Whose.APPLICANT,
    is_applicants_turn=True,
    light=Light.BLUE,
    element_id="you",
    can_do=Words("补交材料", "hand in the paper"),
)
COURT_CARD = replace(
    OFFICE_CARD,
    headline=Words("在等法院回函。", "Waiting for the court's answer."),
    sentence=Words(
        "2月19日已发函，这段时间不计入本办期限。",
        " Asked on 19 February; this time does not count against the office.",
    ),
    who=Words("法院", "Court"),
    until=None,
    whose=Whose.COURT,
    light=Light.BLUE,
    element_id="court",
)
CARDS = (OFFICE_CARD, YOUR_CARD, COURT_CARD)
STAGES = (
    StageView("receipt", Words("收件", "Receipt"), "done", at(2, 17, 14), at(2, 17, 14)),
    StageView("acceptance", Words("受理", "Acceptance"), "done", at(2, 21, 16), at(2, 21, 16),
              Words("受理通知书当日送达。", "The letter was served on the same day.")),
    StageView("examination", Words("审查", "Examination"), "now", at(2, 21, 16), closing(3, 10),
              Words("初审，今天第 1 日，限 3 日", "First review, day 1 of 3")),
    StageView("decision", Words("决定", "Decision"), "todo", None, closing(3, 10)),
    StageView("service", Words("送达与同步", "Service"), "todo", None, None,
              Words("决定后 1 日撤下", "Down 1 day after the decision")),
)  # fmt: skip


def _event(number: int, moment: datetime, actor: str, title: Words, detail: Words) -> EventView:
    name = "系统" if actor == "system" else "周敏"
    digest = f"{number:x}e7a" * 16
    return EventView(
        number, moment, actor, name, None, "noted", None, title, detail, {}, digest
    )  # fmt: skip


EVENTS = (
    _event(9, at(3, 2, 8, 30), "system", Words("恢复计时", "Clock resumed"),
           Words("现场核查已回传", "the site check is back")),
    _event(8, at(2, 26, 17, 5), "zhoumin", Words("暂停计时", "Clock paused"),
           Words("现场核查", "site check")),
    _event(7, at(2, 21, 16, 40), "zhoumin", Words("受理", "Accepted"),
           Words("期限 10 个工作日", "10 working days")),
)  # fmt: skip

# ---- tasks


def _task(
    key: str, step: Words, light: Light, due: datetime | None, left: int | None, why: Words
) -> TaskView:
    return TaskView(
        id=uuid5(SPACE, key),
        case_number=NUMBER,
        case_title="昆山澄远包装材料有限公司",
        procedure="credit_repair",
        procedure_title=Words("信用修复", "Credit repair"),
        element_id=key,
        title=step,
        line=Words("一般失信", "General"),
        why=why,
        group="credit_clerk",
        group_title=Words("经办", "Clerks"),
        department=None,
        department_title=None,
        assignee="zhoumin",
        assignee_name="周敏",
        state="claimed",
        created_at=at(2, 28, 16, 20),
        due_at=due,
        completed_at=None,
        light=light,
        days_left=left,
        whose=Whose.APPLICANT if light is Light.BLUE else Whose.OFFICE,
        may_claim=False,
        may_complete=True,
        reason_not=None,
        version=1,
    )


REVIEW, SECOND = Words("初审", "First review"), Words("复审", "Second review")
TASKS = (
    _task("over", REVIEW, Light.RED, closing(2, 28), -1,
          Words("本步已超 1 天", "This step is one day over")),
    _task("today", SECOND, Light.YELLOW, closing(3, 2), 0,
          Words("到点按规则报督办", "Supervision is told when it passes")),
    _task("fine", REVIEW, Light.GREEN, closing(3, 4), 2,
          Words("现场核查已回传", "The site check is back")),
    _task("waits", Words("补交材料", "Supplement"), Light.BLUE, closing(3, 9), 5,
          Words("本办期限未起算", "The office's clock has not begun")),
    replace(_task("covered", REVIEW, Light.GREEN, closing(3, 5), 3,
                  Words("代办，3月6日前", "Covered until 6 March")), covers_for="徐航"),
    _task("unlimited", Words("归档", "Archive"), Light.GREEN, None, None,
          Words("不限时", "No limit")),
)  # fmt: skip

# ---- a form: one question of each kind, two of them wrong

FORM: dict[str, Any] = {
    "type": "object",
    "required": ["code", "proposal", "reasons"],
    "properties": {
        "code": {"type": "string", "title": "统一社会信用代码",
                 "x-title-en": "Unified social credit code"},
        "name": {"type": "string", "title": "企业名称", "x-title-en": "Name of the enterprise"},
        "proposal": {"type": "string", "title": "意见", "x-title-en": "Proposal",
                     "x-widget": "radio", "oneOf": [
                         {"const": "grant", "title": "建议准予", "x-title-en": "Grant"},
                         {"const": "refuse", "title": "建议不予", "x-title-en": "Refuse"}]},
        "reasons": {"type": "string", "title": "意见说明", "x-title-en": "Reasons",
                    "x-widget": "textarea", "description": "写入决定书",
                    "x-help-en": "Goes into the decision"},
        "checks": {"type": "array", "title": "核对要点", "x-title-en": "Points checked",
                   "x-widget": "checklist", "items": {"type": "string", "oneOf": [
                       {"const": "paid", "title": "罚款已缴", "x-title-en": "Fine paid"},
                       {"const": "mended", "title": "已改正", "x-title-en": "Put right"}]}},
        "day": {"type": "string", "format": "date", "title": "缴款日",
                "x-title-en": "Day of payment", "x-widget": "date"},
        "agreed": {"type": "boolean", "title": "我已核对", "x-title-en": "I have checked it",
                   "x-widget": "checkbox"},
    },
}  # fmt: skip
ANSWERS = {"code": "91320583MA1X00017V", "name": "昆山澄远包装材料有限公司", "proposal": "grant",
           "checks": ["paid"], "day": "2020-02-28"}  # fmt: skip
