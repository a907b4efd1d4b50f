"""Certificates: whether a letter with this number was issued, for anybody who holds one."""

from flask import g

from engine.domain.views import CertificateView
from engine.services import letters
from web.api.calls import Call, Noun, Who
from web.api.schemas.paper import Certificate
from web.auth import limiter
from web.office import current_office

noun = Noun("certificates", "Verifying a letter")
#: For one address: whoever verifies a letter has it in hand, and nobody collects numbers.
GUESSES = "60 per minute"


@noun.call(
    Call("GET", "/certificates/<number>", answer=Certificate, who=Who.ANYBODY, refuses=(404, 429))
)
@limiter.limit(GUESSES)
def show(number: str) -> CertificateView:
    """A letter as the public may verify it, with the hash of its PDF"""
    return letters.certificate(current_office(), number, now=g.now)
