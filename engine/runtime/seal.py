"""The two pictures of a letter: the seal of the issuing body, and the code for verifying it."""

import io
from math import cos, pi, sin
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

import segno

RED = "#c3161c"
URL_MARKS = ":/?#[]@!$&'()*+,;=%"
CENTRE = 60.0
RADIUS = 56.0
TEXT_RADIUS = 44.0
STAR_RADIUS = 16.0


def seal(body: str, *, family: str, lower: str = "") -> bytes:
    """Round seal as SVG (view box 120 × 120): ring, star, the body's name on the arc.

    `lower` stands under the star; `family` names the font. A picture, not an electronic signature;
    the same arguments give the same bytes.
    """
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120">',
        f'<g fill="{RED}" fill-opacity="0.88" font-family={quoteattr(family)} font-weight="700" '
        'text-anchor="middle">',
        f'<circle cx="60" cy="60" r="{RADIUS:g}" fill="none" stroke="{RED}" stroke-width="3" '
        'stroke-opacity="0.88"/>',
        f'<polygon points="{_star()}"/>',
        *_arc(body),
    ]
    if lower:
        parts.append(
            f'<text x="60" y="97" font-size="12" letter-spacing="3">{escape(lower)}</text>'
        )
    return "".join([*parts, "</g></svg>"]).encode()


def quick_response(address: str) -> bytes:
    """QR code of an address as SVG, level M: with 15 % of it stained a print still reads.

    Chinese characters are percent-encoded, because not every reader takes them as UTF-8.
    """
    picture = io.BytesIO()
    code = segno.make(quote(address, safe=URL_MARKS), error="m", micro=False, boost_error=False)
    code.save(
        picture,
        kind="svg",
        border=2,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        omitsize=True,
    )
    return picture.getvalue()


def _star() -> str:
    inner = STAR_RADIUS * sin(pi / 10) / sin(3 * pi / 10)
    corners = []
    for corner in range(10):
        radius = inner if corner % 2 else STAR_RADIUS
        angle = corner * pi / 5
        corners.append(f"{CENTRE + radius * sin(angle):.2f},{CENTRE - radius * cos(angle):.2f}")
    return " ".join(corners)


def _arc(body: str) -> list[str]:
    """The characters from lower left over the top to lower right, each upright to the centre."""
    count = len(body)
    sweep = min(270.0, 26.0 * max(count - 1, 0))
    step = sweep / (count - 1) if count > 1 else 0.0
    room = 2 * pi * TEXT_RADIUS * step / 360 if count > 1 else 16.0
    size = min(15.0, room * 1.15)
    wide = min(1.0, room / size) * 0.94
    lines = []
    for place, char in enumerate(body):
        angle = step * place - sweep / 2
        lines.append(
            f'<text transform="rotate({angle:.2f} 60 60) translate(60 {CENTRE - TEXT_RADIUS:.2f}) '
            f'scale({wide:.3f} 1)" font-size="{size:.2f}" y="{size * 0.36:.2f}">{escape(char)}</text>'
        )
    return lines
