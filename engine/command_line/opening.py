"""How a command comes to its office."""

from engine import bootstrap
from engine.services.office import Office
from engine.settings import Settings, read_settings


def prepared() -> tuple[Settings, Office]:
    """The settings of the environment, and their office on a database of this release."""
    settings = read_settings()
    bootstrap.prepare(settings)
    return settings, bootstrap.open_office(settings)
