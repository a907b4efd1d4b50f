"""The register of certificates as a workbook: every certificate, and the sums the page shows."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from engine.domain.actor import Actor, Permission
from engine.domain.views import CertificateSum
from engine.exchange.workbook import Cell, SheetOfRows, write_workbook
from engine.persistence import models
from engine.services import certificates
from engine.services.office import Office

#: Rows of one file; whoever wants more narrows the days.
MOST = 50_000
COLUMNS = (
    *("证明编号", "种类", "办件编号", "企业名称", "统一社会信用代码", "出证机关", "出证日期"),
    *("合同金额", "币种", "国家或地区", "行业", "状态", "作废或撤销日期", "原因"),
)
KINDS = {"force_majeure": "不可抗力事实性证明"}
STATES = {"valid": "有效", "void": "已作废", "revoked": "已撤销"}


def as_workbook(office: Office, actor: Actor, *, now: datetime) -> bytes:
    """Three sheets: the register, valid certificates by currency, and by country and currency."""
    actor.must(Permission.SEE_CERTIFICATES)
    title = f"证明台账 {office.calendar().local(now):%Y-%m-%d %H:%M}"
    told = certificates.register(office, actor, now=now)
    columns = ("币种", "份数", "合同金额合计")
    return write_workbook(
        [
            SheetOfRows("证明台账", title, COLUMNS, _rows(office)),
            SheetOfRows("按币种", f"{title}（有效）", columns, map(_sum, told.by_currency)),
            SheetOfRows(
                "按国家或地区",
                f"{title}（有效）",
                ("国家或地区", *columns),
                ((each.country or "没有写", *_sum(each)) for each in told.by_country),
            ),
        ]
    )


def _sum(row: CertificateSum) -> tuple[Cell, ...]:
    """An amount is a number: it is summed up further in the sheet."""
    return row.currency or "–", row.count, float(row.amount) if row.amount is not None else None


def _rows(office: Office) -> Iterator[tuple[Cell, ...]]:
    row, case = models.Certificate, models.Case
    asked = select(row, case.number).join(case, case.id == row.case_id)
    with office.uow.read() as session:
        found = session.execute(asked.order_by(row.issued_at, row.number).limit(MOST)).all()
    day = office.calendar().local_date
    for each, number in found:
        yield (
            each.number,
            KINDS.get(each.kind, each.kind),
            number,
            each.subject_name,
            each.subject_code,
            each.issuer,
            day(each.issued_at),
            float(each.amount) if each.amount else None,
            each.currency,
            each.country,
            each.industry,
            STATES.get(each.state, each.state),
            day(each.ended_at) if each.ended_at else None,
            each.ended_because,
        )
