"""A worker whose process dies at each letter of one case, as at a document that takes all memory."""

import os
import signal
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.command_line import main
from engine.persistence import models
from engine.services import job_operations, jobs
from engine.services.office import Office

#: The number of the case.
DEADLY = "KUNXIN_TEST_DEADLY"


def _or_die(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    job = session.get_one(models.Job, job_id)
    if job.case_id and session.get_one(models.Case, job.case_id).number == os.environ[DEADLY]:
        os.kill(os.getpid(), signal.SIGKILL)
    PRINT(office, session, job_id, arguments, now)


if __name__ == "__main__":
    PRINT = job_operations.OPERATIONS["print_letter"]
    job_operations.OPERATIONS["print_letter"] = _or_die  # type: ignore[index]
    jobs.FIRST_WAIT = timedelta(milliseconds=1)
    main()
