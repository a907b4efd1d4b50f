"""What fails says why, and what is not open is not run.

In the library a failing operation surfaces as "name 'script' is not defined", a cause without text
as "can only concatenate str"; and a task may be run again, or before its time.
"""

from typing import Any

from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.exceptions import SpiffWorkflowException, WorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

_run = Task.run


def install() -> None:
    Task.run = _run_when_ready
    PythonScriptEngine.call_service = _call_service
    PythonScriptEngine.create_task_exec_exception = _explain


def _run_when_ready(self: Task) -> Any:
    if self._state != TaskState.READY:
        state = TaskState.get_name(self._state)
        raise WorkflowException(
            f"{self.task_spec.name} is {state}, so it cannot be run", task_spec=self.task_spec
        )
    return _run(self)


def _call_service(self: PythonScriptEngine, task: Task, **asked: Any) -> Any:
    try:
        return self.environment.call_service(task.data, **asked)
    except Exception as cause:
        raise self.create_task_exec_exception(task, "", cause) from cause


def _explain(
    self: PythonScriptEngine, task: Task, script: str, err: Exception
) -> SpiffWorkflowException:
    if isinstance(err, SpiffWorkflowException):
        return err
    line, text = self.get_error_line_number_and_content(script, err) if script else (0, "")
    told = ": ".join((type(err).__name__, *(str(each) for each in err.args[:1])))
    return WorkflowTaskException(told, task=task, exception=err, line_number=line, error_line=text)
