"""Operations of the letters about a court's list: application, questions, refusal."""

from engine.domain.words import Words
from engine.services import correspondence, court_letters
from engine.services.casework import Casework, Operation
from engine.services.operations.decision import record_outcome


def apply_to_court(work: Casework, letter: str) -> None:
    """The application is printed with its certificate and goes to the court of enforcement."""
    court_letters.write(
        work,
        letter,
        certificate=work.case.facts.get("certificate", {}),
        statement=str(work.case.answers.get("statement") or ""),
        papers=correspondence.papers_received(work),
    )
    work.note("sent_to_court", Words("申请材料报送法院", "application sent to the court"))


def write_to_court(work: Casework, letter: str, limit: str) -> None:
    """A letter to the court that asks for an answer by the end of the limit."""
    answer_by = work.calendar.local_date(work.due(limit, work.answers))
    told = work.case.facts.get("court", {})
    difference = str(work.answers.get("difference") or told.get("difference") or "")
    work.remember(court={**told, "difference": difference})
    court_letters.write(
        work,
        letter,
        inquiry={"question": difference, "answer_by": answer_by.isoformat()},
        court={"document": told.get("document", ""), "until": told.get("until")},
    )


def write_to_applicant(work: Casework, letter: str) -> None:
    """A letter to the enterprise that the flow does not wait for."""
    note = str(
        work.answers.get("other_court_name")
        or court_letters.answered(work, "verify", "other_court_name")
    )
    correspondence.issue_at_once(work, letter, court={"other": note})


def record_court_refusal(work: Casework, letter: str) -> None:
    """The court does not repair: the firm is told, with the court's reason."""
    told = work.case.facts.get("court_refusal", {})
    record_outcome(work, "court_refused")
    correspondence.queue(
        work,
        letter,
        decision={"reason": str(told.get("reason") or "法院未写明理由。")},
        court={"name": court_letters.court(work), "document": str(told.get("document") or "")},
    )


OPERATIONS: dict[str, Operation] = {
    "apply_to_court": apply_to_court,
    "write_to_court": write_to_court,
    "write_to_applicant": write_to_applicant,
    "record_court_refusal": record_court_refusal,
}
