"""Files that a page gives out."""

from datetime import datetime
from urllib.parse import quote

from flask import Response

from engine.domain.calendar import SHANGHAI

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(content: bytes, name: str, at: datetime) -> Response:
    """A workbook to keep, its name with the moment at which it was true."""
    filename = f"{name}-{at.astimezone(SHANGHAI):%Y%m%d-%H%M}.xlsx"
    response = Response(content, mimetype=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename)}"
    response.headers["Cache-Control"] = "no-store"
    return response
