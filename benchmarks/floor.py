"""The floor: what PostgreSQL, the driver and the server cost when there is no product at all.

A bare WSGI app runs the very statements that the product was seen to run, with the same values, by
psycopg alone, and passes the bytes on under the same headers. It checks no token, reads no
parameters, and makes no entity tag. Each thread keeps one connection.
"""

import os
import pickle
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psycopg

PLAN_VARIABLE = "BENCHMARK_FLOOR_PLAN"
PATCHED = "UPDATE system SET user_count = %(user_count)s, updated_at = now(), "
PATCHED += "revision = revision + 1 WHERE id = %(identity)s"

Start = Callable[[str, list[tuple[str, str]]], object]


@dataclass(frozen=True)
class Statement:
    """A statement that the product was seen to run, with its values, as psycopg got them."""

    text: bytes
    values: list[Any]

    def run(self, connection: psycopg.Connection[Any]) -> list[bytes]:
        """The first column of all rows, as PostgreSQL sent it."""
        cursor = psycopg.RawCursor(connection)
        cursor.execute(self.text, self.values)
        result = cursor.pgresult
        assert result
        return [result.get_value(row, 0) or b"" for row in range(result.ntuples)]

    def about(self, identity: str) -> "Statement":
        """The same about another record; its id is the last value."""
        return Statement(self.text, [*self.values[:-1], identity])


@dataclass(frozen=True)
class Plan:
    """What the floor answers with. Written by the benchmark, read by each worker."""

    conninfo: str
    headers: list[tuple[str, str]]
    lists: dict[str, tuple[Statement, int, bytes]]
    """For each path with its query: the statement, the records shown, and the answer's end."""
    one: Statement
    collection: str


class Floor:
    """The WSGI app."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._own = threading.local()

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        query: str = environ["QUERY_STRING"]
        if environ["REQUEST_METHOD"] == "PATCH":
            body = self._patched(path, orjson.loads(environ["wsgi.input"].read()))
        elif path.startswith(self.plan.collection):
            body = self._one(path)
        elif path == "/nothing":
            body = b"{}"
        else:
            body = self._list(f"{path}?{query}" if query else path)
        start("200 OK", [*self.plan.headers, ("Content-Length", str(len(body)))])
        return [body]

    @property
    def _connection(self) -> psycopg.Connection[Any]:
        if not hasattr(self._own, "connection"):
            self._own.connection = psycopg.connect(self.plan.conninfo, autocommit=True)
        connection: psycopg.Connection[Any] = self._own.connection
        return connection

    def _list(self, asked: str) -> bytes:
        statement, shown, end = self.plan.lists[asked]
        return b'{"items":[%b%b' % (b",".join(statement.run(self._connection)[:shown]), end)

    def _one(self, path: str) -> bytes:
        identity = path.removeprefix(self.plan.collection)
        return self.plan.one.about(identity).run(self._connection)[0]

    def _patched(self, path: str, changes: dict[str, Any]) -> bytes:
        identity = path.removeprefix(self.plan.collection)
        with self._connection.transaction():
            self._connection.execute(PATCHED, changes | {"identity": identity})
            return self._one(path)


def create_floor() -> Floor:
    """The floor, with the plan that the environment names."""
    plan = pickle.loads(Path(os.environ[PLAN_VARIABLE]).read_bytes())
    assert isinstance(plan, Plan)
    return Floor(plan)
