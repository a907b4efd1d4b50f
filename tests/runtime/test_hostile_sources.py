"""Whatever is written where a program is expected ends in a refusal: at every door the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import EngineError
from engine.runtime import catalog
from engine.runtime.decisions import read_decisions
from engine.runtime.expressions import (
    ExpressionFailed,
    ExpressionRefused,
    compile_expression,
)
from engine.runtime.feel import compile_expression as compile_feel
from engine.runtime.feel import compile_tests, parse_expression, parse_tests
from tests.runtime.call_counting import calls_of
from tests.runtime.dmn_samples import decision, file
from tests.runtime.sketches import Sketch, errand, folder
from tests.runtime.worlds import begin

HOSTILE = {
    "import": '__import__("os").system("id")',
    "import without a call": "__import__",
    "builtins": '__builtins__["open"]',
    "dunder walk": "().__class__.__base__.__subclasses__()",
    "dunder walk from data": 'verdict.__class__.__mro__[1].__subclasses__()[0]("x")',
    "dunder by getattr": 'getattr(verdict, "__class__")',
    "format leak": '"{0.__class__.__init__.__globals__}".format(verdict)',
    "percent leak": '"%(secret)s" % verdict',
    "f-string": 'f"{verdict.__class__}"',
    "tower of powers": "9**9**9",
    "shift": "1 << 999999999",
    "giant text": '"a" * 10**9',
    "giant text, added": '("a" * 999999) + ("a" * 999999)',
    "giant list": "[0] * 999999999",
    "giant tuple": "(0,) * 999999999",
    "Cyrillic homoglyph": "vеrdict == 1",
    "full-width homoglyph": "ｄｕｅ(1) == 1",
    "mathematical homoglyph": "𝐯𝐞𝐫𝐝𝐢𝐜𝐭 == 1",
    "zero width": "ver\u200bdict == 1",
    "right to left": '"\u202e" == verdict',
    "list comprehension": "[each for each in verdict]",
    "endless comprehension": "[1 for a in verdict for b in verdict for c in verdict]",
    "generator": "sum(n for n in verdict)",
    "lambda": "(lambda: 1)()",
    "endless lambda": "(lambda f: f(f))(lambda f: f(f))",
    "walrus": "(verdict := 1)",
    "endless loop": "while True: pass",
    "endless iterator": "iter(int, 1)",
    "deep brackets": "(" * 5000 + "1" + ")" * 5000,
    "deep lists": "[" * 900 + "]" * 900,
    "deep not": "not " * 400 + "verdict",
    "deep minus": "-" * 1900 + "verdict",
    "deep choice": "1 if verdict else " * 100 + "1",
    "huge number": "9" * 1900,
    "huge text": '"' + "长" * 3000 + '"',
    "huge list": "[" + "1," * 950 + "1]",
    "NUL": "verdict\x00 == 1",
    "NUL in text": '"\x00" == verdict',
    "exec": 'exec("import os")',
    "eval": 'eval("1")',
    "open": 'open("/etc/passwd").read()',
    "breakpoint": "breakpoint()",
    "statement": "import os",
    "two statements": "1; import os",
    "escape": '"\\x5f\\x5fimport\\x5f\\x5f" == verdict',
    "await": "await verdict",
    "star": "[*verdict, *verdict]",
    "bytes": "b'1' * 2",
    "slice": "verdict[::-1]",
    "comment": "# verdict",
}

Door = Callable[[str], object]


def gateway(source: str) -> object:
    sketch = Sketch().start().task("look").exclusive("it", default="end").task("on").end()
    sketch.flow("start > look > it > end").flow("it > on", when=source).flow("on > end")
    return catalog.load(folder(sketch), "sample")


def timer(source: str) -> object:
    body = f"<bpmn:timerEventDefinition><bpmn:timeDate>{escaped(source)}</bpmn:timeDate></bpmn:timerEventDefinition>"
    sketch = Sketch().start().node("intermediateCatchEvent", "it", body).end()
    return catalog.load(folder(sketch.flow("start > it > end")), "sample")


def parameter(source: str) -> object:
    sketch = Sketch().start().service("it", "applaud", loudness=source).end()
    return catalog.load(folder(sketch.flow("start > it > end")), "sample")


def limit(source: str) -> object:
    return _with_toml(
        f'[limits.other]\namount = 1\nunit = "months"\nzh = "x"\nbasis = "x"\n'
        f"replaces = 'step'\nwhen = {json.dumps(source)}\n"
    )


def paper(source: str) -> object:
    return _with_toml(f'[[papers]]\nkey = "x"\nzh = "x"\nwhen = {json.dumps(source)}\n')


def _with_toml(more: str) -> object:
    files = folder(errand())
    files["sample/procedure.toml"] += more.encode()
    return catalog.load(files, "sample")


SCOPE: Mapping[str, object] = {"verdict": "good", "x": 1}


def input_entry(source: str) -> object:
    return _decided(
        decision(["_HOSTILE_ | 1"], inputs=["verdict"]).replace("_HOSTILE_", escaped(source))
    )


def output_entry(source: str) -> object:
    return _decided(
        decision(["- | _HOSTILE_"], inputs=["verdict"]).replace("_HOSTILE_", escaped(source))
    )


def input_expression(source: str) -> object:
    head = "<decision id='d'><decisionTable><input><inputExpression><text>"
    tail = "</text></inputExpression></input><output name='y'/></decisionTable></decision>"
    return _decided(head + escaped(source) + tail)


def _decided(table: str) -> object:
    return read_decisions(file(table), "hostile.dmn").decide("d", SCOPE)


def escaped(source: str) -> str:
    return source.replace("&", "&amp;").replace("<", "&lt;")


DOORS: dict[str, Door] = {
    "a gateway": gateway,
    "a timer": timer,
    "an operation's parameter": parameter,
    "a limit": limit,
    "a paper": paper,
    "an input entry": input_entry,
    "an output entry": output_entry,
    "an input expression": input_expression,
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("door", DOORS)
def test_a_hostile_source_ends_in_a_refusal_at_every_door(door: str, what: str) -> None:
    work = calls_of(lambda: _refused(DOORS[door], HOSTILE[what]))
    assert work < 300_000


def _refused(door: Door, source: str) -> None:
    with pytest.raises(EngineError) as refusal:
        door(source)
    assert str(refusal.value)
    assert refusal.value.english


ANY = st.one_of(
    st.text(max_size=60),
    st.text(
        alphabet="ax1'\"()[]{}<>=!.,:+-*/% \n\\_@~|&^#?notinforifelsethenandbetween", max_size=60
    ),
    st.lists(
        st.sampled_from([*HOSTILE.values(), "verdict", "x", "1", "due", *'()[]{},.+-*/%<>=!":@|']),
        max_size=8,
    ).map(" ".join),
)


@given(ANY)
def test_any_source_at_all_is_refused_or_has_a_value_after_a_bounded_number_of_calls(
    source: str,
) -> None:
    def work() -> None:
        expression = compile_expression(source)
        expression.evaluate({**SCOPE, **dict.fromkeys(expression.names, "x")}, {"due": str})

    assert calls_of(work) < 50_000


@given(ANY)
def test_any_cell_at_all_is_refused_or_has_a_value_after_a_bounded_number_of_calls(
    source: str,
) -> None:
    def output() -> None:
        compile_feel(parse_expression(source))(SCOPE)

    def entry() -> None:
        compile_tests(parse_tests(source))("x", SCOPE)

    assert calls_of(output) < 100_000
    assert calls_of(entry) < 100_000


LARGE: dict[str, tuple[str, object]] = {
    "a text looked through": ("'b' in x", "a" * 300_000),
    "a list looked through": ("1 in x", [0] * 300_000),
    "lists compared": ("x == y", [[0] * 1_000] * 300),
    "nested lists compared": ("x == y", [[[[0] * 20] * 20] * 20] * 20),
    "a text given back": ("x", "a" * 300_000),
    "a list of the same text": ("[x, x, x, x]", "a" * 90_000),
    "a dictionary given back": ("x", {str(n): n for n in range(150_000)}),
}


@pytest.mark.parametrize("what", LARGE)
def test_values_too_large_to_look_through_or_to_keep_are_a_failure(what: str) -> None:
    source, value = LARGE[what]
    expression = compile_expression(source)
    data = {"x": value, "y": json.loads(json.dumps(value))}

    def work() -> None:
        with pytest.raises(ExpressionFailed):
            expression.evaluate(data)

    assert calls_of(work) < 2_000_000


def test_values_of_the_size_of_a_case_s_data_are_looked_through() -> None:
    papers = [{"paper": f"p{n}", "reason": "缺" * 200} for n in range(100)]
    assert compile_expression("x").evaluate({"x": papers}) == papers
    assert compile_expression("x == y").evaluate({"x": papers, "y": list(papers)}) is True
    assert compile_expression("x != y").evaluate({"x": papers, "y": papers[1:]}) is True


def test_a_helper_wins_over_data_of_its_name() -> None:
    hostile = {
        name: lambda *_: "hostile" for name in ("due", "variable", "same", "contains", "item")
    }
    seen = compile_expression('due("x") == verdict and verdict in [verdict]').evaluate(
        {**hostile, "verdict": "x"}, {"due": lambda name: name}
    )
    assert seen is True


def test_a_refusal_shows_the_place_of_what_cannot_be_seen() -> None:
    with pytest.raises(ExpressionRefused) as refusal:
        compile_expression('grade == "gen\u200beral"')
    assert refusal.value.position == 14
    assert "看不见" in str(refusal.value)
    with pytest.raises(ExpressionRefused) as refusal:
        compile_expression('"ё" == vеrdict')
    assert refusal.value.position == 9
    assert "Chinese" in refusal.value.english


@pytest.mark.parametrize("where", ["preScript", "postScript"])
def test_a_script_beside_a_task_is_not_run_whoever_let_it_in(where: str) -> None:
    body = f"<bpmn:extensionElements><spiffworkflow:{where}>open('/etc/passwd')</spiffworkflow:{where}></bpmn:extensionElements>"
    sketch = Sketch().start().node("userTask", "it", body).end().flow("start > it > end")
    with pytest.raises(EngineError, match="不运行脚本"):
        begin(sketch).complete("it")
