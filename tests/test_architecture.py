"""The house's own rules, those that a linter cannot phrase."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(path for room in ("engine", "web") for path in (ROOT / room).rglob("*.py"))
TIMELESS = [ROOT / "engine" / "domain", ROOT / "engine" / "services"]
GENERATED = ROOT / "engine" / "persistence" / "migrations" / "versions"
ONE_COMMIT = ROOT / "engine" / "persistence" / "unit_of_work.py"

LONGEST = 350
VAGUE = {
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "misc",
    "base",
    "manager",
    "tools",
    "stuff",
}
WALL_CLOCK = re.compile(r"\b(datetime\.(now|utcnow)|date\.today|time\.(time|sleep))\(")
# hosts of package registries and of the networks that serve scripts; paths of one person's machine
ELSEWHERE = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|crates\.io|golang\.org/|deb\.debian\.org"
    r"|archive\.ubuntu\.com|jsdelivr\.net|unpkg\.com|cdnjs\.|fonts\.googleapis"
    r"|(?<![\w.\-/}>])/(work|root|home|Users)/[\w.]"
)
LOADED_FROM_ELSEWHERE = re.compile(r"<(script|link|img|iframe)\b[^>]*(src|href)=[\"'](https?:)?//")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_says_what_it_is_for_and_keeps_to_its_size(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert path.stem not in VAGUE, "name it for what it knows"
    assert not text or ast.get_docstring(ast.parse(text)), "one line on what this room is for"
    if GENERATED not in path.parents:
        assert text.count("\n") <= LONGEST, "split it along its nouns"


def test_every_module_of_the_services_stands_once_under_its_subject() -> None:
    room = ROOT / "engine" / "services"
    told = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or ""
    listed = [
        word for line in told.splitlines() if line.startswith("    ") for word in line.split()
    ]
    there = {path.stem for path in room.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert sorted(listed) == sorted(there - {"__init__", "__pycache__"})


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_only_the_unit_of_work_ends_a_transaction(path: Path) -> None:
    assert path == ONE_COMMIT or ".commit(" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path", [path for room in TIMELESS for path in sorted(room.rglob("*.py"))], ids=name
)
def test_rules_and_use_cases_are_told_the_time(path: Path) -> None:
    assert not WALL_CLOCK.search(path.read_text(encoding="utf-8")), "take `now` as an argument"


def test_procedures_hold_no_code() -> None:
    found = [name(path) for path in (ROOT / "workflows").rglob("*.py*")]
    assert found == []


def test_nothing_names_a_package_registry_or_a_path_of_one_machine() -> None:
    found = [
        f"{name(path)}:{number}: {line.strip()[:100]}"
        for path, text in tracked_texts()
        for number, line in enumerate(text.splitlines(), 1)
        if ELSEWHERE.search(line)
    ]
    assert found == []


def test_pages_load_nothing_from_elsewhere() -> None:
    pages = sorted((ROOT / "web" / "templates").rglob("*.html"))
    assert pages
    assert [name(page) for page in pages if LOADED_FROM_ELSEWHERE.search(page.read_text())] == []


def test_the_locks_hold_every_dependency_with_its_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = {
        "requirements.txt": project["dependencies"] + extras["server"] + extras["build"],
        "requirements-test.txt": project["dependencies"] + extras["test"],
    }
    for lock, wanted in asked.items():
        text = (ROOT / "deploy" / lock).read_text()
        pinned = {normal(pin) for pin in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}
        assert {normal(requirement) for requirement in wanted} <= pinned, "run make lock"
        blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
        assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def normal(requirement: str) -> str:
    """The name in a requirement, as registries compare names: `Flask_Babel[x]>=4` -> `flask-babel`."""
    found = re.match(r"[\w.-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found.group()).lower()


def tracked_texts() -> list[tuple[Path, str]]:
    git = shutil.which("git")
    if not git or not (ROOT / ".git").exists():
        assert "CI" not in os.environ, "what is tracked can only be read from a git checkout"
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = [ROOT / entry for entry in listed.stdout.split("\0") if entry]
    texts = [
        (path, path.read_bytes().decode("utf-8", "replace"))
        for path in paths
        if path.is_file() and path.name != "package-lock.json"
    ]
    assert texts
    return texts
