"""The current request: its id, and who sent it, for the log and for problem documents.

A log line can come from any function or library, so the request is a context variable here. No rule
of the product depends on it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

from catalogue.core.actor import Actor

_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:@/+=-]{0,127}")
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?"
)
"""The header of W3C Trace Context. Its second part is the id of the trace."""


@dataclass(slots=True)
class CurrentRequest:
    """The request that the thread works on. A value that is not known is empty."""

    request_id: str
    trace_id: str = ""
    address: str = ""
    client_id: str = ""
    person: str = ""

    def values(self) -> dict[str, Any]:
        """Return the known values by their names in the log."""
        return {name: value for name, value in asdict(self).items() if value}


_current: ContextVar[CurrentRequest | None] = ContextVar("current_request", default=None)


@contextmanager
def begin_request(
    *, request_id: str | None, traceparent: str | None, address: str
) -> Iterator[CurrentRequest]:
    """Work on a request until the end of the block.

    `request_id` and `traceparent` are headers. The request's id is the first if it is well formed,
    else the trace's id, else a new one.
    """
    trace = _TRACEPARENT.fullmatch((traceparent or "").strip())
    trace_id = trace[1] if trace else ""
    given = (request_id or "").strip()
    own = given if _REQUEST_ID.fullmatch(given) else trace_id or uuid4().hex
    request = CurrentRequest(own, trace_id, address)
    token = _current.set(request)
    try:
        yield request
    finally:
        _current.reset(token)


def current_request() -> CurrentRequest | None:
    """Return the request that the thread works on, or None outside a request."""
    return _current.get()


def note_actor(actor: Actor) -> None:
    """Note the client and the person of the current request."""
    note_client(actor.client_id, actor.subject)


def note_client(client_id: str, person: str | None = None) -> None:
    """Note who sent the current request. A token of a client names the client as its subject."""
    request = _current.get()
    if request is not None:
        request.client_id = client_id
        request.person = person if person and person != client_id else ""
