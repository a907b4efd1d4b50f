"""Notices to people outside the system: a folder from which a gateway (mail, SMS) takes them."""

from pathlib import Path
from typing import Any

import orjson

from engine.exchange.mail import put_whole


class OutboxFolder:
    """One JSON file for each notice, named by its id; the same id again replaces itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, notice_id: str, notice: dict[str, Any]) -> None:
        """NotSent when it cannot be written."""
        put_whole(
            self._folder / f"{notice_id}.json", orjson.dumps(notice, option=orjson.OPT_INDENT_2)
        )
