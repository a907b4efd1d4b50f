"""Operations of the certificate that an enterprise makes or deals in epidemic goods (昆信用办〔2020〕2号
art. 15): by 市工信局 for makers, by 市商务局 for dealers; it serves the court and nothing else."""

from typing import Any

from sqlalchemy import select

from engine.domain.words import Words
from engine.persistence import models
from engine.services import certificates_of_bureaus as bureaus
from engine.services import correspondence, ledger
from engine.services.casework import Casework, Operation
from engine.services.operations.certificates import refuse_certificate

KIND = "epidemic_goods"
#: What the check says that the certificate prints.
PRINTED = ("goods", "licence", "capacity", "since", "key_list", "valid_until")


def issue_goods_certificate(work: Casework, letter: str) -> None:
    """编号用印, under the mark of the bureau; the case goes on to the court."""
    bureau = bureaus.of(work)
    issued = correspondence.issue_at_once(
        work, letter, certificate=_checked(work), issuer=bureau.name, mark=bureau.mark
    )
    number = issued.number or ""
    told = {"number": number, "kind": KIND, "issuer": bureau.name, **_checked(work)}
    work.remember(certificate=told)
    work.reach("decision")
    ledger.stop(work, "handling", reason="出具证明")
    work.note(
        "certificate_issued", Words("签发证明", "certificate issued"), changes={"number": number}
    )


def refuse_goods_certificate(work: Casework, letter: str) -> str:
    """不予出证, with the reason, under the head of the bureau. *Answers* refuse."""
    answer = refuse_certificate(work, letter)
    bureau = bureaus.of(work)
    queued = work.letters[-1]
    queued.data = {**queued.data, "issuer": bureau.name, "mark": bureau.mark}
    return answer


def _checked(work: Casework) -> dict[str, Any]:
    """What the bureau found, over what the application says."""
    task = models.Task
    found = work.session.scalars(
        select(task)
        .where(task.case_id == work.case.id, task.state == "completed")
        .where(task.element_id.in_(("check_producer", "check_dealer")))
        .order_by(task.completed_at)
    )
    said = dict(work.case.answers)
    for row in found:
        said.update(row.answers or {})
    return {name: said[name] for name in PRINTED if said.get(name)}


OPERATIONS: dict[str, Operation] = {
    "issue_goods_certificate": issue_goods_certificate,
    "refuse_goods_certificate": refuse_goods_certificate,
}
