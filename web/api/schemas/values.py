"""Fields for the values every answer is made of: words, moments, amounts of money."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields

from engine.domain.calendar import SHANGHAI
from engine.domain.form_days import FIRST, LAST
from engine.domain.words import Words


class WordsSchema(Schema):
    """A text in the product's two languages."""

    zh = fields.String(required=True)
    en = fields.String(
        required=True,
        metadata={"description": "The Chinese text where nobody wrote an English one."},
    )


class WordsField(fields.Nested):
    """`Words` as {"zh", "en"}; written out here because lists hold thousands of them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(WordsSchema, **options)

    def _serialize(  # type: ignore[override]  # marshmallow's Nested and Field disagree
        self, words: Words | None, attr: str | None, obj: Any, **options: Any
    ) -> dict[str, str] | None:
        return None if words is None else {"zh": words.zh, "en": words.within("en")}


class Day(fields.Date):
    """A day with which calendars can reckon (engine/domain/form_days.py)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        found = super()._deserialize(value, attr, data, **options)
        if not FIRST <= found <= LAST:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return found


class Moment(fields.AwareDateTime):
    """A moment: ISO 8601, answered with the offset of Shanghai; taken with any offset, never without."""

    def _serialize(
        self, value: datetime | None, attr: str | None, obj: Any, **options: Any
    ) -> str | None:
        return None if value is None else value.astimezone(SHANGHAI).isoformat()


class Tally(fields.Dict):
    """Pairs of (key, number) as an object, e.g. working days by whose time they were."""

    def _serialize(
        self, value: Any, attr: str | None, obj: Any, **options: Any
    ) -> dict[str, Any] | None:
        pairs = value.items() if isinstance(value, Mapping) else value or ()
        return {str(key): number for key, number in pairs}


class DaysByWhose(fields.Dict):
    """Parts of a whole as an object: working days by whose they were."""

    def _serialize(
        self, value: Any, attr: str | None, obj: Any, **options: Any
    ) -> dict[str, Any] | None:
        return {part.whose.value: part.days for part in value or ()}


class Pairs(fields.List[Any]):
    """Pairs as objects with two named members, because a JSON pair names neither."""

    def __init__(self, pair: type[Schema], **options: Any) -> None:
        super().__init__(fields.Nested(pair), **options)
        self.names = tuple(pair().fields)

    def _serialize(
        self, value: Any, attr: str | None, obj: Any, **options: Any
    ) -> list[Any] | None:
        rows = [dict(zip(self.names, pair, strict=True)) for pair in value or ()]
        return super()._serialize(rows, attr, obj, **options)
