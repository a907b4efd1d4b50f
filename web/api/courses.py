"""Courses: what is taught today, and whether a certificate of training is genuine and counts."""

from flask import g

from engine.domain.views import CourseCertificateView, CourseView
from engine.services import course_certificates, courses
from web.api.calls import Call, Noun, Who
from web.api.schemas.course import Course, CourseCertificate
from web.auth import limiter
from web.office import current_office

noun = Noun("courses", "Training and its certificates")
#: For one address: whoever checks a certificate has it in hand, and nobody collects numbers.
GUESSES = "60 per minute"


@noun.call(Call("GET", "/courses/<key>", answer=Course, who=Who.ANYBODY, refuses=(404,)))
def show(key: str) -> CourseView:
    """A course as the law of today has it, free for everybody to read"""
    return courses.shown(current_office(), key, now=g.now)


@noun.call(
    Call(
        "GET",
        "/courses/certificates/<number>",
        answer=CourseCertificate,
        who=Who.ANYBODY,
        refuses=(404, 429),
    )
)
@limiter.limit(GUESSES)
def certificate(number: str) -> CourseCertificateView:
    """A certificate of training as the public may check it; names are partly masked"""
    return course_certificates.check(current_office(), number, now=g.now)
