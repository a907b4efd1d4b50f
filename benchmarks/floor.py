"""The floor of a completed task: the least that a database must be told of it, and nothing else.

One transaction of three inserts (event, task, timer) and two updates (instance with its state, the
task that ends), as plain SQL through psycopg, rows and state as large as the real ones.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb

TABLES = """
CREATE TABLE IF NOT EXISTS floor_instance (id uuid PRIMARY KEY, state bytea, version integer NOT NULL);
CREATE TABLE IF NOT EXISTS floor_task (
    id uuid PRIMARY KEY, instance_id uuid REFERENCES floor_instance, element_id text NOT NULL,
    candidate_group text NOT NULL, state text NOT NULL, due_at timestamptz, answers jsonb);
CREATE INDEX IF NOT EXISTS floor_inbox ON floor_task (state, candidate_group, due_at);
CREATE TABLE IF NOT EXISTS floor_event (
    id uuid PRIMARY KEY, instance_id uuid REFERENCES floor_instance, sequence integer NOT NULL,
    at timestamptz NOT NULL, actor text NOT NULL, title text NOT NULL, changes jsonb,
    hash text NOT NULL, UNIQUE (instance_id, sequence));
CREATE TABLE IF NOT EXISTS floor_timer (
    id uuid PRIMARY KEY, instance_id uuid REFERENCES floor_instance, due_at timestamptz NOT NULL);
CREATE INDEX IF NOT EXISTS floor_due ON floor_timer (due_at);
"""
DUE = datetime(2020, 3, 6, 9, tzinfo=UTC)
STATE_BYTES = 1200  # of a stored state in the middle of a case


class Floor:
    """One case whose task is completed again and again."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:"))
        self.instance_id, self.task_id, self.sequence = uuid4(), uuid4(), 0
        self.state = os.urandom(STATE_BYTES)
        with self.connection.transaction():
            self.connection.execute(TABLES)
            self.connection.execute(
                "INSERT INTO floor_instance VALUES (%s, %s, 1)", (self.instance_id, self.state)
            )
            self._insert_task(self.task_id)

    def complete(self, answers: dict[str, object]) -> None:
        """The bare transaction."""
        execute, task_id, self.sequence = self.connection.execute, uuid4(), self.sequence + 1
        execute(
            "UPDATE floor_task SET state = 'completed', answers = %s WHERE id = %s",
            (Jsonb(answers), self.task_id),
        )
        execute(
            "UPDATE floor_instance SET state = %s, version = version + 1 WHERE id = %s",
            (self.state, self.instance_id),
        )
        execute(
            "INSERT INTO floor_event VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (
                uuid4(),
                self.instance_id,
                self.sequence,
                DUE,
                "clerk",
                "初审",
                Jsonb(answers),
                "0" * 64,
            ),
        )
        self._insert_task(task_id)
        execute("INSERT INTO floor_timer VALUES (%s, %s, %s)", (uuid4(), self.instance_id, DUE))
        self.connection.commit()
        self.task_id = task_id

    def _insert_task(self, task_id: object) -> None:
        self.connection.execute(
            "INSERT INTO floor_task VALUES (%s, %s, 'first_review', 'clerk', 'ready', %s, NULL)",
            (task_id, self.instance_id, DUE),
        )
