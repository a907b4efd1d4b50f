"""How a command comes to its office."""

from engine import bootstrap
from engine.services.office import Office
from engine.settings import Settings, read_settings


def prepared() -> tuple[Settings, Office]:
    """The settings of the environment, and their office on a database brought to this release."""
    settings = read_settings()
    bootstrap.prepare(settings)
    return settings, bootstrap.open_office(settings)


def opened() -> tuple[Settings, Office]:
    """The same for a command that changes no schema: SettingMissing for a server's database of another
    release. One office's own file is brought to it at once, as there is nobody else at work on it."""
    settings = read_settings()
    if settings.is_on_server:
        bootstrap.refuse_other_release(settings)
        return settings, bootstrap.open_office(settings)
    return prepared()
