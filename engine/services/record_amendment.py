"""Puts right what a record says: old and new value in its history, its periods counted anew."""

from collections.abc import Mapping
from datetime import date

from engine.domain import record_history
from engine.domain.errors import Invalid
from engine.domain.words import Words
from engine.persistence import models
from engine.services import grading, record_changes, rules, veils
from engine.services.casework import Casework

#: Columns that a correction may change, as the history names them.
AMENDABLE = {
    "conduct": record_history.CONDUCT,
    "content": record_history.PENALTY,
    "decided_on": record_history.DECIDED_ON,
}
#: The same among the 30 fields as they were imported.
FIELD = {"conduct": "offence", "content": "content", "decided_on": "decided_on"}


def amend(
    work: Casework, record: models.Record, changes: Mapping[str, str], *, document: str
) -> None:
    """Apply corrected values (column -> text; dates as ISO days) to a record of the case.

    Errors: Invalid for a column that may not be amended or a day that is none.
    """
    before = dict(record.fields)
    for column, sent in changes.items():
        text = veils.corrected(sent, str(getattr(record, column, "")), column)
        _set(record, column, text)
        record.fields = {**record.fields, FIELD[column]: text}
        _note(work, record, column, str(before.get(FIELD[column]) or ""), text, document)
    if "decided_on" in changes:
        _count_anew(work, record)


def _set(record: models.Record, column: str, text: str) -> None:
    if column not in AMENDABLE:
        raise Invalid(f"不能更正 {column}。", f"{column} may not be amended")
    try:
        setattr(record, column, date.fromisoformat(text) if column == "decided_on" else text)
    except ValueError:
        raise Invalid(f"“{text}”不是日期。", f"{text!r} is no day") from None


def _count_anew(work: Casework, record: models.Record) -> None:
    """The publication period of a penalty runs from the day of the decision, by the law of today."""
    if record.grade is None:
        return
    tables = rules.procedure_for_records(work.office, work.session, work.today)
    told = grading.grade(tables, grading.facts_of(record))
    record.grade, record.grade_rule = told["grade"], told["rule"]
    months = grading.months(tables, told["grade"])
    record.earliest_on = months.earliest_repair_on(record.decided_on)
    record.ends_on = months.ends_on(record.decided_on)


def _note(
    work: Casework, record: models.Record, column: str, before: str, text: str, document: str
) -> None:
    title = AMENDABLE[column]
    told = record_history.changed(title, before), record_history.changed(title, text)
    element_id = work.element.id if work.element else ""
    record_changes.line(
        work.writing, record, "content", told, document, work.case.number, element_id
    )
    work.note(
        "record_amended",
        Words(f"更正{title.zh}", f"{title.en} corrected"),
        detail=record.number,
        changes={column: [before, text]},
    )
