"""Training: sections read, tests drawn and marked, certificates numbered, handed in with an application."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.domain.course import Course
from engine.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.domain.views import ExamView
from engine.persistence import models
from engine.services import applications, cases, course_certificates, courses
from tests.offices import FIRM, OTHER_FIRM, Practice, application, day

SERIOUS = {
    "CF_CFLB": "责令停产停业",
    "CF_NR": "责令停产停业整顿。",
    "CF_NR_FK": "",
    "CF_WFXW": "未经环评擅自开工建设",
    "CF_JDRQ": "2019-08-01",
}


def taught(practice: Practice) -> Course:
    return courses.taught(practice.office, now=practice.now)


def read_all(practice: Practice, *, name: str = "陈一苇", who: str = "firm") -> None:
    for section in taught(practice).sections:
        courses.read_section(
            practice.office, practice[who], section.key, attendee=name, now=practice.now
        )


def sit(practice: Practice, *, right: bool = True, who: str = "firm") -> ExamView:
    office, actor, now = practice.office, practice[who], practice.now
    exam_id = courses.begin(office, actor, now=now)
    course = taught(practice)
    answers = {}
    for asked in courses.exam(office, actor, exam_id, now=now).questions:
        question = course.question(asked.key)
        assert question is not None
        wrong = [key for key in asked.options if key not in question.right][:1]
        answers[asked.key] = sorted(question.right) if right else wrong
    return courses.answer(office, actor, exam_id, answers, now=now)


def test_a_test_opens_when_every_section_is_read(practice: Practice) -> None:
    course = taught(practice)
    office, firm, now = practice.office, practice.firm, practice.now
    with pytest.raises(Conflict):
        courses.begin(office, firm, now=now)
    for section in course.sections[:-1]:
        courses.read_section(office, firm, section.key, attendee="陈一苇", now=now)
    told = courses.study(office, firm, now=now)
    assert told.why_not is not None
    assert "1 节" in told.why_not.zh
    courses.read_section(office, firm, course.sections[-1].key, now=now)
    assert courses.study(office, firm, now=now).why_not is None


def test_an_open_test_is_gone_on_with_and_shows_no_answers(practice: Practice) -> None:
    read_all(practice)
    office, firm, now = practice.office, practice.firm, practice.now
    first = courses.begin(office, firm, now=now)
    assert courses.begin(office, firm, now=now) == first
    shown = courses.exam(office, firm, first, now=now)
    assert (shown.state, len(shown.questions)) == ("open", 10)
    assert {each.is_right for each in shown.questions} == {None}
    (row,) = practice.all(select(models.CourseAttempt))
    assert tuple(row.questions) == taught(practice).drawn(row.seed)


def test_who_passes_holds_a_numbered_certificate(practice: Practice) -> None:
    read_all(practice)
    told = sit(practice)
    assert (told.state, told.right, told.certificate) == ("passed", 10, "昆信用培〔2020〕1号")
    (held,) = courses.study(practice.office, practice.firm, now=practice.now).certificates
    assert (held.attendee, held.subject_code, held.is_valid) == ("陈一苇", FIRM, True)
    assert held.valid_until.isoformat() == "2021-03-02"


def test_numbers_have_no_gaps_though_tests_fail_between(practice: Practice) -> None:
    read_all(practice)
    read_all(practice, name="沈南", who="other_firm")
    assert sit(practice, right=False).certificate is None
    assert sit(practice, who="other_firm").certificate == "昆信用培〔2020〕1号"
    assert sit(practice).certificate == "昆信用培〔2020〕2号"


def test_a_failed_test_tells_which_were_wrong_and_three_are_the_most_of_a_day(
    practice: Practice,
) -> None:
    read_all(practice)
    told = sit(practice, right=False)
    assert (told.state, told.right) == ("failed", 0)
    assert {each.is_right for each in told.questions} == {False}
    sit(practice, right=False)
    sit(practice, right=False)
    with pytest.raises(Conflict):
        courses.begin(practice.office, practice.firm, now=practice.now)
    practice.show(day(3, 3))
    assert sit(practice).certificate == "昆信用培〔2020〕1号"


def test_each_test_is_drawn_anew(practice: Practice) -> None:
    read_all(practice)
    sit(practice, right=False)
    sit(practice, right=False)
    first, second = practice.all(select(models.CourseAttempt).order_by(models.CourseAttempt.number))
    assert (first.number, second.number) == (1, 2)
    assert first.seed != second.seed


def test_a_test_is_handed_in_whole_and_once(practice: Practice) -> None:
    read_all(practice)
    office, firm, now = practice.office, practice.firm, practice.now
    exam_id = courses.begin(office, firm, now=now)
    asked = courses.exam(office, firm, exam_id, now=now).questions
    with pytest.raises(Invalid) as refused:
        courses.answer(office, firm, exam_id, {asked[0].key: ["none"]}, now=now)
    assert set(refused.value.fields) == {each.key for each in asked[1:]}
    answers = {each.key: list(each.options)[:1] for each in asked}
    courses.answer(office, firm, exam_id, answers, now=now)
    with pytest.raises(Conflict):
        courses.answer(office, firm, exam_id, answers, now=now)
    with pytest.raises(NotFound):
        courses.exam(office, practice.other_firm, exam_id, now=now)


def test_the_public_may_check_a_number_and_learns_no_whole_name(practice: Practice) -> None:
    read_all(practice)
    sit(practice)
    told = course_certificates.check(practice.office, "昆信用培[2020] 1号", now=practice.now)
    assert (told.is_valid, told.attendee, told.subject_code) == (True, "陈**", "")
    assert "澄远包装" not in told.subject_name
    later = course_certificates.check(
        practice.office, told.number, now=practice.now.replace(year=2021, month=3, day=4)
    )
    assert not later.is_valid
    with pytest.raises(NotFound):
        course_certificates.check(practice.office, "昆信用培〔2020〕2号", now=practice.now)


def test_the_certificate_is_printed_once_and_given_to_its_enterprise_only(
    practice: Practice,
) -> None:
    read_all(practice)
    number = str(sit(practice).certificate)
    practice.run_jobs()
    (row,) = practice.all(select(models.CourseCertificate))
    assert row.sha256 is not None
    _, content = course_certificates.open_certificate(practice.office, practice.firm, number)
    assert content.startswith(b"%PDF")
    assert len(content) == row.size
    _, again = course_certificates.open_certificate(practice.office, practice["wang"], number)
    assert again == content
    for who in ("other_firm", "wu"):
        with pytest.raises(NotFound):
            course_certificates.open_certificate(practice.office, practice[who], number)


def start(practice: Practice, record: UUID) -> UUID:
    return applications.start(
        practice.office, practice.firm, "credit_repair", [record], now=practice.now
    )


def training_of(practice: Practice, draft: UUID) -> Any:
    view = applications.get(practice.office, practice.firm, draft, now=practice.now)
    return next((paper for paper in view.papers if paper.key == "training"), None)


def test_the_application_offers_the_enterprises_own_certificate_and_hands_it_in(
    practice: Practice,
) -> None:
    draft = start(practice, practice.import_penalty(**SERIOUS))
    assert training_of(practice, draft).certificate is None
    read_all(practice)
    number = sit(practice).certificate
    assert training_of(practice, draft).certificate == number
    applications.save(practice.office, practice.firm, draft, application(), now=practice.now)
    filed = applications.submit(practice.office, practice.firm, draft, now=practice.now)
    (paper,) = practice.of_case(models.Paper, filed.number)
    assert (paper.kind, paper.source) == ("training", "register")
    view = cases.get(practice.office, practice["zhou"], filed.number, now=practice.now)
    told = {each.key: each for each in view.papers}["training"]
    assert (told.certificate, len(told.documents)) == (number, 1)
    assert "certificate_verified" in practice.kinds(filed.number)


def test_an_expired_certificate_or_anothers_is_not_handed_in(practice: Practice) -> None:
    read_all(practice, name="沈南", who="other_firm")
    sit(practice, who="other_firm")
    draft = start(practice, practice.import_penalty(**SERIOUS))
    assert training_of(practice, draft).certificate is None
    read_all(practice)
    sit(practice)
    assert training_of(practice, draft).certificate is not None
    practice.show(day(3, 2).replace(year=2021, month=3, day=3))
    assert training_of(practice, draft).certificate is None


def test_a_general_case_asks_for_no_training(practice: Practice) -> None:
    read_all(practice)
    sit(practice)
    record = practice.import_penalty()
    assert training_of(practice, start(practice, record)) is None
    number = practice.file_case(record).number
    assert practice.of_case(models.Paper, number) == []


def test_the_register_counts_attendances_and_is_the_offices(practice: Practice) -> None:
    read_all(practice)
    sit(practice, right=False)
    sit(practice)
    courses.read_section(
        practice.office, practice.other_firm, "meaning", attendee="沈南", now=practice.now
    )
    titles = {"credit_repair": taught(practice).title}
    page = course_certificates.register(practice.office, practice["zhou"], titles, now=practice.now)
    rows = {row.subject_code: row for row in page.items}
    assert page.total == 2
    assert (rows[FIRM].tests, rows[FIRM].best) == (2, 10)
    assert rows[FIRM].certificate is not None
    assert (rows[OTHER_FIRM].sections_read, rows[OTHER_FIRM].tests) == (1, 0)
    for who in ("firm", "wu"):
        with pytest.raises(NotPermitted):
            course_certificates.register(practice.office, practice[who], titles, now=practice.now)


def test_staff_do_not_take_courses_and_a_name_is_needed(practice: Practice) -> None:
    with pytest.raises(Conflict):
        courses.study(practice.office, practice["zhou"], now=practice.now)
    with pytest.raises(Invalid):
        courses.read_section(practice.office, practice.firm, "meaning", now=practice.now)
    with pytest.raises(NotFound):
        courses.read_section(
            practice.office, practice.firm, "periods_36", attendee="甲", now=practice.now
        )
