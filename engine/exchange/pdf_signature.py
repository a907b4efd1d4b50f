"""Signs letters for the world outside: PAdES over the PDF, with the key of the body that issues them.

The library is an optional extra (kunxin[signature]); without a key nothing of it is loaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

#: The field that holds the signature; its picture is the seal that is printed already.
FIELD = "Signature"


class Signer(Protocol):
    """A letter goes in, the signed letter comes out; the printed pages stay as they are."""

    def sign(self, pdf: bytes, *, issuer: str, reason: str) -> bytes: ...


@dataclass(frozen=True)
class KeySigner:
    """Signs with keys from PKCS #12 files; `keys`: body -> key, '' for every body without its own."""

    keys: Mapping[str, Any]

    def sign(self, pdf: bytes, *, issuer: str, reason: str) -> bytes:
        """The same pages with a signature that covers every byte of them (ETSI EN 319 142).

        A body without a key leaves its letter unsigned.
        """
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
        from pyhanko.sign import fields, signers  # noqa: PLC0415

        key = self.keys.get(issuer) or self.keys.get("")
        if key is None:
            return pdf
        told = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            name=issuer,
            reason=reason,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        )
        signed = BytesIO()
        signers.PdfSigner(told, signer=key).sign_pdf(
            IncrementalPdfFileWriter(BytesIO(pdf)), output=signed
        )
        return signed.getvalue()


def open_signer(place: Path, passphrase: str) -> KeySigner:
    """The keys at a place: one file for every body, or a folder with one `<body>.p12` for each.

    Errors: FileNotFoundError where there are none; ValueError for a file that the passphrase does
    not open; ModuleNotFoundError where the extra is not installed.
    """
    files = {path.stem: path for path in sorted(place.glob("*.p12"))} if place.is_dir() else {}
    if not files and not place.is_file():
        raise FileNotFoundError(f"no key for signatures at {place}")
    return KeySigner(
        {body: _key(path, passphrase) for body, path in (files or {"": place}).items()}
    )


def _key(path: Path, passphrase: str) -> Any:
    from pyhanko.sign.signers import SimpleSigner  # noqa: PLC0415

    key = SimpleSigner.load_pkcs12(path, passphrase=passphrase.encode())
    if key is None:
        raise ValueError(f"{path} cannot be opened with KUNXIN_SIGNATURE_PASSPHRASE")
    return key
