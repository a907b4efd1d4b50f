"""Plays the stories: each step is a call of the service that a page would call."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine.demo.cast import Firm, cast
from engine.demo.papers import Form, paper
from engine.demo.story import APPLICANT, OFFICE_TIME, TAKE, Event, Step, Story, phrases
from engine.domain.actor import Actor
from engine.domain.errors import EngineError
from engine.domain.views import DraftView, TaskView
from engine.services import (
    applications,
    cases,
    commitments,
    courses,
    documents,
    duty,
    follow_ups,
    people,
    records,
    supervision,
    tasks,
    tellings,
    training,
)
from engine.services.office import Office


class StoryBroken(Exception):
    """A story asks for what the office does not allow; says which, when and why."""


def move_clock(office: Office, to: datetime) -> None:
    """Let what happens by itself happen on the way, also where workers would do it later."""
    if to > office.now():
        training.set_clock(office, None, to, now=office.now())
        if not office.is_embedded:
            duty.round_of(office)


class Player:
    """Plays events in their order; the training clock goes with them."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._phrases = phrases()
        self._numbers: dict[str, str] = {}
        self._drafts: dict[str, UUID] = {}
        self._claimed: dict[tuple[str, str], UUID] = {}
        self._facts: dict[str, dict[str, str]] = {}
        self._actors: dict[str, Actor] = {}
        self._verbs: Mapping[str, Callable[[Actor, Story, Step, str], None]] = {
            "begin": self._begin,
            "file": self._file,
            TAKE: self._take,
            "claim": self._claim,
            "save": self._draft,
            "reassign": self._reassign,
            "attach": self._attach,
            "withdraw": self._withdraw,
            "send": self._send,
            "tell": self._tell,
            "supervise": self._supervise,
            "follow": self._follow_up,
            "judge": self._judge,
            "study": self._study,
        }

    def play(self, event: Event) -> None:
        """Let the clock come to the event and do it. StoryBroken names story and step."""
        step, story = event.step, event.story
        verb, _, what = step.act.partition(" ")
        try:
            move_clock(self._office, step.at)
            actor = self._actor(story.firm if step.who == APPLICANT else step.who)
            self._verbs.get(verb, self._complete)(actor, story, step, what)
        except (EngineError, LookupError) as problem:
            fields = getattr(problem, "fields", {})
            place = f"{story.key}, {step.at:%m-%d %H:%M} {step.who} {step.act}"
            raise StoryBroken(f"{place}: {problem} {fields or ''}") from problem

    def _actor(self, username: str) -> Actor:
        if username not in self._actors:
            self._actors[username] = people.actor_of_username(self._office, username)
        return self._actors[username]

    def _begin(self, actor: Actor, story: Story, step: Step, what: str) -> None:
        """Start an application, answer it page by page, hand in its papers."""
        office = self._office
        about = self._about(actor, story)
        draft_id = applications.start(office, actor, story.procedure, about, now=office.now())
        self._drafts[story.key] = draft_id
        answers = self._answers_of_application(story)
        draft = applications.get(office, actor, draft_id, now=office.now())
        for page in _pages(draft, story.until):
            given = {name: answers[name] for name in page if name in answers}
            applications.save(office, actor, draft_id, given, now=office.now())
        for each in story.papers:
            kind, _, form = each.partition(".")
            name, content = self._paper(actor, story, kind, form or "pdf")
            applications.attach(office, actor, draft_id, kind, name, content, now=office.now())

    def _about(self, actor: Actor, story: Story) -> list[UUID]:
        """The record the story is about, if any; what papers and answers say of it is kept."""
        firm = cast().firms[story.firm]
        self._facts[story.key] = _facts_of_firm(firm, story)
        if not story.record:
            return []
        found = records.find(
            self._office, actor, now=self._office.now(), subject=firm.code, q=story.record
        )
        (record,) = found.items
        fine = f"人民币 {float(record.fine or 0) * 10_000:,.0f} 元"
        self._facts[story.key] |= {
            "number": record.number,
            "authority": record.authority,
            "conduct": record.conduct,
            "fine": fine,
        }
        return [record.id]

    def _answers_of_application(self, story: Story) -> dict[str, Any]:
        firm = cast().firms[story.firm]
        return {
            "representative": "agent" if firm.is_agent else "legal_representative",
            "handler_name": firm.handler,
            "handler_phone": firm.phone,
            "handler_email": f"{story.firm}@example.com",
            **_service(story, firm),
            **(story.said or _repair(story)),
        }

    def _file(self, actor: Actor, story: Story, step: Step, what: str) -> None:
        office = self._office
        if not story.unchecked:
            filed = applications.submit(office, actor, self._drafts[story.key], now=office.now())
        else:  # a program may file what the pages would have advised against
            about = self._about(actor, story)
            answers = self._answers_of_application(story)
            code = cast().firms[story.firm].code
            filed = cases.file(
                office, actor, story.procedure, code, about, answers, now=office.now()
            )
        self._numbers[story.key] = filed.number

    def _take(self, actor: Actor, story: Story, step: Step, what: str) -> None:
        """Claim a task that is there already; one that is still to come is claimed when it is."""
        if (story.key, what) not in self._claimed:
            with suppress(LookupError):
                self._claim(actor, story, step, what)

    def _claim(self, actor: Actor, story: Story, step: Step, what: str) -> None:
        task_id = self._task(actor, story, what).id
        tasks.claim(self._office, actor, task_id, now=self._office.now())
        self._claimed[story.key, what] = task_id

    def _draft(self, actor: Actor, story: Story, step: Step, what: str) -> None:
        task = self._task(actor, story, what)
        answers = self._answers(story, what, step)
        tasks.save_draft(self._office, actor, task.id, answers, now=self._office.now())

    def _reassign(self, actor: Actor, story: Story, step: Step, what: str) -> None:
        task = self._task(actor, story, what)
        reason = str((step.more or {}).get("reason", ""))
        tasks.reassign(
            self._office, actor, task.id, step.how, reason=reason, now=self._office.now()
        )

    def _attach(self, actor: Actor, story: Story, step: Step, what: str) -> None:
        name, content = self._paper(actor, story, what, step.how or "pdf")
        number = self._numbers[story.key]
        documents.attach(self._office, actor, number, what, name, content, now=self._office.now())

    def _withdraw(self, actor: Actor, story: Story, step: Step, what: str) -> None:
        number = self._numbers[story.key]
        cases.withdraw(self._office, actor, number, reason=step.how, now=self._office.now())

    def _send(self, actor: Actor, story: Story, step: Step, what: str) -> None:
        number, payload = self._numbers[story.key], dict(step.more or {})
        cases.message(self._office, actor, number, what, payload, now=self._office.now())

    def _follow_up(self, actor: Actor, story: Story, step: Step, what: str) -> None:
        """What is begun on the closed case."""
        number, answers = self._numbers[story.key], dict(step.more or {})
        follow_ups.start(self._office, actor, number, what, answers, now=self._office.now())

    def _tell(self, actor: Actor, story: Story, step: Step, what: str) -> None:
        number, told = self._numbers[story.key], dict(step.more or {})
        tellings.act(self._office, actor, number, what, told, now=self._office.now())

    def _supervise(self, actor: Actor, story: Story, step: Step, what: str) -> None:
        task = self._task(actor, story, what)
        supervision.issue_notice(
            self._office, actor, task.id, ground=step.how, now=self._office.now()
        )

    def _judge(self, actor: Actor, story: Story, step: Step, what: str) -> None:
        """A department finds how the commitment of the case was performed."""
        office, number = self._office, self._numbers[story.key]
        held = commitments.find(office, actor, now=office.now(), limit=200).items
        (code,) = [row.code for row in held if row.case_number == number and row.kind == "repair"]
        said = {name: str(text) for name, text in (step.more or {}).items()}
        commitments.judge(office, actor, code, what, now=office.now(), **said)

    def _study(self, actor: Actor, story: Story, step: Step, what: str) -> None:
        """Read the course (of *begun* half of it) and take its test, which is passed or failed."""
        office, now = self._office, self._office.now()
        course = courses.taught(office, now=now)
        keys = [each.key for each in course.sections]
        handler = cast().firms[story.firm].handler
        for key in keys[: len(keys) // 2] if what == "begun" else keys:
            courses.read_section(office, actor, key, attendee=handler, now=now)
        if what == "begun":
            return
        exam_id = courses.begin(office, actor, now=now)
        answers = {}
        for asked in courses.exam(office, actor, exam_id, now=now).questions:
            question = course.question(asked.key)
            right = question.right if question else frozenset()
            wrong = [key for key in asked.options if key not in right]
            answers[asked.key] = sorted(right) if what == "passed" else wrong[:1]
        courses.answer(office, actor, exam_id, answers, now=now)

    def _complete(self, actor: Actor, story: Story, step: Step, what: str) -> None:
        answers = self._answers(story, step.act, step)
        task_id = self._claimed.pop((story.key, step.act), None)
        if task_id is None:
            task_id = self._task(actor, story, step.act).id
        tasks.complete(self._office, actor, task_id, answers, now=self._office.now())

    def _task(self, actor: Actor, story: Story, element: str) -> TaskView:
        """The open task of an element in the case, as the actor's inbox offers it."""
        number, now = self._numbers[story.key], self._office.now()
        offered = tasks.inbox(self._office, actor, scope="all", q=number, now=now).items
        found = [task for task in offered if task.element_id == element]
        if not found:
            raise LookupError(f"{number} offers {[task.element_id for task in offered]}")
        return found[0]

    def _answers(self, story: Story, task: str, step: Step) -> dict[str, Any]:
        said = self._phrases.get(task, {}).get(step.how, {}) if step.how else {}
        if step.how and not said:
            raise LookupError(f"there is no phrase {task}.{step.how}")
        today = self._office.now().astimezone(OFFICE_TIME).date()
        facts = {
            **self._facts[story.key],
            "today": today.isoformat(),
            "yesterday": (today - timedelta(days=1)).isoformat(),
            "job": f"T-{today:%Y%m%d}-{self._numbers[story.key][-2:]}",
        }
        filled = _filled({**said, **(step.more or {})}, facts)
        return dict(filled)

    def _paper(self, actor: Actor, story: Story, kind: str, form: str) -> tuple[str, bytes]:
        """A paper signed by the enterprise, or by the department that hands it in."""
        facts = self._facts[story.key]
        unit = self._office.directory().department(actor.department)
        signed = unit.zh if unit and actor.username != story.by else facts["firm"]
        made: Form = "png" if form == "png" else "pdf"
        return paper(
            self._office, kind, {**facts, "signed": signed}, form=made, now=self._office.now()
        )


def _pages(draft: DraftView, until: str) -> list[list[str]]:
    """The fields of each page of the form, in order; of a draft only as far as it got."""
    pages: list[list[str]] = []
    for page in draft.form["x-pages"]:
        pages.append(list(page["fields"]))
        if page["key"] == until:
            break
    return pages


def _facts_of_firm(firm: Firm, story: Story) -> dict[str, str]:
    paid = story.paid
    return {
        "firm": firm.name,
        "code": firm.code,
        "handler": firm.handler,
        "phone": firm.phone,
        "address": firm.address,
        "paid": f"{paid.year}年{paid.month}月{paid.day}日",
        "account": story.account,
    }


def _repair(story: Story) -> dict[str, Any]:
    """What an application for credit repair says besides."""
    return {
        "performed_on": story.paid.isoformat(),
        "account": story.account,
        **_cause(story),
        "commitment": True,
    }


def _cause(story: Story) -> dict[str, Any]:
    if not story.epidemic:
        return {"epidemic_cause": "no"}
    return {"epidemic_cause": "yes", "epidemic_explanation": story.epidemic}


def _service(story: Story, firm: Firm) -> dict[str, Any]:
    if not story.by_post:
        return {"electronic_service": True}
    return {"electronic_service": False, "postal_address": firm.address}


def _filled(value: Any, facts: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return value.format_map(facts)
    if isinstance(value, list):
        return [_filled(each, facts) for each in value]
    if isinstance(value, Mapping):
        return {name: _filled(each, facts) for name, each in value.items()}
    return value
