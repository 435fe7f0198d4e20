"""What is asked, and what the product was seen to ask the database for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import orjson
import psycopg
from flask import Flask
from flask.testing import FlaskClient

from benchmarks.floor import Plan, Statement
from benchmarks.load import Request, ask_once, repeating, request_bytes
from benchmarks.records import Stocked

SYSTEMS = "/v1/systems"
LIST = f"{SYSTEMS}?limit=50"
FILTERED = f"{SYSTEMS}?hosting=on_premise&criticality=mission_critical&limit=50"
SEARCHED = f"{SYSTEMS}?q=custody+archive&limit=50"
RECORDS_READ = 500
PASSED_ON = ("content-type", "etag", "cache-control", "link")


@dataclass(frozen=True)
class Workload:
    """One kind of request. `requests` makes what each of some connections to a port asks."""

    name: str
    requests: Callable[[int, int], list[Request]]


class Workloads:
    """The workloads, as a client with a token asks them."""

    def __init__(self, stocked: Stocked) -> None:
        self._headers = {"Authorization": f"Bearer {stocked.token}", "Accept": "application/json"}
        self._own = [f"{SYSTEMS}/{each}" for each in stocked.own]
        self._records = [self._get(f"{SYSTEMS}/{i}") for i in stocked.visible[:RECORDS_READ]]

    def all(self) -> list[Workload]:
        """In the order of the table."""
        return [
            Workload("list of 50", self._reads([self._get(LIST)])),
            Workload("one record", self._reads(self._records)),
            Workload("filtered list", self._reads([self._get(FILTERED)])),
            Workload("text search", self._reads([self._get(SEARCHED)])),
            Workload("PATCH", self._patches),
        ]

    def samples(self) -> list[bytes]:
        """A request of each kind that reads."""
        return [*map(self._get, (LIST, FILTERED, SEARCHED)), *self._records[:3]]

    def nothing(self, _port: int, connections: int) -> list[Request]:
        """What costs a server nothing: it shows how fast the client is."""
        return [repeating([self._get("/nothing")])] * connections

    def _get(self, path: str) -> bytes:
        return request_bytes("GET", path, headers=self._headers)

    def _reads(self, requests: list[bytes]) -> Callable[[int, int], list[Request]]:
        def made(_port: int, connections: int) -> list[Request]:
            apart = len(requests) // connections
            return [repeating(requests, start=i * apart) for i in range(connections)]

        return made

    def _patches(self, port: int, connections: int) -> list[Request]:
        """Each connection changes a record of its own, by the entity tag of the answer before."""
        return [self._patch(port, path) for path in self._own[:connections]]

    def _patch(self, port: int, path: str) -> Request:
        first = ask_once(port, self._get(path))
        users = orjson.loads(first.partition(b"\r\n\r\n")[2])["user_count"]
        headers = self._headers | {"Content-Type": "application/merge-patch+json"}

        def asked(before: bytes) -> bytes:
            nonlocal users
            users = users % 5000 + 1
            return request_bytes(
                "PATCH",
                path,
                headers=headers | {"If-Match": _entity_tag(before or first)},
                body=b'{"user_count":%d}' % users,
            )

        return asked


def _entity_tag(answer: bytes) -> str:
    head = answer[: answer.index(b"\r\n\r\n")].decode("ascii")
    named = (line.partition(":") for line in head.split("\r\n"))
    return next(value.strip() for name, _, value in named if name.lower() == "etag")


def observed_plan(app: Flask, stocked: Stocked, conninfo: str) -> Plan:
    """What the floor has to do, learnt from the statements that the product runs."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {stocked.token}"
    lists = {}
    for path in (LIST, FILTERED, SEARCHED):
        statement, answer = _seen(client, path)
        end = answer.data[answer.data.rindex(b'],"page":') :]
        lists[path] = (statement, len(answer.get_json()["items"]), end)
    record = stocked.visible[0]
    one, answer = _seen(client, f"{SYSTEMS}/{record}")
    if one.values[-1] != record:
        raise RuntimeError("The floor takes the last value of a read for the record's id.")
    headers = [(n, v) for n, v in answer.headers if n.lower() in PASSED_ON]
    return Plan(conninfo, headers, lists, one, f"{SYSTEMS}/")


def _seen(client: FlaskClient, path: str) -> tuple[Statement, Any]:
    """The last statement of a request, and the answer."""
    ran: list[Statement] = []
    execute = psycopg.RawCursor.execute

    def watched(cursor: Any, query: Any, params: Any = None, **options: Any) -> Any:
        ran.append(Statement(query, list(params)))
        return execute(cursor, query, params, **options)

    with patch.object(psycopg.RawCursor, "execute", watched):
        answer = client.get(path)
    if answer.status_code != 200 or not ran:
        raise RuntimeError(f"{path}: {answer.text}")
    return ran[-1], answer


def require_same_answers(workloads: Workloads, product: int, floor: int) -> None:
    """The comparison means something only if both sides say the same."""
    for request in workloads.samples():
        ours, theirs = (_body(ask_once(port, request)) for port in (product, floor))
        if ours != theirs:
            raise RuntimeError(f"Product and floor differ:\n{ours[:2000]!r}\n{theirs[:2000]!r}")


def _body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]
