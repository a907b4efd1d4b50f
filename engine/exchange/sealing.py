"""Secrets that must be read again: kept in the tables as ciphertext, under the installation's key."""

import base64
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from engine.domain.errors import Unavailable


class Sealer:
    """Fernet under keys derived from KUNXIN_SECRET_KEY; what was sealed under an older key opens too."""

    def __init__(self, key: str, old_keys: Sequence[str] = ()) -> None:
        self._newest, *older = (Fernet(_derived(each)) for each in (key, *old_keys))
        self._fernet = MultiFernet([self._newest, *older])

    def seal(self, secret: str) -> str:
        return str(self._fernet.encrypt(secret.encode()), "ascii")

    def open(self, sealed: str) -> str:
        """Unavailable when it was sealed under a key that is not known any more."""
        try:
            return str(self._fernet.decrypt(sealed.encode()), "utf-8")
        except InvalidToken:
            raise Unavailable(
                "密钥已换，存下的机密打不开，请重新生成。",
                "sealed under a key that is gone: make a new secret",
            ) from None

    def renewed(self, sealed: str) -> str | None:
        """The same under the newest key; None when it is already, or cannot be opened at all."""
        try:
            self._newest.decrypt(sealed.encode())
        except InvalidToken:
            try:
                return self.seal(self.open(sealed))
            except Unavailable:
                return None
        return None


def _derived(key: str) -> bytes:
    """A key for this use alone; the installation's own is 256 random bits already."""
    drawn = hmac.digest(key.encode(), b"kunxin: sealed secrets", "sha256")
    return base64.urlsafe_b64encode(drawn)
