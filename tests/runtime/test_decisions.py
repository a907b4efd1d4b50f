"""Decision tables: hit policies, requirements, reasons, and files that are not taken."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import EngineError, Invalid, NotFound
from engine.runtime.decisions import (
    DecisionFailed,
    DecisionRefused,
    DecisionResult,
    MatchedRow,
    join_decisions,
    read_decisions,
)
from engine.runtime.expressions import MissingVariable
from engine.runtime.xml import XmlRefused
from tests.runtime.dmn_samples import DATA, decision, file, read, read_data


def numbers(result: DecisionResult) -> list[int]:
    return [row.number for row in result.rows]


# The tables below ask what the decision tables of the DMN TCK, level 2, ask (0004-0007, 0010 and
# 0108-0119), and those of level 3 that are about cells (0017, 0036, 0039), in our own subject.


@pytest.mark.parametrize(
    ("months", "grade", "training", "expected", "row"),
    [
        (3, "general", True, "allowed", 1),
        (2, "general", True, "not allowed", 2),
        (12, "serious", True, "not allowed", 3),
        (12, "minor", False, "not allowed", 4),
    ],
)
def test_a_unique_table_gives_the_one_row_that_holds(
    months: int, grade: str, training: bool, expected: str, row: int
) -> None:
    result = read_data("repair_terms.dmn").decide(
        "early_removal", {"months": months, "grade": grade, "training_done": training}
    )
    assert result.value == {"Early Removal": expected}
    assert numbers(result) == [row]


INPUTS = ("age: number", 'risk: string = "high", "low", "medium"', "affordable: boolean")
STATUS = 'status: string = "approved", "declined"'
RATE = 'rate: string = "best", "standard"'
ROWS = (
    '>=18 | "low" | true | "approved" | "best"',
    '>=18 | "medium" | true | "approved" | "standard"',
    '<18 | "medium","low" | true | "declined" | "standard"',
    '- | "high" | true | "declined" | "standard"',
    '- | - | false | "declined" | "standard"',
)


def ask(
    hit: str,
    rows: tuple[str, ...],
    asked: tuple[int, str, bool],
    outputs: tuple[str, ...] = (STATUS, RATE),
    aggregation: str = "",
) -> DecisionResult:
    table = decision(rows, inputs=INPUTS, outputs=outputs, hit=hit, aggregation=aggregation)
    age, risk, affordable = asked
    return read(table).decide("d", {"age": age, "risk": risk, "affordable": affordable})


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((18, "medium", True), {"status": "approved", "rate": "standard"}),
        ((18, "low", True), {"status": "approved", "rate": "best"}),
        ((17, "medium", True), {"status": "declined", "rate": "standard"}),
        ((18, "high", True), {"status": "declined", "rate": "standard"}),
        ((18, "high", False), {"status": "declined", "rate": "standard"}),
    ],
)
def test_a_row_gives_several_outputs_by_name(
    asked: tuple[int, str, bool], expected: dict[str, str]
) -> None:
    assert ask("UNIQUE", ROWS, asked).value == expected


def test_a_unique_table_complains_of_rows_that_hold_together() -> None:
    rows = (*ROWS, '>=60 | "low" | - | "declined" | "standard"')
    with pytest.raises(DecisionFailed) as failure:
        ask("UNIQUE", rows, (60, "low", True))
    assert failure.value.rows == (1, 6)
    assert str(failure.value) == "d：第 1、6 行同时成立"
    assert failure.value.english == "d: rows 1 and 6 hold at the same time"
    assert not isinstance(failure.value, Invalid)


def test_a_unique_table_complains_even_where_the_rows_agree() -> None:
    with pytest.raises(DecisionFailed):
        ask("UNIQUE", (*ROWS, ROWS[0]), (60, "low", True))


def test_a_first_table_stops_at_the_first_row_that_holds() -> None:
    rows = ('>=18 | - | - | "approved" | "best"', '- | - | - | "declined" | "standard"')
    result = ask("FIRST", rows, (19, "medium", True))
    assert (result.value, numbers(result)) == ({"status": "approved", "rate": "best"}, [1])
    result = ask("FIRST", rows, (13, "medium", True))
    assert (result.value, numbers(result)) == ({"status": "declined", "rate": "standard"}, [2])


def test_a_first_table_is_not_troubled_by_later_rows() -> None:
    table = decision(["1 | 1", "> unknown.limit | 2"], inputs=["x"], hit="FIRST", outputs=["y"])
    more = '<inputData id="u" name="unknown"/>'
    assert read(table, more=more).decide("d", {"x": 1}).value == {"y": 1}


def test_an_any_table_takes_rows_that_agree_and_names_them_all() -> None:
    rows = (*ROWS, '>=19 | "low" | true | "approved" | "best"')
    result = ask("ANY", rows, (19, "low", True))
    assert (result.value, numbers(result)) == ({"status": "approved", "rate": "best"}, [1, 6])


def test_an_any_table_complains_of_rows_that_contradict_each_other() -> None:
    rows = (*ROWS, '>=19 | "low" | true | "approved" | "standard"')
    with pytest.raises(DecisionFailed, match="第 1、6 行") as failure:
        ask("ANY", rows, (19, "low", True))
    assert failure.value.rows == (1, 6)


RANKED = (
    '>=18 | "medium","low" | true | "approved" | "basic"',
    '<18 | - | - | "declined" | "standard"',
    '- | "high" | - | "approved" | "standard"',
)
FREE_RATE = "rate: string"


@pytest.mark.parametrize(
    ("asked", "expected", "row"),
    [
        ((17, "high", True), {"status": "approved", "rate": "standard"}, 3),
        ((19, "low", True), {"status": "approved", "rate": "basic"}, 1),
        ((10, "low", True), {"status": "declined", "rate": "standard"}, 2),
    ],
)
def test_a_priority_table_takes_the_row_whose_output_is_listed_first(
    asked: tuple[int, str, bool], expected: dict[str, str], row: int
) -> None:
    result = ask("PRIORITY", RANKED, asked, (STATUS, FREE_RATE))
    assert (result.value, numbers(result)) == (expected, [row])


def test_a_second_output_decides_where_the_first_ones_are_equal() -> None:
    rows = ('- | - | - | "approved" | "standard"', '- | - | - | "approved" | "best"')
    assert numbers(ask("PRIORITY", rows, (1, "low", True))) == [2]


def test_an_output_order_table_sorts_by_the_list_and_then_as_drawn() -> None:
    result = ask("OUTPUT ORDER", RANKED, (17, "high", True), (STATUS, FREE_RATE))
    assert result.value == [
        {"status": "approved", "rate": "standard"},
        {"status": "declined", "rate": "standard"},
    ]
    assert numbers(result) == [3, 2]
    single = decision(
        ['>=18 | "a"', '<18 | "b"', '>=0 | "a"'], outputs=['y = "a", "b"'], hit="OUTPUT ORDER"
    )
    result = read(single).decide("d", {"x": 17})
    assert (result.value, numbers(result)) == ([{"y": "a"}, {"y": "b"}], [3, 2])
    result = read(single).decide("d", {"x": 19})
    assert (result.value, numbers(result)) == ([{"y": "a"}, {"y": "a"}], [1, 3])


@pytest.mark.parametrize("hit", ["RULE ORDER", "COLLECT"])
def test_a_list_keeps_the_order_of_the_rows(hit: str) -> None:
    result = ask(hit, RANKED, (17, "high", True), (STATUS, FREE_RATE))
    assert result.value == [
        {"status": "declined", "rate": "standard"},
        {"status": "approved", "rate": "standard"},
    ]
    assert numbers(result) == [2, 3]


@pytest.mark.parametrize(
    ("aggregation", "years", "expected"),
    [
        ("SUM", 6, 1100),
        ("SUM", 3, 300),
        ("MIN", 6, 100),
        ("MAX", 6, 500),
        ("MAX", 2, 100),
        ("COUNT", 6, 4),
        ("COUNT", 3, 2),
        ("COUNT", 1, 0),
        ("SUM", 1, None),
        ("MIN", 1, None),
        ("MAX", 1, None),
    ],
)
def test_collected_outputs_become_one_number(
    aggregation: str, years: int, expected: int | None
) -> None:
    table = decision(
        [">1 | 100", ">2 | 200", ">3 | 300", ">5 | 500"], hit="COLLECT", aggregation=aggregation
    )
    result = read(table).decide("d", {"x": years})
    assert result.value == expected
    assert len(result.rows) == sum(years > n for n in (1, 2, 3, 5))


def test_sums_of_decimals_and_durations_are_exact() -> None:
    table = decision(["- | 0.1", "- | 0.2"], hit="COLLECT", aggregation="SUM")
    assert read(table).decide("d", {"x": 1}).value == 0.3
    table = decision(
        ['- | duration("P1M")', '- | duration("P1Y")'], hit="COLLECT", aggregation="SUM"
    )
    assert read(table).decide("d", {"x": 1}).value == "P1Y1M"


def test_nothing_matched_gives_none_or_an_empty_list() -> None:
    rows = ["> 5 | 1"]
    for hit in ("UNIQUE", "FIRST", "ANY"):
        result = read(decision(rows, hit=hit)).decide("d", {"x": 1})
        assert (result.value, result.rows) == (None, ())
    for hit in ("RULE ORDER", "COLLECT"):
        result = read(decision(rows, hit=hit)).decide("d", {"x": 1})
        assert (result.value, result.rows) == ([], ())
    ranked = decision(rows, hit="PRIORITY", outputs=["y = 1, 2"])
    assert read(ranked).decide("d", {"x": 1}).value is None


def test_nothing_matched_gives_the_default_outputs_where_there_are_some() -> None:
    outputs = ['a ~ "otherwise"', "b", "c ~ x + 1"]
    rows = ["> 5 | 1 | 2 | 3"]
    expected = {"a": "otherwise", "b": None, "c": 2}
    for hit in ("UNIQUE", "FIRST", "ANY"):
        table = read(decision(rows, hit=hit, outputs=outputs))
        result = table.decide("d", {"x": 1})
        assert (result.value, result.rows) == (expected, ())
        assert table.decide("d", {"x": 6}).value == {"a": 1, "b": 2, "c": 3}
    table = read(decision(rows, hit="COLLECT", outputs=outputs))
    assert table.decide("d", {"x": 1}).value == [expected]
    table = read(decision(["> 5 | 1"], hit="COLLECT", aggregation="SUM", outputs=["y ~ 0"]))
    assert table.decide("d", {"x": 1}).value == 0


def test_cells_compare_with_variables_of_the_file_and_with_other_columns() -> None:
    more = """<inputData id="f" name="firm"><variable name="firm" typeRef="tFirm"/></inputData>
    <itemDefinition name="tFirm"><itemComponent name="since"><typeRef>date</typeRef></itemComponent>
    <itemComponent name="low"><typeRef>number</typeRef></itemComponent></itemDefinition>"""
    table = decision(
        ['> firm.since | [firm.low..y] | - | "in"', '- | - | - | "out"'],
        inputs=["day: date", "n: number", "y: number"],
        outputs=["z"],
        hit="FIRST",
    )
    decisions = read(table, more=more)
    data = {"day": "2020-03-02", "n": 5, "y": 5, "firm": {"since": "2020-03-01", "low": 5}}
    assert decisions.decide("d", data).value == {"z": "in"}
    assert decisions.decide("d", {**data, "y": 4}).value == {"z": "out"}
    assert decisions.decide("d", {**data, "day": "2020-03-01"}).value == {"z": "out"}
    assert decisions.variables("d") == {"day", "n", "y", "firm"}


def test_a_list_variable_in_a_cell_holds_for_its_items() -> None:
    more = '<inputData id="f" name="Flu Signs"><variable name="Flu Signs"/></inputData>'
    table = decision(
        ['"cough" | x + " is cold"', 'Flu Signs | x + " is flu"'],
        inputs=["x: string"],
        hit="COLLECT",
    )
    result = read(table, more=more).decide("d", {"x": "cough", "Flu Signs": ["fever", "cough"]})
    assert result.value == [{"y": "cough is cold"}, {"y": "cough is flu"}]


def test_input_expressions_reckon_and_compare() -> None:
    table = decision(
        ['true | > duration("P90D") | "late"', "- | - | null"],
        inputs=["months + 1 > limit", "date(today) - date(decided)"],
        hit="FIRST",
    )
    data = {"months": 3, "limit": 3, "today": "2020-06-01", "decided": "2020-03-02"}
    assert read(table).decide("d", data).value == {"y": "late"}
    assert read(table).decide("d", {**data, "today": "2020-05-31"}).value == {"y": None}


def test_outputs_are_fit_for_json() -> None:
    table = decision(
        ['- | 3 | 0.5 | date("2020-03-02") + duration("P3M") | duration("P3M") | [1, "a"]'],
        outputs=["whole", "half", "day", "term", "list"],
    )
    assert read(table).decide("d", {"x": 1}).value == {
        "whole": 3, "half": 0.5, "day": "2020-06-02", "term": "P3M", "list": [1, "a"],
    }  # fmt: skip


def test_rows_keep_their_annotations_so_that_the_case_shows_why() -> None:
    result = read(decision(["> 1 | 1 // 条例第六十三条"])).decide("d", {"x": 2})
    assert result.rows == (MatchedRow("1", 1, ("条例第六十三条",)),)
    result = read_data("repair_terms.dmn").decide(
        "early_removal", {"months": 12, "grade": "serious", "training_done": True}
    )
    assert result.rows == (MatchedRow("too_serious", 3, ("甲办法第十二条",)),)


FIRM = {"founded on": date(2018, 5, 1), "staff": 8, "branches": []}
MATTER = {"Firm": FIRM, "Loss of Turnover": 65, "grade": "general", "applied_on": "2020-03-31"}


def test_a_decision_asks_the_decisions_it_requires() -> None:
    result = read_data("deferral_routing.dmn").decide("route", MATTER)
    assert result.value == {"way": "office", "months": 6, "until": "2020-09-30"}
    assert result.rows == (MatchedRow("strained", 2, ("乙办法第六条", "科室办理")),)
    required = dict(result.required)
    assert required["strain"].value == {"Strain": "high"}
    assert required["strain_points"].value == 85.5
    assert [row.row_id for row in required["strain_points"].rows] == ["micro", "most_lost", "young"]


@pytest.mark.parametrize(
    ("changed", "way", "months"),
    [
        ({"grade": "serious"}, "joint review", 3),
        ({"Loss of Turnover": 40}, "office", 3),
        ({"Loss of Turnover": 10}, "refuse", 0),
        ({"grade": "serious", "Loss of Turnover": 40}, "refuse", 0),
    ],
)
def test_what_a_required_decision_answers_decides(
    changed: dict[str, object], way: str, months: int
) -> None:
    value = read_data("deferral_routing.dmn").decide("route", {**MATTER, **changed}).value
    assert (value["way"], value["months"]) == (way, months)


def test_a_required_decision_is_not_replaced_by_data_of_its_name() -> None:
    data = {**MATTER, "Strain": "low", "strain": "low", "Strain Points": 0}
    assert read_data("deferral_routing.dmn").decide("route", data).value["way"] == "office"


def test_a_decision_tells_which_variables_it_and_its_requirements_read() -> None:
    decisions = read_data("deferral_routing.dmn")
    assert decisions.ids == ("strain_points", "strain", "route")
    assert decisions.variables("strain_points") == {"Firm", "Loss of Turnover", "applied_on"}
    assert decisions.variables("route") == {*MATTER}


def test_several_outputs_of_a_required_decision_are_parts_of_it() -> None:
    first = decision(["> 5 | 1 | 2"], outputs=["a", "b"], decision_id="first", name="the first")
    for named in ("first", "the first"):
        second = decision(
            [f'1 | {named}.b + 1'],
            inputs=[f"{named}.a"], decision_id="second", requires=["first"],
        )  # fmt: skip
        result = read(first, second).decide("second", {"x": 6})
        assert result.value == {"y": 3}


def test_a_list_of_a_required_decision_can_be_looked_into() -> None:
    first = decision(['> 1 | "a"', '> 2 | "b"'], hit="COLLECT", decision_id="first")
    second = decision(
        ['first | "found"', '- | "not"'],
        inputs=["z: string"], decision_id="second", requires=["first"], hit="FIRST",
    )  # fmt: skip
    decisions = read(first, second)
    assert decisions.decide("second", {"x": 3, "z": "b"}).value == {"y": "found"}
    assert decisions.decide("second", {"x": 2, "z": "b"}).value == {"y": "not"}


def test_decisions_that_ask_each_other_many_times_over_are_asked_once() -> None:
    chain = [decision(["- | 1"], decision_id="d0")]
    for n in range(1, 60):
        required = {f"d{n - 1}", f"d{max(n - 2, 0)}"}
        chain.append(
            decision([f"- | d{n - 1} + 1"], decision_id=f"d{n}", requires=sorted(required))
        )
    decisions = read(*chain)
    assert decisions.decide("d59", {"x": 0}).value == {"y": 60}
    assert decisions.variables("d59") == {"x"}


def test_decisions_of_several_files_are_joined_unless_they_share_an_id() -> None:
    joined = join_decisions([read_data("repair_terms.dmn"), read_data("deferral_routing.dmn")])
    assert joined.ids == ("early_removal", "strain_points", "strain", "route")
    with pytest.raises(DecisionRefused, match="early_removal"):
        join_decisions([joined, read_data("repair_terms.dmn")])


def test_an_unknown_decision_is_not_found() -> None:
    with pytest.raises(NotFound, match="other"):
        read(decision(["- | 1"])).decide("other", {})


# What the data of a case may be


def test_a_missing_variable_is_named_with_the_decision_that_wants_it() -> None:
    with pytest.raises(MissingVariable) as missing:
        read(decision(["> 1 | 1"])).decide("d", {})
    assert missing.value.name == "x"
    assert missing.value.fields["decision"] == "d x"


def test_a_value_outside_the_input_values_is_an_answerable_failure() -> None:
    table = read(decision(['"a" | 1'], inputs=['x: string = "a", "b"']))
    assert table.decide("d", {"x": "b"}).value is None
    for value in ("c", None):
        with pytest.raises(DecisionFailed) as failure:
            table.decide("d", {"x": value})
        assert failure.value.place.column == "x"
        assert "x" in failure.value.fields
    ranged = read(decision(["- | 1"], inputs=["x: number = [0..100], null"]))
    assert ranged.decide("d", {"x": None}).value == {"y": 1}
    with pytest.raises(DecisionFailed):
        ranged.decide("d", {"x": 100.5})


def test_a_row_that_says_neither_yes_nor_no_of_null_does_not_hold() -> None:
    table = read(decision(["< 5 | 1", "not(< 5) | 2", "null | 3"]))
    assert numbers(table.decide("d", {"x": None})) == [3]


def test_an_output_outside_the_output_values_is_a_failure_with_its_row() -> None:
    table = read(decision(["- | x"], outputs=["y: number = 1, 2"]))
    assert table.decide("d", {"x": 2}).value == {"y": 2}
    with pytest.raises(DecisionFailed) as failure:
        table.decide("d", {"x": 3})
    assert (failure.value.place.row, failure.value.place.column) == (1, "y")


@pytest.mark.parametrize(
    ("type_ref", "value"),
    [
        ("number", "5"),
        ("number", True),
        ("string", 5),
        ("boolean", "true"),
        ("date", "soon"),
        ("integer", 1.5),
    ],
)
def test_a_value_of_another_type_is_an_answerable_failure(type_ref: str, value: object) -> None:
    table = read(decision(["- | 1"], inputs=[f"x: {type_ref}"]))
    with pytest.raises(DecisionFailed):
        table.decide("d", {"x": value})


def test_an_untyped_column_takes_the_type_of_its_cells() -> None:
    table = read(decision(['> date("2020-03-02") | 1'], inputs=["x"]))
    assert table.decide("d", {"x": "2020-03-03"}).value == {"y": 1}
    with pytest.raises(DecisionFailed):
        table.decide("d", {"x": 20200303})


def test_types_and_allowed_values_come_from_item_definitions() -> None:
    more = """<itemDefinition name="tGrade"><typeRef>tText</typeRef>
    <allowedValues><text>"a", "b"</text></allowedValues></itemDefinition>
    <itemDefinition name="tText"><typeRef>string</typeRef></itemDefinition>"""
    table = decision(['"a" | 1'], inputs=["x: tGrade"])
    with pytest.raises(DecisionFailed):
        read(table, more=more).decide("d", {"x": "c"})
    with pytest.raises(DecisionRefused):
        read(decision(['"c" | 1'], inputs=["x: tGrade"]), more=more)


def test_rows_that_cannot_be_reckoned_fail_with_their_number() -> None:
    table = read(decision(["1 | 1", "- | 10 / x"]))
    with pytest.raises(DecisionFailed) as failure:
        table.decide("d", {"x": 0})
    assert failure.value.place.row == 2
    assert str(failure.value) == "d 第 2 行 y：无法计算 10 / 0"


# Files that are not taken


@pytest.mark.parametrize(
    ("rows", "row", "column"),
    [
        (["1 | 1", "> | 1"], 2, "x"),
        (["1 | 1", "“a” | 1"], 2, "x"),
        (['"a" | 1'], 1, "x"),
        (["true | 1"], 1, "x"),
        (["< null | 1"], 1, "x"),
        (["[5..1] | 1"], 1, "x"),
        (["serious | 1"], 1, "x"),
        (["> limit | 1"], 1, "x"),
        (["1 | serious"], 1, "y"),
        (["1 | -"], 1, "y"),
        (["1 | 2 +"], 1, "y"),
        (['1 | "a'], 1, "y"),
        (["1 | __import__('os')"], 1, "y"),
        (["9**9**9 | 1"], 1, "x"),
        (["1"], 1, ""),
        (["1 | 2 | 3"], 1, ""),
    ],
)
def test_a_bad_cell_is_refused_with_file_decision_row_and_column(
    rows: list[str], row: int, column: str
) -> None:
    with pytest.raises(DecisionRefused) as refusal:
        read(decision(rows))
    problem = refusal.value.problems[0]
    assert (problem.place.decision_id, problem.place.row, problem.place.column) == (
        "d",
        row,
        column,
    )
    assert refusal.value.filename == "sample.dmn"
    assert str(refusal.value).startswith(f"sample.dmn d 第 {row} 行")
    assert refusal.value.english.startswith(f"sample.dmn, d, row {row}")
    assert isinstance(refusal.value, Invalid)


def test_every_bad_cell_is_told_at_once() -> None:
    with pytest.raises(DecisionRefused) as refusal:
        read(decision(["1 | 2 +", "> | 1", '"a" | ok']))
    places = {(each.place.row, each.place.column) for each in refusal.value.problems}
    assert places == {(1, "y"), (2, "x"), (3, "x"), (3, "y")}
    assert "另有 3 处" in str(refusal.value)
    assert len(refusal.value.fields) == 4


def test_a_word_without_quotes_is_recognised_as_such() -> None:
    with pytest.raises(DecisionRefused, match="要加双引号"):
        read(decision(["serious | 1"], inputs=["x: string"]))


@pytest.mark.parametrize(
    ("row", "heading"),
    [
        ('"c" | 1', 'x: string = "a", "b"'),
        ('not("c") | 1', 'x: string = "a", "b"'),
        ("11 | 1", "x: number = [1..10]"),
        ("null | 1", "x: number = 1, 2"),
    ],
)
def test_a_cell_outside_the_input_values_is_refused(row: str, heading: str) -> None:
    with pytest.raises(DecisionRefused, match="不在允许值之列"):
        read(decision([row], inputs=[heading]))


@pytest.mark.parametrize("heading", ['y = "a", "b"', "y: string ~ 5", 'y = "a" ~ "b"', "y: number"])
def test_an_output_that_its_column_does_not_allow_is_refused(heading: str) -> None:
    with pytest.raises(DecisionRefused):
        read(decision(['- | "c"'], outputs=[heading]))


@pytest.mark.parametrize(
    "table",
    [
        decision(["- | 1"], hit="LAST"),
        decision(["- | 1"], hit="PRIORITY"),
        decision(["- | 1"], hit="OUTPUT ORDER", outputs=["y = [1..5]"]),
        decision(["- | 1"], hit="UNIQUE", aggregation="SUM"),
        decision(["- | 1"], hit="COLLECT", aggregation="AVERAGE"),
        decision(["- | 1 | 2"], hit="COLLECT", aggregation="SUM", outputs=["y", "z"]),
        decision(["- | 1 | 2"], outputs=["y", "y"]),
        decision(["- | 1 | 2"], outputs=["", ""]),
        decision(["-"], outputs=[]),
        decision(["- | 1"], inputs=[": number"]),
        decision(["- | 1"], inputs=["x: context"]),
        decision(["- | 1"], inputs=["x: tUnknown"]),
        decision(["- | 1"], inputs=["x + : number"]),
        decision(["- | 1"], inputs=["x: number = > y"]),
        decision(['"a" | 1'], inputs=["x = [1..10]"]),
        decision(['"a" | 1', "5 | 1"], inputs=["x = [1..10]"]),
        decision(["- | 1"], inputs=["x: number = [1.."]),
        decision(["- | 1"], requires=["other"]),
        decision(["- | 1"], requires=["d"]),
        decision(["- | 1"]) + decision(["- | 1"]),
        decision(["- | 1"], requires=["e"]) + decision(["- | 1"], decision_id="e", requires=["d"]),
        decision(["- | 1"], decision_id="e") + decision(["- | 1"], inputs=["e"]),
        decision(["- | 1"], decision_id="e") + decision(["- | e"]),
        decision(["- | 1"], decision_id=""),
        '<decision id="d"><invocation/></decision>',
        '<decision id="d"/>',
        "",
        '<import namespace="urn:x" importType="y" locationURI="http://localhost/x"/>' + decision(["- | 1"]),
        '<businessKnowledgeModel id="b" name="b"/>' + decision(["- | 1"]),
        '<decisionService id="s" name="s"/>' + decision(["- | 1"]),
        decision(["- | 1"]).replace("<decisionTable", '<knowledgeRequirement/><decisionTable'),
        decision(["- | 1"], requires=["d"]).replace('href="#d"', 'href="other.dmn#d"'),
        decision(["- | 1"]).replace("<inputEntry>", '<inputEntry expressionLanguage="javascript">'),
        '<inputData id="i" name="i"><variable name="i" typeRef="colour"/></inputData>' + decision(["- | 1"]),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_meant_is_refused(table: str) -> None:
    with pytest.raises(DecisionRefused) as refusal:
        read(table)
    for problem in refusal.value.problems:
        assert problem.zh != problem.english


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_dmn_1_1_to_1_5_are_read(namespace: str) -> None:
    xml = file(decision(["- | 1"]), namespace=namespace)
    assert read_decisions(xml, "x.dmn").decide("d", {"x": 1}).value == {"y": 1}


def test_another_namespace_is_refused() -> None:
    for xml in (
        file(namespace="http://www.omg.org/spec/DMN/20130901/"),
        b"<definitions/>",
        b"<a/>",
    ):
        with pytest.raises(DecisionRefused, match="不是 DMN"):
            read_decisions(xml, "x.dmn")


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "GBK", "GB18030"])
def test_a_file_may_be_in_any_encoding_that_it_declares(encoding: str) -> None:
    text = file(decision(['"严重" | "不予修复" // 第六条'], inputs=["等级: string"])).decode()
    xml = text.replace("UTF-8", encoding).encode(encoding)
    result = read_decisions(xml, "x.dmn").decide("d", {"等级": "严重"})
    assert result.value == {"y": "不予修复"}
    assert result.rows[0].annotations == ("第六条",)


def test_xml_that_could_fetch_or_expand_is_refused() -> None:
    body = file(decision(["- | 1"])).decode().partition("?>")[2]
    hostile = (
        '<!DOCTYPE definitions [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + body,
        '<!DOCTYPE definitions [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + body,
        "<!DOCTYPE definitions>" + body,
        body[:-5],
        "no xml",
        "",
    )
    for xml in hostile:
        with pytest.raises(XmlRefused):
            read_decisions(xml.encode(), "x.dmn")


def test_a_file_too_large_or_with_too_many_rows_is_refused() -> None:
    with pytest.raises(XmlRefused):
        read_decisions(b" " * 5_000_000, "x.dmn")
    with pytest.raises(DecisionRefused, match="行"):
        read(decision(["- | 1"] * 2001, hit="FIRST"))
    with pytest.raises(DecisionRefused, match="决策"):
        read(*(decision(["- | 1"], decision_id=f"d{n}") for n in range(101)))


# Against an oracle


bounds = st.integers(-6, 6)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[str, int, int, str]:
    low, high = sorted((draw(bounds), draw(bounds)))
    return draw(st.sampled_from("[(]")), low, high, draw(st.sampled_from("])["))


def within(value: Decimal, interval: tuple[str, int, int, str] | None) -> bool:
    if interval is None:
        return True
    left, low, high, right = interval
    above = low <= value if left == "[" else low < value
    return above and (value <= high if right == "]" else value < high)


def cell(interval: tuple[str, int, int, str] | None) -> str:
    return "-" if interval is None else "{}{}..{}{}".format(*interval)


tables = st.lists(
    st.tuples(st.none() | intervals(), st.none() | intervals()), min_size=1, max_size=7
)
halves = st.integers(-14, 14).map(lambda n: Decimal(n) / 2)


@given(table=tables, x=halves, y=halves)
def test_interval_tables_agree_with_a_row_by_row_oracle(
    table: list[tuple[tuple[str, int, int, str] | None, ...]], x: Decimal, y: Decimal
) -> None:
    rows = [f"{cell(a)} | {cell(b)} | {n % 3}" for n, (a, b) in enumerate(table)]
    held = [n for n, (a, b) in enumerate(table) if within(x, a) and within(y, b)]
    outputs = [n % 3 for n in held]
    data = {"x": float(x), "y": y}

    def decided(hit: str, aggregation: str = "", values: str = "") -> object:
        drawn = decision(
            rows,
            inputs=["x", "y: number"],
            outputs=[f"z{values}"],
            hit=hit,
            aggregation=aggregation,
        )
        try:
            return read(drawn).decide("d", data).value
        except DecisionFailed as failure:
            return failure.rows

    one = {"z": outputs[0]} if outputs else None
    complaint = tuple(n + 1 for n in held)
    assert decided("FIRST") == one
    assert decided("UNIQUE") == (complaint if len(held) > 1 else one)
    assert decided("ANY") == (complaint if len(set(outputs)) > 1 else one)
    assert decided("RULE ORDER") == [{"z": each} for each in outputs]
    assert decided("COLLECT") == [{"z": each} for each in outputs]
    order = [2, 0, 1]
    ranked = sorted(outputs, key=order.index)
    assert decided("PRIORITY", values=" = 2, 0, 1") == ({"z": ranked[0]} if ranked else None)
    assert decided("OUTPUT ORDER", values=" = 2, 0, 1") == [{"z": each} for each in ranked]
    assert decided("COLLECT", "SUM") == (sum(outputs) if outputs else None)
    assert decided("COLLECT", "MIN") == min(outputs, default=None)
    assert decided("COLLECT", "MAX") == max(outputs, default=None)
    assert decided("COLLECT", "COUNT") == len(outputs)


@given(
    cells=st.lists(
        st.text(alphabet="ab1.,()[]<>=-\"'x+|/ not", max_size=12), min_size=1, max_size=4
    ),
    value=st.none() | st.integers(-9, 9) | st.text(max_size=3) | st.booleans(),
)
def test_whatever_is_written_and_asked_ends_in_an_answer_or_an_engine_error(
    cells: list[str], value: object
) -> None:
    with suppress(EngineError):
        read(decision([f"{each} | 1" for each in cells], inputs=["x"])).decide("d", {"x": value})


def test_the_sample_files_are_all_read() -> None:
    files = sorted(DATA.glob("*.dmn"))
    assert len(files) >= 2
    for path in files:
        assert read_data(path.name).ids


def test_a_failure_names_the_column_in_both_languages() -> None:
    english = '<extensionElements><p:property xmlns:p="urn:p" name="name_en" value="Months"/></extensionElements>'
    table = decision(["> 3 | 1"], inputs=["月数: number"]).replace("<input>", f"<input>{english}")
    with pytest.raises(DecisionFailed) as failure:
        read(table).decide("d", {"月数": "four"})
    assert str(failure.value).startswith("d 月数：")
    assert failure.value.english.startswith("d, Months: ")
