"""Overlaps and gaps of decision tables, found before anybody asks them."""

from decimal import Decimal
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.decisions import Finding
from tests.runtime.dmn_samples import decision, read, read_data


def found(rows: list[str], **table: object) -> list[tuple[str, tuple[int, ...], str]]:
    """Kind, rows and where, in English."""
    findings = read(decision(rows, **table)).findings()  # type: ignore[arg-type]
    return [(f.kind, f.rows, f.sentence_en.partition("(")[2].removesuffix(")")) for f in findings]


def test_a_table_without_overlap_and_gap_has_no_findings() -> None:
    assert found(["< 3 | 1", "[3..6) | 2", ">= 6 | 3"]) == []
    assert read_data("repair_terms.dmn").findings() == ()


def test_an_overlap_names_the_rows_and_where_they_meet() -> None:
    assert read(decision(["<= 3 | 1", "[3..6) | 2", ">= 5 | 3"])).findings() == (
        Finding("d", "overlap", (1, 2), "决策表 d：第 1 行与第 2 行会同时成立（x：3）", "decision d: rows 1 and 2 hold together (x: 3)"),
        Finding("d", "overlap", (2, 3), "决策表 d：第 2 行与第 3 行会同时成立（x：[5..6)）", "decision d: rows 2 and 3 hold together (x: [5..6))"),
    )  # fmt: skip


def test_a_gap_names_the_inputs_that_no_row_covers() -> None:
    assert read(decision(["< 3 | 1", "(3..6) | 2", "> 7 | 3"])).findings() == (
        Finding("d", "gap", (), "决策表 d：没有一行适用于（x：3、[6..7]）", "decision d: no row holds for (x: 3, [6..7])"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "inputs", "where"),
    [
        (["true | 1"], ["x: boolean"], "x: false"),
        (['"a" | 1'], ['x: string = "a", "b", "c"'], 'x: "b", "c"'),
        (["[3..6] | 1"], ["x: number = [0..10]"], "x: [0..3), (6..10]"),
        (["1 | 1", "3 | 1"], ["x: integer = [1..3]"], "x: (1..3)"),
        (['< date("2020-03-02") | 1', '> date("2020-03-02") | 1'], ["x: date"], "x: 2020-03-02"),
        (
            ['< date("2020-03-02") | 1', '> date("2020-03-05") | 1'],
            ["x: date"],
            "x: [2020-03-02..2020-03-05]",
        ),
        (['< duration("P3M") | 1', '> duration("P3M") | 1'], ["x: yearMonthDuration"], "x: P3M"),
        (['<= duration("P3D") | 1'], ["x: dayTimeDuration"], "x: > P3D"),
        (["> 3 | - | 1", "<= 3 | true | 1"], ["x: number", "y: boolean"], "x: <= 3; y: false"),
        (['"a" | 1'], ['x: string = "a", null'], "x: null"),
        ([], ["x: number"], "any inputs"),
    ],
)
def test_gaps_are_told_for_every_kind_of_input(
    rows: list[str], inputs: list[str], where: str
) -> None:
    assert [(kind, place) for kind, _, place in found(rows, inputs=inputs)] == [("gap", where)]


@pytest.mark.parametrize(
    ("rows", "inputs"),
    [
        (["true | 1", "false | 1"], ["x: boolean"]),
        (['"a" | 1', '"b" | 1'], ['x: string = "a", "b"']),
        (['"a" | 1', 'not("a") | 1'], ["x: string"]),
        (["1 | 1", "2 | 1", "< 1 | 1", "> 2 | 1"], ["x: integer"]),
        (["< 1.5 | 1", "> 1.5 | 1"], ["x: integer"]),
        (['<= date("2020-03-02") | 1', '>= date("2020-03-03") | 1'], ["x: date"]),
        (['"a" | 1'], ["x: string"]),
        (["- | 1"], ["x: string"]),
        (["1"], []),
    ],
)
def test_no_gap_is_told_where_there_is_none(rows: list[str], inputs: list[str]) -> None:
    assert found(rows, inputs=inputs) == []


def test_text_that_no_row_names_is_no_gap_but_may_be_an_overlap() -> None:
    assert found(['not("a") | 1', 'not("b") | 1'], inputs=["x: string"]) == [
        ("overlap", (1, 2), "x: any other value, null")
    ]


def test_null_may_be_an_overlap() -> None:
    assert found(["null | 1", "not(5) | 1", "5 | 1"], inputs=["x: number"]) == [
        ("overlap", (1, 2), "x: null")
    ]


def test_an_any_table_may_overlap_where_its_rows_agree() -> None:
    rows = ["<= 3 | 1", ">= 3 | 1", ">= 5 | 2"]
    assert found(rows, hit="ANY") == [("overlap", (2, 3), "x: >= 5")]


@pytest.mark.parametrize("hit", ["FIRST", "PRIORITY"])
def test_ranked_rows_may_overlap_but_should_leave_no_gap(hit: str) -> None:
    findings = found(["<= 3 | 1", "[2..6) | 2"], hit=hit, outputs=["y = 1, 2"])
    assert findings == [("gap", (), "x: >= 6")]


@pytest.mark.parametrize("hit", ["COLLECT", "RULE ORDER"])
def test_lists_of_rows_may_overlap_and_leave_gaps(hit: str) -> None:
    assert found(["<= 3 | 1", "[2..6) | 2"], hit=hit) == []


def test_default_outputs_fill_every_gap() -> None:
    assert found(["< 3 | 1"], outputs=["y ~ 0"]) == []


def test_rows_that_compare_with_variables_are_left_out() -> None:
    assert found(["< y | - | 1", ">= y | - | 2"], inputs=["x: number", "y: number"]) == []
    rows = ["< y | - | 1", "3 | - | 2", "3 | 5 | 3"]
    assert found(rows, inputs=["x: number", "y: number"]) == [("overlap", (2, 3), "x: 3; y: 5")]


def test_ordered_text_is_left_out() -> None:
    assert found(['< "m" | 1', '< "p" | 2'], inputs=["x: string"]) == []


def test_at_most_twenty_of_a_kind_are_told() -> None:
    assert len(found(["- | 1"] * 30)) == 20


def test_a_table_of_many_columns_is_looked_over_in_bounded_time() -> None:
    inputs = [f"x{n}: boolean" for n in range(24)]
    rows = [" | ".join("true" if n == m else "-" for n in range(24)) + " | 1" for m in range(24)]
    where = "; ".join(f"x{n}: false" for n in range(24))
    assert found(rows, inputs=inputs, hit="FIRST") == [("gap", (), where)]


def test_a_huge_table_is_left_out_rather_than_waited_for() -> None:
    rows = [f"[{n}..{n + 1}) | {n}" for n in range(2000)]
    assert found(rows, hit="FIRST") == []


ends = st.integers(-3, 3)


@st.composite
def cells(draw: st.DrawFn) -> str:
    low, high = sorted((draw(ends), draw(ends)))
    left, right = draw(st.sampled_from("[(")), draw(st.sampled_from("])"))
    forms = [
        "-",
        str(low),
        f"{left}{low}..{high}{right}",
        f"< {low}",
        f">= {low}",
        f"{low},{high}",
        f"not({low})",
    ]
    return draw(st.sampled_from(forms))


@given(st.lists(st.tuples(cells(), cells()), min_size=1, max_size=5))
def test_findings_agree_with_asking_the_table_everywhere(rows: list[tuple[str, str]]) -> None:
    drawn = [f"{a} | {b} | {n}" for n, (a, b) in enumerate(rows)]
    inputs = ["x: number", "y: number"]
    asked = read(decision(drawn, inputs=inputs, hit="RULE ORDER"))
    points = [Decimal(n) / 2 for n in range(-8, 9)]
    held = [
        [row.number for row in asked.decide("d", {"x": x, "y": y}).rows]
        for x, y in product(points, points)
    ]
    together = {pair for numbers in held for pair in combinations(numbers, 2)}
    findings = read(decision(drawn, inputs=inputs)).findings()
    assert {f.rows for f in findings if f.kind == "overlap"} == together
    assert any(f.kind == "gap" for f in findings) is ([] in held)
