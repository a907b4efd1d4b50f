"""Makes a table of a drawing: every cell is read, checked against its column, and compiled."""

from collections.abc import Mapping, Sequence

from engine.runtime.decisions.cells import Cells, inferred, listed
from engine.runtime.decisions.declarations import Declarations
from engine.runtime.decisions.drawn import DrawnDecision, DrawnInput, DrawnOutput, DrawnRow
from engine.runtime.decisions.policies import AGGREGATIONS, POLICIES, RANKED
from engine.runtime.decisions.results import Place, Problems
from engine.runtime.decisions.table import InputColumn, OutputColumn, Row, Table
from engine.runtime.feel import Node, TestNode, compile_expression, compile_tests, constants, names
from engine.runtime.feel.closures import Run
from engine.runtime.feel.syntax import Anything, Constant, Name


def build_table(
    drawn: DrawnDecision,
    decisions: Mapping[str, DrawnDecision],
    declarations: Declarations,
    problems: Problems,
) -> Table:
    """`decisions`: all of the file, by id."""
    required = {name for each in drawn.requires for name in _names(decisions, each)}
    others = {name for each in decisions for name in _names(decisions, each)}
    cells = Cells(
        decision_id=drawn.id,
        declarations=declarations,
        problems=problems,
        known=required | declarations.variables,
        foreign=frozenset(others - required - declarations.variables),
    )
    return _Builder(drawn, cells).table(required)


def _names(decisions: Mapping[str, DrawnDecision], decision_id: str) -> tuple[str, ...]:
    return decisions[decision_id].names if decision_id in decisions else ()


class _Builder:
    def __init__(self, drawn: DrawnDecision, cells: Cells) -> None:
        self._drawn = drawn
        self._cells = cells

    def table(self, required: set[str]) -> Table:
        drawn = self._drawn
        self._check_policy()
        expressions = [self._input_expression(each) for each in drawn.inputs]
        tests = [self._row_tests(n, row) for n, row in enumerate(drawn.rows, 1)]
        inputs = tuple(
            self._input(each, expressions[i], [nodes[i] for nodes in tests])
            for i, each in enumerate(drawn.inputs)
        )
        outputs = tuple(self._output(each) for each in drawn.outputs)
        self._check_outputs(outputs)
        rows = tuple(
            self._row(n, row, nodes, inputs, outputs)
            for n, (row, nodes) in enumerate(zip(drawn.rows, tests, strict=True), 1)
        )
        return Table(
            id=drawn.id,
            title=drawn.title,
            description=drawn.description,
            is_literal=drawn.is_literal,
            names=drawn.names,
            requires=drawn.requires,
            variables=frozenset(self._cells.met - required),
            hit_policy=drawn.hit_policy,
            aggregation=drawn.aggregation,
            inputs=inputs,
            outputs=outputs,
            notes=drawn.notes,
            rows=rows,
        )

    def _problem(self, zh: str, english: str, column: str = "", row: int | None = None) -> None:
        self._cells.problems.add(self._cells.place(column, row), zh, english)

    def _check_policy(self) -> None:
        policy, aggregation = self._drawn.hit_policy, self._drawn.aggregation
        if policy not in POLICIES:
            self._problem(f"没有命中策略 {policy}", f"there is no hit policy {policy}")
        if aggregation and (policy != "COLLECT" or aggregation not in AGGREGATIONS):
            zh, english = f"{policy} 不能聚合为 {aggregation}", f"{policy} has no {aggregation}"
            self._problem(zh, english)
        if aggregation and len(self._drawn.outputs) > 1:
            self._problem("聚合只能有一个输出列", "an aggregation has one output column")

    def _check_outputs(self, outputs: Sequence[OutputColumn]) -> None:
        if not outputs:
            self._problem("没有输出列", "there is no output column")
        if len({column.name for column in outputs}) < len(outputs):
            self._problem("输出列重名或没有名称", "output columns share a name, or have none")
        if self._drawn.hit_policy in RANKED and all(column.order is None for column in outputs):
            zh = f"{self._drawn.hit_policy} 需要按优先次序列出输出值"
            self._problem(zh, f"{self._drawn.hit_policy} needs output values, the first one first")

    # Columns

    def _input_expression(self, drawn: DrawnInput) -> Node:
        place = self._cells.place(drawn.label)
        if not drawn.expression:
            self._problem("输入列没有表达式", "the input column has no expression", drawn.label)
            return Constant(None)
        node = self._cells.expression(drawn.expression, place)
        self._cells.introduce(node, place)
        return node

    def _input(self, drawn: DrawnInput, node: Node, tests: Sequence[TestNode]) -> InputColumn:
        place = self._cells.place(drawn.label)
        declarations = self._cells.declarations
        type_ = declarations.resolve(drawn.type_ref, place)
        declared = declarations.types.get(node.text) if isinstance(node, Name) else None
        kind = type_.kind or (declared.kind if declared else None) or inferred(tests)
        allowed_text = drawn.allowed or type_.allowed or (declared.allowed if declared else "")
        allowed_node, allowed = self._cells.allowed(allowed_text, kind, place)
        for number, test in enumerate(tests, 1):
            cell = self._cells.place(drawn.label, number)
            self._cells.check_tests(test, kind, cell)
            self._cells.check_allowed(listed(test), allowed, cell)
        run = compile_expression(node, declarations.kinds)
        return InputColumn(
            label=drawn.label,
            label_en=drawn.label_en,
            expression=drawn.expression,
            reads=tuple(name.text for name in names(node)),
            run=run,
            kind=kind,
            is_whole=type_.is_whole or (declared is not None and declared.is_whole),
            allowed_node=allowed_node,
            allowed=allowed,
            allowed_text=allowed_text,
        )

    def _output(self, drawn: DrawnOutput) -> OutputColumn:
        is_alone = len(self._drawn.outputs) == 1
        name = drawn.name or (self._drawn.result if is_alone else "")
        place = self._cells.place(drawn.label or name)
        type_ = self._cells.declarations.resolve(drawn.type_ref, place)
        allowed_node, allowed = self._cells.allowed(
            drawn.allowed or type_.allowed, type_.kind, place
        )
        order = None if isinstance(allowed_node, Anything) else constants(allowed_node)
        column = OutputColumn(
            name=name,
            label=place.column,
            label_en=drawn.label_en,
            kind=type_.kind,
            allowed=allowed,
            allowed_text=drawn.allowed or type_.allowed,
            default_text=drawn.default,
            order=None if order is None else tuple(order),
            default=None,
        )
        return column.with_default(self._output_entry(drawn.default, column, place))

    # Rows

    def _row_tests(self, number: int, row: DrawnRow) -> list[TestNode]:
        inputs = self._drawn.inputs
        expected, found = (
            (len(inputs), len(self._drawn.outputs)),
            (len(row.inputs), len(row.outputs)),
        )
        if found != expected:
            zh = "输入、输出单元格应各有 {} 和 {} 个，却有 {} 和 {} 个".format(*expected, *found)
            english = "{} inputs and {} outputs wanted, found {} and {}".format(*expected, *found)
            self._problem(zh, english, row=number)
        texts = (*row.inputs, *[""] * len(inputs))[: len(inputs)]
        return [
            self._cells.tests(text, self._cells.place(column.label, number))
            for text, column in zip(texts, inputs, strict=True)
        ]

    def _row(
        self,
        number: int,
        drawn: DrawnRow,
        nodes: Sequence[TestNode],
        inputs: Sequence[InputColumn],
        outputs: Sequence[OutputColumn],
    ) -> Row:
        kinds = self._cells.declarations.kinds
        entries = [
            self._output_entry(text, column, self._cells.place(column.label, number))
            for text, column in zip(drawn.outputs, outputs, strict=False)
        ]
        return Row(
            id=drawn.id,
            number=number,
            tests=tuple(
                (i, compile_tests(node, inputs[i].kind, kinds))
                for i, node in enumerate(nodes)
                if not isinstance(node, Anything)
            ),
            nodes=tuple(nodes),
            outputs=tuple(run or _null for run in entries),
            texts=(*drawn.inputs, *drawn.outputs),
            annotations=drawn.annotations,
        )

    def _output_entry(self, text: str, column: OutputColumn, place: Place) -> Run | None:
        """None for an empty cell."""
        node = self._cells.expression(text, place) if text else Constant(None)
        self._cells.check_names(node, place)
        if isinstance(node, Constant) and (text or place.row):
            self._cells.check_kind(node.value, column.kind, place)
            self._cells.check_allowed([node.value], column.allowed, place)
        return compile_expression(node, self._cells.declarations.kinds) if text else None


def _null(scope: object) -> None:
    return None
