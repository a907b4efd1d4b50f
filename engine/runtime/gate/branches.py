"""Side branches (events that do not interrupt): they end by themselves, and before the main path."""

from collections.abc import Iterator

from engine.domain.gate_report import Finding
from engine.runtime.gate.diagram import Diagram, Node, reached_from
from engine.runtime.gate.loops import Waits
from engine.runtime.gate.rules import found


def check_side_branches(diagram: Diagram, waits: Waits) -> Iterator[Finding]:
    sides = [node for node in diagram.of_kind("boundaryEvent") if not node.is_interrupting]
    main = _main(diagram, sides)
    for side in sides:
        branch = reached_from([side.id], diagram.after) - {side.id}
        yield from _meets(diagram, side, branch, main)
        if any(waits.may_rest(diagram, diagram.nodes[each]) for each in branch - main):
            yield from _outlived(diagram, side, main)


def passing_sides(diagram: Diagram, waits: Waits) -> Iterator[str]:
    """Events whose side branch is over in the step in which they come, and changes no other path.

    Whether such an event has come or not, the case goes on alike.
    """
    for side in diagram.of_kind("boundaryEvent"):
        branch = [diagram.nodes[each] for each in reached_from([side.id], diagram.after)]
        rests = any(waits.may_rest(diagram, node) for node in branch)
        if (
            not side.is_interrupting
            and not rests
            and not any(n.is_ending_all or n.is_throwing for n in branch)
        ):
            yield side.id


def _main(diagram: Diagram, sides: list[Node]) -> set[str]:
    """What is reached without any event that does not interrupt."""
    apart = {node.id for node in sides}

    def after(node_id: str) -> list[str]:
        return [each for each in diagram.after(node_id) if each not in apart]

    return reached_from(diagram.openings(diagram.process_id), after)


def _meets(diagram: Diagram, side: Node, branch: set[str], main: set[str]) -> Iterator[Finding]:
    name, off = side.name or side.id, branch - main
    for node_id in sorted(branch):
        node = diagram.nodes[node_id]
        if node.is_ending_all and node.scope == side.scope:
            yield found("side-branch-terminates", diagram.place(node), branch=name)
        elif node_id in main and node.kind != "endEvent" and _is_first(diagram, node, side, off):
            yield found("side-branch-joins", diagram.place(node), branch=name)


def _is_first(diagram: Diagram, node: Node, side: Node, off: set[str]) -> bool:
    """Whether the branch comes into the main path here, and not already before."""
    sources = {flow.source for flow in diagram.incoming.get(node.id, ())}
    return bool(sources & (off | {side.id}))


def _outlived(diagram: Diagram, side: Node, main: set[str]) -> Iterator[Finding]:
    for node_id in sorted(main):
        node = diagram.nodes[node_id]
        if node.kind == "endEvent" and node.scope == side.scope and not node.is_ending_all:
            yield found("side-branch-outlives", diagram.place(node), branch=side.name or side.id)
