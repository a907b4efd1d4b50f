"""The closed vocabulary of what a service task may ask for, by name (workflows/README.md)."""

from collections.abc import Mapping

from engine.services.casework import Operation
from engine.services.operations import (
    certificates,
    clocks,
    decision,
    deferral,
    deferral_term,
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
    **service.OPERATIONS,
    **clocks.OPERATIONS,
    **supervision.OPERATIONS,
}
