"""Certificates of training: issued on passing, printed, checked by the public, counted by the office."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.calendar import months_after
from engine.domain.course import Course
from engine.domain.errors import NotFound
from engine.domain.identifiers import masked, normalised
from engine.domain.views import AttendanceRow, CourseCertificateView, Page
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.keyset import after_cursor, next_cursor
from engine.persistence.numbering import next_number
from engine.runtime.entries import CREDIT_OFFICE
from engine.runtime.seal import quick_response, seal
from engine.runtime.typesetting import as_json, fonts_in, typeset
from engine.services import kept_files
from engine.services.casework import promise
from engine.services.office import Office

PAGE = 50
TEMPLATE = "common/training/certificate.typ"


def issue(
    office: Office,
    session: Session,
    course: Course,
    attended: models.CourseAttendance,
    passed: models.CourseAttempt,
    *,
    now: datetime,
) -> str:
    """编号发证: the number, without gaps in a year; the PDF is promised."""
    today = office.calendar().local_date(now)
    serial = next_number(session, f"course:{course.document_mark}:{today.year}")
    subject = session.get_one(models.Subject, attended.subject_code)
    title = f"{course.title.zh}证明"
    row = models.CourseCertificate(
        id=uuid4(),
        number=f"{course.document_mark}〔{today.year}〕{serial}号",
        course=course.key,
        attempt_id=passed.id,
        subject_code=subject.code,
        subject_name=subject.name,
        attendee=attended.attendee,
        title=title,
        title_en=f"{course.title.en}: certificate",
        issued_at=now,
        valid_until=months_after(today, course.valid_months),
    )
    session.add(row)
    told = {"certificate_id": str(row.id)}
    promise(session, "print_course_certificate", told, case_id=None, office=office)
    return row.number


def print_certificate(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    """The job that prints a certificate soon after it was issued."""
    row = models.CourseCertificate
    printed(
        office,
        session,
        session.get_one(row, UUID(arguments["certificate_id"]), with_for_update=True),
    )


def printed(office: Office, session: Session, row: models.CourseCertificate) -> bytes:
    """The certificate as PDF, made when it is first wanted; printing twice gives the same bytes."""
    if row.sha256 is None:
        passed = session.get_one(models.CourseAttempt, row.attempt_id)
        pdf = _typeset(office, row, passed)
        row.sha256, row.size = kept_files.keep(office, session, pdf), len(pdf)
        return pdf
    return office.files.get(row.sha256)


def _typeset(office: Office, row: models.CourseCertificate, passed: models.CourseAttempt) -> bytes:
    fonts = fonts_in(office.fonts, office.city_fonts)
    address = f"{office.public_url}/courses/certificates/{row.number}"
    calendar = office.calendar()
    told = {
        "title": row.title,
        "number": row.number,
        "issuer": CREDIT_OFFICE,
        "subject_name": row.subject_name,
        "subject_code": row.subject_code,
        "attendee": row.attendee,
        "course": row.title.removesuffix("证明"),
        "right": passed.right_count,
        "total": len(passed.questions),
        "day": _written(calendar.local_date(row.issued_at)),
        "until": _written(row.valid_until),
        "verify_url": address,
        "sandbox": office.is_training,
        "families": fonts.families,
    }
    lower = "演练" if office.is_training else ""
    files = {
        "main.typ": (office.workflows / TEMPLATE).read_bytes(),
        "/seal.svg": seal(CREDIT_OFFICE, family=fonts.families["body"][-1], lower=lower),
        "/qr.svg": quick_response(address),
    }
    return typeset(files, as_json(told), fonts, row.issued_at.replace(microsecond=0))


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def of_subject(session: Session, code: str, course: str) -> Sequence[models.CourseCertificate]:
    """What an enterprise holds of a course, the newest first."""
    row = models.CourseCertificate
    found = select(row).where(row.subject_code == code, row.course == course)
    return session.scalars(found.order_by(row.issued_at.desc(), row.id)).all()


def valid_for(
    session: Session, code: str, course: str, on: date
) -> models.CourseCertificate | None:
    """The certificate of the enterprise that counts on a day, the one that counts longest."""
    row = models.CourseCertificate
    found = select(row).where(row.subject_code == code, row.course == course, row.valid_until >= on)
    return session.scalars(found.order_by(row.valid_until.desc(), row.id).limit(1)).first()


def number_of_attempt(session: Session, attempt_id: UUID) -> str | None:
    row = models.CourseCertificate
    return session.scalar(select(row.number).where(row.attempt_id == attempt_id))


def check(office: Office, number: str, *, now: datetime) -> CourseCertificateView:
    """What the public is told of a certificate; names partly masked. NotFound for an unknown one."""
    row = models.CourseCertificate
    with office.uow.read() as session:
        found = session.scalar(select(row).where(row.number == normalised(number)))
        if found is None:
            raise NotFound("没有这个编号的培训证明。", "no certificate of training has this number")
        told = view(found, office.calendar().local_date(now))
    return CourseCertificateView(
        number=told.number,
        course=told.course,
        title=told.title,
        subject_code="",
        subject_name=masked(told.subject_name),
        attendee=told.attendee[:1] + "*" * max(1, len(told.attendee) - 1),
        issued_at=told.issued_at,
        valid_until=told.valid_until,
        is_valid=told.is_valid,
        sha256=told.sha256,
    )


def open_certificate(office: Office, actor: Actor, number: str) -> tuple[str, bytes]:
    """A certificate as PDF with its number, for its enterprise and for who keeps the register."""
    row = models.CourseCertificate
    with office.uow.begin() as session:
        found = session.scalar(
            select(row).where(row.number == normalised(number)).with_for_update()
        )
        own = found is not None and actor.subject == found.subject_code
        if found is None or not (own or actor.may(Permission.SEE_COURSES)):
            raise NotFound("没有这份培训证明。", "there is no such certificate")
        return found.number, printed(office, session, found)


def view(row: models.CourseCertificate, today: date) -> CourseCertificateView:
    return CourseCertificateView(
        number=row.number,
        course=row.course,
        title=Words(row.title, row.title_en),
        subject_code=row.subject_code,
        subject_name=row.subject_name,
        attendee=row.attendee,
        issued_at=row.issued_at,
        valid_until=row.valid_until,
        is_valid=today <= row.valid_until,
        sha256=row.sha256,
    )


def register(
    office: Office,
    actor: Actor,
    titles: dict[str, Words],
    *,
    now: datetime,
    cursor: str | None = None,
) -> Page[AttendanceRow]:
    """Who attends which course, how far, and what came of it; the newest first.

    titles: key of each course -> its title.
    """
    actor.must(Permission.SEE_COURSES)
    attendance, subject = models.CourseAttendance, models.Subject
    found = select(attendance, subject.name).join(subject, subject.code == attendance.subject_code)
    columns = (attendance.started_at, attendance.id)
    today = office.calendar().local_date(now)
    with office.uow.read() as session:
        rows = session.execute(after_cursor(found, columns, cursor).limit(PAGE + 1)).all()
        shown = rows[:PAGE]
        tests = _tests_of(session, [row.id for row, _ in shown])
        held = _newest_of(session, [row.id for row, _ in shown])
        total = session.scalar(select(func.count()).select_from(attendance))
    items = tuple(
        AttendanceRow(
            course_title=titles.get(row.course, Words(row.course)),
            subject_code=row.subject_code,
            subject_name=name,
            attendee=row.attendee,
            started_at=row.started_at,
            sections_read=len(row.read),
            tests=tests.get(row.id, (0, None))[0],
            best=tests.get(row.id, (0, None))[1],
            certificate=view(held[row.id], today) if row.id in held else None,
        )
        for row, name in shown
    )
    following = next_cursor([row for row, _ in rows], PAGE, lambda row: (row.started_at, row.id))
    return Page(items, following, total)


def _tests_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int | None]]:
    attempt = models.CourseAttempt
    found = (
        select(attempt.attendance_id, func.count(), func.max(attempt.right_count))
        .where(attempt.attendance_id.in_(ids), attempt.state != "open")
        .group_by(attempt.attendance_id)
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(found)}


def _newest_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, models.CourseCertificate]:
    certificate, attempt = models.CourseCertificate, models.CourseAttempt
    found = (
        select(attempt.attendance_id, certificate)
        .join(certificate, certificate.attempt_id == attempt.id)
        .where(attempt.attendance_id.in_(ids))
        .order_by(certificate.issued_at)
    )
    return {row[0]: row[1] for row in session.execute(found)}
