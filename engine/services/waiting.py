"""Why a case waits: who has it, since when, for what, until when, whose time, what you can do.

The one place that says so: to the office, to the enterprise, to the public and to programs.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from engine.domain.calendar import Calendar
from engine.domain.clock import Whose
from engine.domain.light import due_date, light_at
from engine.domain.views import WaitingCard
from engine.domain.words import Words
from engine.runtime.drawing import Element


class Reader(StrEnum):
    """To whom it is told."""

    OFFICE = "office"
    APPLICANT = "applicant"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Resting:
    """A place at which a case rests: the drawn element, who has it, its moments."""

    element: Element
    who: Words
    whose: Whose
    since: datetime
    due_at: datetime | None
    warn_at: datetime | None
    is_paused: bool
    task_id: UUID | None  # None: a wait for somebody who has no task
    is_timer: bool = False  # nothing is waited for but the day itself


#: Stands behind a date of a year whose holidays nobody has announced.
PROVISIONAL = Words("（暂定）", " (provisional)")
#: Whose time runs, as the sentence says it.
TIME = {
    Whose.OFFICE: Words("这段时间计在本办", "the time is the office's"),
    Whose.APPLICANT: Words("这段时间计在申请人", "the time is the applicant's"),
    Whose.DEPARTMENT: Words("这段时间计在承办部门", "the time is the other department's"),
    Whose.COURT: Words("这段时间计在法院", "the time is the court's"),
    Whose.SUPERIOR: Words("这段时间计在上级平台", "the time is the higher platform's"),
    Whose.EXPERT: Words("核查鉴定期间不计入期限", "the check does not count towards the limit"),
}


def card(resting: Resting, reader: Reader, calendar: Calendar, *, now: datetime) -> WaitingCard:
    """The card of one place, for one reader."""
    for_applicant = resting.whose is Whose.APPLICANT
    is_turn = for_applicant and resting.task_id is not None
    return WaitingCard(
        headline=_headline(resting, reader),
        sentence=_sentence(resting, calendar, now),
        who=resting.who,
        step=resting.element.title,
        since=resting.since,
        until=resting.due_at,
        whose=resting.whose,
        is_applicants_turn=is_turn,
        light=light_at(now, resting.due_at, resting.warn_at, is_paused=resting.is_paused),
        element_id=resting.element.id,
        task_id=resting.task_id,
        time=_time(resting),
        can_do=_can_do(resting, reader, is_turn=is_turn),
        whole=_whole(resting, reader, calendar, now, is_turn=is_turn),
    )


def _headline(resting: Resting, reader: Reader) -> Words:
    title = resting.element.title.zh.rstrip("？。")
    english = (resting.element.title.en or resting.element.id).rstrip("?.")
    own = reader is Reader.APPLICANT
    if resting.is_timer:
        return Words(f"等到期：{title}。", f"Until the day comes: {english}.")
    if resting.whose is Whose.APPLICANT:
        if own:
            return Words(f"轮到您了：{title}。", f"It is your turn: {english}.")
        return Words(f"等申请人：{title}。", f"Waiting for the applicant: {english}.")
    calm = "，您不用做什么" if own else ""
    calm_en = "; you need not do anything" if own else ""
    if resting.task_id is None:  # nobody works on it here: the drawing says what is awaited
        return Words(f"{title}{calm}。", f"{english}{calm_en}.").opening
    who = resting.who
    return Words(f"{who.zh}正在办理“{title}”{calm}。", f"{who.en or who.zh}: {english}{calm_en}.")


def _sentence(resting: Resting, calendar: Calendar, now: datetime) -> Words:
    waiting = resting.element.waiting
    zh, en = waiting.zh.rstrip("。"), (waiting.en or resting.element.title.en).rstrip(".")
    until = _until(resting, calendar, now)
    return Words(f"{zh}，{until.zh}。", f"{en}, {until.en}.").opening


def _until(resting: Resting, calendar: Calendar, now: datetime) -> Words:
    if resting.due_at is None:
        return Words("不限时", "without a time limit")
    ends, ends_en = _moment(calendar, resting.due_at)
    if now > resting.due_at:
        return Words(f"期限 {ends} 已过", f"due {ends_en}, which has passed")
    if resting.is_timer:
        return Words(f"到 {ends}", f"until {ends_en}")
    if resting.is_paused:
        return Words(
            f"计时已暂停，预计最迟到 {ends}", f"the clock is paused; expected by {ends_en}"
        )
    return Words(f"最迟到 {ends}", f"until {ends_en} at the latest")


def _moment(calendar: Calendar, moment: datetime) -> tuple[str, str]:
    on = due_date(moment, calendar)
    local = calendar.local(moment)
    at = f"{local:%H:%M}" if local.date() == on else "24:00"
    weekday = "一二三四五六日"[on.weekday()]
    mark = PROVISIONAL if calendar.is_provisional(on, on) else Words("")
    return (
        f"{on.month}月{on.day}日（周{weekday}）{at}{mark.zh}",
        f"{on.day} {on:%B %Y}, {at}{mark.en}",
    )


def _time(resting: Resting) -> Words:
    if resting.is_paused:
        return Words("期限暂停，这段时间不计", "the clock is paused, this time does not count")
    return TIME[resting.whose]


def _can_do(resting: Resting, reader: Reader, *, is_turn: bool) -> Words:
    if reader is Reader.OFFICE:
        return _office_can(resting)
    if is_turn and reader is Reader.APPLICANT:
        return Words("请在本页办理，也可以到窗口办", "do it on this page or at the window")
    if is_turn:
        return Words(
            "申请人请登录办理，也可以到窗口办", "the applicant signs in, or comes to the window"
        )
    if resting.is_timer:
        return Words(
            "到期系统自动转下一步并通知，在那以前不用在这里办什么",
            "when the day comes the case goes on by itself and tells; nothing to do here before it",
        )
    if resting.whose is Whose.APPLICANT:
        return Words(
            "需要时可以提出，不提出就到期结束", "it may be asked for; otherwise it ends when due"
        )
    return Words(
        "现在不用做什么，可以随时来查", "there is nothing to do now; look again at any time"
    )


def _office_can(resting: Resting) -> Words:
    if resting.is_timer:
        return Words("到期由系统转下一步", "the system goes on when the day comes")
    if resting.task_id is None:
        return Words(
            "等对方回复，到期由系统处理", "wait for the answer; the system acts when it is due"
        )
    if resting.whose is Whose.APPLICANT:
        return Words("可以提醒申请人", "the applicant can be reminded")
    return Words(
        "岗位上的人可以领取办理，也可以转办", "members of the group can take it or hand it over"
    )


def _whole(
    resting: Resting, reader: Reader, calendar: Calendar, now: datetime, *, is_turn: bool
) -> Words:
    """One sentence that says it all, for a letter, a message, a screen reader, a program."""
    element, who = resting.element, resting.who
    title = element.title.zh.rstrip("？。")
    english = (element.title.en or element.id).rstrip("?.")
    since, since_en = _moment(calendar, resting.since)
    until, time = _until(resting, calendar, now), _time(resting)
    can = _can_do(resting, reader, is_turn=is_turn)
    return Words(
        f"{since}起在{who.zh}处，事项是“{title}”，{until.zh}；{time.zh}；{can.zh}。",
        f"Since {since_en} with {who.en or who.zh} for “{english}”, {until.en}; {time.en}; {can.en}.",
    )
