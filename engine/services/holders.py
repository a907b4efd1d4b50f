"""Who holds a step of a case: the candidate group and the department its lane stands for."""

from typing import Literal

from engine.persistence import models
from engine.runtime.procedure import Procedure
from engine.services import certificates_of_bureaus
from engine.services.casework import Casework
from engine.services.office import Office

#: Who asks in place of a department that has no inbox here, and enters its answer.
ASKS_FOR = {"record.authority": "credit_clerk", "record.provider": "credit_centre"}
#: The lanes that a word in a parameter of an operation may stand for.
WHOSE_UNIT = {"authority": "record.authority", "provider": "record.provider"}


def holders(work: Casework, group: str) -> tuple[str, str | None]:
    """Candidate group and department of a task in the lane of `group`."""
    group = work.procedure.lanes.get(group, group)
    entry = work.office.directory().groups.get(group)
    resolved = entry.resolved if entry else None
    if resolved in ASKS_FOR:
        known = _of_record(work, resolved)
        if known is not None:
            return group, known
        asking = ASKS_FOR[resolved]
        return asking, _fixed(work, asking)
    if resolved == "case.certifier":
        return group, certificates_of_bureaus.of(work).key
    if resolved == "supervised_unit" and work.supervision is not None:
        return group, work.supervision.unit
    return group, entry.department if entry else None


def possible(office: Office, procedure: Procedure, group: str) -> frozenset[str]:
    """Every candidate group that a task in the lane of `group` may come to."""
    group = procedure.lanes.get(group, group)
    entry = office.directory().groups.get(group)
    asking = ASKS_FOR.get((entry.resolved if entry else None) or "")
    return frozenset({group, asking} if asking else {group})


#: Of which cases a step comes to a group: of any, of those its own department decided, of those that
#: no department of this city decided.
Whose = Literal["any", "own", "nobody"]


def coming(office: Office, procedure: Procedure, group: str) -> frozenset[tuple[str, Whose]]:
    """To whom a step in the lane of `group` will come, as far as it can be known before."""
    group = procedure.lanes.get(group, group)
    entry = office.directory().groups.get(group)
    resolved = entry.resolved if entry else None
    if resolved in ASKS_FOR:
        return frozenset({(group, "own"), (ASKS_FOR[resolved], "nobody")})
    return frozenset() if resolved else frozenset({(group, "any")})


def department_of(work: Casework, unit: str) -> str:
    """The department that a role stands for in this case; its own key where it is one."""
    unit = work.procedure.lanes.get(unit, unit)
    resolved = WHOSE_UNIT.get(unit)
    if resolved is not None:
        return _of_record(work, resolved) or _fixed(work, ASKS_FOR[resolved]) or unit
    return _fixed(work, unit) or unit


def outside(work: Casework, unit: str) -> str:
    """The name of the body that a role stands for where it has no inbox in this city; else ''."""
    resolved = WHOSE_UNIT.get(work.procedure.lanes.get(unit, unit))
    if resolved is None or not work.records or _of_record(work, resolved):
        return ""
    return work.records[0].authority


def unit_at(office: Office, place: models.Task | models.Wait) -> str | None:
    """The department at whose desk an open step lies; None where the applicant or nobody here has it."""
    if isinstance(place, models.Wait) or place.candidate_group == "applicant":
        return None
    entry = office.directory().groups.get(place.candidate_group)
    return place.department or (entry.department if entry else None)


def has_inbox(work: Casework, unit: str) -> bool:
    """Whether a role or department of that name works here, so that a letter reaches it."""
    return unit in WHOSE_UNIT or _fixed(work, work.procedure.lanes.get(unit, unit)) is not None


def _of_record(work: Casework, resolved: str) -> str | None:
    """The department of this city that decided on the record, or whose data it is."""
    if resolved == "record.authority" or not work.records:
        return work.case.authority_key
    code = str(work.records[0].fields.get("source_code") or "")
    return work.office.directory().codes.get(code, work.case.authority_key)


def _fixed(work: Casework, group: str) -> str | None:
    entry = work.office.directory().groups.get(group)
    return entry.department if entry else None
