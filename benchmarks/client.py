"""A program that completes tasks: one connection kept alive, one packet a request.

As thin as can be, because it shares the machine with the server and is no part of what is measured.
"""

from __future__ import annotations

import json
import socket
from typing import Any
from uuid import UUID


class Client:
    def __init__(self, port: int) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        self._connection.close()

    def completion(self, task_id: UUID, token: str, answers: dict[str, object]) -> bytes:
        """The request that completes the task."""
        body = json.dumps({"answers": answers}).encode()
        head = (
            f"POST /api/v1/tasks/{task_id}/complete HTTP/1.1\r\n"
            f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def post(self, path: str, token: str, told: object) -> Any:
        """The answer to a JSON body."""
        body = json.dumps(told).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return json.loads(self.ask(head.encode() + body))

    def ask(self, request: bytes) -> bytes:
        """Send a request and wait for the whole answer. AssertionError when it is no success."""
        self._connection.sendall(request)
        answer = self._connection.recv(65536)
        while b"\r\n\r\n" not in answer:
            answer += self._connection.recv(65536)
        head, _, body = answer.partition(b"\r\n\r\n")
        while len(body) < _length(head):
            body += self._connection.recv(65536)
        assert head.startswith(b"HTTP/1.1 20"), (head, body)
        return body


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise AssertionError(head)
