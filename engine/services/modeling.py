"""A version opened for editing: what may be drawn in it, and the folder that the edits make."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from uuid import UUID

from engine.domain.actor import Actor, Permission
from engine.domain.errors import Invalid, NotFound
from engine.domain.views import (
    DrawingChoice,
    ModelFile,
    ModelingChoices,
    OperationChoice,
    ParameterChoice,
)
from engine.domain.words import Words
from engine.exchange.folder_archive import read_files, write_archive
from engine.persistence import models
from engine.runtime import catalog
from engine.runtime.gate.allowed import WHOSE
from engine.runtime.limit import Limit
from engine.runtime.procedure import Procedure
from engine.services.folder_uploads import Handed
from engine.services.office import Office
from engine.services.vocabulary import vocabulary

#: What is drawn; all else of a folder is written with an editor of texts.
DRAWN = (".bpmn", ".dmn")
EDITED = (*DRAWN, ".json", ".typ", ".toml")
_TITLE = re.compile(r"\A//\s*title:[ \t]*([^|\n]*)(?:\|([^\n]*))?")


def model_files(
    office: Office, actor: Actor, definition_id: UUID, draft: Mapping[str, str]
) -> tuple[ModelFile, ...]:
    """The files of a version and those a draft adds, its own before those it shares."""
    actor.must(Permission.ADMINISTER)
    procedure = _procedure(office, definition_id)
    main = procedure.drawings[procedure.key].filename
    names = [name for name in procedure.files if name.endswith(EDITED)]
    found = [_model(procedure, name) for name in names]
    added = [replace(_model(procedure, n), is_new=True) for n in draft if n not in procedure.files]
    return tuple(
        sorted(
            [*found, *added],
            key=lambda one: (one.is_shared, _ORDER.index(one.kind), one.name != main, one.name),
        )
    )


_ORDER = ("bpmn", "dmn", "json", "typ", "toml")


def _model(procedure: Procedure, name: str) -> ModelFile:
    kind = name.rpartition(".")[2]
    is_shared = name.startswith(f"{catalog.SHARED}/")
    return ModelFile(name, kind, tuple(_titles(procedure, name, kind)), is_shared)


def _titles(procedure: Procedure, name: str, kind: str) -> Iterator[Words]:
    if kind == "bpmn":
        yield from (one.title for one in procedure.drawings.values() if one.filename == name)
    elif kind == "dmn":
        for key, held in procedure.decisions.items():
            if held.filename == name:
                yield held.table(key).title
    elif kind == "json" and (form := procedure.forms.get(name.rpartition("/")[2][:-5])):
        yield Words(str(form.get("title", "")), str(form.get("x-title-en", "")))
    elif kind == "typ":
        found = _TITLE.match(procedure.files.get(name, b"").decode("utf-8", "replace"))
        if found:
            yield Words(found[1].strip(), (found[2] or "").strip())


def files_of(office: Office, definition_id: UUID) -> Mapping[str, bytes]:
    """A version's files by name. NotFound for none."""
    return _procedure(office, definition_id).files


def may_edit(files: Mapping[str, bytes], name: str) -> bool:
    """Whether the version has such a file, and it is one that people write."""
    return name in files and name.endswith(EDITED)


def choices(office: Office, actor: Actor, definition_id: UUID) -> ModelingChoices:
    """What the drawings of a version can name."""
    actor.must(Permission.ADMINISTER)
    procedure = _procedure(office, definition_id)
    return ModelingChoices(
        groups=tuple(_groups(procedure)),
        forms=tuple(
            DrawingChoice(key, Words(str(form.get("title", key)), str(form.get("x-title-en", ""))))
            for key, form in sorted(procedure.forms.items())
        ),
        limits=tuple(_limit(each) for each in procedure.limits.values() if not each.replaces),
        clocks=tuple(
            DrawingChoice(each.key, each.title, Words(each.basis))
            for each in procedure.clocks.values()
        ),
        stages=tuple(DrawingChoice(each.key, each.title) for each in procedure.stages),
        outcomes=tuple(DrawingChoice(key, title) for key, title in procedure.outcomes.items()),
        processes=tuple(
            DrawingChoice(each.process_id, each.title, Words(each.filename))
            for each in procedure.drawings.values()
        ),
        decisions=tuple(
            DrawingChoice(key, held.table(key).title, Words(held.filename))
            for key, held in procedure.decisions.items()
        ),
        letters=tuple(_letters(procedure)),
        grounds=tuple(
            DrawingChoice(each.key, each.title, Words(each.basis))
            for each in procedure.grounds.values()
        ),
        operations=tuple(_operations()),
        whose=WHOSE,
    )


def _groups(procedure: Procedure) -> Iterator[DrawingChoice]:
    held = procedure.files.get(f"{catalog.SHARED}/departments.toml", b"")
    for key, told in tomllib.loads(held.decode()).get("groups", {}).items():
        yield DrawingChoice(key, Words(told["zh"], told.get("en", "")))


def _limit(held: Limit) -> DrawingChoice:
    return DrawingChoice(held.key, held.title, Words(held.basis))


def _letters(procedure: Procedure) -> list[str]:
    parts = (name.rpartition("/") for name in procedure.files if name.endswith(".typ"))
    return sorted({name.removesuffix(".typ") for folder, _, name in parts if "/letters" in folder})


def _operations() -> Iterator[OperationChoice]:
    for key, shape in sorted(vocabulary().operations.items()):
        parameters = (
            ParameterChoice(each, each in shape.required, tuple(sorted(shape.values.get(each, ()))))
            for each in shape.parameters
        )
        yield OperationChoice(key, tuple(parameters), bool(shape.answers))


def edited(office: Office, actor: Actor, definition_id: UUID, changed: Mapping[str, str]) -> Handed:
    """The folder of a version with these of its files replaced or added (name -> text).

    Errors: Invalid beyond the bounds of an upload, or for a name outside of the folder.
    """
    actor.must(Permission.ADMINISTER)
    procedure = _procedure(office, definition_id)
    for name in changed:
        if not name.endswith(EDITED) or name.partition("/")[0] not in (
            procedure.key,
            catalog.SHARED,
        ):
            raise Invalid(f"这一版没有文件 {name[:200]}。", f"there is no file {name[:200]}")
    drawn = read_files((name, text.encode()) for name, text in changed.items())
    files = catalog.kept({**procedure.files, **drawn})
    size = sum(len(content) for content in drawn.values())
    told = "、".join(sorted(drawn)) or f"{procedure.key}/"
    return Handed(procedure.key, procedure.title, told[:200], size, files)


def archive(handed: Handed) -> bytes:
    """The folder as a zip that `kunxin check` and an upload take."""
    return write_archive(handed.files)


def _procedure(office: Office, definition_id: UUID) -> Procedure:
    with office.uow.read() as session:
        if session.get(models.ProcessDefinition, definition_id) is None:
            raise NotFound("没有这个版本。", "there is no such version")
        return office.procedure(session, definition_id)
