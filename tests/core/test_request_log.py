"""The log of requests: each line names its request, and none holds a secret."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.core.logs.formats import make_formatter
from catalogue.core.wsgi.request_line import loggable_query
from tests.factories import BEDS, READ_WRITE, signed_in
from tests.stores import Store
from tests.unsaved import CheckedClient

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"
SECRET = "hunter2"


@dataclass
class Log(logging.Handler):
    """The lines that the product writes, in both formats."""

    text: list[str] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._text, self._json = make_formatter("text"), make_formatter("json")

    __hash__ = object.__hash__

    def emit(self, record: logging.LogRecord) -> None:
        """Format the record as it is written, while its request still runs."""
        self.text.append(self._text.format(record))
        line = self._json.format(record)
        assert "\n" not in line
        self.lines.append(orjson.loads(line))

    @property
    def request(self) -> dict[str, Any]:
        """The only line of a request."""
        [line] = [line for line in self.lines if line["logger"] == "catalogue.requests"]
        return line


@pytest.fixture
def log() -> Iterator[Log]:
    handler = Log()
    product, requests = logging.getLogger("catalogue"), logging.getLogger("catalogue.requests")
    product.addHandler(handler)
    level, requests.level = requests.level, logging.INFO
    requests.setLevel(logging.INFO)
    yield handler
    requests.setLevel(level)
    product.removeHandler(handler)


@pytest.fixture
def faulty(store: Store) -> Flask:
    """An app with a view that logs a warning, and fails."""
    app = store.app_with(trusted_proxies=1)

    def fault() -> str:
        logging.getLogger("catalogue.trial").warning("Before the fault\nFORGED line")
        raise RuntimeError("broken")

    app.add_url_rule("/v1/fault", view_func=fault)
    return app


def test_line_names_caller_client_request_and_result(
    store: Store, session: Session, log: Log
) -> None:
    app = store.app_with(trusted_proxies=1)
    api = signed_in(app, session, BEDS, READ_WRITE)
    headers = {"X-Forwarded-For": "203.0.113.9:4711", "X-Request-Id": "abc-123"}
    assert api.get("/v1/systems?limit=1", headers=headers).status_code == 200
    line = log.request
    assert line["client_id"].startswith(f"{BEDS}-")
    expected = {
        "address": "203.0.113.9",
        "request_id": "abc-123",
        "method": "GET",
        "path": "/v1/systems",
        "query": "limit=1",
        "status": 200,
        "level": "INFO",
    }
    assert expected.items() <= line.items()
    assert line["milliseconds"] > 0
    assert line["time"].endswith("Z")
    [text] = log.text
    assert "GET /v1/systems?limit=1 200 " in text
    for value in ("203.0.113.9", "request_id=abc-123", f"client_id={line['client_id']}"):
        assert value in text


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param({"X-Request-Id": "abc-123"}, "abc-123", id="own"),
        pytest.param({"X-Request-Id": "a" * 128}, "a" * 128, id="longest"),
        pytest.param({"traceparent": TRACEPARENT}, TRACE, id="trace"),
        pytest.param({"X-Request-Id": "abc", "traceparent": TRACEPARENT}, "abc", id="both"),
        pytest.param({"X-Request-Id": "a b", "traceparent": TRACEPARENT}, TRACE, id="invalid_own"),
        pytest.param({"X-Request-Id": "a" * 129}, None, id="too_long"),
        pytest.param({"X-Request-Id": '"><script>'}, None, id="markup"),
        pytest.param({"X-Request-Id": "one, two"}, None, id="two"),
        pytest.param({"X-Request-Id": ""}, None, id="empty"),
        pytest.param({"X-Request-Id": "", "traceparent": "00-x-y-01"}, None, id="no_trace"),
        pytest.param(
            {"X-Request-Id": "", "traceparent": f"00-{'0' * 32}-b7ad6b7169203331-01"},
            None,
            id="zero_trace",
        ),
        pytest.param(
            {"X-Request-Id": "", "traceparent": f"ff-{TRACE}-b7ad6b7169203331-01"},
            None,
            id="wrong_version",
        ),
    ],
)
def test_response_problem_and_line_have_one_request_id(
    client: CheckedClient, log: Log, sent: dict[str, str], expected: str | None
) -> None:
    response = client.get("/v1/nothing", headers={"X-Request-Id": ""} | sent)
    found = response.headers["X-Request-Id"]
    assert found == expected or (expected is None and len(found) == 32)
    assert response.json["request_id"] == found == log.request["request_id"]
    assert log.request.get("trace_id") == (
        TRACE if sent.get("traceparent") == TRACEPARENT else None
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health/live", 200),
        ("HEAD", "/health/live", 200),
        ("GET", "/docs", 308),
        ("GET", "/v1/systems", 401),
        ("DELETE", "/v1/systems", 405),
        ("POST", "/oauth/token", 400),
    ],
)
def test_every_response_has_its_own_request_id(
    client: CheckedClient, log: Log, method: str, path: str, status: int
) -> None:
    client.environ_base.pop("HTTP_X_REQUEST_ID")
    ids = set()
    for _ in range(2):
        response = client.open(path, method=method)
        assert response.status_code == status
        ids.add(response.headers["X-Request-Id"])
    assert len(ids) == 2
    assert [(line["method"], line["path"], line["status"]) for line in log.lines] == (
        [(method, path, status)] * 2
    )


def test_unchanged_record_is_answered_with_a_request_id(client: CheckedClient, log: Log) -> None:
    tag = client.get("/health/live").headers["ETag"]
    response = client.get("/health/live", headers={"If-None-Match": tag, "X-Request-Id": "second"})
    assert (response.status_code, response.headers["X-Request-Id"]) == (304, "second")
    assert (log.lines[1]["status"], log.lines[1]["request_id"]) == (304, "second")


def test_every_line_of_a_faulty_request_names_it(faulty: Flask, log: Log) -> None:
    headers = {"X-Request-Id": "abc-123", "X-Forwarded-For": "[2001:db8::7]:443"}
    response = faulty.test_client().get("/v1/fault", headers=headers)
    assert response.status_code == 500
    assert response.json["request_id"] == "abc-123"
    assert "abc-123" in response.json["detail"]
    assert [line["level"] for line in log.lines] == ["WARNING", "ERROR", "INFO"]
    for line in log.lines:
        assert (line["request_id"], line["address"]) == ("abc-123", "2001:db8::7")
    assert "RuntimeError: broken" in log.lines[1]["exception"]
    assert log.lines[2]["status"] == 500
    for text in log.text:
        assert "request_id=abc-123" in text.splitlines()[0]
        assert not any(line.startswith("FORGED") for line in text.splitlines())


def test_lines_outside_a_request_name_none(log: Log) -> None:
    logging.getLogger("catalogue.trial").warning("A job failed: %s", "no such file")
    assert set(log.lines[0]) == {"time", "level", "logger", "message"}
    assert log.text[0].endswith("catalogue.trial: A job failed: no such file")


def test_client_of_a_token_request_is_named_once_it_is_known(
    client: CheckedClient, log: Log, sign_in: Callable[..., Any]
) -> None:
    data = {"grant_type": "client_credentials", "client_id": "x", "client_secret": SECRET}
    assert client.post("/oauth/token", data=data).status_code == 401
    assert "client_id" not in log.request
    assert SECRET not in str(log.text) + str(log.lines)


@pytest.mark.parametrize(
    "address",
    [
        f"/v1/systems?access_token={SECRET}&limit=1",
        f"/v1/systems?limit=1&client_secret={SECRET}",
        f"/v1/systems?Password={SECRET}",
        f"/v1/systems?api-key={SECRET}&x",
        f"/oauth/token?code={SECRET}",
        f"/oauth/token?%63lient_secret={SECRET}",
        f"/v1/systems?q=eyJhbGciOiJSUzI1NiJ9.{SECRET}.x",
        f"/v1/systems/eyJhbGciOiJSUzI1NiJ9.{SECRET}.x",
        f"/v1/systems?q=itsc_{SECRET}",
    ],
)
def test_secrets_in_addresses_and_headers_are_not_logged(
    client: CheckedClient, log: Log, address: str
) -> None:
    client.get(address, headers={"Authorization": f"Bearer {SECRET}", "Cookie": f"x={SECRET}"})
    assert log.request["path"]
    assert SECRET not in str(log.text) + str(log.lines)


def test_other_parameters_are_logged_as_sent() -> None:
    sent = "q=caf%C3%A9&sort=-name&agency=a&cursor=abc%3D&postcode=x&keyword=y"
    assert loggable_query(sent) == sent
    assert loggable_query("q=a\nb\x00é") == "q=a%0Ab%00%C3%A9"


def test_statement_values_are_no_part_of_a_fault(faulty: Flask, session: Session) -> None:
    with pytest.raises(Exception, match="no_such_table") as caught:
        session.connection().exec_driver_sql("SELECT * FROM no_such_table", ())
    session.rollback()
    assert "parameters" not in str(caught.value) or "hidden" in str(caught.value)
