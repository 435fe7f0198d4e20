"""A test client that fails if a successful request leaves work uncommitted."""

import threading
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

_lost: list[str] = []
_own: list[Session] = []
_close = Session.close


def lend(session: Session) -> None:
    """Register the session of the test."""
    _own.append(session)


def take_back(session: Session) -> None:
    """Forget the session of the test."""
    _own.remove(session)


@event.listens_for(Session, "after_flush")
def _flushed(session: Session, _context: Any) -> None:
    session.info["uncommitted"] = "changes that were flushed"


@event.listens_for(Session, "do_orm_execute")
def _executed(state: Any) -> None:
    if (state.is_insert or state.is_update or state.is_delete) and not state.session.info.get(
        "read_only"
    ):
        state.session.info["uncommitted"] = "a statement that writes"


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _ended(session: Session) -> None:
    session.info.pop("uncommitted", None)


def _close_noticing(self: Session) -> None:
    pending = [*self.new, *self.deleted, *(o for o in self.dirty if self.is_modified(o))]
    if pending:
        _lost.append(f"{len(pending)} objects never flushed, {pending[0]!r} among them")
    elif "uncommitted" in self.info:
        _lost.append(self.info.pop("uncommitted"))
    _close(self)


Session.close = _close_noticing  # type: ignore[method-assign]


class CheckedClient(FlaskClient):
    """A client that shares its changes with the session of the test, in both directions.

    All its requests have one id, so that equal refusals are equal documents.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.environ_base["HTTP_X_REQUEST_ID"] = "test-request"

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request. Fail if the response promises work that was not committed."""
        # A session belongs to one thread: tests of simultaneous requests commit for themselves.
        shared = _own if threading.current_thread() is threading.main_thread() else []
        for own in shared:
            # SQLite has one writer: a test that holds a transaction would wait for itself.
            own.commit()
        _lost.clear()
        response = super().open(*args, **kwargs)
        for own in shared:
            own.expire_all()
        if response.status_code < 400 and _lost:
            raise AssertionError(
                f"{response.request.method} {response.request.path} answered "
                f"{response.status_code}, but did not commit {', '.join(_lost)}."
            )
        return response
