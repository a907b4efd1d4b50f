"""Who may do what, as it is written beside this module: read once, shown to who may look at it."""

from functools import cache
from pathlib import Path

from engine.domain.actor import Actor, Permission
from engine.domain.permission_matrix import Matrix
from engine.services.office import Office

WRITTEN = Path(__file__).with_name("permissions.toml")


@cache
def matrix() -> Matrix:
    return Matrix(WRITTEN.read_text("utf-8"))


def shown(office: Office, actor: Actor) -> Matrix:
    """The matrix for supervisors, administrators and auditors."""
    actor.must(Permission.INSPECT)
    return matrix()
