"""Which laws there are and when they were in force, and where a text cites them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

#: Parts of a basis, each of which may fall away with its law: 行政许可法第三十二条；优化营商环境条例…
PART = "；"
_HANZI = "一-鿿"
_NUMBER = rf"(?:[{_HANZI}]{{2,10}}〔\d{{4}}〕第?\d+号|[{_HANZI}]{{2,12}}令第?\d+号)"
#: 《name》, and the document number that may follow it in brackets.
_TITLED = re.compile(rf"《([^《》#]{{2,80}})》(?:[（(]({_NUMBER})[）)])?")
_NUMBERED = re.compile(_NUMBER)
#: A name without its marks that could only be a law's: …条例第三十六条, …法（2017年修正）第九十二条.
_ARTICLE = re.compile(
    rf"([{_HANZI}]{{1,18}}?(?:条例|法典|法|总则|办法|规定|章程))(?=（?[^）；。]{{0,9}}）?第[一二三四五六七八九十百]+条)"
)
#: A revision may be named behind the law: （2017年修正）.
_REVISION = re.compile(r"》?[（(](\d{4}年修[正订])")
#: What only a law's title ends with; 决定书, 通知书 and 证明 are papers of a case.
_OF_A_LAW = ("法", "条例", "法典", "总则", "办法", "规定", "章程", "通知", "意见", "方案", "细则")


@dataclass(frozen=True, slots=True)
class Force:
    """Days on which a law, or one revision of it, was in force; both ends belong to it."""

    since: date | None = None
    until: date | None = None

    def on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )

    def meets(self, other: "Force") -> bool:
        """Whether there is a day that belongs to both."""
        after = self.since and other.until and self.since > other.until
        before = self.until and other.since and self.until < other.since
        return not (after or before)


@dataclass(frozen=True, slots=True)
class Law:
    """A law by its names and numbers, the first of which is shown; revisions by their label."""

    names: tuple[str, ...]
    force: Force
    revisions: Mapping[str, Force] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Citation:
    """One place that cites a law. `law` is None where the table does not know it."""

    text: str
    law: Law | None
    force: Force


@dataclass(frozen=True)
class Laws:
    """The table of laws (workflows/common/laws.toml)."""

    laws: tuple[Law, ...] = ()

    @cached_property
    def _by_name(self) -> Mapping[str, Law]:
        return {name: law for law in self.laws for name in law.names}

    @cached_property
    def _known(self) -> re.Pattern[str] | None:
        """Every name, the longer before those it contains."""
        names = sorted(self._by_name, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, names))) if names else None

    def citations(self, text: str) -> tuple[Citation, ...]:
        """The laws that a text cites, and what looks like a law and is not in the table."""
        if self._known is None:
            return ()
        found, taken = [], set[int]()
        for match in self._known.finditer(text):
            law = self._by_name[match[0]]
            revision = _REVISION.match(text, match.end())
            force = law.revisions.get(revision[1], None) if revision else law.force
            shown = match[0] + (f"（{revision[1]}）" if revision else "")
            found.append(Citation(shown, law if force else None, force or law.force))
            taken.update(range(match.start(), match.end()))
        for start, end, name in _suspects(text):
            if taken.isdisjoint(range(start, end)):
                found.append(Citation(name, None, Force()))
                taken.update(range(start, end))
        return tuple(dict.fromkeys(found))

    def on(self, basis: str, day: date) -> str:
        """A basis as it may be cited on a day: without the parts whose law was not in force."""
        parts = (part.strip() for part in basis.split(PART))
        return PART.join(part for part in parts if part and self.is_current(part, day))

    def kept_by(self, basis: Iterable[str], last: date | None) -> "Laws":
        """The same for the cases of an edition in force to `last`: they finish under the laws of
        its basis that ended with it."""
        ended = {
            each.law.names
            for text in basis
            for each in self.citations(text)
            if last and each.law and each.law.force.until == last
        }
        laws = (
            replace(law, force=replace(law.force, until=None)) if law.names in ended else law
            for law in self.laws
        )
        return Laws(tuple(laws)) if ended else self

    def is_current(self, text: str, day: date) -> bool:
        return all(each.force.on(day) for each in self.citations(text))


def _suspects(text: str) -> Iterable[tuple[int, int, str]]:
    for match in _TITLED.finditer(text):
        if match[2] or match[1].endswith(_OF_A_LAW):
            yield match.start(), match.end(), match[1]
    for match in _NUMBERED.finditer(text):
        yield match.start(), match.end(), match[0]
    for match in _ARTICLE.finditer(text):
        yield match.start(), match.end(), match[1]


def read_laws(told: Mapping[str, Any]) -> Laws:
    """The table as laws.toml tells it: [[laws]] names, since, until, revisions."""
    return Laws(tuple(map(_law, told.get("laws", ()))))


def _law(told: Mapping[str, Any]) -> Law:
    revisions = {name: _force(each) for name, each in told.get("revisions", {}).items()}
    return Law(tuple(told["names"]), _force(told), revisions)


def _force(told: Mapping[str, Any]) -> Force:
    return Force(told.get("since"), told.get("until"))
