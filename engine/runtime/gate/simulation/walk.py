"""The walk itself: from every standing every act, until nothing new is found or a bound is met."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine.domain.errors import StepLimitExceeded, UndecidableGateway
from engine.runtime import stepper
from engine.runtime.drawing import Element
from engine.runtime.gate.simulation.acts import Act, Acts
from engine.runtime.gate.simulation.standing import standing
from engine.runtime.gate.simulation.world import Ledger, World
from engine.runtime.stepper import Instance, Step

#: Standings kept and moves made of one process: some ten seconds of one processor at the most.
#: The largest shipped process needs 350 and 2,400.
MOST_STATES, MOST_MOVES = 1_500, 5_000
#: How much of the way is told with a finding.
SHOWN = 6


@dataclass(frozen=True, slots=True)
class State:
    """A standing: the stored instance, what the case has still to let go of, and how it came."""

    raw: bytes
    ledger: Ledger
    armed: Mapping[UUID, int]
    age: int
    before: "State | None" = None
    act: str = ""

    @property
    def path(self) -> str:
        told: list[str] = []
        here: State | None = self
        while here is not None:
            told.append(here.act)
            here = here.before
        whole = [each for each in reversed(told) if each]
        return " → ".join(["…", *whole[-SHOWN:]] if len(whole) > SHOWN else whole)


@dataclass(frozen=True, slots=True)
class Told:
    """An act in words; `form`: that whose acceptance of random answers is on trial."""

    act: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that raised. `element_id` as far as the failure says where."""

    problem: Exception
    state: State
    act: str
    form: str = ""

    @property
    def path(self) -> str:
        return " → ".join(part for part in (self.state.path, self.act) if part)

    @property
    def is_endless(self) -> bool:
        return isinstance(self.problem, StepLimitExceeded)

    @property
    def is_undecidable(self) -> bool:
        return isinstance(self.problem, UndecidableGateway)


@dataclass
class Walked:
    """Everything that was come to."""

    process_id: str
    states: dict[bytes, State] = field(default_factory=dict)
    leads_to: dict[bytes, set[bytes]] = field(default_factory=dict)
    ends: dict[bytes, tuple[State, Element]] = field(default_factory=dict)
    stuck: dict[bytes, Instance] = field(default_factory=dict)
    reached: set[tuple[str, str]] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)
    lonely: dict[tuple[str, str], State] = field(default_factory=dict)
    doubled: dict[tuple[str, str], State] = field(default_factory=dict)
    moves: int = 0
    is_cut: bool = False

    @property
    def hopeless(self) -> list[State]:
        """Standings from which no end was found, though something could be done."""
        before: dict[bytes, list[bytes]] = {}
        for source, targets in self.leads_to.items():
            for target in targets:
                before.setdefault(target, []).append(source)
        good, waiting = set[bytes](), [*self.ends]
        while waiting:
            here = waiting.pop()
            if here not in good:
                good.add(here)
                waiting += before.get(here, ())
        left = self.states.keys() - good - self.stuck.keys()
        return [state for key, state in self.states.items() if key in left]


class Walker:
    """Walks one process that can be started."""

    def __init__(self, acts: Acts, world: Callable[[Ledger], World], process_id: str) -> None:
        self._acts, self._world = acts, world
        self._found = Walked(process_id)
        self._queue: deque[bytes] = deque()

    def walk(self, given: list[dict[str, Any]]) -> Walked:
        for data in given:
            self._begin(data)
        while self._queue and not self._found.is_cut:
            key = self._queue.popleft()
            self._go_on(key, self._found.states[key])
        return self._found

    def _begin(self, data: dict[str, Any]) -> None:
        nowhere = State(b"", Ledger(), {}, 0)
        procedure, process_id = self._acts.procedure, self._found.process_id

        def begin(world: World) -> tuple[Instance, Step]:
            return stepper.start(procedure, process_id, data, world)

        told = ", ".join(f"{name}={value}" for name, value in data.items())
        self._try(None, nowhere, Told(told), begin)

    def _go_on(self, key: bytes, state: State) -> None:
        loaded = self._load(state)
        acts = list(self._acts.of(loaded, state.armed))
        self._found.is_cut |= self._acts.is_cut
        instance: Instance | None = loaded
        for act in acts:
            self._try(key, state, Told(act.told, act.form), self._doing(state, act, instance))
            instance = None  # only the first act finds it as it was loaded

    def _load(self, state: State) -> Instance:
        return stepper.load(self._acts.procedure, self._found.process_id, state.raw)

    def _doing(
        self, state: State, act: Act, fresh: Instance | None
    ) -> Callable[[World], tuple[Instance, Step]]:
        unused = [] if fresh is None else [fresh]

        def doing(world: World) -> tuple[Instance, Step]:
            instance = unused.pop() if unused else self._load(state)
            return instance, act.do(instance, world)

        return doing

    def _try(
        self,
        source: bytes | None,
        before: State,
        told: "Told",
        do: Callable[[World], tuple[Instance, Step]],
    ) -> None:
        """The act, once for each combination of what the operations on the way may answer."""
        scripts: list[tuple[int, ...]] = [()]
        while scripts:
            script = scripts.pop()
            self._found.moves += 1
            if self._found.moves > MOST_MOVES or len(self._found.states) > MOST_STATES:
                self._found.is_cut = True
                return
            world = self._world(before.ledger)
            world.script = script
            try:
                instance, step = do(world)
            except Exception as problem:  # noqa: BLE001 - whatever a diagram makes the engine raise
                self._found.failures.append(Failure(problem, before, told.act, told.form))
            else:
                came = State(b"", world.ledger, {}, 0, before, told.act)
                self._arrive(source, came, instance, step)
            scripts += _others(script, world)

    def _arrive(self, source: bytes | None, came: State, instance: Instance, step: Step) -> None:
        before = came.before
        assert before is not None  # noqa: S101 - set by _try
        age = before.age + 1
        armed = {key: before.armed.get(key, age) for key in instance.timers}
        self._found.reached |= {(each.process_id, each.id) for each in step.passed}
        key = standing(instance, self._acts.live, self._acts.sides, armed) + came.ledger.told
        if source is not None:
            self._found.leads_to.setdefault(source, set()).add(key)
        if key in self._found.states:
            return
        state = State(instance.dump(), came.ledger, armed, age, before, came.act)
        self._found.states[key] = state
        self._note_reached(instance)
        if step.finished:
            self._found.ends[key] = (state, step.passed[-1])
            return
        self._look(key, state, instance)

    def _note_reached(self, instance: Instance) -> None:
        self._found.reached |= {
            (process_id, element_id)
            for process_id, held in stepper.element_states(instance).items()
            for element_id, word in held.items()
            if word in ("done", "active")
        }

    def _look(self, key: bytes, state: State, instance: Instance) -> None:
        waits = [wait.element for wait in instance.waits.values()]
        places = [(each.process_id, each.id) for each in waits]
        for each in waits:
            place = each.process_id, each.id
            if places.count(place) > 1 and each.kind == "userTask":
                self._found.doubled.setdefault(place, state)
        if self._acts.is_stuck(instance):
            self._found.stuck[key] = instance
            return
        if not instance.timers and waits and all(each.kind != "userTask" for each in waits):
            self._found.lonely.setdefault(places[0], state)
        self._queue.append(key)


def _others(script: tuple[int, ...], world: World) -> Iterator[tuple[int, ...]]:
    """The choices not yet made after those that this script has fixed."""
    for place in range(len(script), len(world.options)):
        for other in range(1, world.options[place]):
            yield (*world.taken[:place], other)
