"""What may become a password: long enough, and not what is guessed first."""

import secrets
from collections.abc import Callable

from zxcvbn import zxcvbn

from engine.domain.errors import Invalid
from engine.domain.words import Words

#: Characters. NIST SP 800-63B: at least 8, any characters, no rules of composition; we ask for 10.
SHORTEST, LONGEST = 10, 128
#: zxcvbn's grade from 0 to 4: at 3 it takes more than 10^8 guesses.
LEAST_GRADE = 3
#: What zxcvbn looks at: the rest of a long one adds nothing, and costs time.
LOOKED_AT = 72
#: Without characters that look alike when they are read from a slip of paper.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def _on_no_list(password: str) -> bool:
    return False


def check(
    password: str,
    *,
    username: str,
    name: str = "",
    is_breached: Callable[[str], bool] = _on_no_list,
) -> None:
    """Invalid, naming `new_password`, when this may not become the password of that account.

    `is_breached`: whether it is known to whoever has what was stolen elsewhere; asked last.
    """
    found = _fault(password, (username, name, "kunxin", "昆信"))
    if found is None and is_breached(password):
        found = Words(
            "这个密码出现在已泄露的密码名单里，别人手里有它，请换一个。",
            "this password stands on the list of breached ones: others have it, take another",
        )
    if found:
        raise Invalid(found.zh, found.en, fields={"new_password": found})


def _fault(password: str, own: tuple[str, ...]) -> Words | None:
    if len(password) < SHORTEST:
        return Words(f"至少 {SHORTEST} 个字符。", f"at least {SHORTEST} characters")
    if len(password) > LONGEST:
        return Words(f"最多 {LONGEST} 个字符。", f"at most {LONGEST} characters")
    known = [each for each in own if each]
    if any(len(each) > 3 and each.lower() in password.lower() for each in known):
        return Words("密码里不能有账号或姓名。", "it must not contain the username or the name")
    if zxcvbn(password[:LOOKED_AT], user_inputs=known)["score"] < LEAST_GRADE:
        return Words(
            "这个密码太容易猜到。用几个不相干的词，或更长一些。",
            "this is guessed too easily: take some words that do not belong together, or a longer one",
        )
    return None


def temporary() -> str:
    """A password to be read out or written down once: 16 characters in groups, about 79 bits."""
    drawn = "".join(secrets.choice(_READABLE) for _ in range(16))
    return "-".join(drawn[at : at + 4] for at in range(0, 16, 4))
