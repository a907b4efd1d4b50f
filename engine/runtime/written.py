"""What a reader of a diagram or a table cannot see in it, though a program does."""

import re
import unicodedata

#: Blanks that separate words in a cell or an expression.
_BLANKS = frozenset(" \t\r\n\u3000")
_LETTER = re.compile(r"[A-Za-z0-9_\u3400-\u4dbf\u4e00-\u9fff]")


def hidden_character(text: str) -> int:
    """The place, from 1, of a character that takes no room or turns the direction; 0 for none."""
    if text.isascii() and text.isprintable():
        return 0
    return next((n for n, each in enumerate(text, 1) if _is_hidden(each)), 0)


def _is_hidden(character: str) -> bool:
    # Cc control, Cf format (zero width, bidi), Cs half a surrogate pair, Zl and Zp separators
    kind = unicodedata.category(character)
    return kind in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in _BLANKS


def strange_character(text: str) -> int:
    """The place, from 1, of a letter or digit that is neither ASCII nor Chinese; 0 for none.

    Letters of other alphabets look like ASCII ones, so that two names would read the same.
    """
    if text.isascii():
        return 0
    return next((n for n, each in enumerate(text, 1) if _is_strange(each)), 0)


def _is_strange(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" and not _LETTER.match(character)
