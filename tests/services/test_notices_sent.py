"""Notices: told at every milestone, once, by the channels people chose, and never with secrets outside."""

from __future__ import annotations

import email
import email.policy
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.domain.errors import Invalid, NotFound
from engine.domain.leave import Cover
from engine.exchange.mail import NotSent, SmtpMailer
from engine.persistence import models
from engine.persistence.declarative import table_of
from engine.services import (
    calendar_changes,
    job_operations,
    jobs,
    leave,
    light_notices,
    lights,
    notice_delivery,
    notice_sweeps,
    notices,
    tasks,
)
from tests.mail_server import HANG_UP, MailServer, mail_server
from tests.offices import ASK_FOR_PAPERS, FIRMS, Practice, day
from tests.services.test_february_2020 import PROLONGED, SECOND, file, january

__all__ = ["january"]  # a fixture

SECRETS = (FIRMS["firm"][1], "罚款", "产品标识", "91320583")


@pytest.fixture
def addressed(practice: Practice) -> Practice:
    """Everybody has an e-mail address."""
    give_addresses(practice)
    return practice


def give_addresses(practice: Practice) -> None:
    person = table_of(models.Person)
    with practice.office.uow.begin() as session:
        session.execute(update(person).values(email=person.c.username + "@example.org"))


def kinds(practice: Practice, who: str) -> list[str]:
    """What somebody was told, the oldest first."""
    found = notices.mine(practice.office, practice[who], limit=200).items
    return [each.kind for each in reversed(found)]


def mails(practice: Practice) -> list[Any]:
    folder: Path = practice.folder / "outbox/mail"
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sorted(folder.glob("*.eml"))
    ]


def sent(practice: Practice) -> list[models.Notice]:
    return practice.all(select(models.Notice).where(models.Notice.state == "sent"))


# ── milestones ──────────────────────────────────────────────────────────────────────────────────


def test_an_enterprise_is_told_at_every_milestone(practice: Practice) -> None:
    number = practice.file_case().number
    practice.drive_to(number, "rate")
    practice.run_jobs()
    told = kinds(practice, "firm")
    for kind in ("receipt", "acceptance", "decision", "removal", "closing"):
        assert told.count(kind) == 1, (kind, told)
    served = [e for e in practice.history(number) if e.kind == "served"]
    assert told.count("service") == len(served) > 0
    assert kinds(practice, "other_firm") == []


def test_a_correction_request_is_told(practice: Practice) -> None:
    number = practice.file_case().number
    practice.answer(number, "review_filing", ASK_FOR_PAPERS)
    practice.run_jobs()
    assert "correction_request" in kinds(practice, "firm")


def test_a_step_that_tells_nothing_promises_nothing(practice: Practice) -> None:
    number, _ = practice.at("give_opinion")
    before = len(practice.all(select(models.Job)))
    practice.complete(number, "give_opinion")
    assert len(practice.all(select(models.Job))) == before


def test_who_is_handed_a_task_is_told(practice: Practice) -> None:
    number, task = practice.at("review_filing")
    tasks.reassign(practice.office, practice["zhou"], task.id, "qian", now=practice.now)
    practice.run_jobs()
    (told,) = notices.mine(practice.office, practice["qian"]).items
    assert (told.kind, told.case_number) == ("assignment", number)
    assert kinds(practice, "zhou") == []


# ── mail ────────────────────────────────────────────────────────────────────────────────────────


def test_an_email_names_the_case_and_a_link_and_nothing_of_the_matter(
    addressed: Practice,
) -> None:
    number = addressed.file_case().number
    addressed.drive_to(number, "rate")
    addressed.run_jobs()
    assert notice_delivery.deliver(addressed.office) > 0
    to_firm = [m for m in mails(addressed) if m["To"] == "firm@example.org"]
    assert to_firm
    for message in to_firm:
        text = message["Subject"] + message.get_content()
        assert number in text
        assert f"{addressed.office.public_url}/notices/" in text
        assert not [secret for secret in SECRETS if secret in text], text


def test_no_address_no_mail_and_the_inbox_all_the_same(practice: Practice) -> None:
    practice.file_case()
    practice.run_jobs()
    assert kinds(practice, "firm") == ["receipt"]
    assert notice_delivery.deliver(practice.office) == 0


def test_people_choose_their_channels_and_language(practice: Practice) -> None:
    notices.choose(
        practice.office,
        practice.firm,
        email="boss@example.org",
        phone="13800000000",
        channels=["email", "sms"],
        language="en",
    )
    number = practice.file_case().number
    practice.run_jobs()
    notice_delivery.deliver(practice.office)
    (message,) = mails(practice)
    assert message["Subject"] == f"Case {number}: application received"
    assert len(list((practice.folder / "outbox").glob("*.json"))) == 1
    with pytest.raises(Invalid) as refusal:
        notices.choose(
            practice.office, practice.firm, email="no", phone="", channels=["sms"], language="zh"
        )
    assert set(refusal.value.fields) == {"email", "phone"}


# ── once ────────────────────────────────────────────────────────────────────────────────────────


def test_a_promise_kept_twice_tells_once(practice: Practice) -> None:
    practice.file_case()
    (job,) = practice.all(select(models.Job).where(models.Job.operation == "tell"))
    for _ in range(2):
        with practice.office.uow.begin() as session:
            job_operations.OPERATIONS["tell"](
                practice.office, session, job.id, job.arguments, practice.now
            )
    jobs.run(practice.office, job.id)
    assert kinds(practice, "firm") == ["receipt"]


def test_two_workers_send_each_mail_once(addressed: Practice, another_process: Practice) -> None:
    for _ in range(4):
        addressed.file_case()
    addressed.run_jobs()
    handed: list[str] = []
    lock = threading.Lock()

    class Counting:
        is_repeatable = False

        def send(self, key: str, to: str, subject: str, text: str, at: datetime) -> None:
            with lock:
                handed.append(key)

    workers = []
    for office in (addressed.office, another_process.office):
        office.mailer = Counting()
        workers.append(threading.Thread(target=notice_delivery.deliver, args=(office,)))
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(handed) == len(set(handed)) == len(sent(addressed)) == 4


class Killed(BaseException):
    """The process is gone: nothing after it runs."""


class LastWords:
    """A server that takes the message, and the process dies before it can note that."""

    def __init__(self, *, is_repeatable: bool) -> None:
        self.is_repeatable = is_repeatable
        self.taken: list[str] = []
        self.deadly = True

    def send(self, key: str, to: str, subject: str, text: str, at: datetime) -> None:
        self.taken.append(key)
        if self.deadly:
            self.deadly = False
            raise Killed


@pytest.mark.parametrize("is_repeatable", [True, False])
def test_killed_between_sending_and_marking_nothing_goes_out_twice(
    addressed: Practice, *, is_repeatable: bool
) -> None:
    addressed.file_case()
    addressed.run_jobs()
    server = LastWords(is_repeatable=is_repeatable)
    addressed.office.mailer = server
    with pytest.raises(Killed):
        notice_delivery.deliver(addressed.office)
    assert notice_delivery.deliver(addressed.office) == 0  # it may still be at work
    addressed.clock.pass_by(timedelta(minutes=11))
    notice_delivery.deliver(addressed.office)
    (row,) = addressed.all(select(models.Notice).where(models.Notice.channel == "email"))
    if is_repeatable:  # the same key again replaces itself
        assert row.state == "sent"
        assert len(set(server.taken)) == 1
    else:
        assert (row.state, len(server.taken)) == ("unclear", 1)
        (incident,) = addressed.all(select(models.Incident))
        assert "不知是否已经发出" in incident.cause


def test_a_server_that_is_slow_makes_nobody_think_that_who_sends_is_gone(
    addressed: Practice, another_process: Practice
) -> None:
    for _ in range(5):
        addressed.file_case()
    addressed.run_jobs()
    taken: list[str] = []

    class Slow:
        is_repeatable = False

        def send(self, key: str, *rest: object) -> None:
            addressed.clock.pass_by(timedelta(minutes=4))
            another_process.clock.moment = addressed.clock.moment
            notice_delivery._take_up_again(another_process.office)
            taken.append(key)

    addressed.office.mailer = Slow()
    assert notice_delivery.deliver(addressed.office) == 2  # the others are given back
    while notice_delivery.deliver(addressed.office):
        pass
    assert len(taken) == len(set(taken)) == len(sent(addressed)) == 5
    assert {each.attempts for each in sent(addressed)} == {1}
    assert addressed.all(select(models.Incident)) == []


def test_a_server_that_is_away_is_tried_again_and_in_the_end_told_to_a_person(
    addressed: Practice,
) -> None:
    addressed.file_case()
    addressed.run_jobs()

    class Away:
        is_repeatable = False

        def send(self, *given: Any) -> None:
            raise NotSent("connection refused")

    addressed.office.mailer = Away()
    for _ in range(notice_delivery.MOST_ATTEMPTS):
        notice_delivery.deliver(addressed.office)
        addressed.clock.pass_by(timedelta(hours=2))
    (row,) = addressed.all(select(models.Notice).where(models.Notice.channel == "email"))
    assert (row.state, row.attempts) == ("failed", notice_delivery.MOST_ATTEMPTS)
    assert len(addressed.all(select(models.Incident))) == 1


# ── a real server ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def server(addressed: Practice) -> Iterator[MailServer]:
    """One notice waits, and the office sends through a server on loopback."""
    addressed.file_case()
    addressed.run_jobs()
    with mail_server() as held:
        addressed.office.mailer = SmtpMailer(held.url("?tls=no"), "office@example.org")
        yield held


def the_mail(practice: Practice) -> models.Notice:
    (row,) = practice.all(select(models.Notice).where(models.Notice.channel == "email"))
    held: models.Notice = row
    return held


def test_a_notice_arrives_in_chinese_at_the_address_of_the_enterprise(
    addressed: Practice, server: MailServer
) -> None:
    assert notice_delivery.deliver(addressed.office) == 1
    (letter,) = server.letters
    row, read = the_mail(addressed), letter.read()
    assert (letter.to, row.state) == ("firm@example.org", "sent")
    assert read["Subject"] == row.title
    assert f"/notices/{row.id}" in read.get_content()
    assert "登录" in read.get_content()


def test_a_refusal_for_now_is_tried_again_and_goes_out_once(
    addressed: Practice, server: MailServer
) -> None:
    server.answers["RCPT"] = ["450 mailbox busy"]
    assert notice_delivery.deliver(addressed.office) == 0
    assert (the_mail(addressed).state, server.letters) == ("waiting", [])
    assert notice_delivery.deliver(addressed.office) == 0  # not at once
    addressed.clock.pass_by(timedelta(minutes=2))
    assert notice_delivery.deliver(addressed.office) == 1
    assert (the_mail(addressed).attempts, len(server.letters)) == (2, 1)
    assert addressed.all(select(models.Incident)) == []


def test_a_refusal_for_good_is_an_incident_at_once_and_not_tried_again(
    addressed: Practice, server: MailServer
) -> None:
    server.answers["RCPT"] = ["550 no such mailbox"]
    notice_delivery.deliver(addressed.office)
    row = the_mail(addressed)
    assert (row.state, row.attempts) == ("failed", 1)
    (incident,) = addressed.all(select(models.Incident))
    assert "firm@example.org" in incident.cause
    assert "550" in incident.cause
    addressed.clock.pass_by(timedelta(days=1))
    notice_delivery.deliver(addressed.office)
    assert server.asked.count("RCPT") == 1


def test_an_answer_lost_after_the_text_is_shown_to_a_person_and_never_sent_again(
    addressed: Practice, server: MailServer
) -> None:
    server.answers["."] = [HANG_UP]
    assert notice_delivery.deliver(addressed.office) == 0
    assert the_mail(addressed).state == "unclear"
    (incident,) = addressed.all(select(models.Incident))
    assert "不知是否已经发出" in incident.cause
    for _ in range(3):
        addressed.clock.pass_by(timedelta(days=1))
        notice_delivery.deliver(addressed.office)
    assert len(server.letters) == 1


# ── lights and mornings ─────────────────────────────────────────────────────────────────────────


def look(practice: Practice, *moments: datetime) -> None:
    """A round of the worker at each moment: lights are marked, then told of."""
    for moment in moments or (practice.now,):
        practice.show(moment)
        lights.mark(practice.office, now=moment)
        light_notices.tell(practice.office, now=moment)


def of_lights(practice: Practice, who: str) -> list[str]:
    return [kind for kind in kinds(practice, who) if kind.endswith(("yellow", "red"))]


def test_yellow_and_red_are_told_once_for_each_task(practice: Practice) -> None:
    number, task = practice.at("give_opinion")  # due on Thursday 5 March, 17:00
    tasks.claim(practice.office, practice["wu"], task.id, now=practice.now)
    look(practice, practice.now, day(3, 4, 9), day(3, 4, 10), day(3, 5, 9), day(3, 5, 17, 1))
    look(practice, day(3, 5, 18), day(3, 6))
    assert of_lights(practice, "wu") == ["yellow", "red"]
    (red, _) = notices.mine(practice.office, practice["wu"]).items
    assert red.case_number == number
    assert "2020年3月5日" in red.body.zh


def test_what_nobody_holds_is_told_to_all_who_may_take_it(practice: Practice) -> None:
    practice.file_case()  # at the window: zhou and qian
    look(practice, practice.now, day(3, 3))
    assert kinds(practice, "zhou") == kinds(practice, "qian") == ["yellow"]
    assert "yellow" not in kinds(practice, "firm")


def test_a_worker_that_was_off_for_days_tells_what_is_red_then_and_nothing_twice(
    practice: Practice,
) -> None:
    """There was no first look to count from: the marks alone say what is to be told."""
    _, task = practice.at("give_opinion")
    tasks.claim(practice.office, practice["wu"], task.id, now=practice.now)
    look(practice, day(3, 9), day(3, 9, 9, 1), day(3, 10))
    assert of_lights(practice, "wu") == ["red"]


def test_marks_that_a_dead_worker_left_untold_are_told_by_the_next(practice: Practice) -> None:
    _, task = practice.at("give_opinion")
    tasks.claim(practice.office, practice["wu"], task.id, now=practice.now)
    practice.show(day(3, 5, 9))
    assert lights.mark(practice.office, now=practice.now).yellow == 1  # and then it was killed
    assert of_lights(practice, "wu") == []
    practice.show(day(3, 5, 12))
    assert light_notices.tell(practice.office, now=practice.now) == 1
    assert light_notices.tell(practice.office, now=practice.now) == 0
    assert of_lights(practice, "wu") == ["yellow"]


def test_what_fails_while_it_is_told_is_told_whole_the_next_time(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.file_case()
    practice.show(day(3, 3))
    lights.mark(practice.office, now=practice.now)
    with monkeypatch.context() as broken:
        broken.setattr(light_notices, "write", fail)
        with pytest.raises(RuntimeError):
            light_notices.tell(practice.office, now=practice.now)
    light_notices.tell(practice.office, now=practice.now)
    assert kinds(practice, "zhou") == ["yellow"]


def fail(*_: Any, **__: Any) -> int:
    raise RuntimeError("the database is away")


def test_two_workers_that_look_at_once_tell_each_light_once(
    practice: Practice, another_process: Practice
) -> None:
    for _ in range(6):
        practice.file_case()
    practice.show(day(3, 3))
    lights.mark(practice.office, now=practice.now)
    workers = [
        threading.Thread(target=light_notices.tell, args=(office,), kwargs={"now": practice.now})
        for office in (practice.office, another_process.office)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert kinds(practice, "zhou") == ["yellow"] * 6


def test_an_end_that_was_moved_and_passes_again_is_told_again(january: Practice) -> None:
    """Yellow on 31 January under the old calendar, green again under the new one, then yellow."""
    january.show(day(1, 22))
    number = file(january)
    january.complete(number, "review_filing")
    task = january.open_task(number, "give_opinion")  # due on Saturday 1 February, worked
    tasks.claim(january.office, january["wu"], task.id, now=january.now)
    look(january, day(1, 31, 16))
    assert of_lights(january, "wu") == ["yellow"]
    january.move_to(day(1, 31, 20))
    change_id = calendar_changes.propose(
        january.office, january["feng"], PROLONGED, now=january.now
    )
    calendar_changes.approve(january.office, SECOND, change_id, now=january.now)
    look(january, day(1, 31, 21))
    assert january.open_task(number, "give_opinion").light == "green"
    look(january, day(2, 3, 16), day(2, 3, 17), day(2, 4, 18))
    assert of_lights(january, "wu") == ["yellow", "yellow", "red"]


def test_the_substitute_of_who_is_on_leave_is_told(practice: Practice) -> None:
    _, task = practice.at("first_review")
    tasks.claim(practice.office, practice["wang"], task.id, now=practice.now)
    leave.enter(
        practice.office,
        practice["wang"],
        Cover("wang", "shen", date(2020, 3, 3), date(2020, 3, 4)),
        now=practice.now,
    )
    look(practice, day(3, 4, 10), day(3, 5, 18))
    assert of_lights(practice, "shen") == ["yellow"]
    assert of_lights(practice, "wang") == ["red"]  # back again


def test_a_case_near_its_own_end_is_told_to_who_has_it_whose_step_is_green(
    practice: Practice,
) -> None:
    number, _ = practice.at("give_opinion")  # the handling limit ends on Monday 16 March
    practice.show(day(3, 5, 9))
    practice.complete(number, "give_opinion")
    review = practice.open_task(number, "first_review")
    with practice.office.uow.begin() as session:  # a step with time enough of its own
        held = session.get_one(models.Task, review.id)
        held.due_at, held.warn_at, held.mark_at = day(3, 17, 17), day(3, 17, 9), day(3, 17, 9)
    tasks.claim(practice.office, practice["wang"], review.id, now=practice.now)
    look(practice, day(3, 12, 10), day(3, 13, 9), day(3, 13, 17))
    assert of_lights(practice, "wang") == ["case_yellow"]
    (told, *_) = notices.mine(practice.office, practice["wang"]).items
    assert told.body.zh == "办理期限的末日是 2020年3月16日，案件正在您手里。"
    look(practice, day(3, 18, 18))  # both are over: the step's own notice says so
    assert of_lights(practice, "wang") == ["case_yellow", "red"]


def test_the_morning_digest_counts_and_comes_once_on_working_days(addressed: Practice) -> None:
    addressed.file_case()
    for moment in (day(3, 3, 8), day(3, 3, 8, 31), day(3, 3, 11), day(3, 7, 9), day(3, 8, 9)):
        addressed.show(moment)
        addressed.office.sweeps.clear()
        notice_sweeps.digest(addressed.office, now=addressed.now)
    told = notices.mine(addressed.office, addressed["zhou"]).items
    assert [each.title.zh for each in told] == ["今天：到期 0，黄灯 1，红灯 0，新到 0"]
    assert kinds(addressed, "wu") == []


def test_a_morning_on_which_nothing_is_due_coloured_or_new_has_no_digest(
    addressed: Practice,
) -> None:
    number = addressed.file_case().number
    addressed.complete(number, "review_filing")
    addressed.show(day(3, 3, 9))
    with addressed.office.uow.begin() as session:
        for task in session.scalars(select(models.Task).where(models.Task.completed_at.is_(None))):
            task.due_at = task.warn_at = task.mark_at = day(3, 31, 17)
            task.created_at = day(3, 2, 9)
    addressed.office.sweeps.clear()
    notice_sweeps.digest(addressed.office, now=addressed.now)
    staff = [name for name in addressed.cast if addressed[name].is_staff]
    assert [name for name in staff if "digest" in kinds(addressed, name)] == []


# ── a changed calendar ──────────────────────────────────────────────────────────────────────────


def test_the_notice_that_each_enterprise_got_in_february_2020(january: Practice) -> None:
    give_addresses(january)
    january.show(day(1, 22))
    number = file(january)
    task = january.open_task(number, "review_filing")
    tasks.claim(january.office, january["zhou"], task.id, now=january.now)
    january.move_to(day(1, 26, 20))
    change_id = calendar_changes.propose(
        january.office, january["feng"], PROLONGED, now=january.now
    )
    calendar_changes.approve(january.office, SECOND, change_id, now=january.now)
    january.run_jobs()
    january.run_jobs()
    (told,) = [n for n in notices.mine(january.office, january.firm).items if n.kind == "new_date"]
    assert told.title.zh == f"办件 {number} 的末日有变"
    assert "由 2020年1月31日 改为 2020年2月3日" in told.body.zh
    assert "国办发明电〔2020〕1号" in told.body.zh
    assert "was 31 January 2020 and is now 3 February 2020" in told.body.en
    assert kinds(january, "zhou") == ["new_date_officer"]
    notice_delivery.deliver(january.office)
    (message,) = [m for m in mails(january) if "末日有变" in m["Subject"] and "firm" in m["To"]]
    assert "2月3日" not in message.get_content()


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


def test_a_notice_is_read_by_its_recipient_only(practice: Practice) -> None:
    practice.file_case()
    practice.run_jobs()
    (told,) = notices.mine(practice.office, practice.firm).items
    assert notices.unread(practice.office, practice.firm) == 1
    with pytest.raises(NotFound):
        notices.read(practice.office, practice.other_firm, told.id, now=practice.now)
    notices.read(practice.office, practice.firm, told.id, now=practice.now)
    assert notices.unread(practice.office, practice.firm) == 0
    assert notices.mine(practice.office, practice.firm, unread=True).items == ()
