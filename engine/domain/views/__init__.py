"""What a reader sees: plain frozen values, no table behind them."""

from engine.domain.views.case import (
    CaseRow,
    CaseView,
    ClockEntryView,
    ClockView,
    DiagramView,
    DraftView,
    ElementTime,
    EventView,
    Filed,
    StageView,
    SubjectView,
    TrackView,
    WaitingCard,
)
from engine.domain.views.installation import (
    DepartmentView,
    IncidentView,
    JobView,
    PersonView,
    ProcedureView,
)
from engine.domain.views.paging import Page
from engine.domain.views.paper import CertificateView, DocumentView, LetterView, PaperView
from engine.domain.views.record import (
    EligibilityView,
    ImportLine,
    ImportReport,
    RecordEventView,
    RecordView,
)
from engine.domain.views.task import Completed, InboxCounts, TaskView
from engine.domain.views.task_page import MissingPaper, TaskPage

__all__ = [
    "CaseRow",
    "CaseView",
    "CertificateView",
    "ClockEntryView",
    "ClockView",
    "Completed",
    "DepartmentView",
    "DiagramView",
    "DocumentView",
    "DraftView",
    "ElementTime",
    "EligibilityView",
    "EventView",
    "Filed",
    "ImportLine",
    "ImportReport",
    "InboxCounts",
    "IncidentView",
    "JobView",
    "LetterView",
    "MissingPaper",
    "Page",
    "PaperView",
    "PersonView",
    "ProcedureView",
    "RecordEventView",
    "RecordView",
    "StageView",
    "SubjectView",
    "TaskPage",
    "TaskView",
    "TrackView",
    "WaitingCard",
]
