"""The context that views and operations take: the actor and the unit of work."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.actor import Actor, Author
from catalogue.core.config import Settings
from catalogue.core.database import Database, SensitiveRead, UnitOfWork
from catalogue.core.errors import Forbidden, Problem
from catalogue.core.sharing import NOTHING_SHARED, SharedWith


@dataclass(frozen=True)
class Ports:
    """Functions that the kernel needs from the packages above it. `create_app` connects them."""

    authenticate: Callable[[UnitOfWork, str | None], Actor]
    """Find the actor of an Authorization header. Raises Unauthorized or Unavailable."""
    find_standing: Callable[..., Actor | None]
    """Find the actor of work that continues without a token, or None if it can no longer act."""
    challenge: Callable[..., dict[str, str]]
    """Make the WWW-Authenticate header of a 401 or 403 (RFC 6750)."""
    find_shared_with: Callable[[UnitOfWork, UUID], SharedWith]
    """Find the records that other agencies share with an agency."""
    log_reads: Callable[["Context"], None]
    """Record the sensitive reads of a unit of work before its response is sent."""
    show_problem: Callable[[Problem], Any]
    """Make the page that shows an error to a person."""


@dataclass(frozen=True)
class Context:
    """The actor and the unit of work of a request, job or command."""

    work: UnitOfWork
    actor: Actor
    ports: Ports
    logs_reads: bool = True
    """False if the owner reads its own records as another agency would see them."""

    @property
    def session(self) -> Session:
        """The session, which refuses to write in a unit of work that only reads."""
        return self.work.session

    @property
    def connection(self) -> sa.Connection:
        """The session's connection. Pending changes are flushed first."""
        return self.work.connection

    @property
    def database(self) -> Database:
        """The database that the unit of work belongs to."""
        return self.work.database

    @property
    def settings(self) -> Settings:
        return self.work.database.settings

    @property
    def shared_with(self) -> SharedWith:
        """The shares of other agencies with the actor's agency, looked up once."""
        agency_id = self.actor.agency_id
        if agency_id is None:
            # An administrator acts for no agency, and agencies share only with agencies.
            return NOTHING_SHARED
        shared_with = self.work.shared_with
        if agency_id not in shared_with:
            shared_with[agency_id] = self.ports.find_shared_with(self.work, agency_id)
        return shared_with[agency_id]

    def forget_shared_with(self) -> None:
        """Forget the shares, because they changed in this unit of work or time has passed."""
        self.work.shared_with.clear()

    def require_agency(self, reason: str) -> UUID:
        """Return the id of the actor's agency. Raises Forbidden, with the reason, if it has none."""
        if self.actor.agency_id is None:
            raise Forbidden(
                f"{reason}, and your client acts for no agency. Use the client of an agency."
            )
        return self.actor.agency_id

    def acting_as(self, actor: Actor) -> Self:
        """Return the same unit of work for another actor."""
        return replace(self, actor=actor)

    def seeing_as(self, agency_id: UUID, agency: str) -> Self:
        """Return the same unit of work, which sees what this client would see for another agency.

        Show the owner of a record what it finds, and nobody else: the access log has no entry.
        """
        actor = replace(self.actor, agency_id=agency_id, agency=agency)
        return replace(self, actor=actor, logs_reads=False)

    @property
    def change_reason(self) -> str | None:
        """The reason that the audit log records for the changes that follow."""
        author: Author | None = self.session.info.get("author")
        return author.reason if author else None

    def write_as(self, author: Author | None) -> None:
        """Set the author of the changes that follow. If it is None, no change can be made."""
        self.session.info["author"] = author

    def note_read(self, kind: str, fields: tuple[str, ...], records: Any) -> None:
        """Note sensitive fields of other agencies' records that the response will show."""
        if records and self.logs_reads:
            self.work.sensitive_reads.append(SensitiveRead(kind, fields, list(records)))
