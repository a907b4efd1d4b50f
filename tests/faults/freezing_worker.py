"""A worker that stands still in the middle of its first letter: the work done, nothing stored yet."""

import os
import signal
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.command_line import main
from engine.persistence import unit_of_work
from engine.services import job_operations
from engine.services.office import Office

#: Where the frozen process writes its number.
FROZEN = "KUNXIN_TEST_FROZEN"


def _and_freeze(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    PRINT(office, session, job_id, arguments, now)
    session.flush()
    try:
        with Path(os.environ[FROZEN]).open("x") as frozen:
            frozen.write(str(os.getpid()))
    except FileExistsError:
        return  # one stands still already: nobody would wake a second
    os.kill(os.getpid(), signal.SIGSTOP)


if __name__ == "__main__":
    PRINT = job_operations.OPERATIONS["print_letter"]
    job_operations.OPERATIONS["print_letter"] = _and_freeze  # type: ignore[index]
    unit_of_work.SERVER["options"] = "-c idle_in_transaction_session_timeout=2s"
    main()
