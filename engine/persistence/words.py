"""Where a text may be found among open tasks, without reading their forms.

Each form that is handed in leaves its words in a narrow row, and all rows of a case go when it is
closed. To read through these takes a tenth of the time that the forms take, and a form costs one row;
an index of its pairs would be written as often as all the rest of a step. What is found here is looked
at again in the forms themselves.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    false,
    inspect,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from engine.persistence import models
from engine.persistence.unit_of_work import connect
from engine.persistence.writing import remove

#: What LIKE does not take as it is.
_LITERAL = str.maketrans({each: "\\" + each for each in "%_\\"})


def keep(session: Session, case_id: UUID, form_id: UUID, *said: object) -> None:
    """The words of a form of this case: values as they are searched, documents among them."""
    words = "\n".join(text for each in said if (text := _text(each)))
    session.add(models.OpenWords(case_id=case_id, id=form_id, said=words))


def keep_filing(session: Session, case: models.Case) -> None:
    named = (case.number, case.subject_name, case.subject_code, case.line, case.applicant_name)
    keep(session, case.id, case.id, *named, case.answers)


def _text(said: object) -> str:
    """As SQL tells the values of a JSON object; a tick says nothing that is searched for."""
    if isinstance(said, Mapping):
        return "\n".join(filter(None, map(_text, said.values())))
    if isinstance(said, str):
        return said
    return "" if said is None or isinstance(said, bool) else json.dumps(said, ensure_ascii=False)


def forget(session: Session, case_id: UUID) -> None:
    remove(session, models.OpenWords, [case_id], models.OpenWords.case_id)


class _Says(FunctionElement[bool]):
    """Whether a text is like a pattern, as PostgreSQL reads it: without an ESCAPE, which would be
    applied for each row, and with an estimate of how many are, so that two processors look."""

    name = "is_like"
    inherit_cache = True


@compiles(_Says)
def _anything(element: _Says, compiler: SQLCompiler, **given: Any) -> str:
    return "1 = 1"  # SQLite serves small offices, and its LIKE knows no case


@compiles(_Says, "postgresql")
def _on_postgresql(element: _Says, compiler: SQLCompiler, **given: Any) -> str:
    whole, pattern = (compiler.process(each, **given) for each in element.clauses)
    return f"{whole} LIKE {pattern}"


def _says(text: str) -> ColumnElement[bool]:
    return _Says(models.OpenWords.said, literal(f"%{text.translate(_LITERAL)}%"))


def may_say(text: str, names: Sequence[str]) -> ColumnElement[bool]:
    """Open tasks that the text may be found with, or one of the `names` with their filing: at least
    those that it is found with. Tasks of a closed case have no words: all of these."""
    task, words, place = models.Task, models.OpenWords, models.OpenPlace
    shortest = min((text, *names), key=len)
    least = shortest if shortest in text else text  # who says the text says what is within it
    others = dict.fromkeys(name for name in names if least not in name)
    called = or_(false(), *map(_says, others))
    found = or_(_says(least), and_(words.id == words.case_id, called))
    said = select(words.id).where(words.case_id == task.case_id, found)
    return or_(
        said.correlate(task).exists(),
        task.id.in_(select(place.id).where(~place.is_of_open_case)),
        task.draft.is_not(None),
    )


def write_again(session: Session, case: models.Case) -> None:
    """The words of a closed case that is taken up again."""
    task = models.Task
    done = select(task.id, task.answers).where(task.case_id == case.id, task.state == "completed")
    keep_filing(session, case)
    for task_id, answers in session.execute(done):
        keep(session, case.id, task_id, answers)


_VALUES = {
    "postgresql": "(SELECT string_agg(v.value #>> '{{}}', chr(10)) FROM"
    " jsonb_each(CASE jsonb_typeof({0}) WHEN 'object' THEN {0} ELSE '{{}}' END) AS v"
    " WHERE jsonb_typeof(v.value) NOT IN ('boolean', 'null'))",
    "sqlite": "(SELECT group_concat(v.value, char(10)) FROM json_each({}) AS v"
    " WHERE v.type NOT IN ('true', 'false', 'null'))",
}
_NEW = "NOT EXISTS (SELECT 1 FROM open_words AS w WHERE w.case_id = c.id AND w.id = {}.id)"


def mend_at(url: str) -> None:
    """Write what is lacking there. `url`: of the account that owns the tables."""
    engine = connect(url).execution_options(writing=True)
    try:
        with engine.begin() as connection:
            mend(connection)
    finally:
        engine.dispose()


def mend(connection: Connection) -> None:
    """Write what open cases lack; for who has made cases or tasks set-wise."""
    if not inspect(connection).has_table(models.OpenWords.__tablename__):
        return  # an upgrade on its way
    values = _VALUES[connection.dialect.name]
    line = "char(10)" if connection.dialect.name == "sqlite" else "chr(10)"
    named = ("number", "subject_name", "subject_code", "line", "applicant_name")
    filed = f" || {line} || ".join(f"c.{name}" for name in named)
    answers, done = values.format("c.answers"), values.format("t.answers")
    head = "INSERT INTO open_words (case_id, id, said)"
    connection.exec_driver_sql(
        f"{head} SELECT c.id, t.id, coalesce({done}, '') FROM task AS t"  # noqa: S608 - our names
        " JOIN case_file AS c ON c.id = t.case_id"
        f" WHERE c.state = 'open' AND t.state = 'completed' AND {_NEW.format('t')}"
    )
    connection.exec_driver_sql(
        f"{head} SELECT c.id, c.id, {filed} || {line} || coalesce({answers}, '')"  # noqa: S608
        f" FROM case_file AS c WHERE c.state = 'open' AND {_NEW.format('c')}"
    )
