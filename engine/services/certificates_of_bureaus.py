"""Which bureau certifies in a case: makers go to industry, dealers to commerce."""

from dataclasses import dataclass

from engine.services.casework import Casework


@dataclass(frozen=True, slots=True)
class Bureau:
    """key: of the departments table. mark: 代字 of its certificates."""

    key: str
    name: str
    mark: str


BUREAUS = {
    "producer": Bureau("industry", "昆山市工业和信息化局", "昆工信"),
    "dealer": Bureau("commerce", "昆山市商务局", "昆商务"),
}


def of(work: Casework) -> Bureau:
    """By the answer `business` of the application."""
    return BUREAUS.get(str(work.case.answers.get("business")), BUREAUS["dealer"])
