"""Completes tasks within this process, where what they cost can be counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask.testing import FlaskClient

from benchmarks import installation
from benchmarks.installation import Place
from engine.services.office import Office
from web.app import create_app

#: Completed before anything is counted: connections, prepared statements, caches.
WARMING = 5


@dataclass(frozen=True, slots=True)
class Desk:
    office: Office
    client: FlaskClient
    tokens: Mapping[str, str]

    @classmethod
    def of(cls, place: Place, office: Office) -> Desk:
        client = create_app(office, place.settings()).test_client()
        return cls(office, client, installation.bearers(office))

    def rounds(self, count: int, series: str) -> Iterator[tuple[str, Sequence[UUID]]]:
        """Element by element: the tasks to complete; some were completed before, to warm up."""
        case_ids = installation.file_cases(self.office, count + WARMING, series)
        for element in installation.DESKS:
            tasks = installation.open_tasks(self.office, case_ids, element)
            self.complete(element, tasks[:WARMING])
            yield element, tasks[WARMING:]

    def complete(self, element: str, tasks: Sequence[UUID]) -> None:
        headers = {"Authorization": f"Bearer {self.tokens[element]}"}
        body = {"answers": installation.answers()[element]}
        for task_id in tasks:
            path = f"/api/v1/tasks/{task_id}/complete"
            answer = self.client.post(path, json=body, headers=headers)
            assert answer.status_code == 200, answer.get_data(as_text=True)
