"""How a running case stands to another version of its procedure: found out, nothing is changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.actor import SYSTEM
from engine.domain.views import MigrationFinding
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime import migration
from engine.runtime.drawing import Element
from engine.runtime.migration import Course, Finding, Outcome, Verdict, worst
from engine.services.access import OPEN
from engine.services.casework import Casework
from engine.services.office import Office
from engine.services.operations import OPERATIONS


@dataclass(frozen=True)
class Carried:
    """A case carried in thought: what would be stored, and what there is to say."""

    instances: tuple[tuple[models.ProcessInstance, Outcome], ...]
    findings: tuple[MigrationFinding, ...]

    @property
    def verdict(self) -> Verdict:
        return worst(Verdict(each.verdict) for each in self.findings)


@dataclass
class Survey:
    """One case, read for its migration along a course."""

    office: Office
    session: Session
    course: Course
    case: models.Case
    now: datetime
    findings: list[MigrationFinding] = field(default_factory=list)

    def carry(self) -> Carried:
        row = models.ProcessInstance
        known = select(row).where(row.case_id == self.case.id, row.is_finished.is_(False))
        instances = []
        answers = self._answers_only_new_reads()
        for each in self.session.scalars(known.order_by(row.started_at)):
            outcome = migration.carry(
                self.course, each.process_id, each.state, self._since(each), known=answers
            )
            instances.append((each, outcome))
            self.findings += [view_of(finding) for finding in outcome.findings]
            if outcome.state is not None:
                self.findings += list(self._of_tasks(each, outcome))
        self.findings += list(self._of_clocks())
        return Carried(tuple(instances), tuple(self.findings))

    def _answers_only_new_reads(self) -> dict[str, Any]:
        """Only answers that a diagram reads enter process data; the new one may read others."""
        wanted = self.course.new.variables - self.course.old.variables
        if not wanted:
            return {}
        task = models.Task
        done = select(task.answers).where(
            task.case_id == self.case.id, task.state == "completed", task.answers.is_not(None)
        )
        told: dict[str, Any] = {}
        for answers in self.session.scalars(done.order_by(task.completed_at)):
            told.update({k: v for k, v in (answers or {}).items() if k in wanted})
        return told

    def _since(self, row: models.ProcessInstance) -> migration.Since:
        def surroundings(wait_id: UUID, process_id: str) -> Casework:
            began = self.began(row, wait_id, process_id)
            return Casework(
                self.office, self.session, self.case, self.course.new, SYSTEM, began, OPERATIONS
            )

        return surroundings

    def began(self, row: models.ProcessInstance, wait_id: UUID, process_id: str) -> datetime:
        """When a wait, or a called process, began; the instance's own beginning otherwise."""
        task, wait = models.Task, models.Wait
        for asked in (
            select(task.created_at).where(task.id == wait_id),
            select(wait.begun_at).where(wait.id == wait_id),
            select(func.min(task.created_at)).where(
                task.instance_id == row.id, task.process_id == process_id
            ),
        ):
            found = self.session.scalar(asked)
            if found is not None:
                return found
        return row.started_at

    # ── tasks ───────────────────────────────────────────────────────────────────────────────────

    def _of_tasks(
        self, row: models.ProcessInstance, outcome: Outcome
    ) -> Iterator[MigrationFinding]:
        task = models.Task
        found = select(task).where(task.instance_id == row.id, task.state.in_(OPEN))
        for each in self.session.scalars(found):
            before = self.course.old.element(each.process_id, each.element_id)
            after = self.course.new.element(each.process_id, renamed(outcome, each))
            yield from self._of_draft(each, after)
            yield from self._of_holder(each, before, after)

    def _of_draft(self, task: models.Task, after: Element) -> Iterator[MigrationFinding]:
        asked = self.course.new.forms.get(after.form or "", {}).get("properties", {})
        given = {name for name, value in (task.draft or {}).items() if value not in (None, "", [])}
        titles = self.course.old.forms
        for name in sorted(given - asked.keys()):
            form = self.course.old.element(task.process_id, task.element_id).form or ""
            question = titles.get(form, {}).get("properties", {}).get(name, {})
            yield _told(
                Verdict.LOSES,
                after,
                f"草稿里的“{question.get('title', name)}”新表单没有，不再显示。",
                f"the new form has no {question.get('x-title-en', name)}, which the draft answers",
            )

    def _of_holder(
        self, task: models.Task, before: Element, after: Element
    ) -> Iterator[MigrationFinding]:
        if before.group == after.group:
            return
        group = self.office.directory().group(after.group or "")
        if task.assignee is None or self._is_member(task.assignee, after.group or ""):
            yield _told(
                Verdict.FITS, after, f"改由{group.zh}办理。", f"goes to {group.en or group.zh}"
            )
            return
        yield _told(
            Verdict.LOSES,
            after,
            f"改由{group.zh}办理，{task.assignee} 的领取作废。",
            f"goes to {group.en or group.zh}; {task.assignee} no longer holds it",
        )

    def _is_member(self, username: str, group: str) -> bool:
        person = models.Person
        groups = self.session.scalar(select(person.groups).where(person.username == username))
        return group in (groups or [])

    def _of_clocks(self) -> Iterator[MigrationFinding]:
        clock = models.Clock
        running = select(clock.key).where(
            clock.case_id == self.case.id, clock.state.in_(("running", "paused"))
        )
        for key in self.session.scalars(running):
            if key in self.course.old.clocks and key not in self.course.new.clocks:
                title = self.course.old.clocks[key].title
                told = Words(
                    "正在走的期限，新版本没有：迁移后不再由流程带动。",
                    "a limit that runs, and that the new version has not: no step will move it",
                )
                yield MigrationFinding(Verdict.LOSES.value, "", key, title, told)


def renamed(outcome: Outcome, row: models.Task | models.Wait | models.Timer) -> str:
    return outcome.renamed.get((row.process_id, row.element_id), row.element_id)


def view_of(finding: Finding) -> MigrationFinding:
    return MigrationFinding(
        finding.verdict.value, finding.process_id, finding.element_id, finding.title, finding.told
    )


def _told(verdict: Verdict, element: Element, zh: str, en: str) -> MigrationFinding:
    return MigrationFinding(
        verdict.value, element.process_id, element.id, element.title, Words(zh, en)
    )


def as_row(finding: MigrationFinding) -> Mapping[str, str]:
    return {
        "verdict": finding.verdict,
        "process_id": finding.process_id,
        "element_id": finding.element_id,
        "title": finding.title.zh,
        "title_en": finding.title.en,
        "zh": finding.told.zh,
        "en": finding.told.en,
    }


def of_row(row: Mapping[str, str]) -> MigrationFinding:
    return MigrationFinding(
        row["verdict"],
        row["process_id"],
        row["element_id"],
        Words(row["title"], row["title_en"]),
        Words(row["zh"], row["en"]),
    )
