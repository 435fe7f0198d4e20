"""Audit log: change sets and their events, the head of the hash chain, and the authors.

One transaction that changes recorded data is one change set. Its number is given out under a lock
that is held until the commit, so change sets become visible in the order of their numbers.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.database import Base
from catalogue.core.types import Json

BEGINNING = "0" * 64
"""What stands for the digest before the first change set."""

LONGEST_NAME = 255


class Person(Base):
    """Somebody who makes changes. The seal covers the id alone, so that the name can be let go.

    The id is made of name and salt, so that nobody can be given another's name; without the salt
    nothing can be learnt from it. See hash_chain.py.
    """

    __tablename__ = "person"
    __table_args__ = (sa.UniqueConstraint("name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    salt: Mapped[str | None] = mapped_column(sa.String(32))
    """Gone with the name."""
    pseudonymised_at: Mapped[datetime | None]


class ChangeSet(Base):
    """What one transaction changed."""

    __tablename__ = "change_set"
    __table_args__ = (sa.UniqueConstraint("id"),)

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    """1, 2, 3 and so on, in the order of the commits."""
    id: Mapped[UUID]
    at: Mapped[datetime]
    """Never before the change set in front of it, whatever the clock did."""
    client_id: Mapped[str] = mapped_column(sa.String(100))
    person_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    agency_id: Mapped[UUID | None]
    """The agency that was acted for."""
    reason: Mapped[str | None] = mapped_column(sa.Text)
    event_count: Mapped[int]
    previous_digest: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64))


class Event(Base):
    """What became of one record."""

    __tablename__ = "event"
    __table_args__ = (
        sa.UniqueConstraint("id"),
        sa.Index("ix_event_resource_resource_id", "resource", "resource_id"),
    )

    change_set_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("change_set.id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its place in the change set, from 1."""
    id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(sa.String(80))
    """Resource and verb, such as `system.updated`."""
    resource: Mapped[str] = mapped_column(sa.String(40))
    resource_id: Mapped[UUID]
    agency_id: Mapped[UUID | None]
    """The agency that owns the record; not a foreign key, as records outlive much."""
    disclosure: Mapped[str | None] = mapped_column(sa.String(40))
    """To whom the record is disclosed since the change; of a deleted one, was."""
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """What the changed fields were; of a deleted record, all fields; of a new one, NULL."""
    state: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """The whole record since the change; of a deleted one, NULL."""
    digest: Mapped[str] = mapped_column(sa.String(64))


class HistoryHead(Base):
    """The last change set: one row, which is locked while another is added."""

    __tablename__ = "history_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(sa.BigInteger)
    at: Mapped[datetime]
    digest: Mapped[str] = mapped_column(sa.String(64))
