"""The refusals: one class per kind of no, each with a slug for machines and sentences for people."""

from collections.abc import Mapping

from engine.domain.words import Words


class EngineError(Exception):
    """Root of the refusals.

    `str(error)` is the Chinese sentence (the first language of the product); `english` its English twin.
    `fields` names what was wrong: field, line or element -> sentence.
    """

    slug = "engine-error"
    #: (process id, element id) of the drawn element at which it happened, where that is known.
    drawn_at: tuple[str, str] | None = None

    def __init__(
        self,
        message: str,
        english: str = "",
        *,
        fields: Mapping[str, str | Words] | None = None,
    ) -> None:
        super().__init__(message)
        self.english = english or message
        self.named = {
            name: each if isinstance(each, Words) else Words(each)
            for name, each in (fields or {}).items()
        }

    @property
    def extra(self) -> Mapping[str, object]:
        """What programs are told besides."""
        return {}

    @property
    def fields(self) -> dict[str, str]:
        """What was wrong, in Chinese."""
        return self.fields_within("zh")

    def fields_within(self, language: str) -> dict[str, str]:
        return {name: words.within(language) for name, words in self.named.items()}


class NotFound(EngineError):
    slug = "not-found"


class NotPermitted(EngineError):
    slug = "not-permitted"


class NotAuthenticated(EngineError):
    slug = "not-authenticated"


class PasswordMustChange(NotPermitted):
    """Signed in with a temporary password: nothing else is done before there is a new one."""

    slug = "password-must-change"

    def __init__(self) -> None:
        super().__init__("请先改掉临时密码。", "change the temporary password first")


class TooManyAttempts(EngineError):
    """Too many wrong passwords; `retry_after` seconds later the next attempt is looked at."""

    slug = "too-many-attempts"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            f"试得太多了，请过 {retry_after} 秒再试。",
            f"too many attempts: try again in {retry_after} seconds",
        )
        self.retry_after = retry_after


class Conflict(EngineError):
    """The request was right when it was written; the world has moved on since."""

    slug = "conflict"


class TaskAlreadyClaimed(Conflict):
    slug = "task-already-claimed"


class TaskNotOpen(Conflict):
    slug = "task-not-open"


class AlreadyFiled(Conflict):
    """The application has been handed in already, as `case_number`: nothing in it can be changed."""

    slug = "already-filed"

    def __init__(self, case_number: str) -> None:
        super().__init__(f"已提交，办件编号 {case_number}。", f"filed as {case_number}")
        self.case_number = case_number


class AlreadyOpen(Conflict):
    """A case about the same is open: it goes on there, under `case_number`, and is not filed again."""

    slug = "already-open"

    def __init__(self, case_number: str) -> None:
        super().__init__(
            f"这条记录已在办理，办件编号 {case_number}。本次申请已并入该件，不必重复提交。",
            f"this record is being dealt with in case {case_number}; what you filed is linked to it",
            fields={"records": case_number},
        )
        self.case_number = case_number

    @property
    def extra(self) -> Mapping[str, object]:
        return {"case": self.case_number}


class ObjectionFirst(Conflict):
    """An objection to the record is open: what rests on the record waits until it is settled."""

    slug = "objection-first"


class Invalid(EngineError):
    """What was sent cannot be taken as it is; `fields` says where."""

    slug = "invalid"


class MoveRefused(Invalid):
    """A token cannot be put there: it is no target, or the process could never end."""

    slug = "move-refused"


class PromiseRefused(Invalid):
    """Papers cannot be promised so, or what was promised is still missing."""

    slug = "promise-refused"


class NotEligible(Invalid):
    """The law does not allow it, or not yet."""

    slug = "not-eligible"


class DeferralRefused(NotEligible):
    """A deferral may not be granted or renewed so: longer, later or more often than allowed."""

    slug = "deferral-refused"


class EmergencyNotInForce(NotEligible):
    """It is open only while an emergency response is in force; the sentence says when it was."""

    slug = "emergency-not-in-force"


class Unavailable(EngineError):
    """What the office stands on (its database, its disk) does not answer now; later it will."""

    slug = "unavailable"


class Overtaxed(Unavailable):
    """The database ended a statement that took too long, or waited too long for somebody. Later may be
    no better: what nobody watches has to be looked at."""


class UndecidableGateway(EngineError):
    """No flow out of a drawn decision fits the answers."""

    slug = "undecidable-gateway"


class StepLimitExceeded(EngineError):
    """A diagram ran on without ever waiting for anybody."""

    slug = "step-limit-exceeded"


class StepFailed(EngineError):
    """A step could not be made. Nothing of it remains; `incident` is the number under which an
    administrator looks after it, once it has been written down."""

    slug = "step-failed"

    def __init__(
        self, message: str, english: str, *, cause: Words, title: Words, incident: str = ""
    ) -> None:
        super().__init__(message, english)
        self.cause = cause
        self.title = title
        self.incident = incident

    @property
    def extra(self) -> Mapping[str, object]:
        return {"incident": self.incident} if self.incident else {}
