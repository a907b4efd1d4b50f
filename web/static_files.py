"""Static files are asked for by what is in them: `?v=` changes with the file, so that a browser may keep it for good
and sees a new release at once."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request

FOR_GOOD = "public, max-age=31536000, immutable"


def install(app: Flask) -> None:
    app.url_defaults(_name)
    app.after_request(_keep)


def _name(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and (mark := _mark(values["filename"])):
        values.setdefault("v", mark)


def _keep(response: Response) -> Response:
    """Only the version that is here: an old address gives the file of today, which changes again."""
    if request.endpoint == "static" and request.view_args and response.status_code in (200, 304):
        mark = _mark(request.view_args["filename"])
        if mark is not None and request.args.get("v") == mark:
            response.headers["Cache-Control"] = FOR_GOOD
    return response


def _mark(filename: str) -> str | None:
    """Some digits of the content's hash; None for a file that is not there."""
    path = Path(current_app.static_folder or "") / filename
    try:
        found = path.stat()
    except OSError:
        return None
    return _hashed(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=256)
def _hashed(path: Path, changed: int, size: int) -> str | None:
    return sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else None
