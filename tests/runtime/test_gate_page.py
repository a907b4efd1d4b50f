"""workflows/BPMN.md says what the gate does, all of it."""

from engine.runtime.gate.allowed import CARRIED, REFUSED
from engine.runtime.gate.page import TITLES, page
from engine.runtime.gate.rules import rules
from engine.settings import ROOT


def test_the_page_is_what_the_tables_say() -> None:
    written = (ROOT / "workflows" / "BPMN.md").read_text("utf-8")
    assert written == page(), "python -m engine.runtime.gate.page > workflows/BPMN.md"


def test_every_sentence_is_on_it_and_every_element_is_carried_or_refused() -> None:
    told = page()
    assert [code for code in rules() if f"`{code}`" not in told] == []
    assert {rule.topic for rule in rules().values()} == TITLES.keys()
    assert CARRIED.isdisjoint(REFUSED)
