"""Who may do what, as engine/services/permissions.toml writes it: columns, rules, addresses, fields."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.domain.words import Words


class Cell(StrEnum):
    """What somebody meets at an address."""

    YES = "yes"
    NO = "no"  # told that they may not
    HIDDEN = "hidden"  # told that there is no such thing
    SIGN_IN = "sign_in"  # asked who they are


#: The column of who has not signed in.
PUBLIC = "public"
#: The column of programs, which come by token.
SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Column:
    """Who comes: a post, or a relation to what is asked for."""

    key: str
    title: Words
    about: Words


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may: a cell for every column."""

    key: str
    title: Words
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Row:
    """One address with its method. `door`: the operation to which a page is only another door."""

    address: str
    rule: Rule
    title: Words
    door: str | None = None

    @property
    def is_of_api(self) -> bool:
        return " /api/v1/" in self.address

    @property
    def cells(self) -> Mapping[str, Cell]:
        """By column. A program comes to the API alone: at a page it is nobody."""
        cells = self.rule.cells
        return cells if self.is_of_api else {**cells, SERVICE: cells[PUBLIC]}

    def let_in(self) -> tuple[str, ...]:
        return tuple(key for key, cell in self.cells.items() if cell is Cell.YES)


@dataclass(frozen=True, slots=True)
class Area:
    key: str
    title: Words
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """What is left out or masked within an answer, and who sees it whole."""

    key: str
    title: Words
    how: Words
    whole: frozenset[str]  # columns
    reason: frozenset[str] = frozenset()  # of these who must say why, each time


class Matrix:
    """The whole file. Errors: KeyError, ValueError for a file that does not hold together."""

    def __init__(self, source: str) -> None:
        told = tomllib.loads(source)
        self.columns = tuple(
            Column(key, Words(each[0], each[1]), Words(each[2], each[3]))
            for key, each in told["columns"].items()
        )
        self.groups = {key: frozenset(may) for key, may in told["groups"].items()}
        keys = tuple(column.key for column in self.columns)
        self.rules = {key: _rule(key, each, keys) for key, each in told["rules"].items()}
        self.areas = tuple(self._area(key, each) for key, each in told["areas"].items())
        self.fields = tuple(_field(key, each, keys) for key, each in told["fields"].items())
        self.rows = {row.address: row for area in self.areas for row in area.rows}
        if len(self.rows) != sum(len(area.rows) for area in self.areas):
            raise ValueError("an address stands in two areas")

    def _area(self, key: str, told: Mapping[str, Any]) -> Area:
        rows = tuple(self._row(address, each) for address, each in told["rows"].items())
        return Area(key, Words(told["zh"], told["en"]), rows)

    def _row(self, address: str, told: Any) -> Row:
        if isinstance(told, list):
            rule, zh, en = told
            return Row(address, self.rules[rule], Words(zh, en))
        return Row(address, self.rules[told["rule"]], Words(told["zh"], told["en"]), told["door"])

    def written(self) -> Iterator[str]:
        """The matrix as a page of Markdown, line by line, in both languages."""
        yield from _preface()
        yield from self._columns_written()
        for area in self.areas:
            yield from ("", f"## {area.title.zh} {area.title.en}", "")
            yield from _table(["", "", *(column.title.zh for column in self.columns)])
            for row in area.rows:
                cells = (MARKS[row.cells[column.key]] for column in self.columns)
                yield _line([f"`{row.address}`", f"{row.title.zh} {row.title.en}", *cells])
        yield from ("", "## 字段 Fields", "")
        yield from _table(["", "", *(column.title.zh for column in self.columns)])
        for field in self.fields:
            seen = ("✓" if column.key in field.whole else "–" for column in self.columns)
            yield _line(
                [f"{field.title.zh} {field.title.en}", f"{field.how.zh} {field.how.en}", *seen]
            )

    def _columns_written(self) -> Iterator[str]:
        yield from _table(["来的人 Who comes", "", ""])
        for column in self.columns:
            yield _line([column.title.zh, column.title.en, f"{column.about.zh} {column.about.en}"])
        yield from ("", "## 岗位组的权限 What a group may do beyond its tasks", "")
        yield from _table(["岗位组 Group", "权限 Permissions"])
        for key, may in self.groups.items():
            yield _line([f"`{key}`", ", ".join(f"`{each}`" for each in sorted(may))])


#: How a cell is drawn.
MARKS = {Cell.YES: "✓", Cell.NO: "✗", Cell.HIDDEN: "∅", Cell.SIGN_IN: "→"}


def _preface() -> Iterator[str]:
    yield "# 谁可以办什么 Who may do what"
    yield ""
    yield (
        "Written from [permissions.toml](permissions.toml) by `python -m tests.permissions.page`; "
        "the tests ask the running application every cell."
    )
    yield ""
    yield (
        "✓ 可以 may · ✗ 不可以 may not (403) · ∅ 对他不存在 does not exist for them (404) · "
        "→ 先登录 signs in first (401)"
    )
    yield ""


def _table(heads: list[str]) -> Iterator[str]:
    yield _line(heads)
    yield _line(["---"] * len(heads))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(key: str, told: Mapping[str, Any], columns: tuple[str, ...]) -> Rule:
    yes = columns if told["yes"] == ["*"] else told["yes"]
    hidden = told.get("hidden", ())
    if unknown := {*yes, *hidden} - {*columns}:
        raise ValueError(f"{key}: no such column: {sorted(unknown)}")

    def cell(column: str) -> Cell:
        if column in yes:
            return Cell.YES
        if column == PUBLIC:
            return Cell.SIGN_IN
        return Cell.HIDDEN if column in hidden else Cell.NO

    return Rule(key, Words(told["zh"], told["en"]), {column: cell(column) for column in columns})


def _field(key: str, told: Mapping[str, Any], columns: tuple[str, ...]) -> Field:
    whole, reason = frozenset(told["whole"]), frozenset(told.get("reason", ()))
    if unknown := whole - {*columns}:
        raise ValueError(f"{key}: no such column: {sorted(unknown)}")
    title, how = Words(told["zh"], told["en"]), Words(told["how_zh"], told["how_en"])
    if reason - whole:
        raise ValueError(f"{key}: who does not see it gives no reason: {sorted(reason - whole)}")
    return Field(key, title, how, whole, reason)
