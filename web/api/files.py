"""Files on their way out: named, hashed, and unable to run anything in a browser."""

import io

from flask import Response, request, send_file

from web.security import PAPER_POLICY

#: What a browser may show in place; everything else is saved.
SHOWN = frozenset({"application/pdf", "image/jpeg", "image/png", "image/gif", "image/webp"})


def file_response(content: bytes, name: str, media_type: str, sha256: str) -> Response:
    """`content` with its name and hash; 304 when the reader has this very file already."""
    response = send_file(
        io.BytesIO(content),
        mimetype=media_type,
        as_attachment=media_type not in SHOWN,
        download_name=name,
        etag=sha256,
    )
    response.headers["Content-Security-Policy"] = PAPER_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "no-store"
    response.make_conditional(request)
    return response
