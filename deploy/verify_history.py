#!/usr/bin/env python3
"""Verify a history of Kunxin without Kunxin: this one file and Python's standard library.

    python -I verify_history.py EXPORT [--roots FOLDER --key PUBLIC_KEY ... --seen NUMBER=SHA256 ...]

EXPORT is made by `kunxin audit export`; FOLDER is the folder of roots, or an auditor's copy of it;
PUBLIC_KEY is what `kunxin audit key` printed, written down beforehand; NUMBER=SHA256 is what an earlier
check told to write down. Says what is wrong, a line each, and ends with exit code 1 then; 2 when a file
cannot be read. Tells beside (stderr) what to write down for the next time.

What is checked, each by code of this file alone:
  chain       every line's SHA-256 and SM3 (GB/T 32905) over the hash before and the line in canonical JSON (RFC 8785)
  commitment  every text against the salted commitment that its line holds; an erased text must be told of
  end         as many lines as the case says it has
  roots       each signed (Ed25519, RFC 8032), none missing, each naming the one before; every case as long as
              they say, with the hashes they say, and none gone
  seen        a root that was seen before is there and is the same: else all was set back to an older day
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

# ── SM3, GB/T 32905-2016 ────────────────────────────────────────────────────────────────────────

MASK = 0xFFFFFFFF
START = (
    0x7380166F,
    0x4914B2B9,
    0x172442D7,
    0xDA8A0600,
    0xA96F30BC,
    0x163138AA,
    0xE38DEE4D,
    0xB0FB0E4E,
)


def turned(word, by):
    by %= 32
    return ((word << by) | (word >> (32 - by))) & MASK


CONSTANTS = [turned(0x79CC4519 if j < 16 else 0x7A879D8A, j) for j in range(64)]


def sm3(content):
    """The digest, hexadecimal."""
    state = START
    padded = (
        content + b"\x80" + bytes(-(len(content) + 9) % 64) + (8 * len(content)).to_bytes(8, "big")
    )
    for start in range(0, len(padded), 64):
        state = compressed(state, padded[start : start + 64])
    return "".join(f"{word:08x}" for word in state)


def compressed(state, block):
    w = [int.from_bytes(block[i : i + 4], "big") for i in range(0, 64, 4)]
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ turned(w[j - 3], 15)
        w.append(x ^ turned(x, 15) ^ turned(x, 23) ^ turned(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        first = turned((turned(a, 12) + e + CONSTANTS[j]) & MASK, 7)
        second = first ^ turned(a, 12)
        if j < 16:
            ff, gg = a ^ b ^ c, e ^ f ^ g
        else:
            ff, gg = (a & b) | (a & c) | (b & c), (e & f) | (~e & g)
        one = (ff + d + second + (w[j] ^ w[j + 4])) & MASK
        two = (gg + h + first + w[j]) & MASK
        a, b, c, d = one, a, turned(b, 9), c
        e, f, g, h = two ^ turned(two, 9) ^ turned(two, 17), e, turned(f, 19), g
    return tuple(x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h)))


# ── canonical JSON, RFC 8785 ────────────────────────────────────────────────────────────────────


def canonical(value):
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(text(key) + ":" + canonical(value[key]) for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        return text(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value) if isinstance(value, int) else number(value)


def text(value):
    return json.dumps(value, ensure_ascii=False)


def number(value):
    """As ECMAScript writes a double."""
    if value == 0:
        return "0"
    sign, told = ("-", repr(-value)) if value < 0 else ("", repr(value))
    digits, _, exponent = told.partition("e")
    whole, _, rest = digits.partition(".")
    point = len(whole) + int(exponent or 0)
    figures = whole + ("" if rest == "0" else rest)
    led = len(figures) - len(figures.lstrip("0"))
    figures, point = figures[led:].rstrip("0"), point - led
    if len(figures) <= point <= 21:
        return sign + figures + "0" * (point - len(figures))
    if 0 < point <= 21:
        return sign + figures[:point] + "." + figures[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + figures
    power = f"e{point - 1:+d}"
    return sign + figures[0] + ("." + figures[1:] if len(figures) > 1 else "") + power


# ── Ed25519, RFC 8032 ───────────────────────────────────────────────────────────────────────────

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def recovered(y, sign):
    """The x of a point of the curve; None when there is none."""
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def added(one, two):
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar, point):
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = added(total, point)
        point, scalar = added(point, point), scalar >> 1
    return total


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recovered(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def point_of(told):
    y = int.from_bytes(told, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recovered(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def is_signed(key, content, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    owner, nonce = point_of(key), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if owner is None or nonce is None or s >= ORDER:
        return False
    hashed = hashlib.sha512(signature[:32] + key + content).digest()
    left, right = (
        times(s, BASE),
        added(nonce, times(int.from_bytes(hashed, "little") % ORDER, owner)),
    )
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % P == 0


# ── the history ─────────────────────────────────────────────────────────────────────────────────


class Chain:
    """One case's history, line after line."""

    def __init__(self, told):
        self.case, self.end = told["case"], told
        self.count, self.sha256, self.sm3 = 0, "", ""
        self.hashes = [("", "")]
        self.erased = self.told = 0
        self.wrong = None

    def take(self, told):
        if self.wrong is not None:
            return
        line, place = told["line"], self.count + 1
        if line["sequence"] != place:
            self.wrong = (place, "缺一行或次序不对 a line is missing or out of its order")
            return
        self.count = place
        fault = self.linked(line, told) or self.committed(line, told)
        if fault:
            self.wrong = (place, fault)
        self.hashes.append((self.sha256, self.sm3))

    def linked(self, line, told):
        is_first_format = "format" not in line
        if line["case"] != self.case:
            return "属于另一个办件 it belongs to another case"
        if told["erased"]:
            self.erased = self.count
        if told["erased"] and is_first_format:
            self.sha256, self.sm3 = told["sha256"], ""
            return None
        written = canonical(line).encode()
        self.sha256 = hashlib.sha256(self.sha256.encode() + written).hexdigest()
        self.sm3 = "" if is_first_format else sm3(self.sm3.encode() + written)
        if (self.sha256, self.sm3) != (told["sha256"], told["sm3"]):
            return "内容与哈希不符 the line does not match its hash"
        return None

    def committed(self, line, told):
        if "format" not in line or told["erased"]:
            return None
        content = bytes.fromhex(told["salt"]) + canonical(told["payload"]).encode()
        if hashlib.sha256(content).hexdigest() + sm3(content) != line["payload"]:
            return "文字与承诺值不符 the text does not match its commitment"
        if line["kind"] == "history_erased":
            self.told = max(self.told, told["payload"]["changes"].get("through", 0))
        return None

    def close(self):
        """What is wrong with it: (line, words), or None."""
        end = (self.end["count"], self.end["sha256"], self.end["sm3"])
        if self.wrong is None and (self.count, self.sha256, self.sm3) != end:
            self.wrong = (self.count + 1, "末尾被截断 the tail is cut off")
        if self.wrong is None and self.erased > self.told:
            self.wrong = (self.erased, "内容被清除而没有记录 erased, and no line says so")
        return self.wrong


def against(chain, named):
    """What the roots say of a case that its own chain does not: (line, words), or None."""
    count, sha256, third, root = named
    if chain.count < count:
        words = f"末尾被截断；据根 {root} 有 {count} 行 the tail is cut off; by root {root} there were {count} lines"
        return chain.count + 1, words
    if chain.hashes[count] != (sha256, third):
        words = f"这一行或之前的行被改写 this line or one before was written anew; root {root} knows another hash"
        return count, words
    return None


def read_export(path, roll):
    """Each flaw of an export; cases are taken off the roll of the roots as they are met."""
    chain = None
    with open(path, encoding="utf-8") as lines:
        head = read_line(path, 1, next(lines, ""))
        if head.get("kind") != "kunxin history export" or head.get("format") != 1:
            raise ValueError(f"{path} is no export of a history")
        for place, text_of_line in enumerate(lines, 2):
            told = read_line(path, place, text_of_line)
            if "line" in told:
                if chain is None:
                    raise ValueError(f"{path}: a line before its case")
                chain.take(told)
                continue
            if chain is not None:
                yield from closed(chain, roll)
            chain = Chain(told)
    if chain is not None:
        yield from closed(chain, roll)
    if head["only"] is None:
        for case, (count, _, _, root) in sorted(roll.items()):
            yield f"{case}: 整个办件不在了 the whole case is gone; by root {root} it had {count} lines"


def read_line(path, place, told):
    try:
        return json.loads(told)
    except ValueError:
        raise ValueError(f"{path}: line {place} is cut off or no JSON") from None


def closed(chain, roll):
    named = roll.pop(chain.case, None)
    wrong = chain.close() or (against(chain, named) if named else None)
    if wrong:
        yield f"{chain.case}#{wrong[0]}: {wrong[1]}"


def files_of(folder):
    return {int(path.stem): path for path in Path(folder).glob("*.json") if path.stem.isdecimal()}


def set_back(folder, seen):
    """Each root that was seen before and is not there as it was."""
    files = files_of(folder)
    for told in seen:
        number, _, sha256 = told.partition("=")
        file = files.get(int(number))
        if file is None:
            yield f"root {int(number):06d}: 以前见过，现在不在了 it was seen before and is gone: all was set back"
        elif hashlib.sha256(file.read_bytes()).hexdigest() != sha256.strip().lower():
            yield f"root {int(number):06d}: 与以前见过的不同 it is another than was seen before"


def to_write_down(folder):
    """The newest root, for the next time: whoever sets all back to an older day cannot make it again."""
    number, file = max(files_of(folder).items())
    day = json.loads(file.read_bytes()).get("day", "")
    return f"--seen {number:06d}={hashlib.sha256(file.read_bytes()).hexdigest()}  ({day})"


def read_roots(folder, keys, roll):
    """Each flaw of the roots; what they say of each case goes into the roll."""
    files = files_of(folder)
    previous, lines = "", 0
    for number in range(1, max(files, default=0) + 1):
        place = f"root {number:06d}"
        if number not in files:
            yield f"{place}: 文件缺失 its file is missing"
            previous = None
            continue
        content = files[number].read_bytes()
        if not signed_by_one(files[number], content, keys):
            yield f"{place}: 签名不符 its signature is missing or wrong"
        try:
            root = json.loads(content)
            is_next = root["number"] == number and previous in (None, root["previous"])
            heads = [(case, count, sha256, third) for case, count, sha256, third in root["heads"]]
        except (KeyError, TypeError, ValueError):
            yield f"{place}: 读不出来 it cannot be read"
            heads, is_next, root = [], True, None
        if not is_next:
            yield f"{place}: 与前一个根不相接 it does not follow the root before it"
        previous = hashlib.sha256(content).hexdigest()
        for case, count, sha256, third in heads:
            before = roll[case][0] if case in roll else 0
            if count <= before:
                yield f"{place}: 办件 {case} 的历史变短 the history of {case} went from {before} lines to {count}"
            lines += count - before
            roll[case] = (count, sha256, third, f"{number:06d}")
        if root is not None and (root["cases"], root["lines"]) != (len(roll), lines):
            yield f"{place}: 合计不符 the heads of all roots do not add up to what it counts"


def signed_by_one(path, content, keys):
    try:
        told = json.loads(path.with_name(path.name + ".sig").read_bytes())
        key, signature = bytes.fromhex(told["key"]), bytes.fromhex(told["signature"])
    except (OSError, KeyError, TypeError, ValueError):
        return False
    return told["key"] in keys and is_signed(key, content, signature)


def checked(given, roll):
    if given.roots:
        if not files_of(given.roots):
            raise ValueError(f"{given.roots} holds no root")
        yield from set_back(given.roots, given.seen)
        yield from read_roots(given.roots, given.key, roll)
    yield from read_export(given.export, roll)


def main():
    asked = argparse.ArgumentParser(description="Verify a history of Kunxin without Kunxin.")
    asked.add_argument("export")
    asked.add_argument("--roots", help="the folder of roots")
    asked.add_argument(
        "--key", action="append", default=[], help="public key, hexadecimal; may be repeated"
    )
    asked.add_argument(
        "--seen", action="append", default=[], help="NUMBER=SHA256 of a root seen before; may be repeated"
    )
    given = asked.parse_args()
    if (given.key or given.seen) and not given.roots:
        asked.error("--key and --seen are about roots: name their folder by --roots")
    flaws, roll = 0, {}
    try:
        for words in checked(given, roll):
            flaws += 1
            print(words)
    except (OSError, KeyError, TypeError, ValueError) as trouble:
        print(f"读不出来 cannot be read: {trouble!r}", file=sys.stderr)
        return 2
    print(f"{flaws} 处问题 flaws")
    if given.roots and not flaws:
        print(f"请抄下，下次核对时用 write down for the next time: {to_write_down(given.roots)}", file=sys.stderr)
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main())
