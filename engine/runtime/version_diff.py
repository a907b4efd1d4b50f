"""Compares two versions of a procedure: diagrams by element, limits, forms and tables by entry."""

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from typing import Any

from lxml import etree

from engine.domain.clock import Unit
from engine.domain.views.version_diff import (
    DiagramDiff,
    ElementChange,
    FileChange,
    TextChange,
    TextDiff,
)
from engine.domain.words import Words
from engine.runtime.drawing import Drawing, Element
from engine.runtime.limit import Limit
from engine.runtime.procedure import Procedure
from engine.runtime.xml import read_xml

#: Lines of one file that are shown; a longer difference is read in the files.
MOST_LINES = 200
_NOWHERE = Words("")
_NAMES = {
    "form": Words("表单", "form"),
    "due": Words("时限", "limit"),
    "clock": Words("期限", "clock"),
    "whose": Words("谁的时间", "whose time"),
    "stage": Words("阶段", "stage"),
    "waiting": Words("等待说明", "waiting sentence"),
    "waiting_en": Words("等待说明（英文）", "waiting sentence in English"),
    "name_en": Words("英文名", "English name"),
    "other_than": Words("须由他人", "to be done by another than"),
}


def files(old: Procedure, new: Procedure) -> tuple[FileChange, ...]:
    """Files that are not the same bytes."""
    names = sorted(old.files.keys() | new.files.keys())
    return tuple(
        FileChange(name, _kind(name in old.files, name in new.files))
        for name in names
        if old.files.get(name) != new.files.get(name)
    )


def _kind(was: bool, now: bool) -> str:
    return "changed" if was and now else "added" if now else "removed"


# ── diagrams ────────────────────────────────────────────────────────────────────────────────────


def diagrams(old: Procedure, new: Procedure) -> tuple[DiagramDiff, ...]:
    """Every process of which something drawn differs, the main process first."""
    ids = sorted(old.drawings.keys() | new.drawings.keys(), key=lambda each: each != new.key)
    found = (_diagram(old.drawings.get(each), new.drawings.get(each)) for each in ids)
    return tuple(each for each in found if each is not None)


def _diagram(old: Drawing | None, new: Drawing | None) -> DiagramDiff | None:
    changes = tuple(_elements(old, new))
    flows_before, flows_after = _flows(old), _flows(new)
    gone = {flow: "removed" for ends, flow in flows_before.items() if ends not in flows_after}
    fresh = {flow: "added" for ends, flow in flows_after.items() if ends not in flows_before}
    if not changes and not gone and not fresh:
        return None
    marked = {change.element_id: change.kind for change in changes}
    shown = new or old
    assert shown is not None  # noqa: S101 - one of the two has it
    return DiagramDiff(
        process_id=shown.process_id,
        title=shown.title,
        before_xml=old.xml.decode("utf-8", "replace") if old else "",
        after_xml=new.xml.decode("utf-8", "replace") if new else "",
        before_marks={**{k: v for k, v in marked.items() if v != "added"}, **gone},
        after_marks={**{k: v for k, v in marked.items() if v != "removed"}, **fresh},
        changes=changes,
    )


def _flows(drawing: Drawing | None) -> dict[tuple[str, str], str]:
    return dict(drawing.flows) if drawing else {}


def _elements(old: Drawing | None, new: Drawing | None) -> Iterator[ElementChange]:
    before = old.elements if old else {}
    after = new.elements if new else {}
    for key in [*before, *(key for key in after if key not in before)]:
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            shown = was or now
            assert shown is not None  # noqa: S101 - one of the two has it
            yield ElementChange(_kind(was is not None, now is not None), key, shown.title, ())
            continue
        told = (*_element_changes(was, now), *_expression_changes(old, new, key))
        if told:
            yield ElementChange("changed", key, now.title, told)


def _element_changes(was: Element, now: Element) -> Iterator[Words]:
    for name, before, after in (
        (Words("名称", "name"), was.title.zh, now.title.zh),
        (Words("种类", "kind"), was.kind, now.kind),
        (Words("岗位组", "group"), was.group, now.group),
        (Words("操作", "operation"), was.operation, now.operation),
        (Words("挂在", "attached to"), was.attached_to, now.attached_to),
    ):
        if before != after:
            yield _told(name, before, after)
    for key in sorted(was.properties.keys() | now.properties.keys()):
        before, after = was.properties.get(key), now.properties.get(key)
        if before != after:
            yield _told(_NAMES.get(key, Words(key)), before, after)


def _expression_changes(old: Drawing | None, new: Drawing | None, key: str) -> Iterator[Words]:
    """Conditions, timers and parameters; those of a flow are told with where it comes from."""
    before, after = _expressions(old, key), _expressions(new, key)
    if before != after:
        yield _told(Words("表达式", "expressions"), "；".join(before), "；".join(after))


def _expressions(drawing: Drawing | None, key: str) -> list[str]:
    if drawing is None:
        return []
    mine = {flow for (source, _), flow in drawing.flows.items() if source == key} | {key}
    return [source for owner, source in drawing.expressions if owner in mine]


def _told(name: Words, before: str | None, after: str | None) -> Words:
    zh, en = name.zh, name.en or name.zh
    return Words(
        f"{zh}：{before or '无'} → {after or '无'}", f"{en}: {before or 'none'} → {after or 'none'}"
    )


# ── limits, forms, tables ───────────────────────────────────────────────────────────────────────


def limits(old: Procedure, new: Procedure) -> tuple[TextChange, ...]:
    def text(limit: Limit) -> str:
        budget = limit.budget
        amount = f"{budget.amount} {_unit(budget.unit)}" if budget else f"= {limit.source}"
        return "，".join(part for part in (limit.title.zh, amount, limit.basis) if part)

    before = {key: (limit.title, text(limit)) for key, limit in old.limits.items()}
    after = {key: (limit.title, text(limit)) for key, limit in new.limits.items()}
    return tuple(_texts(_NOWHERE, before, after))


def _unit(unit: Unit) -> str:
    known = {"working_days": "个工作日", "calendar_days": "个自然日", "working_hours": "个工作小时"}
    return known.get(unit.value, unit.value)


def forms(old: Procedure, new: Procedure) -> tuple[TextChange, ...]:
    found: list[TextChange] = []
    for key in sorted(old.forms.keys() | new.forms.keys()):
        was, now = old.forms.get(key, {}), new.forms.get(key, {})
        shown = now or was
        where = Words(shown.get("title", key), shown.get("x-title-en", key))
        found += _texts(where, _questions(was), _questions(now))
    return tuple(found)


def _questions(form: Mapping[str, Any]) -> dict[str, tuple[Words, str]]:
    required = set(form.get("required", ()))
    return {
        name: (
            Words(told.get("title", name), told.get("x-title-en", name)),
            _question(name, told, is_required=name in required),
        )
        for name, told in form.get("properties", {}).items()
    }


def _question(name: str, told: Mapping[str, Any], *, is_required: bool) -> str:
    choices = [*told.get("oneOf", ()), *told.get("items", {}).get("oneOf", ())]
    parts = [told.get("title", name), str(told.get("type", ""))]
    parts += ["必填"] if is_required else []
    parts += ["：".join([str(c.get("const")), c.get("title", "")]) for c in choices]
    known = ("title", "x-title-en", "type", "oneOf", "items")
    parts += [f"{key}={value}" for key, value in told.items() if key not in known]
    return " · ".join(part for part in parts if part)


def decisions(old: Procedure, new: Procedure) -> tuple[TextChange, ...]:
    """Rows of decision tables by their ids: cells, result, annotation (the article)."""
    before, after = _tables(old), _tables(new)
    found: list[TextChange] = []
    for key in sorted(before.keys() | after.keys()):
        (was_title, was), (now_title, now) = (
            before.get(key, (_NOWHERE, {})),
            after.get(key, (_NOWHERE, {})),
        )
        found += _texts(now_title if now_title.zh else was_title, was, now)
    return tuple(found)


Rows = dict[str, tuple[Words, str]]


def _tables(procedure: Procedure) -> dict[str, tuple[Words, Rows]]:
    return {
        table_id: (title, rows)
        for name, raw in sorted(procedure.files.items())
        if name.endswith(".dmn")
        for table_id, title, rows in _tables_of(read_xml(raw, name))
    }


def _tables_of(root: etree._Element) -> Iterator[tuple[str, Words, Rows]]:
    for decision in root.iterfind("{*}decision"):
        key = decision.get("id") or ""
        rows: Rows = {}
        for number, rule in enumerate(decision.iterfind("{*}decisionTable/{*}rule"), 1):
            rows[rule.get("id") or str(number)] = (
                Words(f"第 {number} 行", f"row {number}"),
                _row(rule),
            )
        yield key, Words(decision.get("name") or key), rows


def _row(rule: etree._Element) -> str:
    def texts(kind: str) -> str:
        cells = (cell.findtext("{*}text") or "-" for cell in rule.iterfind(f"{{*}}{kind}"))
        return " | ".join(" ".join(cell.split()) for cell in cells)

    noted = texts("annotationEntry") or " ".join((rule.findtext("{*}description") or "").split())
    told = f"{texts('inputEntry')} ⇒ {texts('outputEntry')}"
    return f"{told}　{noted}" if noted and noted != "-" else told


def _texts(where: Words, before: Rows, after: Rows) -> Iterator[TextChange]:
    for key in [*before, *(key for key in after if key not in before)]:
        (was_name, was), (now_name, now) = (
            before.get(key, (_NOWHERE, "")),
            after.get(key, (_NOWHERE, "")),
        )
        if was != now:
            name = now_name if key in after else was_name
            yield TextChange(_kind(key in before, key in after), where, name, was, now)


def others(old: Procedure, new: Procedure) -> tuple[TextDiff, ...]:
    """Letters and procedure.toml line by line."""
    told = (".typ", ".toml")
    return tuple(
        TextDiff(change.name, _lines(old.files.get(change.name), new.files.get(change.name)))
        for change in files(old, new)
        if change.name.endswith(told)
    )


def _lines(before: bytes | None, after: bytes | None) -> tuple[str, ...]:
    was, now = ((raw or b"").decode("utf-8", "replace").splitlines() for raw in (before, after))
    lines = list(unified_diff(was, now, lineterm="", n=1))[2:]
    return tuple(line for line in lines if not line.startswith("@@"))[:MOST_LINES]
