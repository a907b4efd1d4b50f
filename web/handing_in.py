"""A folder as a browser or a program sends it, read into memory."""

from collections.abc import Iterable

from werkzeug.datastructures import FileStorage

from engine.services import folder_uploads
from engine.services.folder_uploads import Handed
from web.office import current_office


def handed_in(archive: FileStorage | None, parts: Iterable[FileStorage] = ()) -> Handed:
    """The folder in a zip, or in parts whose filenames are paths.

    Errors: Invalid for what is no zip, for names that lead elsewhere, for sizes beyond the limits.
    """
    office = current_office()
    if archive is not None:
        raw = archive.stream.read()
        archive.stream.seek(0)
        return folder_uploads.unpacked(office, raw, archive.filename or "folder.zip")
    read = []
    for part in parts:
        read.append((part.filename or "", part.stream.read()))
        part.stream.seek(0)
    return folder_uploads.gathered(office, read)
