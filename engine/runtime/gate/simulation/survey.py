"""The walks of a procedure, and what they found told as findings on elements."""

from collections.abc import Iterator

from engine.domain.errors import EngineError
from engine.domain.gate_report import Finding, Walk
from engine.runtime.gate.context import Context
from engine.runtime.gate.rules import Place, found
from engine.runtime.gate.simulation.acts import Acts
from engine.runtime.gate.simulation.constants import product_of
from engine.runtime.gate.simulation.standing import active_tasks
from engine.runtime.gate.simulation.walk import Failure, State, Walked, Walker
from engine.runtime.gate.simulation.world import Ledger, World
from engine.runtime.gate.variables import given_by
from engine.runtime.procedure import Procedure
from engine.runtime.stepper import MOST_STEPS, Instance

MOST_BEGINNINGS = 32


def simulate(context: Context, procedure: Procedure) -> tuple[list[Finding], list[Walk]]:
    """Walk every process that can be started here. Raises nothing; the same each time."""
    acts = Acts(context, procedure)
    branching = _branching(context, procedure)

    def world(ledger: Ledger) -> World:
        shapes = context.vocabulary.operations
        return World(procedure, shapes, context.folder.letters, branching, ledger)

    given = {name: values for name, values in context.given.items() if name in procedure.variables}
    beginnings, _ = product_of(given, MOST_BEGINNINGS)
    used = {diagram.process_id for diagram in context.used}
    walks = [
        Walker(acts, world, process_id).walk(beginnings)
        for process_id in procedure.runnables
        if process_id in used
    ]
    teller = _Teller(context, procedure)
    findings = [finding for walked in walks for finding in teller.of(walked)]
    findings += teller.unanswered(acts)
    return [*findings, *teller.unreached(walks)], [_told(procedure, each) for each in walks]


def _branching(context: Context, procedure: Procedure) -> frozenset[tuple[str, str]]:
    """Service and decision tasks whose answer some expression reads."""
    return frozenset(
        (diagram.process_id, node.id)
        for diagram in context.used
        for node in diagram.of_kind("serviceTask", "businessRuleTask")
        if given_by(context, diagram, node) & procedure.variables
    )


def _told(procedure: Procedure, walked: Walked) -> Walk:
    entered = {process_id for process_id, _ in walked.reached} | {walked.process_id}
    drawn = {
        (process_id, element_id)
        for process_id in entered
        for element_id in procedure.drawings[process_id].elements
    }
    return Walk(
        process_id=walked.process_id,
        states=len(walked.states),
        moves=walked.moves,
        reached=len(walked.reached & drawn),
        drawn=len(drawn),
        ends=len(walked.ends),
        is_complete=not walked.is_cut,
    )


class _Teller:
    """Says of elements what happened at them; of each thing the first way that led there."""

    def __init__(self, context: Context, procedure: Procedure) -> None:
        self._context, self._procedure = context, procedure

    def of(self, walked: Walked) -> Iterator[Finding]:
        yield from self._failed(walked)
        yield from self._stuck(walked)
        yield from self._left(walked)
        for place, state in walked.lonely.items():
            yield found("walk-without-due", self._place(*place), path=state.path)
        for place, state in walked.doubled.items():
            yield found("walk-doubled", self._place(*place), path=state.path)
        if walked.is_cut:
            at = self._process(walked.process_id)
            yield found("walk-bounded", at, states=len(walked.states))

    def _failed(self, walked: Walked) -> Iterator[Finding]:
        told: set[tuple[str, str]] = set()
        for failure in walked.failures:
            place = self._where(walked, failure)
            code = _code(failure)
            if (code, place.element_id) in told:
                continue
            told.add((code, place.element_id))
            why = _why(failure.problem)
            yield found(
                code, place, why=why, path=failure.path, limit=MOST_STEPS, form=failure.form
            )

    def _stuck(self, walked: Walked) -> Iterator[Finding]:
        told: set[str] = set()
        for key, instance in walked.stuck.items():
            place = self._resting(walked, instance)
            if place.element_id not in told:
                told.add(place.element_id)
                yield found("walk-dead-end", place, path=walked.states[key].path)
        if walked.is_cut or walked.stuck or walked.failures:
            return
        for state in walked.hopeless[:1]:
            yield found("walk-never-ends", self._process(walked.process_id), path=state.path)

    def _left(self, walked: Walked) -> Iterator[Finding]:
        told: set[tuple[str, str, str]] = set()
        for state, last in walked.ends.values():
            for code, name, values in _unsettled(state):
                if (code, last.id, name) not in told:
                    told.add((code, last.id, name))
                    place = self._place(last.process_id, last.id)
                    yield found(code, place, path=state.path, **values)

    def unanswered(self, acts: Acts) -> Iterator[Finding]:
        for place in sorted(acts.unanswered):
            yield found("walk-unanswered", self._place(*place))

    def unreached(self, walks: list[Walked]) -> Iterator[Finding]:
        if any(walked.is_cut or walked.failures for walked in walks):
            return  # what was not walked cannot be said to be out of reach
        reached = set().union(*(walked.reached for walked in walks))
        for diagram in self._context.used:
            for node in diagram.nodes.values():
                if (diagram.process_id, node.id) not in reached:
                    yield found("walk-unreached", diagram.place(node))

    def _where(self, walked: Walked, failure: Failure) -> Place:
        drawn_at = getattr(failure.problem, "drawn_at", None)
        if drawn_at is None:
            return self._process(walked.process_id)
        process_id, element_id = drawn_at
        return self._place(self._procedure.home(process_id), element_id)

    def _resting(self, walked: Walked, instance: Instance) -> Place:
        for task in reversed(list(active_tasks(instance))):
            if task.task_spec.bpmn_id:
                process_id = self._procedure.home(task.workflow.spec.name)
                return self._place(process_id, task.task_spec.bpmn_id)
        return self._process(walked.process_id)

    def _place(self, process_id: str, element_id: str) -> Place:
        diagram = self._context.by_id[process_id]
        return diagram.place(diagram.nodes.get(element_id))

    def _process(self, process_id: str) -> Place:
        return self._context.by_id[process_id].place()


def _code(failure: Failure) -> str:
    if failure.form:
        return "walk-garbage"
    if failure.is_endless:
        return "walk-step-limit"
    return "walk-undecidable" if failure.is_undecidable else "walk-failed"


def _why(problem: Exception) -> tuple[str, str]:
    if isinstance(problem, EngineError):
        return str(problem), problem.english
    told = f"{type(problem).__name__}: {problem}"
    return told, told


def _unsettled(state: State) -> Iterator[tuple[str, str, dict[str, str]]]:
    for flag in sorted(state.ledger.flags):
        yield "walk-record-left", flag, {"flag": flag}
    for clock in sorted(state.ledger.clocks):
        yield "walk-clock-left", clock, {"clock": clock}
    for letter in sorted(state.ledger.letters):
        yield "walk-letter-left", letter, {"letter": letter}
