"""How a stored state is packed: deflated with a dictionary of what states are made of.

A state of 6 kB of JSON is short for a compressor that begins with nothing: half of what it writes is
the shapes that every state has. A dictionary of these shapes, known to both sides, halves the bytes
that each step writes to its row and to the log. The stream names the dictionary it was packed with by
its checksum; a dictionary is part of a format, and never edited.
"""

import zlib
from importlib.resources import files

#: Typical states of the shipped procedures when format 3 was made, the most frequent ones last.
_PRESENT = files(__package__).joinpath("state_dictionary_3.txt").read_bytes()
#: By their checksums: what was ever packed can be read.
_KNOWN = {zlib.adler32(each): each for each in (_PRESENT,)}
#: The bit of the second byte that says a dictionary was used (RFC 1950).
_HAS_DICTIONARY = 0x20


#: Copied for each state: to read the dictionary anew takes as long as to pack what is packed with it.
_PREPARED = zlib.compressobj(6, zdict=_PRESENT)


def pack(raw: bytes) -> bytes:
    packer = _PREPARED.copy()
    return packer.compress(raw) + packer.flush()


def unpack(packed: bytes) -> bytes:
    """Packed by any format so far. Errors: zlib.error, also for a dictionary that is not ours."""
    if len(packed) < 6 or not packed[1] & _HAS_DICTIONARY:
        return zlib.decompress(packed)  # formats 1 and 2
    dictionary = _KNOWN.get(int.from_bytes(packed[2:6]))
    if dictionary is None:
        raise zlib.error("packed with a dictionary that this release does not know")
    unpacker = zlib.decompressobj(zdict=dictionary)
    raw = unpacker.decompress(packed)
    if not unpacker.eof:
        raise zlib.error("the stream is cut off")
    return raw
