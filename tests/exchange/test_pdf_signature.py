"""Signed letters: a validator that knows nothing of us accepts them, and no byte may change."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.generic import NumberObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader
from sqlalchemy import select

from engine.exchange.pdf_signature import FIELD, KeySigner, open_signer
from engine.persistence import models
from engine.services import letters
from tests.offices import Practice
from tests.runtime.test_letters import full, letter

OFFICE, BUREAU = "昆山市社会信用体系建设领导小组办公室", "昆山市商务局"
PASSPHRASE = "for tests only"


def make_key(path: Path, body: str) -> bytes:
    """A key with a certificate that it signed itself; the certificate, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, body)])
    since = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=False,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    secret = BestAvailableEncryption(PASSPHRASE.encode())
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"key", key, certificate, None, secret))
    return bytes(certificate.public_bytes(Encoding.PEM))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[KeySigner, dict[str, bytes]]:
    """A signer with a key for each of two bodies, and their certificates."""
    folder = tmp_path_factory.mktemp("keys")
    certificates = {body: make_key(folder / f"{body}.p12", body) for body in (OFFICE, BUREAU)}
    return open_signer(folder, PASSPHRASE), certificates


def judged(pdf: bytes, trusted: bytes) -> PdfSignatureStatus:
    """What pyHanko's validator says of the one signature, trusting that certificate alone."""
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    roots = list(load_certs_from_pemder_data(trusted))
    trust = ValidationContext(trust_roots=roots, allow_fetching=False)
    return validate_pdf_signature(signature, signer_validation_context=trust)


@pytest.fixture(scope="module")
def signed(keys: tuple[KeySigner, dict[str, bytes]]) -> bytes:
    return keys[0].sign(letter("acceptance", full()), issuer=OFFICE, reason="受理通知书")


def test_a_signed_letter_is_valid_to_whoever_trusts_the_body_s_certificate(
    keys: tuple[KeySigner, dict[str, bytes]], signed: bytes
) -> None:
    status = judged(signed, keys[1][OFFICE])
    assert (status.intact, status.valid, status.trusted, status.bottom_line) == (True,) * 4
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE


def test_it_is_not_trusted_by_whoever_trusts_another_body(
    keys: tuple[KeySigner, dict[str, bytes]], signed: bytes
) -> None:
    status = judged(signed, keys[1][BUREAU])
    assert (status.intact, status.trusted, status.bottom_line) == (True, False, False)


def test_one_changed_byte_makes_the_signature_invalid(
    keys: tuple[KeySigner, dict[str, bytes]], signed: bytes
) -> None:
    place = signed.index(b"stream") + 40
    changed = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
    status = judged(changed, keys[1][OFFICE])
    assert (status.intact, status.bottom_line) == (False, False)


def test_something_added_behind_the_signature_is_not_covered_and_not_accepted(
    keys: tuple[KeySigner, dict[str, bytes]], signed: bytes
) -> None:
    writer: Any = IncrementalPdfFileWriter(io.BytesIO(signed))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Rotate"] = NumberObject(180)
    writer.update_container(page)
    later = io.BytesIO()
    writer.write(later)
    status = judged(later.getvalue(), keys[1][OFFICE])
    assert status.coverage is not SignatureCoverageLevel.ENTIRE_FILE
    assert not status.bottom_line


def test_the_pages_read_as_before_and_the_signature_names_the_body_and_the_letter(
    signed: bytes,
) -> None:
    before = [p.extract_text() for p in PdfReader(io.BytesIO(letter("acceptance", full()))).pages]
    reader = PdfReader(io.BytesIO(signed))
    assert [page.extract_text() for page in reader.pages] == before
    told: Any = reader.get_fields()
    value = told[FIELD]["/V"]
    assert (value["/Name"], value["/Reason"]) == (OFFICE, "受理通知书")
    assert value["/SubFilter"] == "/ETSI.CAdES.detached"


def test_a_body_without_a_key_leaves_its_letter_as_it_is(
    keys: tuple[KeySigner, dict[str, bytes]],
) -> None:
    assert keys[0].sign(b"%PDF", issuer="市公共信用信息中心", reason="") == b"%PDF"


def test_one_key_may_serve_every_body(tmp_path: Path) -> None:
    certificate = make_key(tmp_path / "all.p12", "昆山市")
    signer = open_signer(tmp_path / "all.p12", PASSPHRASE)
    pdf = signer.sign(letter("acceptance", full()), issuer=BUREAU, reason="")
    assert judged(pdf, certificate).bottom_line


def test_a_wrong_passphrase_or_no_key_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_signer(tmp_path, PASSPHRASE)
    make_key(tmp_path / "all.p12", "昆山市")
    with pytest.raises(ValueError, match="KUNXIN_SIGNATURE_PASSPHRASE"):
        open_signer(tmp_path / "all.p12", "wrong")


def test_what_the_office_issues_is_signed_once_and_its_hash_is_that_of_the_signed_file(
    practice: Practice, keys: tuple[KeySigner, dict[str, bytes]]
) -> None:
    practice.office.signer = keys[0]
    practice.file_case()
    practice.run_jobs()
    (row,) = practice.all(select(models.Letter))
    pdf = practice.office.files.get(row.sha256)
    assert judged(pdf, keys[1][OFFICE]).bottom_line
    told = letters.certificate(practice.office, row.number, now=practice.now)
    assert told.sha256 == row.sha256
    practice.run_jobs()
    assert practice.all(select(models.Letter))[0].sha256 == row.sha256
