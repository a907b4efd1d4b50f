"""What the standard library says of a zip that is none, that is damaged or encrypted, or that nobody has packed."""

import struct
import zipfile
import zlib

BROKEN = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
    OverflowError, zlib.error, struct.error,
)  # fmt: skip
