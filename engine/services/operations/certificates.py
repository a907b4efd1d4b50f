"""Operations on certificates: issued here or by a body above, refused, made void, registered."""

from typing import Any
from uuid import uuid4

from sqlalchemy import select

from engine.domain.errors import Invalid
from engine.domain.states import CertificateState
from engine.domain.words import Words
from engine.persistence import models
from engine.services import correspondence, ledger
from engine.services.casework import Casework, Operation
from engine.services.operations import promise as promises

ENDED: dict[str, tuple[CertificateState, Words]] = {
    "typing_error": ("void", Words("笔误更正，旧证作废", "typing error: void, issued anew")),
    "false_papers": ("revoked", Words("材料虚假，撤销证明", "false papers: revoked")),
}
#: What the steps say that the certificate prints and the register counts.
PRINTED = (
    *("contract_number", "counterparty", "country", "goods", "amount", "currency"),
    *("applicant_en", "country_en", "goods_en"),
    *("delivery_on", "facts_zh", "facts_en", "evidence", "industry", "correction"),
)


def issue_certificate(work: Casework, kind: str, letter: str) -> None:
    """编号用印: number and seal; it is served with what else is pending. One that takes the place
    of another says so."""
    replaced = work.case.facts.get("replaced_certificate")
    told = {**_drafted(work), **({"replaces": replaced} if replaced else {})}
    promises.must_be_settled(work)
    queued = correspondence.queue(work, letter, certificate=told)
    number = correspondence.issue(work, queued)
    queued.state = "pending"
    _decide(work, "issued")
    work.remember(certificate={"number": number, "kind": kind})
    work.note(
        "certificate_issued", Words("签发证明", "certificate issued"), changes={"number": number}
    )


def record_certificate(work: Casework, letter: str) -> str:
    """The certificate that the body above has issued; the enterprise is told. *Answers* issue."""
    told = work.case.facts.get("ccpit_result", {})
    number = str(told.get("number") or "").strip()
    if not number:
        raise Invalid("出证结果没有证明编号。", "the result names no certificate number")
    _decide(work, "issued")
    work.remember(certificate={"number": number, "kind": "force_majeure", "forwarded": True})
    correspondence.queue(work, letter, certificate={**_drafted(work), "number": number})
    work.note(
        "certificate_recorded",
        Words("登记上级所出证明", "certificate of the body above recorded"),
        changes={"number": number},
    )
    return "issue"


def refuse_certificate(work: Casework, letter: str) -> str:
    """不予出证, with the reason. *Answers* refuse."""
    told = work.case.facts.get("ccpit_result", {})
    reason = work.answers.get("reason") or work.answers.get("opinion") or told.get("reason")
    _decide(work, "certificate_refused")
    correspondence.queue(
        work,
        letter,
        decision={
            "outcome": "不予出证",
            "reason": str(reason or "不符合出证条件。"),
            "advice": str(work.answers.get("advice") or ""),
        },
    )
    work.note("certificate_refused", Words("不予出证", "no certificate"), detail=str(reason or ""))
    return "refuse"


def register_certificate(work: Casework) -> None:
    """登记台账: amount, currency, country and industry of the contract, for statistics."""
    told, drafted = work.case.facts.get("certificate", {}), _drafted(work)
    certificate = models.Certificate(
        id=uuid4(),
        number=told["number"],
        kind=told["kind"],
        case_id=work.case.id,
        subject_code=work.case.subject_code,
        subject_name=work.case.subject_name,
        issuer=_issuer(work, told),
        issued_at=work.now_at,
        amount=drafted.get("amount"),
        currency=drafted.get("currency"),
        country=drafted.get("country"),
        industry=drafted.get("industry"),
        state="valid",
        ended_because="",
    )
    work.add(certificate)
    _tell_copies(work, certificate)


def _tell_copies(work: Casework, certificate: models.Certificate) -> None:
    """What has become of it is told where its copies go."""
    if work.procedure.copies is not None:
        work.promise("copy_certificate", number=certificate.number, state=certificate.state)


def void_certificate(work: Casework, reason: str, letter: str = "") -> None:
    """作废或撤销: the number stays visible with its state and is never used again."""
    state, words = ENDED[reason]
    certificate = models.Certificate
    found = work.session.scalars(
        select(certificate).where(certificate.case_id == work.case.id, certificate.state == "valid")
    )
    for row in found:
        row.state, row.ended_at, row.ended_because = state, work.now_at, words.zh
        _tell_copies(work, row)
        if state == "void":
            work.remember(replaced_certificate=row.number)
    if state == "revoked":
        _decide(work, "certificate_revoked")
    if letter:
        told = dict(work.case.facts.get("certificate", {}))
        correspondence.queue(work, letter, decision={"reason": _reason(work)}, certificate=told)
    work.note("certificate_ended", words, detail=_reason(work))


def _reason(work: Casework) -> str:
    return str(work.answers.get("reason") or work.answers.get("opinion") or "")


def _decide(work: Casework, outcome: str) -> None:
    work.case.outcome, work.case.decided_at = outcome, work.now_at
    work.reach("decision")
    ledger.stop(work, "handling", reason="作出决定")


def _issuer(work: Casework, told: dict[str, Any]) -> str:
    usual = told.get("issuer") or work.procedure.letterhead.issuer
    return "中国国际贸易促进委员会" if told.get("forwarded") else str(usual)


def _drafted(work: Casework) -> dict[str, Any]:
    """What the certificate says: the answers of the steps, the last first, over the
    application's."""
    task = models.Task
    found = work.session.scalars(
        select(task)
        .where(task.case_id == work.case.id, task.state == "completed")
        .order_by(task.completed_at)
    )
    said = dict(work.case.answers)
    for each in (*(row.answers or {} for row in found), work.answers):
        said.update({name: each[name] for name in PRINTED if each.get(name)})
    return {name: said[name] for name in PRINTED if said.get(name)}


OPERATIONS: dict[str, Operation] = {
    "issue_certificate": issue_certificate,
    "record_certificate": record_certificate,
    "refuse_certificate": refuse_certificate,
    "register_certificate": register_certificate,
    "void_certificate": void_certificate,
}
