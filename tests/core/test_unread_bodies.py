"""The rest of a body that a refusal leaves unread: discarded if it is small, else cut off."""

import select
import socket
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from catalogue.core.wsgi import unread_body
from catalogue.core.wsgi.unread_body import BodyReader
from tests.programs import free_port, serving
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS
from tests.unsaved import CheckedClient

SMALL = 200_000


class Sender(BytesIO):
    """A body that counts what was read."""

    def __init__(self, size: int) -> None:
        super().__init__(b"a" * size)


def refused(client: CheckedClient, sender: Sender, **environ: Any) -> Any:
    """Send a body with a token that is not valid, as granian passes it on."""
    response = client.post(
        "/v1/imports",
        input_stream=sender,
        headers={"Authorization": "Bearer expired"},
        environ_overrides={
            "SERVER_SOFTWARE": "Granian",
            "wsgi.input_terminated": True,
            "CONTENT_LENGTH": str(len(sender.getbuffer())),
        }
        | environ,
    )
    assert response.status_code == 401
    return response


def test_rest_of_a_small_body_is_read_before_the_response(client: CheckedClient) -> None:
    sender = Sender(SMALL)
    assert "Connection" not in refused(client, sender).headers
    assert sender.tell() == SMALL


def test_rest_of_a_body_in_chunks_is_read_too(client: CheckedClient) -> None:
    sender = Sender(SMALL)
    environ = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    assert "Connection" not in refused(client, sender, **environ).headers
    assert sender.tell() == SMALL


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({}, id="length"),
        pytest.param({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}, id="chunks"),
    ],
)
def test_connection_of_a_large_body_is_closed(
    client: CheckedClient, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    monkeypatch.setattr(unread_body, "LARGEST_REST", SMALL - 1)
    sender = Sender(SMALL * 3)
    assert refused(client, sender, **environ).headers["Connection"] == "close"
    assert sender.tell() < SMALL * 2


def test_client_that_waits_for_permission_to_send_is_not_waited_for(client: CheckedClient) -> None:
    sender = Sender(SMALL)
    response = refused(client, sender, HTTP_EXPECT="100-continue")
    assert response.headers["Connection"] == "close"
    assert sender.tell() == 0


def test_slow_sender_is_waited_for_only_so_long(
    client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread_body, "LONGEST_WAIT_SECONDS", 0)
    assert refused(client, Sender(SMALL)).headers["Connection"] == "close"


def test_stalled_senders_leave_threads_for_others(store: Store, tmp_path: Path) -> None:
    port = free_port()
    settings = {
        "CATALOGUE_DATABASE_URL": store.url,
        "CATALOGUE_PUBLIC_URL": store.settings.public_url,
    }
    head = b"POST /v1/imports HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    with ExitStack() as stack:
        arguments = ("serve", "--workers", "1", "--threads", "6")
        stack.enter_context(serving(*arguments, port=port, cwd=tmp_path, **settings))
        senders = []
        for _ in range(3):
            sender = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            sender.sendall(head + b"half")
            senders.append(sender)
        answered, _, _ = select.select(senders, [], [], PATIENCE_SECONDS)
        assert [each.recv(12) for each in answered] == [b"HTTP/1.1 401"]
        live = httpx.get(f"http://127.0.0.1:{port}/health/live", timeout=PATIENCE_SECONDS)
        assert live.status_code == 200


def test_sender_without_a_place_is_not_waited_for(
    client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread_body, "_PLACES", places := unread_body._PLACES.__class__(1))
    assert places.acquire(blocking=False)
    sender = Sender(SMALL)
    assert refused(client, sender).headers["Connection"] == "close"
    assert sender.tell() == 0


def test_body_that_was_read_is_complete(client: CheckedClient) -> None:
    for read in (
        lambda reader: reader.read(),
        lambda reader: reader.readlines(),
        list,
        lambda reader: [reader.read(4), reader.read(4), reader.read(4)],
        lambda reader: [reader.readline(), reader.readline(), reader.readline()],
    ):
        chunked = BodyReader(
            {"wsgi.input": BytesIO(b"one\ntwo\n"), "HTTP_TRANSFER_ENCODING": "chunked"}
        )
        assert not chunked.is_complete
        read(chunked)
        assert chunked.is_complete
