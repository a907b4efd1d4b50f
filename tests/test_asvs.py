"""The page on OWASP ASVS names tests that are there."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from functools import cache

from engine.domain.audit import Source
from engine.exchange import upload_guard
from engine.services.documents import LARGEST
from engine.settings import ROOT
from web.app import MOST_BYTES

PAGE = (ROOT / "deploy/asvs.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d[^|]*) \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@cache
def held_by(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_item_names_tests_and_each_is_there() -> None:
    assert len(ROWS) > 60
    missing = [
        f"{item}: {path}::{name}"
        for item, shown in ROWS
        for path, name in NAMED.findall(shown)
        if not (ROOT / path).exists() or name not in held_by(path)
    ]
    assert missing == []
    assert [item for item, shown in ROWS if not NAMED.search(shown)] == []


def test_items_are_numbers_of_the_standard_and_stand_once_in_order() -> None:
    first = [
        tuple(map(int, item.replace(" – ", ", ").split(", ")[0].split("."))) for item, _ in ROWS
    ]
    assert all(len(number) == 3 and 1 <= number[0] <= 16 for number in first)
    assert first == sorted(set(first))


def test_the_page_says_the_limits_of_uploads_as_they_are() -> None:
    told = " ".join(PAGE.split())
    for words in (
        f"up to {LARGEST >> 20} MB, {MOST_BYTES >> 20} MB a request",
        f"unpacked at most {upload_guard.MOST_UNPACKED >> 20} MB, and above {upload_guard.SMALL >> 20} MB",
        f"{upload_guard.MOST_PARTS:,} parts; pictures of {upload_guard.MOST_POINTS // 10**6} million points",
    ):
        assert words in told


# ── inventories ─────────────────────────────────────────────────────────────────────────────────

SETTINGS = sorted(
    set(re.findall(r"KUNXIN_[A-Z_]+[A-Z]", (ROOT / "engine/settings.py").read_text("utf-8")))
)
#: What of the code is cryptography, and by which word the inventory names it.
CRYPTOGRAPHY = {
    r"hashlib\.(?!sha256|sha1\()\w+": "",
    r"hashlib\.sha1": "SHA-1",
    r"hashlib\.sha256": "SHA-256",
    r"hashes\.SM3": "SM3",
    r"hashes\.(?!SM3|Hash)\w+": "",
    r"\bhmac\.(new|digest)": "HMAC-SHA256",
    r"\bFernet\b": "Fernet",
    r"Ed25519PrivateKey": "Ed25519",
    r"\bPasswordHasher\b": "Argon2id",
    r"\bpyotp\b": "TOTP",
    r"\bpyhanko\b": "PAdES",
    r"\bsecrets\.token_": "random bits",
    r"\b(AESGCM|ChaCha20|rsa|ec|dsa|x25519)\b.*import|import.*\b(AESGCM|ChaCha20|rsa|dsa)\b": "",
}


def inventory(title: str) -> str:
    """The table under a heading of the page."""
    return PAGE.split(f"### {title} (")[1].split("\n#")[0]


def test_every_secret_setting_stands_in_the_inventory() -> None:
    secret = [name for name in SETTINGS if re.search(r"KEY|SECRET|PASS|TOKEN", name)]
    assert len(secret) > 7
    assert [name for name in secret if f"`{name}`" not in inventory("Cryptography")] == []


def test_every_use_of_cryptography_stands_in_the_inventory() -> None:
    """Whoever brings in another algorithm writes it down; an empty word: there is to be none."""
    code = "\n".join(
        path.read_text("utf-8")
        for room in ("engine", "web")
        for path in (ROOT / room).rglob("*.py")
    )
    used = {word for found, word in CRYPTOGRAPHY.items() if re.search(found, code)}
    assert "" not in used
    assert used == set(CRYPTOGRAPHY.values()) - {""}
    assert [word for word in used if word not in inventory("Cryptography")] == []


def test_every_connection_of_the_settings_stands_in_the_inventory() -> None:
    connects = re.compile(r"_(URL|ISSUER|SCANNER|COLLECTOR|ALLOW)$")
    named = [name for name in SETTINGS if connects.search(name) and name != "KUNXIN_PUBLIC_URL"]
    assert len(named) > 8
    assert [name for name in named if f"`{name}`" not in inventory("Connections")] == []


def test_every_component_stands_in_the_inventory() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    optional = told["optional-dependencies"]
    served = [*told["dependencies"], *(each for key in SERVED for each in optional[key])]
    front = json.loads((ROOT / "web/frontend/package.json").read_text("utf-8"))["dependencies"]
    wanted = {re.split(r"[\[=<>]", each)[0] for each in served} | front.keys()
    listed = set(re.split(r"[|,\n] *", inventory("Components").split("| --- |")[1]))
    assert {name for name in wanted if name not in {each.strip() for each in listed}} == set()


#: Extras that a server may have; the others build and test.
SERVED = ("server", "signature", "objects", "telemetry")


def test_every_book_of_the_audit_stands_in_the_inventory_of_logs() -> None:
    assert [one for one in Source if f"`{one.value}`" not in inventory("Logs")] == []


# ── the standard ────────────────────────────────────────────────────────────────────────────────

#: Requirements of OWASP ASVS 5.0.0 of levels 1 and 2, by section; chapter 17 (WebRTC) aside.
REQUIRED = """
1.1: 1-2; 1.2: 1-9; 1.3: 1-11; 1.4: 1-3; 1.5: 1-2; 2.1: 1-3; 2.2: 1-3; 2.3: 1-4; 2.4: 1-1; 3.2: 1-2; 3.3: 1-4;
3.4: 1-6; 3.5: 1-5; 3.7: 1-2; 4.1: 1-3; 4.2: 1-1; 4.3: 1-2; 4.4: 1-4; 5.1: 1-1; 5.2: 1-3; 5.3: 1-2; 5.4: 1-3;
6.1: 1-3; 6.2: 1-12; 6.3: 1-4; 6.4: 1-4; 6.5: 1-5; 6.6: 1-3; 6.8: 1-4; 7.1: 1-3; 7.2: 1-4; 7.3: 1-2; 7.4: 1-5;
7.5: 1-2; 7.6: 1-2; 8.1: 1-2; 8.2: 1-3; 8.3: 1-1; 8.4: 1-1; 9.1: 1-3; 9.2: 1-4; 10.1: 1-2; 10.2: 1-2; 10.3: 1-4;
10.4: 1-11; 10.5: 1-5; 10.6: 1-2; 10.7: 1-3; 11.1: 1-2; 11.2: 1-3; 11.3: 1-3; 11.4: 1-4; 11.5: 1-1; 11.6: 1-1;
12.1: 1-3; 12.2: 1-2; 12.3: 1-4; 13.1: 1-1; 13.2: 1-5; 13.3: 1-2; 13.4: 1-5; 14.1: 1-2; 14.2: 1-4; 14.3: 1-3;
15.1: 1-3; 15.2: 1-3; 15.3: 1-7; 16.1: 1-1; 16.2: 1-5; 16.3: 1-4; 16.4: 1-3; 16.5: 1-3
"""


def required() -> set[str]:
    found = re.findall(r"(\d+\.\d+): (\d+)-(\d+)", REQUIRED)
    return {
        f"{section}.{number}"
        for section, first, last in found
        for number in range(int(first), int(last) + 1)
    }


def spoken_of() -> set[str]:
    """The numbers on the page: one by one, from one to another, and whole sections."""
    found = set(re.findall(r"\b\d{1,2}\.\d{1,2}\.\d{1,2}\b", PAGE))
    for section, first, last in re.findall(r"(\d+\.\d+)\.(\d+) – \d+\.\d+\.(\d+)", PAGE):
        found |= {f"{section}.{number}" for number in range(int(first), int(last) + 1)}
    aside = PAGE.partition("## Does not apply")[2]
    for section in re.findall(r"(?<![\d.])(\d{1,2}\.\d{1,2})\s", aside):
        found |= {each for each in required() if each.startswith(f"{section}.")}
    return found


def test_every_requirement_of_both_levels_is_spoken_of() -> None:
    assert sorted(required() - spoken_of()) == []
