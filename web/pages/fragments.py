"""What part of a page a request asks for: the whole, its middle, or plain facts for a script."""

from flask import request


def is_fragment() -> bool:
    """Whether only the middle of the page is wanted, for a dialog or a pane."""
    return request.headers.get("X-Fragment") == "1"


def wants_json() -> bool:
    """Whether a script asked, which shows the answer itself."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"
