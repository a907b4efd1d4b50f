"""Operations of 送达: letters go out, notices are sent, outside bodies are told."""

from engine.domain.words import Words
from engine.services import correspondence
from engine.services.casework import Casework, Operation

WAYS = {
    "electronic": Words("电子送达", "served electronically"),
    "public_notice": Words("公告送达", "served by public notice"),
}


def find_pending_letter(work: Casework) -> str:
    """The key of a letter that waits to be served, or ''."""
    waiting = [letter.key for letter in work.letters if letter.state == "pending"]
    return str(waiting[0]) if waiting else ""


def issue_letter(work: Casework, letter: str = "") -> str:
    """Number and seal what is pending (one letter, or all); answers the channel of service."""
    for each in work.letters:
        if each.state == "pending" and letter in ("", each.key):
            if each.number is None:
                correspondence.issue(work, each)
            each.state = "issued"
    return "electronic" if work.case.electronic_service else "post"


def serve_letter(work: Casework, way: str) -> None:
    """Served: electronically on the day it reaches the applicant's page, or by public notice."""
    served = [each for each in work.letters if each.state == "issued"]
    for each in served:
        each.state, each.served_at, each.way = "served", work.now_at, way
    names = "、".join(f"《{each.title}》" for each in served)
    work.note("served", WAYS.get(way, Words("送达", "served")), detail=names)


def notify(work: Casework, to: str, notice: str) -> None:
    """A message without legal effect to roles (comma between them)."""
    for role in (part.strip() for part in to.split(",")):
        work.promise("notify", to=role, notice=notice, case_number=work.case.number)


def send_notice(work: Casework, to: str, notice: str, pauses: str = "") -> None:
    """A data packet to a body outside, whose answer comes back as a message."""
    payload = {
        "case_number": work.case.number,
        "notice": notice,
        "to": to,
        "sent_at": work.now_at.isoformat(),
        "document": work.case.facts.get("decision_number", ""),
        "records": [
            {
                "number": record.number,
                "authority_code": record.authority_code,
                "subject_code": record.subject_code,
                "subject_name": record.subject_name,
                "publication": record.publication,
            }
            for record in work.records
        ],
    }
    work.promise("push_to_platform", notice=payload)
    work.note("notice_sent", Words("向上级平台推送撤下通知", "take-down notice sent upwards"))


OPERATIONS: dict[str, Operation] = {
    "find_pending_letter": find_pending_letter,
    "issue_letter": issue_letter,
    "serve_letter": serve_letter,
    "notify": notify,
    "send_notice": send_notice,
}
