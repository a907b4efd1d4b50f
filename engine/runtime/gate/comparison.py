"""What a folder draws otherwise than the version before it: elements added, taken away, changed."""

from collections.abc import Iterator, Mapping

from engine.domain.errors import EngineError
from engine.domain.gate_report import Change
from engine.domain.words import Words
from engine.runtime.drawing import Drawing, Element, read_drawings
from engine.runtime.gate.reading import Files
from engine.runtime.xml import read_xml

#: What may differ of an element, and its name in both languages.
WORDS: Mapping[str, Words] = {
    "title": Words("名称", "name"),
    "kind": Words("类型", "kind"),
    "group": Words("岗位组", "group"),
    "operation": Words("操作", "operation"),
    "attached_to": Words("附在", "attached to"),
    "form": Words("表单", "form"),
    "due": Words("时限", "limit"),
    "clock": Words("时钟", "clock"),
    "whose": Words("谁的时间", "whose time"),
    "stage": Words("阶段", "stage"),
    "expression": Words("条件或时间", "condition or time"),
}


def drawings_of(files: Files) -> dict[str, Drawing]:
    """Every process that can be read; a folder may be compared before it is sound."""
    drawings: dict[str, Drawing] = {}
    for name, raw in sorted(files.items()):
        if name.endswith(".bpmn"):
            try:
                read = read_drawings(read_xml(raw, name), name, raw)
            except EngineError:
                continue
            drawings.update({each.process_id: each for each in read})
    return drawings


def changes(before: Mapping[str, Drawing], after: Mapping[str, Drawing]) -> tuple[Change, ...]:
    """In the order of the drawings; an element is the same as long as its id is."""
    found: list[Change] = []
    for process_id in dict.fromkeys([*after, *before]):
        old, new = before.get(process_id), after.get(process_id)
        held = old.elements if old else {}
        drawn = new.elements if new else {}
        for element_id in dict.fromkeys([*drawn, *held]):
            element = drawn.get(element_id) or held[element_id]
            if element_id not in held:
                found.append(_change("added", element))
            elif element_id not in drawn:
                found.append(_change("removed", element))
            elif old is not None and new is not None:
                told = tuple(_differences(old, new, element_id))
                found += [_change("changed", element, told)] if told else []
    return tuple(found)


def _change(kind: str, element: Element, told: tuple[Words, ...] = ()) -> Change:
    return Change(kind, element.process_id, element.id, element.title, told)


def _differences(old: Drawing, new: Drawing, element_id: str) -> Iterator[Words]:
    before, after = _facts(old, element_id), _facts(new, element_id)
    for name, words in WORDS.items():
        if before[name] != after[name]:
            was, is_now = before[name] or "–", after[name] or "–"
            yield Words(f"{words.zh}：{was} → {is_now}", f"{words.en}: {was} → {is_now}")


def _facts(drawing: Drawing, element_id: str) -> dict[str, str | None]:
    element = drawing.elements[element_id]
    expressions = [source for owner, source in drawing.expressions if owner == element_id]
    return {
        "title": element.title.zh,
        "kind": element.kind,
        "group": element.group,
        "operation": element.operation,
        "attached_to": element.attached_to,
        "form": element.form,
        "due": element.due,
        "clock": element.clock,
        "whose": element.properties.get("whose"),
        "stage": element.stage,
        "expression": "; ".join(expressions) or None,
    }
