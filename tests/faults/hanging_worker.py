"""A worker whose letters of one case never come to an end; those of others do."""

import os
import signal
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.command_line import main
from engine.persistence import models
from engine.services import job_operations, jobs
from engine.services.office import Office
from engine.worker import celery_app
from engine.worker.patience import ProcessPatience

#: The number of the case, and whether the one that hangs can be told to stop.
HANGING, IS_DEAF = "KUNXIN_TEST_HANGING", "KUNXIN_TEST_DEAF"


def _and_hang(
    office: Office, session: Session, job_id: UUID, arguments: Mapping[str, Any], now: datetime
) -> None:
    job = session.get_one(models.Job, job_id)
    if job.case_id and session.get_one(models.Case, job.case_id).number == os.environ[HANGING]:
        if os.environ.get(IS_DEAF):  # as within a library that does not come back to Python
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        while True:
            time.sleep(3600)
    PRINT(office, session, job_id, arguments, now)


if __name__ == "__main__":
    PRINT = job_operations.OPERATIONS["print_letter"]
    job_operations.OPERATIONS["print_letter"] = _and_hang  # type: ignore[index]
    job_operations.WITHIN["print_letter"] = 1.0  # type: ignore[index]
    jobs.FIRST_WAIT = timedelta(milliseconds=1)
    celery_app.ProcessPatience = partial(ProcessPatience, 1.0)  # type: ignore[attr-defined,assignment]
    main()
