"""The register of certificates as its readers see it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.domain.states import CertificateState


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One certificate. `state`: valid | void | revoked; `amount`: of the contract, decimal text."""

    number: str
    case_number: str
    subject_name: str
    issuer: str
    issued_at: datetime
    amount: str | None
    currency: str | None
    country: str | None
    industry: str | None
    state: CertificateState
    ended_because: str


@dataclass(frozen=True, slots=True)
class CertificateSum:
    """Valid certificates of one currency, in one country where that is told apart."""

    country: str | None
    currency: str | None
    count: int
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class CertificateRegister:
    items: tuple[CertificateRow, ...]
    next_cursor: str | None
    by_currency: tuple[CertificateSum, ...]
    by_country: tuple[CertificateSum, ...]
