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
from engine.domain.views.incident import (
    IncidentDetail,
    IncidentView,
    Place,
    PlanLine,
    Proposal,
    RepairPlan,
    StoryLine,
)
from engine.domain.views.installation import (
    DepartmentView,
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
    RecordNote,
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
    "IncidentDetail",
    "IncidentView",
    "JobView",
    "LetterView",
    "MissingPaper",
    "Page",
    "PaperView",
    "PersonView",
    "Place",
    "PlanLine",
    "ProcedureView",
    "Proposal",
    "RecordEventView",
    "RecordNote",
    "RecordView",
    "RepairPlan",
    "StageView",
    "StoryLine",
    "SubjectView",
    "TaskPage",
    "TaskView",
    "TrackView",
    "WaitingCard",
]
