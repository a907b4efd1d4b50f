"""The refusals: one class per kind of no, each with a slug for machines and sentences for people."""


class EngineError(Exception):
    """Root of the refusals.

    `str(error)` is the Chinese sentence (the first language of the product); `english` its English twin.
    `fields` names what was wrong: field, line or element -> sentence.
    """

    slug = "engine-error"

    def __init__(
        self, message: str, english: str = "", *, fields: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.english = english or message
        self.fields = fields or {}


class NotFound(EngineError):
    slug = "not-found"


class NotPermitted(EngineError):
    slug = "not-permitted"


class NotAuthenticated(EngineError):
    slug = "not-authenticated"


class Conflict(EngineError):
    """The request was right when it was written; the world has moved on since."""

    slug = "conflict"


class TaskAlreadyClaimed(Conflict):
    slug = "task-already-claimed"


class TaskNotOpen(Conflict):
    slug = "task-not-open"


class Invalid(EngineError):
    """What was sent cannot be taken as it is; `fields` says where."""

    slug = "invalid"


class NotEligible(Invalid):
    """The law does not allow it, or not yet."""

    slug = "not-eligible"


class UndecidableGateway(EngineError):
    """No flow out of a drawn decision fits the answers."""

    slug = "undecidable-gateway"


class StepLimitExceeded(EngineError):
    """A diagram ran on without ever waiting for anybody."""

    slug = "step-limit-exceeded"
