"""Sends notices outside: each is claimed, then sent, then marked, so that none goes out twice.

Who is killed between sending and marking leaves a row that is being sent. Where the same message may
safely be sent again it is; a mail server cannot tell, so there the row becomes unclear, and a person looks.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from engine.domain.notice import Channel
from engine.domain.words import Words
from engine.exchange.mail import NotSent, Refused
from engine.persistence import models
from engine.persistence.declarative import table_of
from engine.services.incident_story import Trouble, write_down
from engine.services.office import Office

#: Rows that one round claims, attempts in all, wait before the second (doubled each time).
AT_ONCE, MOST_ATTEMPTS, FIRST_WAIT = 50, 6, timedelta(minutes=1)
#: After this long a row that is being sent belongs to somebody who is gone.
GONE_AFTER = timedelta(minutes=10)


def deliver(office: Office) -> int:
    """Send what waits; how many went out. Any number of workers may deliver."""
    if not _is_any_due(office):
        return 0
    _take_up_again(office)
    sent = 0
    while claimed := _claim(office):
        until = office.real_now() + GONE_AFTER / 2
        for place, each in enumerate(claimed):
            if office.real_now() > until:  # a server that is slow: nobody shall think we are gone
                _give_back(office, claimed[place:])
                return sent
            sent += _send(office, each)
    return sent


def _is_any_due(office: Office) -> bool:
    """Asked in every round, so it takes no transaction."""
    notice = models.Notice
    due = select(notice.id).where(
        notice.state.in_(("waiting", "sending")), notice.next_at <= office.real_now()
    )
    with office.uow.glance() as connection:
        return bool(connection.scalar(select(due.exists())))


def _claim(office: Office) -> Sequence[models.Notice]:
    notice, real = models.Notice, office.real_now()
    waiting = (
        select(notice)
        .where(notice.state == "waiting", notice.next_at <= real)
        .order_by(notice.next_at)
        .limit(AT_ONCE)
    )
    with office.uow.begin() as session:
        rows = session.scalars(waiting.with_for_update(skip_locked=True)).all()
        for row in rows:
            row.state, row.attempts = "sending", row.attempts + 1
            row.next_at = real + GONE_AFTER
    return rows


def _give_back(office: Office, rows: Sequence[models.Notice]) -> None:
    """Claimed and not begun: that was no attempt."""
    table = table_of(models.Notice)
    mine = (table.c.id.in_([row.id for row in rows]), table.c.state == "sending")
    back = {"state": "waiting", "attempts": table.c.attempts - 1, "next_at": office.real_now()}
    with office.uow.begin() as session:
        session.execute(update(table).where(*mine).values(back))


def _send(office: Office, row: models.Notice) -> bool:
    try:
        _hand_over(office, row)
    except NotSent as problem:
        is_last = isinstance(problem, Refused) or row.attempts >= MOST_ATTEMPTS
        _not_sent(office, row, str(problem), is_last=is_last)
        return False
    except Exception as problem:  # noqa: BLE001 - it may have gone out: a person has to look
        _mark(office, row.id, state="unclear", last_error=f"{type(problem).__name__}: {problem}")
        _raise_incident(office, row, _unknown(f"{problem}"))
        return False
    _mark(office, row.id, state="sent", sent_at=office.real_now(), next_at=None)
    return True


def _hand_over(office: Office, row: models.Notice) -> None:
    title = Words(row.title, row.title_en).within(row.language)
    at = office.real_now()
    if row.channel == Channel.EMAIL:
        text = office.notices.mail.within(row.language)
        told = text.format(title=title, link=_link(office, row))
        office.mailer.send(row.id.hex, row.address, title, told, at)
        return
    message = {"channel": row.channel, "to": row.address, "text": title, "key": row.id.hex}
    office.outbox.send(row.id.hex, message)


def _link(office: Office, row: models.Notice) -> str:
    """Where to read on; nothing is shown there without signing in."""
    return f"{office.public_url}/notices/{row.id}"


def _unknown(why: str) -> Words:
    return Words(f"不知是否已经发出：{why}", f"it is not known whether it went out: {why}")


def _not_sent(office: Office, row: models.Notice, problem: str, *, is_last: bool) -> None:
    if is_last:
        _mark(office, row.id, state="failed", last_error=problem[:2000], next_at=None)
        told = Words(f"{row.address} 发不出去：{problem}", f"{row.address} not sent: {problem}")
        _raise_incident(office, row, told)
        return
    again = office.real_now() + FIRST_WAIT * 2 ** (row.attempts - 1)
    _mark(office, row.id, state="waiting", last_error=problem[:2000], next_at=again)


def _mark(office: Office, notice_id: UUID, **values: object) -> None:
    table = table_of(models.Notice)
    mine = (table.c.id == notice_id, table.c.state == "sending")
    with office.uow.begin() as session:
        session.execute(update(table).where(*mine).values(**values))


def _take_up_again(office: Office) -> None:
    """Rows of somebody who is gone: sent again where that is safe, unclear where it is not."""
    notice, real = models.Notice, office.real_now()
    left = select(notice).where(notice.state == "sending", notice.next_at <= real)
    with office.uow.begin() as session:
        rows = session.scalars(left.with_for_update(skip_locked=True)).all()
        for row in rows:
            is_safe = row.channel != Channel.EMAIL or office.mailer.is_repeatable
            row.state = "waiting" if is_safe else "unclear"
            row.next_at = real if is_safe else None
    for row in rows:
        if row.state == "unclear":
            _raise_incident(office, row, _unknown("发送途中中断 interrupted"))


def _raise_incident(office: Office, row: models.Notice, cause: Words) -> None:
    title = Words(f"通知 {row.title}", f"notice {row.title_en}")
    trouble = Trouble("notice", cause, title, key=row.id.hex)
    with office.uow.begin() as session:
        write_down(session, trouble, now=office.now())
