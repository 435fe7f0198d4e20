"""Helpers that read events from their tables, and run the command that verifies them."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.history.commands import audit
from catalogue.history.models import ChangeSet, Event


@dataclass(frozen=True)
class RecordedEvent:
    """An event and the change set that it is in."""

    event: Event
    change: ChangeSet

    @property
    def kind(self) -> str:
        """Resource and verb."""
        return self.event.kind

    @property
    def before(self) -> dict[str, Any] | None:
        """The old values of the changed fields."""
        return self.event.before

    @property
    def state(self) -> dict[str, Any]:
        """The whole record after the event."""
        return self.event.state or {}


def read_events(session: Session, *resources: str) -> list[RecordedEvent]:
    """List all events in their order, or those of some resources."""
    session.commit()
    statement = (
        sa.select(Event, ChangeSet)
        .join(ChangeSet, ChangeSet.id == Event.change_set_id)
        .order_by(ChangeSet.number, Event.ordinal)
    )
    if resources:
        statement = statement.where(Event.resource.in_(resources))
    events = [RecordedEvent(event, change) for event, change in session.execute(statement)]
    session.commit()
    return events


def count_change_sets(session: Session) -> int:
    """Return the number of change sets."""
    count = session.scalar(sa.select(sa.func.count()).select_from(ChangeSet)) or 0
    session.commit()
    return count


def run_audit(app: Flask, *arguments: str) -> Result:
    """Run `catalogue audit`."""
    with app.app_context():
        return CliRunner().invoke(audit, arguments)


def find_faults(app: Flask, *arguments: str) -> list[str]:
    """Return the faults that `catalogue audit verify` reports, of which there must be one."""
    result = run_audit(app, "verify", *arguments)
    assert result.exit_code == 1, result.output
    return result.stdout.splitlines()


def read_seal(app: Flask) -> str:
    """Return the number and digest that `catalogue audit verify` prints for an intact log."""
    result = run_audit(app, "verify")
    assert result.exit_code == 0, result.output
    return result.stdout.strip().rpartition(" ")[2]
