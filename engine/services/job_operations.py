"""What a job may do, by name: print a letter, push to the platform, tell somebody."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain.words import Words
from engine.services import (
    calendar_letters,
    certificate_copies,
    course_certificates,
    emergency_end,
    history_checks,
    history_roots,
    letter_printing,
    migration_batches,
    notice_sweeps,
    notice_writing,
    reporting,
    retention,
    webhook_delivery,
)
from engine.services.casework import RETRIES
from engine.services.office import Office

MOST_RETRIES = RETRIES


def push_to_platform(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """A notice to the upper platform, under the job's id so that it counts once there."""
    office.platform.send(job_id.hex, arguments["notice"])


TITLES = {
    "print_letter": Words("排印文书", "printing a letter"),
    "print_course_certificate": Words("排印培训证明", "printing a certificate of training"),
    "copy_certificate": Words("证明副本存入案卷", "filing copies of a certificate"),
    "report_records": Words("上报新记录", "reporting new records"),
    "push_to_platform": Words("推送信用平台", "telling the credit platform"),
    "notify": Words("发通知", "sending a notice"),
    "tell": Words("发通知", "sending a notice"),
    "deadline_letter": Words("制发期限变更告知书", "a letter on a changed time limit"),
    "tell_of_calendar": Words("告知日历变更后的末日", "telling the new dates of a calendar change"),
    "migrate_cases": Words("迁移在办件", "migrating running cases"),
    history_roots.OPERATION: Words("写出历史根", "writing the root of history"),
    history_checks.OPERATION: Words("核对历史链", "checking the chains of history"),
    retention.OPERATION: Words("清除期满数据", "erasing what was kept long enough"),
    "deliver_webhook": Words("推送消息", "telling a webhook"),
    "tell_of_emergency": Words("告知应急响应终止", "telling of the end of a response"),
}


#: Seconds of one try: for most, and for what goes over all cases or reads all of history.
USUAL, LONG = 300.0, 6 * 3600.0
WITHIN: Mapping[str, float] = {
    "migrate_cases": 1800.0,
    "tell_of_calendar": 1800.0,
    "report_records": 1800.0,
    history_roots.OPERATION: LONG,
    history_checks.OPERATION: LONG,
    retention.OPERATION: LONG,
    webhook_delivery.OPERATION: 90.0,  # less than its lease
}


def title_of(operation: str) -> Words:
    return TITLES.get(operation, Words(operation))


OPERATIONS: Mapping[str, Callable[[Office, Session, UUID, Mapping[str, Any], datetime], None]] = {
    "print_letter": letter_printing.print_letter,
    "copy_certificate": certificate_copies.copy_certificate,
    "print_course_certificate": course_certificates.print_certificate,
    "report_records": reporting.report_records,
    "push_to_platform": push_to_platform,
    "notify": notice_writing.notify,
    "tell": notice_writing.tell,
    "deadline_letter": calendar_letters.deadline_letter,
    "tell_of_calendar": notice_sweeps.tell_of_calendar,
    "migrate_cases": migration_batches.run_batch,
    "tell_of_emergency": emergency_end.tell_case,
    history_roots.OPERATION: history_roots.write_root,
    retention.OPERATION: retention.erase_by_job,
}

#: Done between two transactions: what calls outside, so that nobody waits for a slow receiver, and
#: what reads for long.
OUTSIDE: Mapping[str, Callable[[Office, Mapping[str, Any]], None]] = {
    webhook_delivery.OPERATION: webhook_delivery.deliver,
    history_checks.OPERATION: history_checks.keep,
}
