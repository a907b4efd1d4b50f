"""What a folder handed in would mean: the gate's report, what it changes, where open cases rest."""

from collections.abc import Iterator, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.gate_report import Change
from engine.domain.views import CurrentVersion, DeploymentView, DiagramView, LiveAt
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime import catalog, gate
from engine.runtime.drawing import Drawing
from engine.services import deploying, deployment_rule
from engine.services.access import OPEN
from engine.services.office import Office


def view_of(
    office: Office,
    session: Session,
    row: models.FolderUpload,
    verdict: gate.Verdict,
    *,
    full: bool = False,
) -> DeploymentView:
    """An upload beside the newest version it would follow. full: with the diagrams."""
    since = verdict.procedure.effective_from if verdict.procedure else None
    newest = deploying.newest_of(session, row.procedure, since) or deploying.newest_of(
        session, row.procedure
    )
    before = {} if newest is None else office.procedure(session, newest.id).drawings
    after = gate.drawings_of(verdict.files)
    changes = gate.changes(before, after) if newest is not None else ()
    definition = row.definition_id and session.get(models.ProcessDefinition, row.definition_id)
    return DeploymentView(
        id=row.id,
        procedure=row.procedure,
        title=Words(row.zh, row.en),
        filename=row.filename,
        size=row.size,
        file_count=len(verdict.files),
        sha256=row.sha256,
        uploaded_by=row.uploaded_by,
        uploaded_at=row.uploaded_at,
        report=verdict.report,
        is_new=newest is None or newest.sha256 != catalog.digest(verdict.files),
        next_version=deploying.next_version(session, row.procedure),
        current=_current(session, newest),
        live=tuple(_live(session, row.procedure, before, after, changes)),
        changes=changes,
        definition_id=row.definition_id,
        version=definition.version if definition else None,
        deployed_by=row.deployed_by,
        deployed_at=row.deployed_at,
        reason=row.reason,
        diagrams=tuple(_diagrams(row.procedure, after, verdict)) if full else (),
        state=row.state,
        needs_second=deployment_rule.needs_second(session),
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        rejected_by=row.rejected_by,
        rejected_at=row.rejected_at,
        rejection=row.rejection or "",
    )


def _current(session: Session, newest: models.ProcessDefinition | None) -> CurrentVersion | None:
    if newest is None:
        return None
    case, definition = models.Case, models.ProcessDefinition
    counted = (
        select(case.definition_id, func.count())
        .join(definition, definition.id == case.definition_id)
        .where(case.state == "open", definition.procedure == newest.procedure)
        .group_by(case.definition_id)
    )
    held = {row[0]: row[1] for row in session.execute(counted)}
    return CurrentVersion(
        definition_id=newest.id,
        edition=newest.edition,
        version=newest.version,
        effective_from=newest.effective_from,
        live_cases=held.get(newest.id, 0),
        live_in_older=sum(held.values()) - held.get(newest.id, 0),
    )


def _live(
    session: Session,
    procedure: str,
    before: Mapping[str, Drawing],
    after: Mapping[str, Drawing],
    changes: tuple[Change, ...],
) -> Iterator[LiveAt]:
    """Where open cases rest, and what the folder makes of that place."""
    kinds = {(each.process_id, each.element_id): each.kind for each in changes}
    for (process_id, element_id), count in sorted(_resting(session, procedure).items()):
        drawing = after.get(process_id) or before.get(process_id)
        element = drawing.elements.get(element_id) if drawing else None
        if element is None and process_id in before:
            element = before[process_id].elements.get(element_id)
        kind = kinds.get((process_id, element_id), "kept")
        becomes = kind if element is not None or kind == "removed" else "removed"
        title = element.title if element is not None else Words(element_id)
        yield LiveAt(process_id, element_id, title, count, becomes)


def _resting(session: Session, procedure: str) -> dict[tuple[str, str], int]:
    task, wait = models.Task, models.Wait
    case, definition = models.Case, models.ProcessDefinition
    of_procedure = (
        select(case.id)
        .join(definition, definition.id == case.definition_id)
        .where(case.state == "open", definition.procedure == procedure)
    )
    found: dict[tuple[str, str], int] = {}
    for place, is_open in ((task, task.state.in_(OPEN)), (wait, wait.ended_at.is_(None))):
        counted = (
            select(place.process_id, place.element_id, func.count(func.distinct(place.case_id)))
            .where(is_open, place.case_id.in_(of_procedure))
            .group_by(place.process_id, place.element_id)
        )
        for process_id, element_id, count in session.execute(counted):
            found[process_id, element_id] = found.get((process_id, element_id), 0) + count
    return found


def _diagrams(
    key: str, drawings: Mapping[str, Drawing], verdict: gate.Verdict
) -> Iterator[DiagramView]:
    """Those that something is said of, else the main one; only what is drawn can be shown."""
    places = [(each.file, each.process_id) for each in verdict.report.findings]
    drawn = [each for each in drawings.values() if b"BPMNDiagram" in each.xml]
    told = [each for each in drawn if (each.filename, each.process_id) in places]
    told.sort(key=lambda each: places.index((each.filename, each.process_id)))
    for drawing in told or [each for each in drawn if each.process_id == key]:
        yield DiagramView(
            process_id=drawing.process_id,
            title=drawing.title,
            xml=drawing.xml.decode("utf-8", "replace"),
            elements={},
            times=(),
            is_current=drawing.process_id == key,
        )
