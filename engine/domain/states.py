"""The states that rows pass through: each life written down once, for tables, services and the API.

A state is stored and sent as the word itself. Where a state carries rules or names of its own it is an
enum beside them (`record.Publication`, `downstream.Progress`, `clock_reading.ClockState`).
"""

from typing import Literal, get_args

CaseState = Literal["open", "closed"]
TaskState = Literal["ready", "claimed", "completed", "cancelled"]
#: A stage as the strip over a case shows it.
StageState = Literal["done", "now", "todo"]
#: A clock that is kept runs at least; what has not begun has no row.
KeptClockState = Literal["running", "paused", "stopped"]
ExtensionState = Literal["requested", "approved", "refused", "lapsed"]
SupervisionState = Literal["open", "answered", "contested", "escalated", "lifted", "upheld"]
#: How a supervision notice ends.
SupervisionEnd = Literal["lifted", "upheld"]
LetterState = Literal["pending", "issued", "served"]
CertificateState = Literal["valid", "void", "revoked"]
#: A certificate, or a letter that a newer one took the place of.
IssuedState = Literal["valid", "superseded", "void", "revoked"]
ReportState = Literal["waiting", "sent", "accepted", "refused", "ended"]
ContestState = Literal["open", "answered"]
DeferralState = Literal["running", "exempted", "reported", "reported_rectified", "terminated"]
ExamState = Literal["open", "passed", "failed"]
CalendarChangeState = Literal["proposed", "applying", "applied", "rejected", "revoked"]
EmergencyEntryState = Literal["proposed", "confirmed", "rejected"]
MigrationState = Literal["running", "done"]
MigratedCaseState = Literal["waiting", "migrated", "left", "undone"]
#: A case in a migration that is only looked at beforehand, or that is made.
MigratingCaseState = Literal["planned", "waiting", "migrated", "left", "undone"]
JobState = Literal["waiting", "done", "failed"]
HistoryCheckState = Literal["waiting", "running", "done"]
WebhookState = Literal["waiting", "delivered", "failed"]
#: In the list of the site: unread, read. By e-mail or text message: the others.
NoticeState = Literal["unread", "read", "waiting", "sending", "sent", "failed", "unclear"]

#: Every life that a table stores.
STORED = (
    CaseState,
    TaskState,
    KeptClockState,
    ExtensionState,
    SupervisionState,
    LetterState,
    CertificateState,
    ReportState,
    ContestState,
    DeferralState,
    ExamState,
    CalendarChangeState,
    EmergencyEntryState,
    MigrationState,
    MigratedCaseState,
    JobState,
    HistoryCheckState,
    WebhookState,
    NoticeState,
)


def words_of(life: object) -> tuple[str, ...]:
    """The states of a life, in the order in which they are written down."""
    return get_args(life)
