"""What a new line in the ledger of a clock says, of a case's clock or of a record's."""

from dataclasses import dataclass
from datetime import datetime

from engine.domain.clock import EntryKind


@dataclass(frozen=True, slots=True)
class Entry:
    """What a new line of a ledger says; see domain/clock_ledger.py. Who writes it signs it."""

    kind: EntryKind
    reason: str
    effective_at: datetime | None = None  # now, when none is given
    amount: int = 0  # by how much the limit lengthens, in its unit
    basis: str = ""
    document: str = ""
    names_day: bool = False
    ground: str = ""
    expected_at: datetime | None = None
    voids: int = 0
