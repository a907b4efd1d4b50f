"""What a spreadsheet may be at most."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """size: bytes as sent. unpacked: bytes of an XLSX unzipped. text: characters in all cells."""

    size: int = 20 * MIB
    unpacked: int = 300 * MIB
    text: int = 60 * MIB
    rows: int = 50_000
    columns: int = 200
