"""Courses that enterprises take online: read the sections, pass the test, hold a certificate."""

import secrets
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.course import Course, mark, options_in_order, read_course
from engine.domain.emergency import EmergencyKind
from engine.domain.errors import Conflict, Invalid, NotFound
from engine.domain.law import Laws, read_laws
from engine.domain.views import (
    CourseSectionView,
    CourseView,
    ExamQuestion,
    ExamRow,
    ExamView,
    StudyView,
)
from engine.domain.words import Words
from engine.persistence import models
from engine.services import course_certificates
from engine.services.emergencies import emergency_in_force
from engine.services.office import Office

#: The one course so far; another is another file of workflows/common/training/.
REPAIR = "credit_repair"
LONGEST_NAME = 50


def taught(office: Office, key: str = REPAIR, *, now: datetime) -> Course:
    """The course as the law of the day has it. NotFound for an unknown one."""
    course = _known(office.workflows).get(key)
    if course is None:
        raise NotFound("没有这门课程。", "there is no such course")
    today = office.calendar().local_date(now)
    running = (kind.value for kind in EmergencyKind if emergency_in_force(office, today, kind))
    return course.on(today, running, _laws(office.workflows))


@lru_cache(maxsize=4)
def _laws(workflows: Path) -> Laws:
    return read_laws(tomllib.loads((workflows / "common/laws.toml").read_text("utf-8")))


@lru_cache(maxsize=4)
def _known(workflows: Path) -> Mapping[str, Course]:
    found = sorted((workflows / "common/training").glob("*.toml"))
    read = (read_course(path.read_text("utf-8")) for path in found)
    return {course.key: course for course in read}


def shown(office: Office, key: str = REPAIR, *, now: datetime) -> CourseView:
    """The course for anybody: what is taught today."""
    return _course_view(taught(office, key, now=now), {})


def study(office: Office, actor: Actor, key: str = REPAIR, *, now: datetime) -> StudyView:
    """How far the actor has come, what it may do next, and what its enterprise holds."""
    _must_study(actor)
    course = taught(office, key, now=now)
    with office.uow.read() as session:
        row = _attendance(session, actor, key)
        tests = _attempts(session, row) if row else []
        held = course_certificates.of_subject(session, str(actor.subject), key)
    today = office.calendar().local_date(now)
    return StudyView(
        course=_course_view(course, row.read if row else {}),
        attendee=row.attendee if row else "",
        started_at=row.started_at if row else None,
        exams=tuple(_exam_row(each) for each in reversed(tests)),
        certificates=tuple(course_certificates.view(each, today) for each in held),
        why_not=_why_not(office, course, row, tests, now),
    )


def _must_study(actor: Actor) -> None:
    """Only enterprises take courses, each person for the enterprise it acts for."""
    actor.must(Permission.FILE_CASE)
    if actor.subject is None:
        raise Conflict("请用企业账号学习。", "an enterprise's account is needed to take a course")


def _attendance(
    session: Session, actor: Actor, key: str, *, locked: bool = False
) -> models.CourseAttendance | None:
    row = models.CourseAttendance
    found = select(row).where(row.course == key, row.person_id == actor.id)
    return session.scalar(found.with_for_update() if locked else found)


def _attempts(session: Session, row: models.CourseAttendance) -> list[models.CourseAttempt]:
    attempt = models.CourseAttempt
    found = select(attempt).where(attempt.attendance_id == row.id).order_by(attempt.number)
    return list(session.scalars(found))


def _why_not(
    office: Office,
    course: Course,
    row: models.CourseAttendance | None,
    tests: Iterable[models.CourseAttempt],
    now: datetime,
) -> Words | None:
    read = row.read if row else {}
    left = [each for each in course.sections if each.key not in read]
    if left:
        return Words(f"还有 {len(left)} 节没有学。", f"{len(left)} sections are still to be read.")
    calendar = office.calendar()
    midnight = datetime.combine(calendar.local_date(now), time(), calendar.zone).astimezone(UTC)
    today = [each for each in tests if each.started_at >= midnight and each.state != "open"]
    if len(today) >= course.attempts_a_day:
        return Words(
            f"今天已测 {len(today)} 次，明天再来。",
            f"{len(today)} tests were taken today; come back tomorrow.",
        )
    return None


def read_section(
    office: Office, actor: Actor, section: str, *, attendee: str = "", now: datetime
) -> None:
    """A section was studied; the first one begins the attendance, under the name for the certificate.

    Errors: NotFound for no section of today's course; Invalid for a name that is missing.
    """
    _must_study(actor)
    if taught(office, now=now).section(section) is None:
        raise NotFound("没有这一节。", "there is no such section")
    with office.uow.begin() as session:
        row = _attendance(session, actor, REPAIR, locked=True)
        if row is None:
            row = models.CourseAttendance(
                id=uuid4(),
                course=REPAIR,
                subject_code=actor.subject,
                person_id=actor.id,
                attendee=_name(attendee),
                started_at=now,
                read={},
            )
            session.add(row)
        row.read = {section: now.isoformat(), **row.read}


def _name(attendee: str) -> str:
    name = attendee.strip()
    if not name or len(name) > LONGEST_NAME:
        told = Words("请填参加学习的人的姓名。", "Say who takes the course.")
        raise Invalid(told.zh, told.en, fields={"attendee": told})
    return name


def begin(office: Office, actor: Actor, *, now: datetime) -> UUID:
    """Begin a test, or go on with the one that is open. Conflict while none may be begun."""
    _must_study(actor)
    course = taught(office, now=now)
    with office.uow.begin() as session:
        row = _attendance(session, actor, REPAIR, locked=True)
        tests = _attempts(session, row) if row else []
        begun = next((each for each in tests if each.state == "open"), None)
        if begun is not None:
            return begun.id
        told = _why_not(office, course, row, tests, now)
        if told is not None or row is None:
            told = told or Words("请先学习。", "study first")
            raise Conflict(told.zh, told.en)
        seed = secrets.token_hex(8)
        made = models.CourseAttempt(
            id=uuid4(),
            attendance_id=row.id,
            number=len(tests) + 1,
            seed=seed,
            questions=list(course.drawn(seed)),
            answers={},
            state="open",
            started_at=now,
        )
        session.add(made)
        return made.id


def exam(office: Office, actor: Actor, exam_id: UUID, *, now: datetime) -> ExamView:
    """One's own test: the questions as drawn; what was right only once it is marked."""
    _must_study(actor)
    course = taught(office, now=now)
    with office.uow.read() as session:
        row = _own(session, actor, exam_id)
        number = course_certificates.number_of_attempt(session, row.id)
    return _exam_view(course, row, number)


def _own(
    session: Session, actor: Actor, exam_id: UUID, *, locked: bool = False
) -> models.CourseAttempt:
    attempt, attendance = models.CourseAttempt, models.CourseAttendance
    found = (
        select(attempt)
        .join(attendance, attendance.id == attempt.attendance_id)
        .where(attempt.id == exam_id, attendance.person_id == actor.id)
    )
    row = session.scalar(found.with_for_update(of=attempt) if locked else found)
    if row is None:
        raise NotFound("没有这次测试。", "there is no such test")
    return row


def answer(
    office: Office,
    actor: Actor,
    exam_id: UUID,
    answers: Mapping[str, Iterable[str]],
    *,
    now: datetime,
) -> ExamView:
    """Hand in a test: marked at once; who passes holds a certificate in the same transaction.

    Errors: Conflict for one that was handed in; Invalid with fields for questions left out.
    """
    _must_study(actor)
    course = taught(office, now=now)
    given = {key: sorted(set(chosen)) for key, chosen in answers.items()}
    with office.uow.begin() as session:
        row = _own(session, actor, exam_id, locked=True)
        if row.state != "open":
            raise Conflict("这次测试已经交卷。", "this test was handed in")
        # A question that the law of today has no more is asked of nobody.
        row.questions = [key for key in row.questions if course.question(key)]
        _check_all_answered(row.questions, given)
        done = mark(course, row.questions, given)
        row.answers = {key: given[key] for key in row.questions}
        row.right_count, row.finished_at = done.right, now
        row.state = "passed" if done.is_passed else "failed"
        number = None
        if done.is_passed:
            attended = session.get_one(models.CourseAttendance, row.attendance_id)
            number = course_certificates.issue(office, session, course, attended, row, now=now)
        return _exam_view(course, row, number)


def _check_all_answered(asked: Iterable[str], given: Mapping[str, list[str]]) -> None:
    missing = [key for key in asked if not given.get(key)]
    if missing:
        each = Words("请选择。", "Choose an answer.")
        raise Invalid(
            f"还有 {len(missing)} 题没有答。",
            f"{len(missing)} questions are not answered",
            fields=dict.fromkeys(missing, each),
        )


def _course_view(course: Course, read: Mapping[str, str]) -> CourseView:
    return CourseView(
        key=course.key,
        title=course.title,
        summary=course.summary,
        minutes=course.minutes,
        draw=min(course.draw, len(course.questions)),
        pass_mark=course.pass_mark,
        attempts_a_day=course.attempts_a_day,
        valid_months=course.valid_months,
        sections=tuple(
            CourseSectionView(
                key=each.key,
                title=each.title,
                text=each.text,
                minutes=each.minutes,
                basis=each.basis,
                read_at=datetime.fromisoformat(read[each.key]) if each.key in read else None,
            )
            for each in course.sections
        ),
    )


def _exam_row(row: models.CourseAttempt) -> ExamRow:
    return ExamRow(
        row.id, row.number, row.state, row.right_count, len(row.questions), row.started_at
    )


def _exam_view(course: Course, row: models.CourseAttempt, certificate: str | None) -> ExamView:
    return ExamView(
        id=row.id,
        number=row.number,
        state=row.state,
        questions=tuple(_questions(course, row)),
        right=row.right_count,
        started_at=row.started_at,
        finished_at=row.finished_at,
        certificate=certificate,
    )


def _questions(course: Course, row: models.CourseAttempt) -> Iterable[ExamQuestion]:
    """The questions drawn; one that the course has no more (the law changed) is left out."""
    for key in row.questions:
        question = course.question(key)
        section = course.section(question.section) if question else None
        if question is None or section is None:
            continue
        chosen = frozenset(row.answers.get(key, ()))
        yield ExamQuestion(
            key=key,
            text=question.text,
            has_several=question.has_several,
            options={each: question.options[each] for each in options_in_order(question, row.seed)},
            chosen=chosen,
            is_right=None if row.state == "open" else chosen == question.right,
            section=section.key,
            section_title=section.title,
        )
