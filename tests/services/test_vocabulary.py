"""What the gate believes of the operations is what the operations are."""

import inspect
from collections.abc import Iterator

import pytest

from engine.runtime import catalog
from engine.services import vocabulary as told
from engine.services.operations import OPERATIONS
from engine.settings import ROOT

TABLES = {
    "ANSWERS": told.ANSWERS,
    "LETTERS": told.LETTERS,
    "BEGINS": told.BEGINS,
    "EFFECTS": told.EFFECTS,
}
SHARED = ROOT / "workflows" / "common"


@pytest.mark.parametrize("table", TABLES)
def test_a_table_names_only_operations_that_exist(table: str) -> None:
    assert set(TABLES[table]) <= OPERATIONS.keys()


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_the_gate_knows_which_operations_give_something_back(name: str) -> None:
    gives_back = inspect.signature(OPERATIONS[name]).return_annotation is not None
    assert (name in told.ANSWERS) is gives_back


def patterns(name: str) -> Iterator[str]:
    effect = told.EFFECTS.get(name)
    yield from (each for each in told.ANSWERS.get(name, ()) if isinstance(each, str))
    yield from told.LETTERS.get(name, ())
    if effect is not None:
        for part in (
            effect.flags,
            effect.no_flags,
            effect.starts,
            effect.stops,
            effect.queues,
            effect.serves,
        ):
            yield from part


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_effect_speaks_of_parameters_that_the_operation_has(name: str) -> None:
    shape = told.vocabulary().operations[name]
    named = {each.partition("$")[2] for each in patterns(name) if "$" in each}
    assert named <= set(shape.parameters)


def test_a_process_that_is_started_beside_a_case_is_shared_by_all() -> None:
    files = catalog.read_folder(ROOT / "workflows", "credit_repair")
    drawn = catalog.load(files, "credit_repair")
    later = {each.process for each in drawn.follow_ups.values()}
    shared = set(drawn.runnables) - {"credit_repair"} - later
    assert {*told.BEGINS.values(), *told.BEGUN} == shared


def test_letters_that_no_parameter_names_are_known_letters() -> None:
    letters = {path.stem for path in (ROOT / "workflows").rglob("*.typ")}
    assert {each for held in told.LETTERS.values() for each in held} <= letters
