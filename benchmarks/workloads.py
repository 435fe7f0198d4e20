"""Workloads: requests of the benchmark, and the SQL statements that the product runs for them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import orjson
import psycopg
from flask import Flask
from flask.testing import FlaskClient

from benchmarks.floor import Plan, Statement
from benchmarks.load import (
    Request,
    body_of,
    entity_tag_of,
    repeating,
    request_bytes,
    request_once,
    spread,
)
from benchmarks.records import TestData

SYSTEMS = "/v1/systems"
LIST = f"{SYSTEMS}?limit=50"
FILTERED = f"{SYSTEMS}?hosting=on_premise&criticality=mission_critical&limit=50"
SEARCHED = f"{SYSTEMS}?q=custody+archive&limit=50"
RECORDS_READ = 500
COPIED_HEADERS = ("content-type", "etag", "cache-control", "link")


@dataclass(frozen=True)
class Workload:
    """One kind of request. `requests` makes the requests of each connection to a port."""

    name: str
    requests: Callable[[int, int], list[Request]]


class Workloads:
    """The workloads of one client, which reads visible systems and changes its own."""

    def __init__(self, data: TestData) -> None:
        self._headers = {"Authorization": f"Bearer {data.token}", "Accept": "application/json"}
        self._own = [f"{SYSTEMS}/{each}" for each in data.own]
        self._records = [self._get(f"{SYSTEMS}/{i}") for i in data.visible[:RECORDS_READ]]

    def all(self) -> list[Workload]:
        """Return all workloads in the order of the table."""
        return [
            Workload("list of 50", self._reads([self._get(LIST)])),
            Workload("one record", self._reads(self._records)),
            Workload("filtered list", self._reads([self._get(FILTERED)])),
            Workload("text search", self._reads([self._get(SEARCHED)])),
            Workload("PATCH", self._patches),
        ]

    def samples(self) -> list[bytes]:
        """Return some read requests of each kind, to compare the responses of both sides."""
        return [*map(self._get, (LIST, FILTERED, SEARCHED)), *self._records[:3]]

    def nothing(self, _port: int, connections: int) -> list[Request]:
        """Return requests that cost the server nothing, which measure the speed of the client."""
        return [repeating([self._get("/nothing")])] * connections

    def _get(self, path: str) -> bytes:
        return request_bytes("GET", path, headers=self._headers)

    def _reads(self, requests: list[bytes]) -> Callable[[int, int], list[Request]]:
        return lambda _port, connections: spread(requests, connections)

    def _patches(self, port: int, connections: int) -> list[Request]:
        """Return changes: each connection changes its own record, with the last entity tag."""
        return [self._patch(port, path) for path in self._own[:connections]]

    def _patch(self, port: int, path: str) -> Request:
        first = request_once(port, self._get(path))
        users = orjson.loads(body_of(first))["user_count"]
        headers = self._headers | {"Content-Type": "application/merge-patch+json"}

        def next_request(before: bytes) -> bytes:
            nonlocal users
            users = users % 5000 + 1
            return request_bytes(
                "PATCH",
                path,
                headers=headers | {"If-Match": entity_tag_of(before or first)},
                body=b'{"user_count":%d}' % users,
            )

        return next_request


def observe_plan(app: Flask, data: TestData, conninfo: str) -> Plan:
    """Return the plan of the floor, from the statements that the product runs."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {data.token}"
    lists = {}
    for path in (LIST, FILTERED, SEARCHED):
        statement, response = _observe(client, path)
        end = response.data[response.data.rindex(b'],"page":') :]
        lists[path] = (statement, len(response.get_json()["items"]), end)
    record = data.visible[0]
    one, response = _observe(client, f"{SYSTEMS}/{record}")
    if one.values[-1] != record:
        raise RuntimeError(
            "The last value of a read is not the id of the record, as the floor expects."
        )
    headers = [(n, v) for n, v in response.headers if n.lower() in COPIED_HEADERS]
    return Plan(conninfo, headers, lists, one, f"{SYSTEMS}/")


def _observe(client: FlaskClient, path: str) -> tuple[Statement, Any]:
    """Return the last statement of a request, and the response."""
    statements: list[Statement] = []
    execute = psycopg.RawCursor.execute

    def watched(cursor: Any, query: Any, params: Any = None, **options: Any) -> Any:
        statements.append(Statement(query, list(params)))
        return execute(cursor, query, params, **options)

    with patch.object(psycopg.RawCursor, "execute", watched):
        response = client.get(path)
    if response.status_code != 200 or not statements:
        raise RuntimeError(f"GET {path} failed: {response.text}")
    return statements[-1], response


def require_same_responses(workloads: Workloads, product: int, floor: int) -> None:
    """Raise RuntimeError unless product and floor return the same bodies."""
    for request in workloads.samples():
        by_product, by_floor = (body_of(request_once(port, request)) for port in (product, floor))
        if by_product != by_floor:
            raise RuntimeError(
                f"Product and floor differ:\n{by_product[:2000]!r}\n{by_floor[:2000]!r}"
            )
