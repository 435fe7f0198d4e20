"""A kind of job whose work a test supplies."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.access.operations import create_client
from catalogue.agencies.models import Agency
from catalogue.core.actor import Actor, Scope
from catalogue.core.jobs import operations
from catalogue.core.jobs.operations import JobContext, job_handler
from catalogue.suppliers.models import Supplier

KIND = "trial"

Behaviour = Callable[..., dict[str, Any] | None]


class Killed(BaseException):
    """What a worker dies of: nothing of its own code runs any more."""


class Trial:
    """The behaviour of the job, and what it was called with."""

    def __init__(self) -> None:
        self.behave: Behaviour = lambda _context, **_arguments: {}
        self.contexts: list[JobContext] = []
        self.arguments: list[dict[str, Any]] = []

    def run(self, context: JobContext, **arguments: Any) -> dict[str, Any]:
        self.contexts.append(context)
        self.arguments.append(arguments)
        return self.behave(context, **arguments) or {}


def list_suppliers(session: Session) -> list[str]:
    """The names of all suppliers, which are what the jobs of tests record."""
    session.rollback()
    found = list(session.scalars(sa.select(Supplier.name).order_by(Supplier.name)))
    session.rollback()
    return found


def with_client(session: Session, agency: Agency) -> Actor:
    """Make a client that can queue jobs of the kind, and return it as an actor."""
    client, _ = create_client(
        session, name="Queue", agency_code=agency.code, scopes=str(Scope.SYSTEMS_WRITE)
    )
    return Actor(client.client_id, agency.id, agency.code, frozenset({Scope.SYSTEMS_WRITE.value}))


def register_trial(monkeypatch: pytest.MonkeyPatch) -> Trial:
    """Register the kind for one test."""
    monkeypatch.setattr(operations, "_kinds", dict(operations._kinds))
    trial = Trial()
    job_handler(KIND, scope=Scope.SYSTEMS_WRITE)(trial.run)
    return trial
