"""A procedure's folder as it is handed in: a zip, or its files one by one, taken with suspicion."""

import io
import stat
import zipfile
from collections.abc import Iterable, Mapping

from engine.domain.errors import Invalid
from engine.domain.words import Words
from engine.exchange.broken_zip import BROKEN

LARGEST_FILE = 5_000_000  # bytes; the largest shipped file has 60,000
LARGEST_FOLDER = 30_000_000
MOST_FILES = 600
LONGEST_NAME = 200
UTF8_FLAG, ENCRYPTED_FLAG = 0x800, 0x1
#: What file managers put into archives by themselves.
LEFT_OUT = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class ArchiveRefused(Invalid):
    """Something handed in that cannot be taken as a folder; `fields` names the file."""

    slug = "archive-refused"

    def __init__(self, name: str, zh: str, en: str) -> None:
        shown = "".join(sign if sign.isprintable() else "?" for sign in name[:LONGEST_NAME])
        super().__init__(f"{shown}：{zh}", f"{shown}: {en}", fields={shown: Words(zh, en)})


def read_archive(raw: bytes, filename: str) -> dict[str, bytes]:
    """The files of a zip by their names. ArchiveRefused for everything that is not plainly one."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = [each for each in archive.infolist() if not _is_left_out(each.filename)]
            if len(entries) > MOST_FILES:
                raise _too_many(filename)
            return _contents(archive, entries)
    except BROKEN as problem:
        zh, en = f"不是可以读取的 zip（{problem}）。", f"is not a zip that can be read ({problem})"
        raise ArchiveRefused(filename, zh, en) from None


def read_files(parts: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """Files handed in one by one, under their names relative to the folder."""
    files: dict[str, bytes] = {}
    total = 0
    for name, content in parts:
        if _is_left_out(name):
            continue
        _check_name(name, files)
        total += len(content)
        _check_sizes(name, len(content), total)
        files[name] = content
        if len(files) > MOST_FILES:
            raise _too_many(name)
    return files


def _contents(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        if entry.is_dir():
            continue
        _check_entry(entry)
        _check_name(entry.filename, files)
        content = _content(archive, entry)
        total += len(content)
        _check_sizes(entry.filename, len(content), total)
        files[entry.filename] = content
    return files


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Never more than the limit, whatever the entry says of its own size."""
    with archive.open(entry) as opened:
        return opened.read(LARGEST_FILE + 1)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    if entry.compress_type not in PACKED:
        zh, en = "压缩方式不支持。请用普通 zip 打包。", "is packed in another way; use a plain zip"
        raise ArchiveRefused(name, zh, en)
    if entry.flag_bits & ENCRYPTED_FLAG:
        raise ArchiveRefused(
            name, "有密码保护。请不加密码重新打包。", "is encrypted; pack it plainly"
        )
    if not entry.flag_bits & UTF8_FLAG and not name.isascii():
        zh = "文件名不是 UTF-8 编码。请用英文文件名，或换一个打包工具。"
        raise ArchiveRefused(name, zh, "has a name that is not in UTF-8; use an English name")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ArchiveRefused(name, "是链接，不是文件。", "is a link, not a file")


def _check_name(name: str, taken: Mapping[str, bytes]) -> None:
    parts = name.split("/")
    is_plain = name.isprintable() and "\\" not in name and ":" not in name
    if not is_plain or len(name) > LONGEST_NAME or any(p in ("", ".", "..") for p in parts):
        raise ArchiveRefused(
            name, "文件名不能用（路径跳出文件夹，或有特殊字符）。", "has a name that cannot be used"
        )
    if name.casefold() in {each.casefold() for each in taken}:
        raise ArchiveRefused(name, "出现了两次。", "is there twice")


def _check_sizes(name: str, size: int, total: int) -> None:
    if size > LARGEST_FILE:
        zh, en = f"超过 {LARGEST_FILE} 字节。", f"is over {LARGEST_FILE} bytes"
        raise ArchiveRefused(name, zh, en)
    if total > LARGEST_FOLDER:
        zh = f"整个文件夹超过 {LARGEST_FOLDER} 字节。"
        raise ArchiveRefused(name, zh, f"the whole folder is over {LARGEST_FOLDER} bytes")


def _too_many(name: str) -> ArchiveRefused:
    return ArchiveRefused(name, f"超过 {MOST_FILES} 个文件。", f"more than {MOST_FILES} files")


def _is_left_out(name: str) -> bool:
    return name.startswith(LEFT_OUT[0]) or name.rpartition("/")[2] in LEFT_OUT[1:]


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files that `read_archive` takes; the same files give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED)
    return packed.getvalue()
