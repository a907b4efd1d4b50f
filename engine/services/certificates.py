"""The register of certificates 证明台账: what was issued to whom, its state now, and the sums."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Numeric, cast, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.views import CertificateRegister, CertificateRow, CertificateSum
from engine.persistence import models
from engine.persistence.keyset import after_cursor, next_cursor
from engine.services.office import Office

PAGE = 50


def register(
    office: Office, actor: Actor, *, now: datetime, cursor: str | None = None
) -> CertificateRegister:
    """The newest certificates first, with count and amount by currency and by country.

    Amounts are never added across currencies; what is void or revoked is in no sum, nor is what is
    about goods and no contract.
    """
    actor.must(Permission.SEE_CERTIFICATES)
    certificate, case = models.Certificate, models.Case
    columns = (certificate.issued_at, certificate.id)
    found = select(certificate, case.number).join(case, case.id == certificate.case_id)
    with office.uow.read() as session:
        rows = session.execute(after_cursor(found, columns, cursor).limit(PAGE + 1)).all()
        by_currency = _sums(session, certificate.currency)
        by_country = _sums(session, certificate.country, certificate.currency)
    items = tuple(_row(row, number) for row, number in rows[:PAGE])
    held = [row for row, _ in rows]
    following = next_cursor(held, PAGE, lambda row: (row.issued_at, row.id))
    return CertificateRegister(items, following, by_currency, by_country)


def _sums(session: Session, *by: Any) -> tuple[CertificateSum, ...]:
    certificate = models.Certificate
    amount = func.sum(cast(certificate.amount, Numeric(20, 2)))
    found = (
        select(*by, func.count(), amount)
        .where(certificate.state == "valid", certificate.currency.is_not(None))
        .group_by(*by)
        .order_by(func.count().desc(), *by)
    )
    return tuple(_sum(row) for row in session.execute(found))


def _sum(row: Sequence[Any]) -> CertificateSum:
    *names, count, amount = row
    total = None if amount is None else Decimal(amount).quantize(Decimal("0.01"))
    country = names[0] if len(names) > 1 else None
    return CertificateSum(country=country, currency=names[-1], count=count, amount=total)


def _row(row: models.Certificate, case_number: str) -> CertificateRow:
    return CertificateRow(
        number=row.number,
        case_number=case_number,
        subject_name=row.subject_name,
        issuer=row.issuer,
        issued_at=row.issued_at,
        amount=row.amount,
        currency=row.currency,
        country=row.country,
        industry=row.industry,
        state=row.state,
        ended_because=row.ended_because,
    )
