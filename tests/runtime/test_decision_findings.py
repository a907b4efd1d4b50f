"""Overlaps and gaps of decision tables, found before anybody asks them."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.decisions import Finding
from engine.runtime.decisions.form_answers import form_answers
from tests.runtime.call_counting import calls_of
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
        Finding("d", "overlap", (1, 2), "决策表 d：第 1 行与第 2 行会同时成立（x：3）", "decision d: rows 1 and 2 hold together (x: 3)", (("x", 3),)),
        Finding("d", "overlap", (2, 3), "决策表 d：第 2 行与第 3 行会同时成立（x：[5..6)）", "decision d: rows 2 and 3 hold together (x: [5..6))", (("x", 5),)),
    )  # fmt: skip


def test_a_gap_names_the_inputs_that_no_row_covers() -> None:
    assert read(decision(["< 3 | 1", "(3..6) | 2", "> 7 | 3"])).findings() == (
        Finding("d", "gap", (), "决策表 d：没有一行适用于（x：3、[6..7]）", "decision d: no row holds for (x: 3, [6..7])", (("x", 3),)),
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


def test_a_huge_table_is_not_waited_for_and_says_so() -> None:
    rows = [f"[{n}..{n + 1}) | {n}" for n in range(2000)]
    assert [kind for kind, _, _ in found(rows, hit="FIRST")] == ["unchecked"]


@pytest.mark.parametrize("hit", ["UNIQUE", "FIRST"])
def test_looking_over_two_hundred_rows_of_ten_columns_takes_a_bounded_number_of_calls(
    hit: str,
) -> None:
    cells = ["-", "[10..20)", "> 15", "< 40", "[5..95]"]
    rows = [
        " | ".join(
            f"[{row}..{row + 9})" if n == row % 10 else cells[(row * 7 + n * 3) % 5]
            for n in range(10)
        )
        + f" | {row}"
        for row in range(200)
    ]
    read_once = read(decision(rows, inputs=[f"x{n}: number" for n in range(10)], hit=hit))
    assert calls_of(read_once.findings) < 8_000_000


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


@given(
    st.lists(st.tuples(cells(), cells()), min_size=1, max_size=5),
    st.sampled_from(["UNIQUE", "FIRST"]),
)
def test_the_example_of_a_finding_shows_what_it_says(rows: list[tuple[str, str]], hit: str) -> None:
    drawn = [f"{a} | {b} | {n}" for n, (a, b) in enumerate(rows)]
    inputs = ["x: number", "y: number"]
    every = read(decision(drawn, inputs=inputs, hit="RULE ORDER"))
    for finding in read(decision(drawn, inputs=inputs, hit=hit)).findings():
        if finding.kind == "impossible":
            continue
        held = [row.number for row in every.decide("d", dict(finding.example)).rows]
        if finding.kind == "gap":
            assert held == []
        elif finding.kind == "overlap":
            assert set(finding.rows) <= set(held)
        else:
            assert finding.kind == "masked"
            assert held[0] < finding.rows[0] in held


@given(st.lists(st.tuples(cells(), cells()), min_size=2, max_size=5))
def test_a_row_is_masked_exactly_where_it_is_never_the_first(rows: list[tuple[str, str]]) -> None:
    drawn = [f"{a} | {b} | {n}" for n, (a, b) in enumerate(rows)]
    inputs = ["x: number", "y: number"]
    asked = read(decision(drawn, inputs=inputs, hit="FIRST"))
    points = [None, *(Decimal(n) / 2 for n in range(-7, 8))]
    first = {
        row.number
        for x, y in product(points, points)
        for row in asked.decide("d", {"x": x, "y": y}).rows
    }
    masked = {f.rows[0] for f in asked.findings() if f.kind in ("masked", "impossible")}
    assert masked == set(range(1, len(rows) + 1)) - first


def test_a_row_that_no_allowed_value_can_meet_is_told() -> None:
    rows = ['"a" | 1', 'not("a","b") | 2', '"b" | 3']
    assert [
        (f.kind, f.rows) for f in read(decision(rows, inputs=['x: string = "a", "b"'])).findings()
    ] == [("impossible", (2,))]


def test_a_first_table_tells_rows_behind_a_row_that_always_holds() -> None:
    rows = ["> 3 | 1", "- | 2", "> 5 | 3", "null | 4"]
    findings = read(decision(rows, hit="FIRST")).findings()
    assert [(f.kind, f.rows) for f in findings] == [("masked", (3,)), ("masked", (4,))]
    assert findings[0].sentence_zh == "决策表 d：轮不到第 3 行：它前面的行已经包括了它"


def test_gaps_between_moments_are_told() -> None:
    rows = ['< @"2020-03-02T00:00:00Z" | 1', '> @"2020-03-02T08:00:00Z" | 2']
    (gap,) = read(decision(rows, inputs=["x: dateTime"])).findings()
    assert "[2020-03-02T00:00:00Z..2020-03-02T08:00:00Z]" in gap.sentence_en
    assert gap.example == (("x", "2020-03-02T00:00:00Z"),)


def test_moments_with_and_without_a_zone_are_not_put_in_one_order() -> None:
    rows = ['< @"2020-03-02T00:00:00Z" | 1', '> @"2020-03-02T08:00:00" | 2']
    assert read(decision(rows, inputs=["x: dateTime"])).findings() == ()


FORMS: Mapping[str, Mapping[str, object]] = {
    "verify": {
        "properties": {
            "promise": {"oneOf": [{"const": "kept"}, {"const": "broken"}]},
            "months": {"type": "integer", "minimum": 1, "maximum": 12},
            "sites": {"type": "array", "items": {"enum": ["city"]}},
            "note": {"type": "string"},
        }
    },
    "approve": {
        "properties": {"promise": {"enum": ["kept", "waived"]}, "months": {"type": "integer"}}
    },
}


def test_what_the_forms_let_be_chosen_closes_the_columns_that_ask_for_it() -> None:
    answers = form_answers(FORMS)
    assert answers == {"promise": '"kept", "broken", "waived"'}
    rows = ['"kept" | 1', '"brokken" | 2', '"waived" | 3']
    asked = read(decision(rows, inputs=["promise: string"]))
    assert asked.findings() == ()
    told = [(f.kind, f.rows, f.example) for f in asked.findings(answers)]
    assert told == [("impossible", (2,), ()), ("gap", (), (("promise", "broken"),))]


def test_whole_numbers_of_a_form_have_its_ends() -> None:
    only = {"verify": FORMS["verify"]}
    asked = read(decision(["[1..6] | 1", "[7..11] | 2"], inputs=["months: integer"]))
    (gap,) = asked.findings(form_answers(only))
    assert gap.example == (("months", 12),)


def test_a_table_s_own_values_count_before_those_of_the_forms() -> None:
    asked = read(decision(['"a" | 1'], inputs=['promise: string = "a"']))
    assert asked.findings(form_answers(FORMS)) == ()
