"""What the DMN TCK asks of compliance level 2, asked of tables of our own subject.

The kit (dmn-tck/tck, TestCases/compliance-level-2) is cited by its case ids and not
copied. Names, values and the number of rows are ours; what is asked of the evaluator is theirs. Of
the level, 0009 (a business knowledge model) is refused at deploy, and 0201 comes without cases.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest

from engine.runtime.decisions import DecisionFailed, DecisionRefused, read_decisions
from engine.settings import ROOT
from tests.runtime.dmn_samples import decision, file

AGES = ("age: number", 'risk: string = "high", "low", "medium"', "affordable: boolean")
STATUS = ': string = "approved", "declined"'
NAMED = ('Approved/Declined: string = "approved", "declined"', "Rate: string")
RATED = (
    '>=18 | "medium","low" | true | "approved" | "basic"',
    '<18 | - | - | "declined" | "standard"',
    '- | "high" | - | "approved" | "standard"',
)


@dataclass(frozen=True)
class Asked:
    """A decision and what it answers; of a lone output its bare value, as the TCK has it."""

    case: str
    file: bytes
    data: Mapping[str, object]
    expected: object


def table(rows: tuple[str, ...], **more: Any) -> bytes:
    return file(decision(rows, **more))


def approvals(hit: str, rows: tuple[str, ...], outputs: tuple[str, ...] = (STATUS,)) -> bytes:
    return table(rows, inputs=AGES, outputs=outputs, hit=hit)


def years(aggregation: str) -> bytes:
    rows = (">1 | 98.83", ">2 | 150.21", ">3 | 205.43", ">4 | 64.32")
    return table(
        rows, inputs=("years: number",), outputs=("",), hit="COLLECT", aggregation=aggregation
    )


def literal(
    text: str, kind: str = "", inputs: tuple[tuple[str, str], ...] = (), more: str = ""
) -> bytes:
    data = "".join(
        f'<inputData id="i{n}" name={quoteattr(name)}><variable name={quoteattr(name)} '
        f'typeRef="{type_}"/></inputData>'
        for n, (name, type_) in enumerate(inputs)
    )
    told = f' typeRef="{kind}"' if kind else ""
    return file(
        f'<decision id="d" name="d"><variable name="the answer"{told}/><literalExpression>'
        f"<text>{escape(text)}</text></literalExpression></decision>",
        more=data + more,
    )


SIMPLE = (
    '>=18 | "medium","low" | true | "approved"',
    '<18 | "medium","low" | true | "declined"',
    '- | "high" | true | "declined"',
    '- | - | false | "declined"',
)
WITH_OVERLAPS = (
    SIMPLE[0],
    '<18 | - | - | "declined"',
    '- | "high" | - | "declined"',
    '- | - | false | "declined"',
)
CATCH_ALL = (SIMPLE[0], '- | - | - | "declined"')
BOTH = (
    '>=18 | "low" | true | "approved" | "best"',
    '>=18 | "medium" | true | "approved" | "standard"',
    '<18 | "medium","low" | true | "declined" | "standard"',
    '- | "high" | true | "declined" | "standard"',
    '- | - | false | "declined" | "standard"',
)
STRUCTURE = ("Status" + STATUS + ' ~ "declined"', 'Rate: string = "best", "standard" ~ "standard"')
AGAIN = (*BOTH, '>=19 | "low" | true | "approved" | "best"')
SINGLE = tuple(row.rpartition(" | ")[0] for row in RATED)


def person(age: int, risk: str, affordable: bool = True) -> dict[str, object]:
    return {"age": age, "risk": risk, "affordable": affordable}


def row(status: str, rate: str, first: str = "Status") -> dict[str, str]:
    return {first: status, "Rate": rate}


def line(status: str, rate: str) -> dict[str, str]:
    return row(status, rate, "Approved/Declined")


THREE = ((18, "medium", "approved"), (17, "medium", "declined"), (18, "high", "declined"))
TABLES = [
    Asked(case, approvals(hit, rows), person(age, risk), expected)
    for case, hit, rows in (
        ("0004-simpletable-U", "UNIQUE", SIMPLE),
        ("0005-simpletable-A", "ANY", WITH_OVERLAPS),
        ("0006-simpletable-P1", "PRIORITY", WITH_OVERLAPS),
        ("0007-simpletable-P2", "PRIORITY", CATCH_ALL),
    )
    for age, risk, expected in THREE
]
TABLES += [
    Asked(
        "0010-multi-output-U",
        approvals("UNIQUE", BOTH, STRUCTURE),
        person(age, risk),
        row(status, "standard"),
    )
    for age, risk, status in THREE
]
#: For a young high risk (two rows hold), and whether the answer is a list.
DECLINED, APPROVED = line("declined", "standard"), line("approved", "standard")
SEVERAL: dict[str, tuple[str, Any]] = {
    "0108-first-hitpolicy": ("FIRST", DECLINED),
    "0109-ruleOrder-hitpolicy": ("RULE ORDER", [DECLINED, APPROVED]),
    "0110-outputOrder-hitpolicy": ("OUTPUT ORDER", [APPROVED, DECLINED]),
    "0118-multi-priority-hitpolicy": ("PRIORITY", APPROVED),
    "0119-multi-collect-hitpolicy": ("COLLECT", [DECLINED, APPROVED]),
}
SINGLY: dict[str, tuple[str, Any]] = {
    "0111-first-hitpolicy-singleoutputcol": ("FIRST", "declined"),
    "0112-ruleOrder-hitpolicy-singleinoutcol": ("RULE ORDER", ["declined", "approved"]),
    "0113-outputOrder-hitpolicy-singleinoutcol": ("OUTPUT ORDER", ["approved", "declined"]),
}
for case, (hit, both) in SEVERAL.items():
    drawn, is_list = approvals(hit, RATED, NAMED), isinstance(both, list)
    for age, one in ((19, line("approved", "basic")), (10, DECLINED)):
        TABLES.append(Asked(case, drawn, person(age, "low"), [one] if is_list else one))
    TABLES.append(Asked(case, drawn, person(17, "high"), both))
for case, (hit, both) in SINGLY.items():
    drawn, is_list = approvals(hit, SINGLE), isinstance(both, list)
    for age, status in ((19, "approved"), (10, "declined")):
        TABLES.append(Asked(case, drawn, person(age, "low"), [status] if is_list else status))
    TABLES.append(Asked(case, drawn, person(17, "high"), both))
TABLES += [
    Asked(case, years(aggregation), {"years": held}, expected)
    for case, aggregation, answers in (
        ("0114-min-collect-hitpolicy", "MIN", {5: 64.32, 3: 98.83, 4: 98.83}),
        ("0115-sum-collect-hitpolicy", "SUM", {5: 518.79, 3: 249.04, 2: 98.83}),
        ("0116-count-collect-hitpolicy", "COUNT", {6: 4, 2: 1, 3: 2}),
    )
    for held, expected in answers.items()
]
TABLES += [
    Asked(
        "0117-multi-any-hitpolicy",
        approvals("ANY", AGAIN, STRUCTURE),
        person(age, risk),
        row(*answer),
    )
    for age, risk, answer in (
        (19, "low", ("approved", "best")),
        (17, "high", ("declined", "standard")),
        (19, "medium", ("approved", "standard")),
    )
]

KINDS = '<itemDefinition name="tKind"><typeRef>string</typeRef><allowedValues><text>"GENERAL","SERIOUS"</text></allowedValues></itemDefinition>'
LOAN = (
    '<itemDefinition name="tDebt"><itemComponent name="principal"><typeRef>feel:number</typeRef></itemComponent>'
    '<itemComponent name="rate"><typeRef>feel:number</typeRef></itemComponent>'
    '<itemComponent name="months"><typeRef>feel:number</typeRef></itemComponent></itemDefinition>'
)
INSTALMENT = "(debt.principal*debt.rate/12)/(1-(1+debt.rate/12)**-debt.months)"
LITERALS = [
    Asked(
        "0001-input-data-string",
        literal('"Dear " + Full Name', "string", (("Full Name", "string"),)),
        {"Full Name": "Wu"},
        "Dear Wu",
    ),
    Asked(
        "0002-input-data-number",
        literal("Fine per Month * 12", "number", (("Fine per Month", "number"),)),
        {"Fine per Month": 10_000},
        120_000,
    ),
    Asked(
        "0003-input-data-string-allowed-values",
        literal('"It is " + Kind of Case', "string", (("Kind of Case", "tck:tKind"),), KINDS),
        {"Kind of Case": "SERIOUS"},
        "It is SERIOUS",
    ),
    Asked("0100-feel-constants", literal("true", "boolean"), {}, True),
    Asked("0100-feel-constants", literal("false", "feel:boolean"), {}, False),
    Asked("0101-feel-constants", literal(".872", "number"), {}, 0.872),
    Asked("0101-feel-constants", literal("-.872", "number"), {}, -0.872),
    Asked("0101-feel-constants", literal("-50", "number"), {}, -50),
    Asked("0101-feel-constants", literal("125.4321987654", "number"), {}, 125.4321987654),
    Asked("0102-feel-constants", literal('"two words"', "string"), {}, "two words"),
    Asked("0102-feel-constants", literal('"šúň 横綱"', "string"), {}, "šúň 横綱"),
    Asked("0102-feel-constants", literal(f'"{"long" * 50}"', "string"), {}, "long" * 50),
]
MATH: dict[str, object] = {
    "10+5": 15, "-10+-5": -15, "(-10)+(-5)": -15, "10-5": 5, "-10--5": -5, "(-10)-(-5)": -5,
    "(10+20)-(-5+3)": 32, "10*5": 50, "-10*-5": 50, "(10+5)*(-5*3)": -225, "10/5": 2, "-10/-5": 2,
    "(10+20)/(-5*3)": -2, "10**5": 100_000, "10**-5": 0.00001, "(5+2)**5": 16807, "5+2**5": 37,
    "5+2**5+3": 40, "5+2**(5+3)": 261, "10+null": None, "null + 10": None, "10 - null": None,
    "null - 10": None, "10 * null": None, "null * 10": None, "10 / null": None, "null / 10": None,
    "10 + 20 / -5 - 3": 3, "10 + 20 / (-5 - 3)": 7.5, "1.2*10**3": 1200,
}  # fmt: skip
LITERALS += [
    Asked("0105-feel-math", literal(text, "number"), {}, value) for text, value in MATH.items()
]
TRUTHS = (True, False, None)
BOOLEANS = (("A", "boolean"), ("B", "feel:boolean"))


def both_hold(a: bool | None, b: bool | None) -> bool | None:
    """Kleene's and."""
    return False if False in (a, b) else None if None in (a, b) else True


def negated(a: bool | None) -> bool | None:
    return None if a is None else not a


for a in TRUTHS:
    LITERALS.append(
        Asked(
            "0107-feel-ternary-logic-not",
            literal("not(A)", "boolean", BOOLEANS),
            {"A": a},
            negated(a),
        )
    )
    for b in TRUTHS:
        data, either = {"A": a, "B": b}, negated(both_hold(negated(a), negated(b)))
        LITERALS.append(
            Asked(
                "0106-feel-ternary-logic",
                literal("A and B", "boolean", BOOLEANS),
                data,
                both_hold(a, b),
            )
        )
        LITERALS.append(
            Asked("0106-feel-ternary-logic", literal("A or B", "boolean", BOOLEANS), data, either)
        )


@pytest.mark.parametrize("asked", TABLES + LITERALS, ids=lambda asked: asked.case)
def test_the_answer_is_the_one_that_the_case_expects(asked: Asked) -> None:
    assert (
        bare(read_decisions(asked.file, "tck.dmn").decide("d", asked.data).value) == asked.expected
    )


def bare(value: Any) -> Any:
    if isinstance(value, list):
        return [bare(each) for each in value]
    return next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else value


def test_0008_an_instalment_of_34_digits() -> None:
    drawn = literal(INSTALMENT, "number", (("debt", "tDebt"),), LOAN)
    debt = {"principal": 600_000, "rate": Decimal("0.0375"), "months": 360}
    found = bare(read_decisions(drawn, "tck.dmn").decide("d", {"debt": debt}).value)
    monthly = 0.0375 / 12
    assert math.isclose(found, 600_000 * monthly / (1 - (1 + monthly) ** -360), rel_tol=1e-12)


def test_0105_division_by_zero_is_refused_where_the_kit_expects_null() -> None:
    with pytest.raises(DecisionRefused, match="无法计算"):
        read_decisions(literal("(10+20)/0", "number"), "tck.dmn")


def test_0009_a_business_knowledge_model_is_refused_and_not_ignored() -> None:
    knowledge = literal("1").replace(
        b"<decision ", b'<businessKnowledgeModel id="b" name="b"/><decision '
    )
    with pytest.raises(DecisionRefused, match="业务知识模型"):
        read_decisions(knowledge, "tck.dmn")


def test_0004_a_unique_table_with_two_rows_that_hold_has_no_answer() -> None:
    with pytest.raises(DecisionFailed):
        read_decisions(approvals("UNIQUE", WITH_OVERLAPS), "tck.dmn").decide(
            "d", person(17, "high")
        )


def test_what_is_said_of_each_case_is_what_is_asked_here() -> None:
    said = (ROOT / "workflows/DMN.md").read_text(encoding="utf-8")
    asked = {each.case for each in TABLES + LITERALS} | {"0008-LX-arithmetic"}
    rows = [line for line in said.splitlines() if line.startswith("| 0")]
    for line in rows:
        cases, answers, *_ = line.strip("| ").split(" | ")
        is_yes = answers.startswith("yes")
        assert all((case in asked) is is_yes for case in cases.split(", ")), line
    assert asked <= {case for line in rows for case in line.strip("| ").split(" | ")[0].split(", ")}
