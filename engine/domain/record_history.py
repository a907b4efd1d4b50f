"""What the history of a record says of its content: kept in Chinese, told in both languages."""

from engine.domain.record_kind import RecordKind
from engine.domain.words import Words

DOCUMENT_NUMBER = Words("决定书文号", "document number")
SUBJECT_NAME = Words("行政相对人名称", "name")
OFFENCE = Words("违法行为类型", "conduct")
CONDUCT = Words("违法行为", "conduct")
PENALTY = Words("处罚内容", "penalty")
DECIDED_ON = Words("处罚决定日期", "day of the decision")

_ENGLISH = {
    title.zh: title.en
    for title in (DOCUMENT_NUMBER, SUBJECT_NAME, OFFENCE, CONDUCT, PENALTY, DECIDED_ON)
}


def listed(kind: RecordKind) -> Words:
    """That a record of this kind was put on its list."""
    return Words(f"列入{kind.words.zh}清单", f"put on the list: {kind.words.en}")


def changed(title: Words, text: str) -> str:
    """One side of a change as the history keeps it; at most 200 characters."""
    return f"{title.zh}：{text}"[:200]


def told(kept: str) -> Words:
    """What was kept, with its English; what a record itself says stays as it was said."""
    for kind in RecordKind:
        if listed(kind).zh == kept:
            return listed(kind)
    title, colon, text = kept.partition("：")
    english = _ENGLISH.get(title) if colon else None
    return Words(kept, f"{english}: {text}") if english else Words(kept)
