"""The names things go by: 统一社会信用代码, 文号, case numbers and query codes."""

import re
import unicodedata
from datetime import date, datetime

from stdnum.cn import ric, uscc

from engine.domain.errors import Invalid
from engine.domain.words import Words

USCC_LENGTH = 18
#: Of the years in which somebody with an identity number was born; the standard's example is of 1880.
CENTURIES = (18, 19, 20)
USCC_ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
#: Letters that the standard leaves out, and what was probably meant.
NOT_USED = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}
REGION = slice(2, 8)

#: No 0 O, 1 I L, 2 Z, 5 S, 8 B, U V: what the ear and a poor print confuse.
QUERY_ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
QUERY_LENGTH = 8

LAST_SERIAL = 999_999

BRACKETS = str.maketrans(dict.fromkeys("〔[【(〈<{〖", "(") | dict.fromkeys("〕]】)〉>}〗", ")"))
DASHES = re.compile(r"[‐‑‒–—―−]")
#: Begins at the first 第 or digit of a run only: a long run is looked through once.
SERIAL = re.compile(r"(?<!第)(?:(?<!\d)|(?=第))第*0*(\d+)(\D*)$")


def normalise_uscc(code: str) -> str:
    """As the standard writes it: half-width capitals without spaces or hyphens."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", code)).upper()


def uscc_problem(code: str) -> Words | None:
    """What is wrong with a 统一社会信用代码; None when it is right.

    Source: GB 32100-2015 (18 characters, 31 signs, check sign at the end). The first two
    characters may be letters there, which `stdnum` alone would refuse.
    """
    code = normalise_uscc(code)
    if len(code) != USCC_LENGTH:
        return Words(
            f"统一社会信用代码应为 18 位，这里是 {len(code)} 位",
            f"a unified social credit code has 18 characters, not {len(code)}",
        )
    for place, character in enumerate(code, start=1):
        if character not in USCC_ALPHABET:
            return _strange_character(character, place)
    if not code[REGION].isdigit():
        return Words(
            "统一社会信用代码第 3 至 8 位是行政区划，应为数字",
            "characters 3 to 8 of the code are the region and must be digits",
        )
    if uscc.calc_check_digit(code[:-1]) != code[-1]:
        return Words(
            "统一社会信用代码的校验位不符，请核对是否抄错",
            "the check character of the code does not fit: was it copied wrongly?",
        )
    return None


def check_uscc(code: str) -> str:
    """The code as the standard writes it. Errors: Invalid, saying what is wrong."""
    if problem := uscc_problem(code):
        raise Invalid(problem.zh, problem.en)
    return normalise_uscc(code)


def _strange_character(character: str, place: int) -> Words:
    if meant := NOT_USED.get(character):
        return Words(
            f"统一社会信用代码不用字母 I、O、Z、S、V：第 {place} 位的“{character}”可能是“{meant}”",
            f"the code never has I, O, Z, S or V: {character!r} at {place} may be {meant!r}",
        )
    return Words(
        f"统一社会信用代码第 {place} 位的“{character}”不是数字或字母",
        f"{character!r} at {place} of the code is neither a digit nor a letter",
    )


def identity_number_problem(number: str) -> Words | None:
    """What is wrong with an 居民身份证号码; the sentence never repeats the number.

    Source: GB 11643-1999: 17 digits with the date of birth, and a check character. A day of
    birth in another age is none: a code of an enterprise may else pass for an identity number.
    """
    number = normalise_uscc(number)
    if not re.fullmatch(r"[1-9]\d{16}[0-9X]", number):
        return Words(
            "居民身份证号码应为 18 位",
            "an identity card number has 17 digits and a check character",
        )
    try:
        born = datetime.strptime(number[6:14], "%Y%m%d").date()  # noqa: DTZ007 - a day of birth
    except ValueError:
        born = date.min
    if born.year // 100 not in CENTURIES:
        return Words("居民身份证号码中的出生日期不存在", "the date of birth in it does not exist")
    if ric.calc_check_digit(number) != number[-1]:
        return Words("居民身份证号码的校验位不符", "the check character of it does not fit")
    return None


def document_number_key(text: str) -> str:
    """A 文号 for comparing: brackets, widths, spaces, 第 and leading zeros no longer matter.

    昆城管罚决字〔2020〕第15号, 昆城管罚决字【2020】 015 号 -> 昆城管罚决字(2020)15号
    The original is what is kept and printed.
    """
    return SERIAL.sub(r"\1\2", _without_widths(text).translate(BRACKETS))


def case_number_key(text: str) -> str:
    """A case number as people type it, in the form in which it is stored."""
    return _without_widths(text)


def _without_widths(text: str) -> str:
    """In capitals, without spaces, every dash a hyphen: what an input method made of it is undone."""
    return DASHES.sub("-", re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))).upper()


def case_number(prefix: str, day: date, serial: int) -> str:
    """KSXY-XF-20200302-000001: kind of case, day, serial of that kind and day.

    Errors: Invalid for a serial outside 1-999999.
    """
    if not 1 <= serial <= LAST_SERIAL:
        raise Invalid(f"流水号 {serial} 超出范围", f"serial {serial} is out of range")
    return f"{prefix}-{day:%Y%m%d}-{serial:06d}"


def make_query_code(random_bytes: bytes) -> str:
    """8 signs without look-alikes (36 bits) out of at least 8 random bytes."""
    if len(random_bytes) < QUERY_LENGTH:
        raise ValueError(f"at least {QUERY_LENGTH} random bytes")
    number = int.from_bytes(random_bytes, "big")
    code = ""
    for _ in range(QUERY_LENGTH):
        number, sign = divmod(number, len(QUERY_ALPHABET))
        code += QUERY_ALPHABET[sign]
    return code


def normalise_query_code(text: str) -> str:
    """A query code as typed: capitals, without spaces or hyphens."""
    return normalise_uscc(text)


def normalised(number: str) -> str:
    """Brackets as printed: people type [2020] or (2020) for 〔2020〕, and spaces anywhere."""
    text = "".join(number.split())
    for left, right in (("[", "]"), ("(", ")"), ("（", "）"), ("【", "】")):
        text = text.replace(left, "〔").replace(right, "〕")
    return text


def masked(name: str) -> str:
    """The first and last two characters of a name."""
    return name if len(name) <= 4 else f"{name[:2]}{'*' * (len(name) - 4)}{name[-2:]}"
