"""Audit log: change sets and their events, the head of the hash chain, and the authors.

A transaction that changes audited records makes one change set. A lock that is held until the
commit guards its number, so change sets become visible in the order of their numbers.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.database import Base
from catalogue.core.types import Json

BEGINNING = "0" * 64
"""The previous digest of the first change set."""

LONGEST_NAME = 255


class Person(Base):
    """A person who makes changes. The hash chain covers only the id, so the name can be erased.

    The id is made from name and salt, so that nobody can replace the name unnoticed. Without the
    salt, the id reveals nothing about the name. See hash_chain.py.
    """

    __tablename__ = "person"
    __table_args__ = (sa.UniqueConstraint("name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    salt: Mapped[str | None] = mapped_column(sa.String(32))
    """Null after the name was erased."""
    pseudonymised_at: Mapped[datetime | None]


class ChangeSet(Base):
    """All changes of one transaction."""

    __tablename__ = "change_set"
    __table_args__ = (sa.UniqueConstraint("id"),)

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    """The position in the order of the commits: 1, 2, 3 and so on."""
    id: Mapped[UUID]
    at: Mapped[datetime]
    """The time of the change set, never earlier than that of the one before."""
    client_id: Mapped[str] = mapped_column(sa.String(100))
    person_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    agency_id: Mapped[UUID | None]
    """The agency that the client acted for."""
    reason: Mapped[str | None] = mapped_column(sa.Text)
    import_id: Mapped[UUID | None] = mapped_column(index=True)
    """The import that made the changes, or whose reversal did.

    Not a foreign key, so that events outlive other tables.
    """
    event_count: Mapped[int]
    previous_digest: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64))


class Event(Base):
    """A change to one record, or a read of its sensitive fields."""

    __tablename__ = "event"
    __table_args__ = (
        sa.UniqueConstraint("id"),
        sa.Index("ix_event_resource_resource_id", "resource", "resource_id"),
    )

    change_set_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("change_set.id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The place in the change set, from 1."""
    id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(sa.String(80))
    """The resource and a verb, such as `system.updated`."""
    resource: Mapped[str] = mapped_column(sa.String(40))
    resource_id: Mapped[UUID]
    agency_id: Mapped[UUID | None]
    """The agency that owns the record. Not a foreign key, so that events outlive other tables."""
    disclosure: Mapped[str | None] = mapped_column(sa.String(40))
    """The disclosure of the record after the change, or at its deletion."""
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """The old values of changed fields, or all fields at a deletion.

    NULL for a new record or a read.
    """
    state: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """The whole record after the change. NULL for a deletion or a read."""
    digest: Mapped[str] = mapped_column(sa.String(64))


class HistoryHead(Base):
    """The last change set, in one row that is locked while another change set is added."""

    __tablename__ = "history_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(sa.BigInteger)
    at: Mapped[datetime]
    digest: Mapped[str] = mapped_column(sa.String(64))
