"""The shipped diagrams as pictures: no line runs through a step or a label, no label lies on another."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

WORKFLOWS = Path(__file__).parents[2] / "workflows"
DIAGRAMS = sorted(WORKFLOWS.rglob("*.bpmn"))
SPACE = "http://www.omg.org/spec/{}"
DI = f"{{{SPACE.format('BPMN/20100524/DI')}}}"
NS = {"dc": SPACE.format("DD/20100524/DC"), "di": SPACE.format("DD/20100524/DI")}
#: What holds other things, or floats beside them.
HOLDERS = {"participant", "lane", "subProcess", "textAnnotation"}

Box = tuple[float, float, float, float]
Point = tuple[float, float]


class Drawing:
    """Where everything lies: left, top, right, bottom."""

    def __init__(self, path: Path) -> None:
        tree = etree.parse(path)
        self.said = {each.get("id"): each for each in tree.iter("{*}*") if each.get("id")}
        self.steps: dict[str, Box] = {}
        self.labels: dict[str, Box] = {}
        self.lines: dict[str, list[Point]] = {}
        for drawn in tree.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge"):
            key = drawn.get("bpmnElement", "")
            if drawn.tag.endswith("Edge"):
                spots = drawn.findall("di:waypoint", NS)
                self.lines[key] = [(float(p.get("x", "")), float(p.get("y", ""))) for p in spots]
            elif etree.QName(self.said[key]).localname not in HOLDERS:
                self.steps[key] = _box(drawn)
            label = drawn.find(f"{DI}BPMNLabel")
            if label is not None and label.find("dc:Bounds", NS) is not None:
                self.labels[key] = _box(label)

    def own(self, line: str) -> set[str]:
        """What a line may touch: its two ends, and what sits on their rims."""
        flow = self.said[line]
        ends = {flow.get("sourceRef"), flow.get("targetRef")}
        ends |= {self.said[key].get("attachedToRef") for key in ends if key in self.said}
        return {
            key
            for key in self.steps
            if {key, self.said[key].get("attachedToRef")} & (ends - {None})
        }

    def faults(self) -> list[str]:
        found = []
        for line, spots in self.lines.items():
            near = {key: box for key, box in self.steps.items() if key not in self.own(line)}
            for piece in pairwise(spots):
                hit = [key for key, box in near.items() if _meets(piece, _grown(box, 2))]
                crossed = [k for k, box in self.labels.items() if _meets(piece, _grown(box, -1.5))]
                found += [f"{line} runs along {key}" for key in hit]
                found += [f"{line} crosses the label of {key}" for key in crossed]
        for one, other in combinations(self.labels, 2):
            if _overlap(self.labels[one], self.labels[other]):
                found.append(f"the labels of {one} and {other} lie on each other")
        for key, label in self.labels.items():
            on = [step for step, box in self.steps.items() if step != key and _overlap(label, box)]
            found += [f"the label of {key} lies on {step}" for step in on]
        return found


def _box(drawn: etree._Element) -> Box:
    bounds = drawn.find("dc:Bounds", NS)
    assert bounds is not None
    x, y, width, height = (float(bounds.get(k, "")) for k in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def _grown(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _meets(piece: tuple[Point, Point], box: Box) -> bool:
    """Whether a piece of a line (upright or level, as all are) enters the box."""
    (x1, y1), (x2, y2) = piece
    return _overlap((min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)), box, 0)


def _overlap(one: Box, other: Box, spare: float = 2) -> bool:
    return (
        max(one[0], other[0]) + spare < min(one[2], other[2])
        and max(one[1], other[1]) + spare < min(one[3], other[3])
    ) or (spare == 0 and _thin(one, other))


def _thin(line: Box, box: Box) -> bool:
    """A line has no area: it enters the box where its ends reach past the rims."""
    across = box[0] < line[2] and line[0] < box[2]
    down = box[1] < line[3] and line[1] < box[3]
    return across and down


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: str(path.relative_to(WORKFLOWS)))
def test_every_line_and_label_has_room(path: Path) -> None:
    assert Drawing(path).faults() == []


def test_a_line_through_a_step_or_a_label_is_seen() -> None:
    drawing = Drawing(WORKFLOWS / "credit_repair/process.bpmn")
    left, top, _, bottom = drawing.steps["supervise_handling"]
    drawing.lines["accepted_to_mark"] = [(left, top - 10), (left, bottom + 10)]
    drawing.labels["handling_near"] = (785, 800, 855, 814)
    assert set(drawing.faults()) == {
        "accepted_to_mark runs along supervise_handling",
        "handling_near_to_remind crosses the label of handling_near",
    }
