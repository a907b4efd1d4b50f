"""Text that people send: in the encodings of their programs, told by its content, not by its name."""

import re

MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")


def decoded(content: bytes) -> tuple[str, str] | None:
    """By byte order mark, else strict UTF-8, else strict GB18030: (encoding, text).

    None for what is no text.
    """
    marked = [encoding for mark, encoding in MARKS if content.startswith(mark)]
    for encoding in marked or ["utf-8", "gb18030"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not NOT_TEXT.search(text):
            return encoding.removesuffix("-sig"), text
    return None
