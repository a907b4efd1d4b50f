"""Expressions in diagrams: what they may say, what they read, and what ends in a refusal."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import EngineError, Invalid
from engine.runtime.expressions import (
    Call,
    ExpressionFailed,
    ExpressionRefused,
    MissingVariable,
    Variable,
    compile_expression,
)


def value_of(source: str, /, **data: object) -> object:
    return compile_expression(source).evaluate(data, {"due": lambda name: f"moment of {name}"})


@pytest.mark.parametrize(
    ("source", "data", "expected"),
    [
        ('acceptance == "accept"', {"acceptance": "accept"}, True),
        ('acceptance == "accept"', {"acceptance": "refuse"}, False),
        ('pending_letter != ""', {"pending_letter": ""}, False),
        ('rating in ["dissatisfied", "very_dissatisfied"]', {"rating": "dissatisfied"}, True),
        ('rating not in ("good", "very_good")', {"rating": "good"}, False),
        ('grade in {"general", "serious"}', {"grade": "serious"}, True),
        ('"soil" in papers', {"papers": ["soil", "tax"]}, True),
        ('court_notice["result"] == "deleted"', {"court_notice": {"result": "deleted"}}, True),
        ("rows[1]", {"rows": ["first", "second"]}, "second"),
        ("months > 3 or times > 1", {"months": 3, "times": 2}, True),
        ("3 <= months <= 12", {"months": 12}, True),
        ("3 <= months <= 12", {"months": 13}, False),
        ("not done", {"done": False}, True),
        ("until is None", {"until": None}, True),
        ("until is not None", {"until": "2020-05-01"}, True),
        ("months * 2 + days / 4 - -1", {"months": 3, "days": 2}, 7.5),
        ("count % 3", {"count": 8}, 2),
        ("amount > 1000", {"amount": Decimal("1000.01")}, True),
        ('"late" if days > 20 else "in time"', {"days": 21}, "late"),
        ("'repaired'", {}, "repaired"),
        ("refusal_reason", {"refusal_reason": "材料不全"}, "材料不全"),
        ("{unit, 'court', unit}", {"unit": "window"}, {"window", "court"}),
        ('["court", unit]', {"unit": "window"}, ["court", "window"]),
        ('due("opinion")', {}, "moment of opinion"),
        ('due(name="opinion")', {}, "moment of opinion"),
        ("due(limit)", {"limit": "takedown"}, "moment of takedown"),
        ("决定 == '准予'", {"决定": "准予"}, True),
        ('remark == "他说“好”"', {"remark": "他说“好”"}, True),
        ('a == "x"\n    and b == "y"', {"a": "x", "b": "y"}, True),
        ("  a  ", {"a": 1}, 1),
    ],
)
def test_an_expression_has_the_value_that_it_reads_like(
    source: str, data: Mapping[str, object], expected: object
) -> None:
    assert value_of(source, **data) == expected


def test_the_unused_side_of_an_or_is_not_looked_up() -> None:
    assert value_of('decision != "grant" or decision != proposal', decision="refuse") is True


def test_names_are_the_variables_and_not_the_functions() -> None:
    expression = compile_expression('due("opinion") if court["result"] == x else y')
    assert expression.names == {"court", "x", "y"}


def test_calls_tell_their_constants_in_the_order_written() -> None:
    calls = compile_expression('due("a", 2, last=x) == due(name="b")').calls
    assert calls == (Call("due", ("a", 2, Variable("x"))), Call("due", ("b",)))
    name, arguments = calls[1]
    assert (name, arguments) == ("due", ("b",))


def test_a_compiled_expression_is_kept() -> None:
    assert compile_expression("kept == 1") is compile_expression("kept == 1")


def test_a_form_field_named_like_a_function_cannot_replace_it() -> None:
    assert value_of('due("opinion")', due=lambda name: "never") == "moment of opinion"


@pytest.mark.parametrize("field", ["data", "functions", "variable", "item", "__builtins__"])
def test_a_form_field_cannot_reach_the_evaluator_s_own_names(field: str) -> None:
    hostile = {field: "hostile", "months": 4}
    assert value_of("months > 3 and months - 4 == 0", **hostile) is True


def test_a_name_may_be_one_of_the_evaluator_s_own_words() -> None:
    assert value_of("data + variable + item + len", data=1, variable=2, item=3, len=4) == 10


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(MissingVariable) as refusal:
        value_of('decision == "grant"')
    assert refusal.value.name == "decision"
    assert "decision" in str(refusal.value)
    assert "decision" in refusal.value.english
    assert refusal.value.fields["expression"] == 'decision == "grant"'


@pytest.mark.parametrize("data", [{"court_notice": {}}, {"court_notice": {"until": 1}}])
def test_a_missing_part_of_a_message_is_named_with_its_path(data: dict[str, object]) -> None:
    with pytest.raises(MissingVariable) as refusal:
        value_of("court_notice['result'] == 'deleted'", **data)
    assert refusal.value.name == 'court_notice["result"]'


def test_a_row_that_is_not_there_is_missing() -> None:
    with pytest.raises(MissingVariable):
        value_of("rows[3]", rows=[1])


def test_what_a_function_raises_passes_unchanged() -> None:
    def due(name: str) -> str:
        raise KeyError(name)

    with pytest.raises(KeyError, match="no such limit"):
        compile_expression('due("no such limit")').evaluate({}, {"due": due})


def test_a_function_that_is_not_available_is_no_programming_error() -> None:
    with pytest.raises(ExpressionFailed, match="due"):
        compile_expression('due("opinion")').evaluate({}, {})


@pytest.mark.parametrize(
    ("source", "data"),
    [
        ("months > 3", {"months": "four"}),
        ("months > 3", {"months": None}),
        ("a in b", {"a": 1, "b": 2}),
        ("a in b", {"a": 1, "b": "12"}),
        ("a in b", {"a": [], "b": {"x": 1}}),
        ("a + b", {"a": "x", "b": "y"}),
        ("a + b", {"a": True, "b": 1}),
        ("a * b", {"a": "a", "b": 10**9}),
        ("a * b", {"a": [0], "b": 10**9}),
        ("a % b", {"a": "%999999999d", "b": 1}),
        ("a / b", {"a": 1, "b": 0}),
        ("a + b", {"a": 10**15, "b": 1}),
        ("a * a * a * a", {"a": 10**15}),
        ("a + 1", {"a": float("nan")}),
        ("a + 1", {"a": Decimal("1e400")}),
        ("a + b", {"a": Decimal(1), "b": 0.5}),
        ("-a", {"a": "x"}),
        ('a["x"]', {"a": "text"}),
        ('a["x"]', {"a": None}),
        ("a[0]", {"a": "text"}),
        ("{a, 1}", {"a": []}),
        ("a < b", {"a": date(2020, 3, 2), "b": "2020-03-02"}),
    ],
)
def test_values_that_do_not_fit_the_operator_are_an_answerable_failure(
    source: str, data: dict[str, object]
) -> None:
    with pytest.raises(ExpressionFailed) as failure:
        value_of(source, **data)
    assert not isinstance(failure.value, Invalid)


HOSTILE = [
    '__import__("os").system("id")',
    "().__class__.__base__.__subclasses__()",
    '"{0.__class__}".format(1)',
    '"%s" % secret',
    'f"{secret}"',
    "9**9**9",
    '"a" * 10**9',
    '"a" * 999999999',
    "[0] * 999999999",
    "1 << 99999999",
    "[" * 150 + "]" * 150,
    "(" * 900 + "1" + ")" * 900,
    "not " * 490 + "x",
    "-" * 1990 + "1",
    "[" + "0," * 900 + "]",
    "[" + "[0,0,0,0]," * 150 + "]",
    "x" + " or x" * 390,
    "9" * 1990,
    "1e999",
    '"' + "长" * 1001 + '"',
    "x" * 2001,
    "[y for y in x]",
    "{y: y for y in x}",
    "{'a': 1}",
    "(y for y in x)",
    "lambda: 1",
    "(x := 1)",
    "[*x]",
    "due(*x)",
    "due(**x)",
    "due(due('a'))",
    "due(x['y'])",
    "due('a')('b')",
    "print(1)",
    "eval('1')",
    "len(x)",
    "x.y",
    "x.y()",
    "x['y']()",
    "due",
    "due == 1",
    "__builtins__",
    "__x",
    "due(__class__=1)",
    "x[y]",
    "x[1:2]",
    "x[-1]",
    "x[1.5]",
    "x[True]",
    "b'x'",
    "1j",
    "...",
    "await x",
    "yield x",
    "~x",
    "x @ y",
    "x // y",
    "x is y",
    "1 < x + 1 < 3",
    "a == 1) + (2",
    "a) or (b",
    "a), (b",
    "import os",
    "x = 1",
    "x; y",
    "a == “x”",
    '"\\x41"',
    "x\x00",
    '"\ud800"',
    "# nothing",
    "",
    "   ",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_what_an_expression_may_not_say_is_refused_before_it_runs(source: str) -> None:
    with pytest.raises(ExpressionRefused) as refusal:
        compile_expression(source)
    assert refusal.value.position >= 1
    assert refusal.value.english != str(refusal.value)


def test_a_refusal_says_what_and_where() -> None:
    with pytest.raises(ExpressionRefused) as refusal:
        compile_expression('决定 == "准予" and b.c')
    assert refusal.value.position == 16
    assert "第 16 个字符" in str(refusal.value)
    assert "character 16" in refusal.value.english
    with pytest.raises(ExpressionRefused) as refusal:
        compile_expression('a == 1 and\n  b.c == "x"')
    assert refusal.value.position == 14


def test_other_functions_can_be_documented_by_the_caller() -> None:
    expression = compile_expression("workdays(3)", frozenset({"workdays"}))
    assert expression.evaluate({}, {"workdays": lambda n: n + 1}) == 4
    with pytest.raises(ExpressionRefused, match="workdays"):
        compile_expression('due("x")', frozenset({"workdays"}))


@given(st.text(alphabet="ax1'\"()[]{}<>=!.,:+-*/% \n\\_@~|&^#notinforifelse", max_size=40))
def test_any_text_is_either_refused_or_evaluated_to_a_value_or_an_engine_error(text: str) -> None:
    try:
        expression = compile_expression(text)
        expression.evaluate(dict.fromkeys(expression.names, 1), {"due": str})
    except EngineError:
        pass


@given(a=st.integers(-999, 999), b=st.integers(-999, 999), c=st.integers(1, 999))
def test_arithmetic_agrees_with_python(a: int, b: int, c: int) -> None:
    assert value_of("(a + b) * c - a / c + b % c", a=a, b=b, c=c) == (a + b) * c - a / c + b % c
