"""Ids as a form brings them: pages write them, and who writes others is told so."""

from uuid import UUID

from engine.domain.errors import Invalid


def read_id(text: str) -> UUID:
    """Raises Invalid for what is no id."""
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("编号有误。", "that is not an id") from None
