"""Shapes of courses and certificates of training."""

from engine.domain.views import CourseCertificateView, CourseView
from web.api.schemas.mirror import mirror

Course = mirror(
    CourseView,
    "Course",
    notes={
        "draw": "How many questions a test draws.",
        "pass_mark": "How many of a hundred must be right.",
    },
)
CourseCertificate = mirror(
    CourseCertificateView,
    "CourseCertificate",
    notes={
        "is_valid": "Whether it counts today.",
        "subject_code": "Empty for the public.",
        "sha256": "Of the PDF; null until it is printed.",
    },
)
