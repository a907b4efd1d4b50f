"""S-FEEL: what a cell of a decision table may say, and what it then means."""

import operator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.runtime.expressions import MissingVariable
from engine.runtime.feel import (
    FeelFailed,
    FeelRefused,
    Kind,
    Months,
    Value,
    compile_expression,
    compile_tests,
    parse_expression,
    parse_tests,
    to_feel,
    to_plain,
)

MARCH = date(2020, 3, 2)


def holds(cell: str, value: object, kind: Kind | None = None, /, **scope: object) -> bool | None:
    return compile_tests(parse_tests(cell), kind)(to_feel(value, kind), scope)


def value_of(text: str, /, **scope: object) -> Value:
    return compile_expression(parse_expression(text))(scope)


@pytest.mark.parametrize(
    ("cell", "fitting", "unfitting"),
    [
        ("5", [5, 5.0, Decimal("5.00")], [4, None]),
        ("-5", [-5], [5]),
        ("--5", [5], [-5]),
        ("1", [1], [True]),
        ("0", [0], [False, None]),
        ("1,5,7", [1, 5, 7], [2, 6, None]),
        ('"a","b"', ["a", "b"], ["c", "", "a,b", None]),
        ('"他说 \\"好\\""', ['他说 "好"'], ["他说"]),
        ("[1..10]", [1, 5.5, 10], [0.99, 10.01]),
        ("(1..10]", [1.01, 10], [1]),
        ("]1..10]", [1.01, 10], [1]),
        ("[1..10)", [1, 9.99], [10]),
        ("[1..10[", [1, 9.99], [10]),
        ("]1..10[", [5], [1, 10]),
        ("[.5...7]", [0.5, 0.7], [0.4, 0.8]),
        ("[1..1]", [1], [0, 2]),
        ("< 10", [9], [10]),
        ("<= 10", [10], [11]),
        (">10", [11], [10]),
        (">= -1.5", [-1.5], [-1.6]),
        ("< 0, [5..7], 9, > 20", [-1, 6, 9, 21], [0, 8, 20]),
        ("not(5)", [4], [5]),
        ('not("a","b")', ["c"], ["a", "b"]),
        ("not([1..3], > 10)", [0, 4], [2, 11]),
        ("true", [True], [False, None]),
        ("false", [False], [True]),
        ("not(true)", [False], [True]),
        ("null", [None], [0, "", False]),
        ("not(null)", [0, ""], [None]),
        ('"a", null', ["a", None], ["b"]),
        ('date("2020-03-02")', [MARCH], [date(2020, 3, 3)]),
        ('@"2020-03-02"', [MARCH], [date(2020, 3, 3)]),
        ('< date("2020-03-02")', [date(2020, 3, 1)], [MARCH]),
        ('[date("2020-01-01")..date("2020-03-02")]', [MARCH], [date(2020, 3, 3)]),
        ('duration("P90D")', [timedelta(days=90)], [timedelta(days=89)]),
        ('> duration("P1DT12H")', [timedelta(hours=37)], [timedelta(hours=36)]),
        ('duration("P1Y6M")', [Months(18)], [Months(17), timedelta(days=540)]),
        ('[duration("P3M")..duration("P1Y")]', [Months(3), Months(12)], [Months(13)]),
        ("-", [1, "a", None, True], []),
        ("", [1, None], []),
        ("  -  ", [1], []),
        ("(1 + 2) * 3", [9], [7]),
        ('> "b"', ["c"], ["a"]),
    ],
)
def test_a_cell_holds_for_what_it_says(
    cell: str, fitting: list[object], unfitting: list[object]
) -> None:
    assert [holds(cell, value) for value in fitting] == [True] * len(fitting)
    assert True not in [holds(cell, value) for value in unfitting]


@pytest.mark.parametrize("cell", ["< 5", "> 5", "[1..9]", "not(< 5)", "not([1..9])"])
def test_an_order_says_neither_yes_nor_no_of_null(cell: str) -> None:
    assert holds(cell, None) is None


def test_a_cell_compares_with_variables_and_what_is_in_them() -> None:
    assert holds("limit", 5, limit=5)
    assert holds("[firm.low..firm.high]", 5, firm={"low": 1, "high": 5})
    assert not holds("> limit + 1", 5, limit=4)
    assert holds("not(other)", "a", other="b")
    assert holds("< other.since", MARCH, Kind.DATE, other={"since": "2020-03-03"})


def test_a_variable_that_is_a_list_holds_for_each_of_its_items() -> None:
    assert holds("allowed", "soil", Kind.STRING, allowed=["soil", "tax"])
    assert not holds("allowed", "labour", Kind.STRING, allowed=["soil", "tax"])
    assert holds("days", MARCH, Kind.DATE, days=["2020-03-02"])


def test_a_missing_variable_is_named_with_its_path() -> None:
    with pytest.raises(MissingVariable) as missing:
        holds("> firm.limit", 5, firm={})
    assert missing.value.name == "firm.limit"


def test_the_parts_of_null_are_null() -> None:
    assert value_of("firm.limit", firm=None) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 4 - 3", 3),
        ("7 / 2", Decimal("3.5")),
        ("-n", -4),
        ("0.1 + 0.2 = 0.3", True),
        ("n + 0.5", Decimal("4.5")),
        ('"案" + s', "案x"),
        ('n > 3 and s = "x"', True),
        ("n > 3 and nothing", None),
        ("n < 3 and nothing", False),
        ("nothing and n < 3", False),
        ("n > 3 or nothing", True),
        ("nothing or n > 3", True),
        ("n < 3 or nothing", None),
        ("not(n > 3)", False),
        ("not(nothing)", None),
        ("nothing = null", True),
        ("n = s", False),
        ("n != s", True),
        ("n < nothing", None),
        ("n + nothing", None),
        ("-nothing", None),
        ('if n > 3 then "many" else "few"', "many"),
        ("if nothing then 1 else 2", 2),
        ("if n > 9 then 1 else if n > 3 then 2 else 3", 2),
        ("[n, 1]", [4, 1]),
        ("firm.staff * 2", 20),
        ('day + duration("P1M")', date(2020, 2, 29)),
        ('day - duration("P11M")', date(2019, 2, 28)),
        ('duration("P1Y") + day', date(2021, 1, 31)),
        ('day + duration("P30D")', MARCH - timedelta(days=1)),
        ('day - date("2020-01-01")', timedelta(days=30)),
        ('day - date("2020-01-01") >= duration("P30D")', True),
        ('duration("P1Y") + duration("P6M")', Months(18)),
        ('-duration("P6M")', Months(-6)),
        ('-duration("P6D")', timedelta(days=-6)),
        ('duration("P6D") - duration("P1D")', timedelta(days=5)),
        ('time("23:30:00") + duration("PT1H")', time(0, 30)),
        ('time("00:30:00") - duration("P2DT1H")', time(23, 30)),
        ('@"2020-03-02T08:30:00+08:00" = @"2020-03-02T00:30:00Z"', True),
        ('@"2020-03-02T08:30:00@Asia/Shanghai" = @"2020-03-02T00:30:00Z"', True),
        ('@"2020-03-02T08:30:00+08:00" - @"2020-03-01T00:30:00Z"', timedelta(days=1)),
        ('date and time("2020-01-31T08:30:00") + duration("P1M")', datetime(2020, 2, 29, 8, 30)),  # noqa: DTZ001 - FEEL has such
        ('duration("PT0.5S") + moment', datetime(2020, 3, 2, 0, 30, 0, 500_000, UTC)),
        ('moment < date and time("2020-03-02T08:30:01+08:00")', True),
        ("date(moment)", MARCH),
        ("time(moment)", time(0, 30, tzinfo=UTC)),
        ('time(clock) > time("08:00:00")', True),
        ("2 ** 3 ** 2", 64),
        ("-2 ** 2", 4),
        ("2 * n ** 2", 32),
        ("10 ** -2", Decimal("0.01")),
        ("date(text)", MARCH),
        ("duration(length)", Months(3)),
        ("date(nothing)", None),
        ("决定", "准予"),
    ],
)
def test_an_expression_has_the_value_that_it_reads_like(text: str, expected: object) -> None:
    scope = {
        "n": 4, "s": "x", "nothing": None, "firm": {"staff": 10}, "day": date(2020, 1, 31),
        "text": "2020-03-02", "length": "P3M", "决定": "准予", "clock": "08:30:00.5",
        "moment": datetime(2020, 3, 2, 0, 30, tzinfo=UTC),
    }  # fmt: skip
    found = value_of(text, **scope)
    assert found == expected
    assert type(found) in (type(expected), Decimal)


@pytest.mark.parametrize(
    "text",
    [
        "n / 0",
        "s + 1",
        "n + true",
        "n ** n",
        "-n ** 0.5",
        "true < false",
        '"a" < 1',
        "[1] < [2]",
        "if 1 then 2 else 3",
        "1 and true",
        "not(1)",
        "date(n)",
        "duration(n)",
        "time(n)",
        'first - duration("P1M")',
        'moment < date and time("2020-03-02T08:00:00")',
        'moment - date and time("2020-03-02T08:00:00")',
        "-true",
    ],
)
def test_values_that_do_not_fit_are_a_failure_and_not_null(text: str) -> None:
    scope = {"n": 99, "s": "a", "first": date(1, 1, 1), "moment": datetime(2020, 3, 2, tzinfo=UTC)}
    with pytest.raises(FeelFailed):
        value_of(text, **scope)


def test_a_number_that_outgrows_all_bounds_is_a_failure() -> None:
    with pytest.raises(FeelFailed):
        value_of("n * n", n=10**20)
    with pytest.raises(FeelFailed):
        to_plain(Decimal(10) ** 18)  # JSON has no place for it


def test_text_cannot_be_made_to_grow_without_bound() -> None:
    with pytest.raises(FeelFailed):
        value_of("a + a", a="x" * 9_999)


@pytest.mark.parametrize(
    "cell",
    [
        "1,",
        ",1",
        "[1..10",
        "1..10",
        "[1,2]",
        "[10..1]",
        '["a"..1]',
        "[true..false]",
        "[null..1]",
        ">",
        "= 5",
        "? > 5",
        "> 5 and < 9",
        "not(",
        "not 5",
        "a b",
        "a.",
        "a..b",
        "a.1",
        "18岁",
        "1e5",
        "1.5.2",
        "9**9**9",
        "10 ** -99",
        "1 / 0",
        '"a" + 1',
        "true + 1",
        'date("9999-12-31") + duration("P1D")',
        'date("0001-01-01") - duration("P1M")',
        "date(1 + 1)",
        "duration(1 + 1)",
        'date and time("2020-03-02")',
        'date and time("2020-03-02T25:00:00")',
        'date and time("2020-03-02T08:00:00@Nowhere/Atlantis")',
        'date and time("2020-03-02T08:00:00@../../etc/passwd")',
        'date and time("2020-03-02T08:00:00+08:00@Asia/Shanghai")',
        'time("08:00")',
        'time("08:00:00@Asia/Shanghai")',
        "'a'",
        "“a”",
        "5，7",
        '"abc',
        '"\\q"',
        'date("2021-02-29")',
        'date("2020-3-2")',
        'date("2020-03-02T10:00:00")',
        "date(5)",
        "date()",
        'duration("P")',
        'duration("PT")',
        'duration("P1M2D")',
        'duration("P1W")',
        '@"soon"',
        "@5",
        "@" * 1000 + '"x"',
        "foo(1)",
        "then",
        "if true then 1",
        "-" * 2001,
        "(" * 500 + "1",
        "1" + " + 1" * 400,
        "[" * 500,
        "not(" * 300,
        "9" * 35,
        "__import__('os')",
        "a.__class__()",
        "x;y",
        "{}",
        "\x00",
        '"\x00"',
        "а > 1",
        "ｎ > 1",
        '"gen\u200beral"',
        '"\u202egeneral"',
        "5\u00ad",
    ],
)
def test_what_is_not_s_feel_is_refused_when_it_is_read(cell: str) -> None:
    with pytest.raises(FeelRefused) as refusal:
        parse_tests(cell)
    assert refusal.value.position >= 1
    assert refusal.value.english != str(refusal.value)


def test_a_refusal_tells_the_place_and_the_remedy() -> None:
    with pytest.raises(FeelRefused) as refusal:
        parse_tests('"a", “b”')
    assert str(refusal.value) == "第 6 个字符处：请把全角的 “ 改为半角"
    assert refusal.value.english == "character 6: write “ as a plain sign"


@given(st.text(alphabet='ab1.,:()[]<>=+-*/"@ \n%notifthenelsedate', max_size=30))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    for parse in (parse_tests, parse_expression):
        try:
            parse(text)
        except FeelRefused:
            continue


@pytest.mark.parametrize(
    "name", ["Employment Status", "Approved/Declined", "rate %", "等级 (2020)", "Age-Group"]
)
def test_a_known_name_may_hold_blanks_and_signs(name: str) -> None:
    special = frozenset({name, "Age", "Employment"})
    node = parse_expression(f"{name} = 1", special)
    assert compile_expression(node)({name: 1}) is True


def test_a_known_name_is_not_found_inside_a_longer_word() -> None:
    special = frozenset({"a b"})
    with pytest.raises(FeelRefused):
        parse_expression("a bc", special)


numbers = st.decimals(-1000, 1000, places=2)
signs = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@given(
    value=numbers,
    low=numbers,
    high=numbers,
    left=st.sampled_from("[(]"),
    right=st.sampled_from("])["),
)
def test_an_interval_agrees_with_python(
    value: Decimal, low: Decimal, high: Decimal, left: str, right: str
) -> None:
    assume(low <= high)
    above = low <= value if left == "[" else low < value
    below = value <= high if right == "]" else value < high
    assert holds(f"{left}{low}..{high}{right}", value) is (above and below)


@given(value=numbers, bound=numbers, sign=st.sampled_from(sorted(signs)))
def test_a_comparison_agrees_with_python(value: Decimal, bound: Decimal, sign: str) -> None:
    assert holds(f"{sign}{bound}", value) is signs[sign](value, bound)


@given(value=st.integers(0, 9), listed=st.lists(st.integers(0, 9), min_size=1, max_size=6))
def test_a_list_agrees_with_python_and_not_is_its_opposite(value: int, listed: list[int]) -> None:
    cell = ",".join(map(str, listed))
    assert holds(cell, value) is (value in listed)
    assert holds(f"not({cell})", value) is (value not in listed)


visible = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=8)


@given(value=visible, other=visible)
def test_text_is_quoted_without_loss(value: str, other: str) -> None:
    cell = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert holds(cell, value) is True
    assert holds(cell, other) is (value == other)


@given(st.dates(), st.integers(-5000, 5000))
def test_months_added_to_a_day_keep_it_or_end_the_month(day: date, count: int) -> None:
    months = day.year * 12 + day.month - 1 + count
    assume(12 <= months < 12 * 9999)
    found = value_of("day + months", day=day, months=Months(count))
    assert found.year * 12 + found.month - 1 == months
    assert found.day == day.day or ((found + timedelta(days=1)).day == 1 and found.day < day.day)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (5, Kind.NUMBER, Decimal(5)),
        (0.1, Kind.NUMBER, Decimal("0.1")),
        ("2020-03-02", Kind.DATE, MARCH),
        ("2020-03-02T08:30:00Z", Kind.DATE_TIME, datetime(2020, 3, 2, 8, 30, tzinfo=UTC)),
        ("08:30:00", Kind.TIME, time(8, 30)),
        ("P3M", Kind.MONTHS, Months(3)),
        ("P90D", Kind.DAYS, timedelta(days=90)),
        (None, Kind.NUMBER, None),
        ("2020-03-02", None, "2020-03-02"),
        ((1, "a"), None, [Decimal(1), "a"]),
    ],
)
def test_data_of_the_case_become_values_of_the_column(
    value: object, kind: Kind | None, expected: object
) -> None:
    assert to_feel(value, kind) == expected


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("5", Kind.NUMBER),
        (True, Kind.NUMBER),
        (1, Kind.BOOLEAN),
        ("yes", Kind.BOOLEAN),
        (5, Kind.STRING),
        ("2021-02-29", Kind.DATE),
        ("P90D", Kind.MONTHS),
        ("P3M", Kind.DAYS),
        ([1], Kind.NUMBER),
        (float("nan"), None),
        (float("inf"), None),
        (10**60, None),
        pytest.param(10**5000, None, id="a number of 5000 digits"),
        (Decimal("1E+5000"), None),
        (datetime(2020, 3, 2, tzinfo=UTC), Kind.DATE),
        (object(), None),
        (b"x", None),
    ],
)
def test_data_of_another_type_are_a_failure(value: object, kind: Kind | None) -> None:
    with pytest.raises(FeelFailed):
        to_feel(value, kind)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("5.00"), 5),
        (Decimal("45.5"), 45.5),
        (MARCH, "2020-03-02"),
        (datetime(2020, 3, 2, 8, 30, tzinfo=UTC), "2020-03-02T08:30:00Z"),
        (datetime(2020, 3, 2, 8, 30), "2020-03-02T08:30:00"),  # noqa: DTZ001 - FEEL has such
        (time(8, 30), "08:30:00"),
        (timedelta(seconds=90, milliseconds=250), "PT1M30.25S"),
        (Months(18), "P1Y6M"),
        (Months(-3), "-P3M"),
        (Months(0), "P0M"),
        (timedelta(days=90), "P90D"),
        (timedelta(days=1, hours=2, minutes=3, seconds=4), "P1DT2H3M4S"),
        (-timedelta(hours=1), "-PT1H"),
        (timedelta(), "P0D"),
        (True, True),
        (None, None),
        ([Decimal(1), MARCH], [1, "2020-03-02"]),
    ],
)
def test_values_go_back_as_json_has_them(value: Value, expected: object) -> None:
    found = to_plain(value)
    assert found == expected
    assert type(found) is type(expected)


@given(st.integers(-(10**5), 10**5), st.sampled_from(["P{}M", "P{}D"]))
def test_durations_survive_the_way_out_and_in(count: int, form: str) -> None:
    text = ("-" if count < 0 else "") + form.format(abs(count) % 10**5)
    value = value_of("duration(t)", t=text)
    assert value_of("duration(t)", t=to_plain(value)) == value
