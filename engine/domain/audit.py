"""What an auditor asks of the office's history, and the lines that answer; the check of its chains."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from engine.domain.account import Happening
from engine.domain.choice import Choice
from engine.domain.errors import Invalid
from engine.domain.personal_reading import Reading
from engine.domain.words import Words

#: Days that are read when nobody says which, and at most; one case is read whole.
USUAL_DAYS, MOST_DAYS = 7, 92


class Source(Choice):
    """In which of its books the office wrote the line."""

    CASES = "cases", "办件", "Cases"
    RECORDS = "records", "记录", "Records"
    ACCOUNTS = "accounts", "账号", "Accounts"
    READINGS = "readings", "查看个人信息", "Personal data read"
    OFFICE = "office", "系统改动", "The system itself"


class Matter(Choice):
    """Kinds of lines of a case, as an auditor asks for them; each is a set of beginnings."""

    TASKS = "tasks", "任务：领取、办结、转办", "Tasks: claimed, completed, handed over"
    DECISIONS = "decisions", "决定与判定", "Decisions"
    LETTERS = "letters", "文书与送达", "Letters and service"
    CLOCKS = "clocks", "期限：暂停、延长、更正", "Limits: paused, extended, corrected"
    SUPERVISION = "supervision", "督办", "Supervision"
    RECORDS = "records", "记录、承诺、暂缓", "Records, commitments, deferrals"
    CERTIFICATES = "certificates", "证明", "Certificates"
    WORDS = "words", "材料、留言、便笺、消息", "Papers, messages and notes"
    REPAIRS = "repairs", "故障处理与迁移", "Repairs and migrations"
    ERASED = "erased", "清除个人信息", "Personal data erased"


BEGINNINGS: Mapping[Matter, tuple[str, ...]] = {
    Matter.TASKS: ("task_", "leave_", "hold_"),
    Matter.DECISIONS: ("decided", "decision_", "refused_", "reconsidered", "deemed_", "final"),
    Matter.LETTERS: ("letter_", "served", "notice_", "sent_to_"),
    Matter.CLOCKS: ("clock_", "extension_", "timer_", "correction_", "removal_"),
    Matter.SUPERVISION: ("supervision_",),
    Matter.RECORDS: ("record_", "subject_", "commitment_", "deferral_", "promise_"),
    Matter.CERTIFICATES: ("certificate_",),
    Matter.WORDS: ("paper_", "inquiry_", "note_", "message_", "rating_"),
    Matter.REPAIRS: ("incident_", "token_", "case_migrated"),
    Matter.ERASED: ("history_erased",),
}


#: What may be asked for as `kind`; the other books have none.
KINDS: Mapping[Source, type[Choice]] = {
    Source.CASES: Matter,
    Source.ACCOUNTS: Happening,
    Source.READINGS: Reading,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. `since` and `until`: days of the office, both included.

    about: a case, a record or an account, by its number or name. kind: a Matter for cases, a
    Happening for accounts.
    """

    source: Source = Source.CASES
    who: str = ""
    kind: str = ""
    about: str = ""
    address: str = ""
    since: date | None = None
    until: date | None = None

    def must_be_known(self) -> None:
        """Invalid for a kind that is none of its book's: an empty list would say that nothing was done."""
        if self.kind and self.kind not in {*KINDS.get(self.source, ())}:
            told = Words("没有这一类事", "there is no such kind")
            raise Invalid(told.zh, told.en, fields={"kind": told})

    def days(self, today: date) -> tuple[date, date] | None:
        """First and last day; None where all of one matter is asked for. Invalid beyond the most."""
        if self.about and self.since is None and self.until is None:
            return None
        until = self.until or max(today, self.since or today)
        since = self.since or until - timedelta(days=USUAL_DAYS - 1)
        if not self.about and (until - since).days >= MOST_DAYS:
            told = Words(f"一次最多看 {MOST_DAYS} 天", f"at most {MOST_DAYS} days at once")
            raise Invalid(told.zh, told.en, fields={"since": told})
        if since > until:
            told = Words("开始日期在结束日期之后", "the first day is after the last")
            raise Invalid(told.zh, told.en, fields={"since": told})
        return since, until


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line. `about` is a case's or record's number, an account, or what of the system it was."""

    id: UUID
    at: datetime
    what: Words
    about: str
    actor: str
    actor_name: str
    department: Words | None = None
    address: str = ""
    detail: str = ""
    detail_en: str = ""  # where the office has it in English, too
    place: str = ""  # case | record | account | deployment | calendar_change, to be led there
    place_id: str = ""

    def detail_within(self, language: str) -> str:
        return (self.detail_en if language == "en" else "") or self.detail


@dataclass(frozen=True, slots=True)
class CheckView:
    """A recomputing of every chain: asked by whom, how far it is, what it found. Real time."""

    id: UUID
    asked_by: str
    asked_by_name: str
    asked_at: datetime
    state: str  # waiting | running | done | failed
    seen_at: datetime
    cases: int
    lines: int
    roots: int
    flaws: int
    found: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state in ("waiting", "running")


@dataclass(frozen=True, slots=True)
class RootView:
    """The newest signed root. `is_signed` None: its file is not there."""

    number: int
    day: date
    made_at: datetime
    cases: int
    lines: int
    sha256: str
    sm3: str
    is_signed: bool | None


@dataclass(frozen=True, slots=True)
class ChainState:
    """What is known of the two chains: the newest root, the key, and the checks, newest first."""

    root: RootView | None
    key: str
    checks: tuple[CheckView, ...] = field(default=())

    @property
    def last_done(self) -> CheckView | None:
        return next((each for each in self.checks if each.state == "done"), None)
