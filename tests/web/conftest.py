"""What every page asks beside its own: here nobody has unread notices."""

import pytest

from engine.services import notices


@pytest.fixture(autouse=True)
def _nothing_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "unread", lambda office, actor: 0)
