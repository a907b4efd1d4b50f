"""The tables, one module per noun."""

from engine.persistence.models.calendar import CalendarChange, CalendarDay, CalendarYear
from engine.persistence.models.case import (
    Case,
    Event,
    InboundMessage,
    ProcessInstance,
    Supervision,
)
from engine.persistence.models.certificate import Certificate
from engine.persistence.models.clock import Breach, Clock, ClockEntry, Extension, Parameter
from engine.persistence.models.closed_work import ClosedCase
from engine.persistence.models.commitment import Commitment, CommitmentEvent
from engine.persistence.models.course import CourseAttempt, CourseAttendance, CourseCertificate
from engine.persistence.models.decision import DecisionMade
from engine.persistence.models.deferral import Deferral
from engine.persistence.models.deployment import FolderUpload
from engine.persistence.models.desk import DeskChoice, Presence, SavedFilter
from engine.persistence.models.emergency import EmergencyEntry
from engine.persistence.models.history import Erasure, HistoryCheck, HistoryRoot, RootedHead
from engine.persistence.models.installation import (
    Counter,
    Department,
    Group,
    IdempotentAnswer,
    ProcessDefinition,
    Setting,
)
from engine.persistence.models.job import Incident, Job
from engine.persistence.models.leave import LeaveCover
from engine.persistence.models.migration import MigratedCase, MigratedInstance, Migration
from engine.persistence.models.modeling import ModelDraft
from engine.persistence.models.notice import Notice
from engine.persistence.models.open_words import OpenWords
from engine.persistence.models.open_work import OpenCase, OpenPlace
from engine.persistence.models.paper import Application, Letter, Paper
from engine.persistence.models.person import (
    AccountEvent,
    KnownPlace,
    LinkedIdentity,
    Person,
    SignInCount,
    Token,
    WebSession,
)
from engine.persistence.models.reading import PersonalReading
from engine.persistence.models.record import Record, RecordEvent, RecordImport, Subject
from engine.persistence.models.register import (
    Obligation,
    ObligationAct,
    RecordClock,
    RecordClockEntry,
    Report,
    StillShown,
)
from engine.persistence.models.second_factor import SecondFactor
from engine.persistence.models.task import Task, Timer, Wait
from engine.persistence.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "AccountEvent",
    "Application",
    "Breach",
    "CalendarChange",
    "CalendarDay",
    "CalendarYear",
    "Case",
    "Certificate",
    "Clock",
    "ClockEntry",
    "ClosedCase",
    "Commitment",
    "CommitmentEvent",
    "Counter",
    "CourseAttempt",
    "CourseAttendance",
    "CourseCertificate",
    "DecisionMade",
    "Deferral",
    "Department",
    "DeskChoice",
    "EmergencyEntry",
    "Erasure",
    "Event",
    "Extension",
    "FolderUpload",
    "Group",
    "HistoryCheck",
    "HistoryRoot",
    "IdempotentAnswer",
    "InboundMessage",
    "Incident",
    "Job",
    "KnownPlace",
    "LeaveCover",
    "Letter",
    "LinkedIdentity",
    "MigratedCase",
    "MigratedInstance",
    "Migration",
    "ModelDraft",
    "Notice",
    "Obligation",
    "ObligationAct",
    "OpenCase",
    "OpenPlace",
    "OpenWords",
    "Paper",
    "Parameter",
    "Person",
    "PersonalReading",
    "Presence",
    "ProcessDefinition",
    "ProcessInstance",
    "Record",
    "RecordClock",
    "RecordClockEntry",
    "RecordEvent",
    "RecordImport",
    "Report",
    "RootedHead",
    "SavedFilter",
    "SecondFactor",
    "Setting",
    "SignInCount",
    "StillShown",
    "Subject",
    "Supervision",
    "Task",
    "Timer",
    "Token",
    "Wait",
    "WebSession",
    "Webhook",
    "WebhookDelivery",
]
