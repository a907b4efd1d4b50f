"""The closed vocabulary of what a service task may ask for, by name (workflows/README.md)."""

from collections.abc import Mapping

from engine.services.casework import Operation
from engine.services.operations import (
    certificates,
    clocks,
    court,
    court_letters,
    decision,
    deferral,
    deferral_term,
    goods_certificates,
    intake,
    objection,
    promise,
    records,
    service,
    supervision,
)

OPERATIONS: Mapping[str, Operation] = {
    **intake.OPERATIONS,
    **decision.OPERATIONS,
    **deferral.OPERATIONS,
    **deferral_term.OPERATIONS,
    **records.OPERATIONS,
    **objection.OPERATIONS,
    **promise.OPERATIONS,
    **certificates.OPERATIONS,
    **goods_certificates.OPERATIONS,
    **court.OPERATIONS,
    **court_letters.OPERATIONS,
    **service.OPERATIONS,
    **clocks.OPERATIONS,
    **supervision.OPERATIONS,
}
