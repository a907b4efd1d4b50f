"""Files that a page gives out."""

from datetime import datetime
from urllib.parse import quote

from flask import Response

from engine.domain.calendar import SHANGHAI

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"


def workbook(content: bytes, name: str, at: datetime) -> Response:
    """A workbook to keep, its name with the moment at which it was true."""
    return file(content, XLSX, f"{name}-{_stamp(at)}.xlsx")


def csv(content: bytes, name: str, at: datetime) -> Response:
    """The same as CSV."""
    return file(content, CSV, f"{name}-{_stamp(at)}.csv")


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y%m%d-%H%M}"


def file(content: bytes, media: str, filename: str) -> Response:
    """Anything else, under this very name."""
    response = Response(content, mimetype=media)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename)}"
    response.headers["Cache-Control"] = "no-store"
    return response
