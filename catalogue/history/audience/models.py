"""Tables of the access that agencies gained and lost, and of what they saw of each event."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.database import Base
from catalogue.history.registry import not_audited


@not_audited("It follows from the change sets and from what was shared at the time.")
class AccessEvent(Base):
    """A record that an agency began or ceased to see, or began to see in another part.

    The feed shows the agency the kind of record and the id, and nothing else.
    """

    __tablename__ = "access_event"
    __table_args__ = (
        sa.UniqueConstraint("id"),
        sa.Index("ix_access_event_agency_id_resource_id", "agency_id", "resource_id"),
    )

    agency_id: Mapped[UUID] = mapped_column(primary_key=True)
    """The agency that gained or lost access. Not a foreign key, like all ids of events."""
    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    """The number of the change set with or after which the access changed."""
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The place in the change set: below 1 before its events, and above them after its end."""
    id: Mapped[UUID]
    at: Mapped[datetime]
    resource: Mapped[str] = mapped_column(sa.String(40))
    resource_id: Mapped[UUID]
    verb: Mapped[str] = mapped_column(sa.String(40))


@not_audited("It follows from the change sets and from what was shared at the time.")
class EventVisibility(Base):
    """The part of a record that an agency saw when an event changed it, as a number of `Profile`.

    A row exists where the event alone does not show this: for records that are visible through
    other records, and for the deletion of any record.
    """

    __tablename__ = "event_visibility"
    __table_args__ = (
        sa.Index("ix_event_visibility_agency_id_resource_id", "agency_id", "resource_id"),
    )

    agency_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    resource_id: Mapped[UUID]
    is_end: Mapped[bool]
    """Whether the event deleted the record."""
    level: Mapped[int]
    """The level after the event, or until a deletion."""
    level_before: Mapped[int]


@not_audited("It holds only which agencies follow the feed.")
class FeedReader(Base):
    """An agency that has read the change feed."""

    __tablename__ = "feed_reader"

    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), primary_key=True)


@not_audited("It holds a moment. What began and ended until then is in `access_event`.")
class SharingSettlement(Base):
    """The moment until which the feed holds what began or ended by its date, in one row."""

    __tablename__ = "sharing_settlement"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    until: Mapped[datetime]
    day: Mapped[date]
    """The day of that moment in the United Kingdom, to compare it with days."""
