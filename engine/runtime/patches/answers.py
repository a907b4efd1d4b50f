"""An operation's answer is kept under the name that the drawing gives it, or not at all.

The library keeps every answer, also what nobody named (`spiff__<task>_result`), in every state.
"""

import json

from SpiffWorkflow.spiff.specs.mixins.service_task import ServiceTask
from SpiffWorkflow.task import Task

from engine.runtime.patches import writes


def install() -> None:
    ServiceTask._execute = _execute


def _execute(self: ServiceTask, task: Task) -> bool:
    answer = task.workflow.script_engine.call_service(
        task,
        operation_name=self.operation_name,
        operation_params=self.evaluate_params(task),
    )
    if self.result_variable != f"spiff__{self.name.replace('-', '_')}_result":
        writes.say(task, {self.result_variable: json.loads(answer)})
    return True
