"""Letters of a case: queued by operations, numbered and dated when issued, printed by a job."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, select

from engine.domain.clock import Budget, ClockEntry, EntryKind, read
from engine.domain.clock_narration import narrate
from engine.domain.errors import Conflict
from engine.domain.record import Grade
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.declarative import table_of
from engine.persistence.numbering import next_number
from engine.runtime.letters import describe
from engine.services import ledger
from engine.services.casework import Casework
from engine.services.grading import appraise, longest

WINDOW, PLACE = "service_window", "昆山市政务服务中心 2 楼 A16 信用窗口"
CHANNELS = {"web": "网上", "window": "窗口", "credit_china": "信用中国"}
#: Letters that list the papers received, or are sent with them.
LISTING = frozenset(
    {"filing_receipt", "acceptance", "conditional_acceptance", "verification_request"}
)


_PAPER = table_of(models.Paper)
_RECEIVED = (
    select(_PAPER.c.kind, _PAPER.c.uploaded_at, _PAPER.c.uploaded_by)
    .where(_PAPER.c.case_id == bindparam("case_id"))
    .order_by(_PAPER.c.uploaded_at)
)


def queue(work: Casework, key: str, **extra: Any) -> models.Letter:
    """A letter that waits to be issued and served (issue_letter, serve_letter)."""
    kind = describe(work.procedure.files, work.procedure.key, key)
    letter = models.Letter(
        id=uuid4(),
        case_id=work.case.id,
        key=key,
        title=kind.title_zh,
        title_en=kind.title_en,
        state="pending",
        data=dict(extra),
        created_at=work.now_at,
    )
    work.queue(letter)
    return letter


def number(work: Casework, letter: models.Letter) -> str:
    """The letter's number; taken once, gap-free, in the transaction that uses it."""
    if letter.number is None:
        kind = describe(work.procedure.files, work.procedure.key, letter.key)
        year = work.calendar.local(work.now_at).year
        mark = letter.data.get("mark") or work.procedure.document_mark
        serial = next_number(work.session, f"letter:{year}:{mark}{kind.mark}")
        letter.number = f"{mark}〔{year}〕{kind.mark}{serial}号"
    return letter.number


def issue(work: Casework, letter: models.Letter) -> str:
    """Number, date and contents become final; the PDF is promised. The number.

    Conflict for one that is issued: what went out under a number is never written again.
    """
    if letter.issued_at is not None:
        raise Conflict("文书已经制发，不能改动。", "the letter is issued and cannot be changed")
    given = number(work, letter)
    letter.state, letter.issued_at = "issued", work.now_at
    letter.data = compose(work, letter)
    work.note(
        "letter_issued",
        Words(f"制发《{letter.title}》", f"{letter.title_en} issued"),
        detail=given,
        changes={"letter": letter.key, "number": given},
    )
    work.promise("print_letter", letter_id=str(letter.id))
    return given


def issue_at_once(work: Casework, key: str, **extra: Any) -> models.Letter:
    """Queue, issue and serve a letter that the flow does not wait for."""
    letter = queue(work, key, **extra)
    issue(work, letter)
    letter.state, letter.served_at = "served", work.now_at
    letter.way = "electronic" if work.case.electronic_service else "post"
    return letter


def compose(work: Casework, letter: models.Letter) -> dict[str, Any]:
    """What is printed: a snapshot of the case, never looked up again."""
    case = work.case
    data: dict[str, Any] = {
        "number": letter.number,
        "title": letter.title,
        "issued_on": _day(work, work.now_at).isoformat(),
        "issued_at": work.now_at.replace(microsecond=0).isoformat(),
        "sandbox": work.office.is_training,
        "issuer": work.procedure.letterhead.issuer,
        "addressee": {"name": case.subject_name, "code": case.subject_code},
        "case": {
            "number": case.number,
            # Opens the applicant's case to whoever holds it: no letter to another body names it.
            "query_code": None if "addressee" in letter.data else case.query_code,
            "title": case.line,
            "filed_on": _day(work, case.filed_at).isoformat(),
            "channel": CHANNELS[case.channel],
            "procedure": work.procedure.title.zh,
        },
        "records": [record_data(work, record) for record in work.records],
        "accepted_on": _day(work, case.accepted_at).isoformat() if case.accepted_at else None,
        "contact": _contact(work),
        "verify_url": f"{work.office.public_url}/verify/{letter.number}",
        "service": {"way": "electronic" if case.electronic_service else "post"},
    }
    rule = work.procedure.reconsidering
    if rule is not None and letter.key == rule.of:
        data["review"] = {"days": _days(work, "reconsideration_request")}
    if letter.key == "revocation_intended":
        data["defence"] = {"days": _days(work, "defence")}
    if letter.key in LISTING:
        data["papers"] = papers_received(work)
    return {**data, **letter.data}


def record_data(work: Casework, record: models.Record) -> dict[str, Any]:
    """The record as the edition of the case appraises it."""
    held, longest_on = appraise(work.procedure, record), longest(work.procedure, record)
    return {
        "kind": record.kind,
        "number": record.number,
        "authority": record.authority,
        "decided_on": record.decided_on.isoformat(),
        "grade": Grade(held.grade).words.zh if held.grade else "",
        "kinds": list(record.kinds),
        "content": record.content,
        "earliest_on": held.earliest_on.isoformat() if held.earliest_on else None,
        "ends_on": held.ends_on.isoformat() if held.ends_on else None,
        "longest_on": longest_on.isoformat() if longest_on else None,
    }


def clock_data(work: Casework, key: str) -> dict[str, Any]:
    """The limit with its printed working, for a letter: {'days', 'last_day', 'narrative'}."""
    clock = work.clocks.get(key)
    if clock is None:
        return {}
    entries = ledger.entries_of(work, clock)
    return _limit_data(work, ledger.budget_of(clock), entries)


def planned_limit(work: Casework, limit: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The same for a limit that begins now."""
    budget = work.limit(limit, data).budget
    if budget is None:
        return {}
    begun = ClockEntry(EntryKind.START, work.now_at, work.now_at, reason="告知")
    return _limit_data(work, budget, (begun,))


def _limit_data(work: Casework, budget: Budget, entries: tuple[ClockEntry, ...]) -> dict[str, Any]:
    reading = read(budget, entries, work.calendar, now=work.now_at)
    last = reading.due_on
    return {
        "days": budget.amount,
        "last_day": last.isoformat() if last else None,
        "narrative": narrate(reading, language="zh"),
        "provisional": reading.provisional,
    }


def _contact(work: Casework) -> dict[str, str]:
    """Whom to ask: the officer, where the letter is an officer's and not of a filing or a limit."""
    asked, directory = work.procedure.letterhead.department, work.office.directory()
    return {
        **({"person": work.actor.name} if work.actor.is_staff else {}),
        "phone": directory.phones.get(asked, ""),
        "place": PLACE if asked == WINDOW else directory.places.get(asked, ""),
    }


def _days(work: Casework, limit: str) -> int | None:
    budget = work.limit(limit, {}).budget
    return budget.amount if budget else None


def _day(work: Casework, moment: datetime) -> date:
    return work.calendar.local_date(moment)


def papers_received(work: Casework) -> list[dict[str, str]]:
    """The list of a receipt: what came in, when, from whom."""
    titles = {each.key: each.title.zh for each in work.procedure.papers}
    return [
        {
            "title": titles.get(row.kind, "其他材料"),
            "received_at": work.calendar.local_date(row.uploaded_at).isoformat(),
            "source": row.uploaded_by,
        }
        for row in work.session.execute(_RECEIVED, {"case_id": work.case.id})
    ]
