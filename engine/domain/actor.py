"""Who acts in this request, and what the office allows them."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from engine.domain.errors import NotPermitted


class Permission(StrEnum):
    """What an actor may do beyond the tasks offered to its groups."""

    FILE_CASE = "file_case"
    IMPORT_RECORDS = "import_records"
    REPORT_DEFAULTS = "report_defaults"
    SEE_ALL_CASES = "see_all_cases"
    SUPERVISE = "supervise"
    INSPECT = "inspect"  # read what supervision, versions and incidents hold, and do nothing to it
    AUDIT = "audit"  # read who did what, everywhere, and have the history checked
    ADMINISTER = "administer"
    SET_CLOCK = "set_clock"
    REPORT_MESSAGE = "report_message"
    HAND_OVER = "hand_over"  # file what was applied for at the national platform
    HANDLE_CLOCKS = "handle_clocks"
    SEE_CERTIFICATES = "see_certificates"
    KEEP_COMMITMENTS = "keep_commitments"
    JUDGE_COMMITMENTS = "judge_commitments"
    TRACK_SITES = "track_sites"
    SEE_COURSES = "see_courses"


#: Group -> what its members may do; a group that is not named here only works its own tasks.
GRANTS: dict[str, frozenset[Permission]] = {
    "applicant": frozenset({Permission.FILE_CASE}),
    "window": frozenset({Permission.FILE_CASE, Permission.HANDLE_CLOCKS, Permission.SEE_COURSES}),
    "credit_clerk": frozenset(
        {Permission.HANDLE_CLOCKS, Permission.KEEP_COMMITMENTS, Permission.SEE_COURSES}
    ),
    "credit_chief": frozenset(
        {Permission.HANDLE_CLOCKS, Permission.KEEP_COMMITMENTS, Permission.SEE_COURSES}
    ),
    "authority": frozenset({Permission.JUDGE_COMMITMENTS, Permission.REPORT_DEFAULTS}),
    "credit_officer": frozenset({Permission.IMPORT_RECORDS}),
    "credit_centre": frozenset(
        {Permission.IMPORT_RECORDS, Permission.REPORT_MESSAGE}
        | {Permission.KEEP_COMMITMENTS, Permission.TRACK_SITES}
    ),
    "commerce_clerk": frozenset({Permission.SEE_CERTIFICATES}),
    "commerce_reader": frozenset({Permission.SEE_CERTIFICATES}),
    "commerce_signatory": frozenset({Permission.SEE_CERTIFICATES}),
    "supervisor": frozenset(
        {
            Permission.SUPERVISE,
            Permission.INSPECT,
            Permission.SEE_ALL_CASES,
            Permission.HANDLE_CLOCKS,
            Permission.SEE_CERTIFICATES,
            Permission.SEE_COURSES,
        }
    ),
    "leader": frozenset(
        {
            Permission.SUPERVISE,
            Permission.INSPECT,
            Permission.SEE_ALL_CASES,
            Permission.HANDLE_CLOCKS,
            Permission.SEE_CERTIFICATES,
            Permission.SEE_COURSES,
        }
    ),
    "administrator": frozenset(
        {Permission.ADMINISTER, Permission.SEE_ALL_CASES, Permission.SUPERVISE, Permission.INSPECT}
        | {Permission.AUDIT}
        | {Permission.REPORT_MESSAGE, Permission.SET_CLOCK, Permission.IMPORT_RECORDS}
    ),
    "auditor": frozenset(
        {Permission.INSPECT, Permission.AUDIT, Permission.SEE_ALL_CASES}
        | {Permission.SEE_CERTIFICATES, Permission.SEE_COURSES}
    ),
    "platform": frozenset({Permission.REPORT_MESSAGE, Permission.HAND_OVER}),
    "court_service": frozenset({Permission.REPORT_MESSAGE}),
}


@dataclass(frozen=True, slots=True)
class Covered:
    """Somebody on leave in whose place the actor works: their tasks and their groups' tasks."""

    username: str
    name: str
    department: str | None
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or program; `department` and `groups` are keys of the departments table.

    `subject` is the 统一社会信用代码 on whose behalf an enterprise's handler acts, else None.
    `covers`: for whom it stands in today. They lend their tasks, never their permissions.
    """

    id: UUID | None
    username: str
    name: str
    department: str | None = None
    groups: frozenset[str] = frozenset()
    subject: str | None = None
    covers: tuple[Covered, ...] = ()
    #: What the token it came with may do of that (engine/domain/scope.py); None: came without one.
    scopes: frozenset[str] | None = None
    is_service: bool = False  # a program of another body; it never sees a page

    @property
    def hands(self) -> tuple[str, ...]:
        """Whose tasks are the actor's to do: its own, and those of whom it stands in for."""
        return (self.username, *(one.username for one in self.covers))

    @property
    def is_enterprise(self) -> bool:
        return self.subject is not None

    @property
    def is_staff(self) -> bool:
        return self.id is not None and self.subject is None and not self.is_service

    @property
    def only_reads(self) -> bool:
        """Auditors look at everything and touch nothing but their own account."""
        return bool(self.groups) and self.groups <= {"auditor"}

    def may(self, permission: Permission) -> bool:
        return any(permission in GRANTS.get(group, ()) for group in self.groups)

    def must(self, permission: Permission) -> None:
        if not self.may(permission):
            raise NotPermitted(
                "您没有办理此事的权限。", f"you may not {permission.replace('_', ' ')}"
            )

    def must_be_staff(self) -> None:
        if not self.is_staff:
            raise NotPermitted("只有工作人员可以查看。", "for members of the office only")


#: Acts when nobody does: timers, jobs, the beginning of a case.
SYSTEM = Actor(None, "system", "系统")
