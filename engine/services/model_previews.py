"""What a form or a letter that is being edited would look like: a schema to be asked, a PDF of a sample case."""

from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import case as sql_case
from sqlalchemy import select

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Invalid, NotFound
from engine.domain.form_checker import unsound
from engine.domain.views import SampleLetter
from engine.persistence import models
from engine.runtime import letters
from engine.services import modeling
from engine.services.office import Office

MOST_SAMPLES = 12


def form(actor: Actor, text: str) -> dict[str, Any]:
    """The schema that a text is. Invalid says what is wrong, of JSON with line and column."""
    actor.must(Permission.ADMINISTER)
    try:
        schema = orjson.loads(text)
    except orjson.JSONDecodeError as wrong:
        place = f"{wrong.lineno}:{wrong.colno}"
        raise Invalid(
            f"第 {wrong.lineno} 行第 {wrong.colno} 列不是合法的 JSON",
            f"line {wrong.lineno}, column {wrong.colno}: not JSON",
            fields={"text": place},
        ) from None
    if not isinstance(schema, dict) or not isinstance(schema.get("properties", {}), dict):
        raise Invalid(
            "表单应是一个带 properties 的 JSON 对象。", "a form is an object with properties"
        )
    odd = (name for name, each in schema.get("properties", {}).items() if not _is_question(each))
    why = unsound(schema) or next(odd, "")
    if why:
        raise Invalid(f"表单不成立：{why}", f"the form is unsound: {why}")
    return {"properties": {}, **schema}


def _is_question(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("title", ""), str)


def samples(
    office: Office, actor: Actor, definition_id: UUID, name: str
) -> tuple[SampleLetter, ...]:
    """Letters of the procedure whose data a template can be tried on; those of this template first."""
    actor.must(Permission.ADMINISTER)
    letter, case, definition = models.Letter, models.Case, models.ProcessDefinition
    key = PurePosixPath(name).stem
    with office.uow.read() as session:
        procedure = session.scalar(
            select(definition.procedure).where(definition.id == definition_id)
        )
        newest = (
            select(letter.id, letter.key, letter.title, letter.title_en, case.number)
            .join(case, case.id == letter.case_id)
            .where(case.procedure == procedure, letter.issued_at.is_not(None))
            .order_by(sql_case((letter.key == key, 0), else_=1), letter.issued_at.desc())
            .limit(MOST_SAMPLES)
        )
        return tuple(SampleLetter(*row) for row in session.execute(newest))


def letter(
    office: Office, actor: Actor, definition_id: UUID, name: str, text: str, sample: UUID
) -> bytes:
    """The edited letter as PDF, filled in with the data of one that was issued. What no letter is by
    itself (a letterhead) is shown in the sample's own letter. Invalid says what is wrong with it."""
    actor.must(Permission.ADMINISTER)
    with office.uow.read() as session:
        row = session.get(models.Letter, sample)
        definition = session.get(models.ProcessDefinition, definition_id)
        if row is None or definition is None:
            raise NotFound("没有这份样例。", "there is no such sample")
        key, procedure, data = row.key, definition.procedure, dict(row.data)
    files = {**modeling.files_of(office, definition_id), name: text.encode()}
    own = PurePosixPath(name).stem
    key = own if own in letters.letter_keys(files, procedure) else key
    return letters.render(
        files, key, data, procedure=procedure, fonts=office.fonts, city_fonts=office.city_fonts
    )
