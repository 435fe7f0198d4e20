"""The floor: the cost of PostgreSQL, the driver and the server without the product.

A bare WSGI app runs the same statements as the product, with the same values, by psycopg alone. It
returns the resulting bytes with the product's headers. The app checks no token, reads no
parameters, and computes no entity tag. Each thread keeps one connection.
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
PATCH_STATEMENT = "UPDATE system SET user_count = %(user_count)s, updated_at = now(), "
PATCH_STATEMENT += "revision = revision + 1 WHERE id = %(identity)s"

Start = Callable[[str, list[tuple[str, str]]], object]


@dataclass(frozen=True)
class Statement:
    """A statement of the product with its values, as psycopg received them."""

    text: bytes
    values: list[Any]

    def run(self, connection: psycopg.Connection[Any]) -> list[bytes]:
        """Return the first column of all rows, as PostgreSQL sent it."""
        cursor = psycopg.RawCursor(connection)
        cursor.execute(self.text, self.values)
        result = cursor.pgresult
        assert result
        return [result.get_value(row, 0) or b"" for row in range(result.ntuples)]

    def for_record(self, identity: str) -> "Statement":
        """Return the statement for another record, whose id is the last value."""
        return Statement(self.text, [*self.values[:-1], identity])


@dataclass(frozen=True)
class Plan:
    """The responses of the floor. The benchmark writes the plan, and each worker reads it."""

    conninfo: str
    headers: list[tuple[str, str]]
    lists: dict[str, tuple[Statement, int, bytes]]
    """By path and query: the statement, the number of records, and the end of the response."""
    one: Statement
    collection: str


class Floor:
    """The WSGI app that runs the statements of the plan and returns their results."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._thread = threading.local()

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        query: str = environ["QUERY_STRING"]
        if environ["REQUEST_METHOD"] == "PATCH":
            body = self._patch(path, orjson.loads(environ["wsgi.input"].read()))
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
        if not hasattr(self._thread, "connection"):
            self._thread.connection = psycopg.connect(self.plan.conninfo, autocommit=True)
        connection: psycopg.Connection[Any] = self._thread.connection
        return connection

    def _list(self, path_and_query: str) -> bytes:
        statement, count, end = self.plan.lists[path_and_query]
        return b'{"items":[%b%b' % (b",".join(statement.run(self._connection)[:count]), end)

    def _one(self, path: str) -> bytes:
        identity = path.removeprefix(self.plan.collection)
        return self.plan.one.for_record(identity).run(self._connection)[0]

    def _patch(self, path: str, changes: dict[str, Any]) -> bytes:
        identity = path.removeprefix(self.plan.collection)
        with self._connection.transaction():
            self._connection.execute(PATCH_STATEMENT, changes | {"identity": identity})
            return self._one(path)


def create_floor() -> Floor:
    """Create the floor from the plan in the file that the environment names."""
    plan = pickle.loads(Path(os.environ[PLAN_VARIABLE]).read_bytes())
    assert isinstance(plan, Plan)
    return Floor(plan)
