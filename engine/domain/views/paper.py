"""Papers that came in and letters that went out, as readers see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.domain.states import IssuedState, LetterState
from engine.domain.words import Words


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A paper of the case, kept with its hash."""

    id: UUID
    kind: str  # key of the paper in procedure.toml, or "other"
    title: Words
    filename: str
    media_type: str
    size: int  # bytes
    sha256: str
    uploaded_by: str
    uploaded_at: datetime
    receipt: str  # 收讫凭证 number
    source: str  # applicant | authority | register | office


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper that the procedure asks for, and whether it is there.

    course: whose certificate stands for it; certificate: number of the enterprise's own one that
    counts, which the system hands in or has verified. depends: on what the application says.
    """

    key: str
    title: Words
    help: Words | None
    required: bool
    source: str  # applicant | authority | register
    documents: tuple[DocumentView, ...]
    course: str = ""
    certificate: str | None = None
    depends: bool = False


@dataclass(frozen=True, slots=True)
class LetterView:
    id: UUID
    key: str
    number: str
    title: Words
    state: LetterState
    issued_at: datetime | None
    served_at: datetime | None
    way: str | None  # electronic | post | public_notice
    sha256: str | None
    is_ready: bool  # the PDF is made
    ended: Words | None = None  # a certificate that is void or revoked now
    is_erased: bool = False  # its text went with its case's time in the archive


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A letter as the public may verify it by number or QR."""

    number: str
    title: Words
    issued_at: datetime
    issuer: str
    addressee: str  # partly masked
    state: IssuedState
    sha256: str
    case_number: str
    ended_at: datetime | None = None  # since when it is void or revoked
    replaced_by: str | None = None  # number of what takes its place
