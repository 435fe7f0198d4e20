"""Tables of the kernel: stored responses, counters of one row, and merged records."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core import clock
from catalogue.core.database import Base
from catalogue.core.types import Json

LONGEST_KEY = 255


class IdempotencyKey(Base):
    """A stored response to a client's idempotency key."""

    __tablename__ = "idempotency_key"
    caller: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """A digest of client, subject and agency, because a client can act for several agencies."""
    key: Mapped[str] = mapped_column(sa.String(LONGEST_KEY), primary_key=True)
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(Json)
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)


class PermissionsVersion(Base):
    """A counter in one row. Only the module `permissions_version` reads and moves it."""

    __tablename__ = "revocation_epoch"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(sa.BigInteger)


class ReleaseRequirement(Base):
    """The oldest release that can use the database, in one row.

    A migration that breaks older releases updates the row. No other code writes it.
    """

    __tablename__ = "release_requirement"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    oldest_migration: Mapped[str] = mapped_column(sa.String(32))
    """The number of the newest migration of that release."""


class MergedRecord(Base):
    """The record that replaced a duplicate, under the id of the duplicate."""

    __tablename__ = "merged_record"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The id of the duplicate, which no longer exists."""
    resource: Mapped[str] = mapped_column(sa.String(40))
    survivor_id: Mapped[UUID] = mapped_column(index=True)
    """The id of the record that stays. A later merger of that record updates this id."""
    agency_id: Mapped[UUID | None]
    """The owner of the duplicate."""
    disclosure: Mapped[str | None] = mapped_column(sa.String(40))
    """The last disclosure of the duplicate, which decides who can learn of the merger."""
    merged_at: Mapped[datetime] = mapped_column(default=clock.now)
