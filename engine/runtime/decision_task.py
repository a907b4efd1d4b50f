"""Decision tasks: a diagram asks a decision table by its id, with our own evaluator.

The library's business rule task would read the cells as Python and take every hit policy for FIRST.
Here the task asks the surroundings of the step, which keep the rows that held, and puts the answer
under the name that the drawing gives it (property `result`).
"""

from collections.abc import Sequence
from typing import Any

from SpiffWorkflow.bpmn.parser.BpmnParser import full_tag
from SpiffWorkflow.bpmn.specs.mixins.service_task import ServiceTask
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.task_spec import SpiffTaskParser
from SpiffWorkflow.spiff.specs.spiff_task import SpiffBpmnTask
from SpiffWorkflow.task import Task

from engine.domain.errors import Invalid
from engine.runtime.decisions import DecisionResult, Decisions
from engine.runtime.drawing import called_decision, properties
from engine.runtime.expression_guards import MissingVariable
from engine.runtime.feel import FeelFailed
from engine.runtime.feel.values import to_plain
from engine.runtime.patches import writes

#: The property that names the variable of the answer.
RESULT = "result"


class DecisionTask(ServiceTask, SpiffBpmnTask):
    """An automatic task that asks one decision."""

    def __init__(self, wf_spec: Any, name: str, decision_id: str, result: str, **rest: Any) -> None:
        super().__init__(wf_spec, name, **rest)
        self.decision_id, self.result = decision_id, result

    def _execute(self, task: Task) -> bool:
        answer = task.workflow.script_engine.decide(task, self.decision_id)
        writes.say(task, {self.result: answer})
        return True


class _DecisionTaskParser(SpiffTaskParser):
    get_decision_ref = staticmethod(called_decision)

    def create_task(self) -> DecisionTask:
        named = properties(self.node).get(RESULT, "")
        attributes = self.bpmn_attributes
        return DecisionTask(
            self.spec, self.bpmn_id, called_decision(self.node), named, **attributes
        )


class DiagramParser(SpiffBpmnParser):
    """The library's parser, with our own kind of business rule task."""

    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 - the library's own way
        **SpiffBpmnParser.OVERRIDE_PARSER_CLASSES,
        full_tag("businessRuleTask"): (_DecisionTaskParser, DecisionTask),
    }


def answer_of(tables: Decisions, decision_id: str, result: DecisionResult) -> Any:
    """The answer as the process knows it: of a table with one output its value, else all by name.

    Policies with several hits give a list of these. Errors: Invalid where no row held and the table
    has no default: the case must not go on without an answer.
    """
    outputs = tables.table(decision_id).outputs
    if result.value is None:
        title = tables.table(decision_id).title
        raise Invalid(
            f"规则表“{title.zh}”没有一行适用，也没有默认结果。",
            f"no row of the table {title.en or decision_id} holds, and it has no default",
        )
    if len(outputs) > 1 or isinstance(result.value, int | float):
        return result.value
    (name,) = (column.name for column in outputs)
    if isinstance(result.value, list):
        return [each[name] for each in result.value]
    return result.value[name] if isinstance(result.value, dict) else result.value


#: Policies whose answer is a list of what the rows say.
SEVERAL = frozenset({"RULE ORDER", "OUTPUT ORDER"})


def outcomes_of(tables: Decisions, decision_id: str) -> tuple[Any, ...]:
    """What the table may answer, as far as its cells say so without a case: for the gate's walk.

    Of lists those with one row and the empty one; None stands for what only a case can tell.
    """
    table = tables.table(decision_id)
    told = [_constant(table.outputs, row.outputs) for row in table.rows]
    told.append(_constant(table.outputs, [column.default for column in table.outputs]))
    distinct = list({repr(each): each for each in told if each is not None}.values())
    if table.hit_policy in SEVERAL or (table.hit_policy == "COLLECT" and not table.aggregation):
        return tuple([[each] for each in distinct] + [[]])
    return tuple(distinct) or (None,)


def _constant(columns: Sequence[Any], cells: Sequence[Any]) -> Any:
    """A row's answer, where its cells need no case for it; None where they do."""
    try:
        values = [to_plain(cell({})) for cell in cells]
    except (FeelFailed, MissingVariable, TypeError):
        return None
    if len(values) == 1:
        return values[0]
    return {column.name: value for column, value in zip(columns, values, strict=True)}
