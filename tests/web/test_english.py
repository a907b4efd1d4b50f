"""English is complete: every text of pages and code has its translation, with the same blanks."""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from tests.web.sample_views import CATALOGUE

WEB = Path("web")
BLANK = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def texts() -> Iterator[str]:
    with (WEB / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    for found in extract_from_dir(WEB, methods, options):
        yield str(found[2])


def english() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file, locale="en") if one.id}


def test_every_text_is_said_in_english() -> None:
    said, found = english(), set(texts())
    assert "我的办件" in found
    assert sorted(text for text in found if not said.get(text)) == []


def test_a_translation_has_no_blank_that_its_text_has_not() -> None:
    # The compiler of catalogues refuses the whole file otherwise.
    for chinese, said in english().items():
        assert set(BLANK.findall(said)) <= set(BLANK.findall(chinese)), chinese


def test_no_translation_stands_there_that_nobody_asks_for() -> None:
    assert sorted(set(english()) - set(texts())) == []
