"""What lies about at the doors and opens nothing any more: swept away once an hour."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from engine.persistence import models
from engine.services import second_factors
from engine.services.office import Office
from engine.services.sessions import IDLE

EVERY = timedelta(hours=1)
#: How long counts of failures, places nobody comes from any more, and messages are kept.
COUNTS_FOR, PLACES_FOR, MESSAGES_FOR = timedelta(days=1), timedelta(days=400), timedelta(days=90)
_SWEPT = "doors"


def tidy(office: Office) -> bool:
    """Whether it was swept; safe beside others who sweep."""
    real = office.real_now()
    last = office.sweeps.get(_SWEPT)
    if last is not None and abs(real - last) < EVERY:
        return False
    office.sweeps[_SWEPT] = real
    with office.uow.begin() as session:
        _sweep(session, real)
        _seal_anew(office, session)
    return True


def _sweep(session: Session, real: datetime) -> None:
    opened, sent = models.WebSession, models.WebhookDelivery
    for over in (
        delete(opened).where(or_(opened.expires_at <= real, opened.seen_at <= real - IDLE)),
        delete(models.Token).where(models.Token.expires_at <= real),
        delete(models.SignInCount).where(models.SignInCount.last_at <= real - COUNTS_FOR),
        delete(models.KnownPlace).where(models.KnownPlace.seen_at <= real - PLACES_FOR),
        delete(sent).where(sent.created_at <= real - MESSAGES_FOR, sent.state != "waiting"),
    ):
        session.execute(over)


def _seal_anew(office: Office, session: Session) -> None:
    """After the installation's key was changed: so that the old one may go with the next change."""
    for hook in session.scalars(select(models.Webhook)):
        if renewed := office.sealer.renewed(hook.secret):
            hook.secret = renewed
        if hook.old_secret and (renewed := office.sealer.renewed(hook.old_secret)):
            hook.old_secret = renewed
    second_factors.sealed_anew(office, session)
