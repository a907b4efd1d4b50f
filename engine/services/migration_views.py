"""Migrations of running cases as an administrator sees them."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.views import MigrationCase, MigrationView, Place, Unmatched, VersionRef
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.drawing import Element
from engine.runtime.migration import Course, Verdict
from engine.runtime.procedure import Procedure
from engine.services.migration_survey import Carried, of_row
from engine.services.office import Office


def view_of(
    office: Office, session: Session, held: models.Migration, *, with_cases: bool
) -> MigrationView:
    """How far it is: cases by state, and with `with_cases` each of them in its place."""
    row, case = models.MigratedCase, models.Case
    found = session.execute(
        select(row.state, func.count()).where(row.migration_id == held.id).group_by(row.state)
    ).all()
    cases: tuple[MigrationCase, ...] = ()
    if with_cases:
        rows = session.execute(
            select(row, case)
            .join(case, case.id == row.case_id)
            .where(row.migration_id == held.id)
            .order_by(row.place)
        ).all()
        cases = tuple(done(office, session, each, of) for each, of in rows)
    return MigrationView(
        id=held.id,
        origin=reference(office, session, held.from_id),
        target=reference(office, session, held.to_id),
        mapping=held.mapping,
        accepts_losses=held.accepts_losses,
        reason=held.reason,
        state=held.state,
        started_by=held.started_by,
        started_at=held.started_at,
        finished_at=held.finished_at,
        counts=dict(found),
        cases=cases,
    )


def done(
    office: Office, session: Session, row: models.MigratedCase, case: models.Case
) -> MigrationCase:
    """A case of an ordered migration, beside `planned`, one of a dry run."""
    procedure = office.procedure(session, case.definition_id)
    return MigrationCase(
        number=case.number,
        step=_step(procedure, case),
        verdict=row.verdict,
        state=row.state,
        findings=tuple(of_row(each) for each in row.findings),
        done_at=row.done_at,
    )


def planned(procedure: Procedure, case: models.Case, carried: Carried) -> MigrationCase:
    step = _step(procedure, case)
    return MigrationCase(case.number, step, carried.verdict.value, "planned", carried.findings)


def _step(procedure: Procedure, case: models.Case) -> Words:
    process_id, _, element_id = (case.step or ":").partition(":")
    return procedure.element(process_id, element_id).title if element_id else Words("–")


def counted(verdicts: Iterable[str]) -> dict[str, int]:
    number = Counter(verdicts)
    return {verdict.value: number[verdict.value] for verdict in Verdict}


def reference(office: Office, session: Session, definition_id: UUID) -> VersionRef:
    row = session.get_one(models.ProcessDefinition, definition_id)
    title = office.procedure(session, definition_id).title
    return VersionRef(row.id, row.procedure, title, row.edition, row.version)


def unmatched(course: Course, found: Iterable[Carried]) -> tuple[Unmatched, ...]:
    """Elements that open cases rest at and the newer version does not draw: how many cases, and what
    they might be mapped to.
    """
    places = Counter(
        (finding.process_id, finding.element_id)
        for carried in found
        for finding in carried.findings
        if finding.verdict == Verdict.NEEDS_MAPPING.value
    )
    return tuple(
        Unmatched(
            _place(course.old, course.old.element(*place)),
            cases,
            _candidates(course, course.old.element(*place)),
        )
        for place, cases in sorted(places.items())
    )


def _candidates(course: Course, missing: Element) -> tuple[Place, ...]:
    """Elements of its kind in the same process, those that the old version does not have first."""
    drawing = course.new.drawings.get(missing.process_id)
    old = course.old.drawings[missing.process_id].elements
    alike = [e for e in drawing.elements.values() if e.kind == missing.kind] if drawing else []
    return tuple(_place(course.new, e) for e in sorted(alike, key=lambda e: e.id in old))


def _place(procedure: Procedure, element: Element) -> Place:
    drawing = procedure.drawings[element.process_id]
    return Place(element.process_id, element.id, element.title, drawing.title, element.kind)
